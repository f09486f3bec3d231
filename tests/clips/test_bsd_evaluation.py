"""The evaluation set: a small copy of the layout, written by the test."""

import pytest

from heterophony.clips.bsd_evaluation import read_bsd_evaluation
from heterophony.errors import InputError

HEADER = "anonymous_id,title,tags,description"


def write(folder, *rows, header=HEADER, name="BSD_eval_metadata.csv"):
    (folder / "metadata").mkdir(exist_ok=True)
    (folder / "metadata" / name).write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    return folder


def test_clips_have_words_and_recordings_but_no_labels(tmp_path):
    write(tmp_path, 'b7,Rain,"wet,roof",<p>On a roof</p>', "a1,,,")
    write(tmp_path, "m-0,Music", header="class_key,top_level", name="BST_description.csv")
    (tmp_path / "audio").mkdir()
    (tmp_path / "audio" / "b7.wav").write_bytes(b"")
    found = read_bsd_evaluation(tmp_path)
    first, second = found.clips
    assert (first.id, first.title, first.tags, first.description) == ("b7", "Rain", "wet,roof", "<p>On a roof</p>")
    assert (first.label, first.path, first.file_name) == (None, tmp_path / "audio" / "b7.wav", "audio/b7.wav")
    assert (second.id, second.title, second.path) == ("a1", "", None)
    assert found.lacking == dict.fromkeys(("audio", "title", "tags", "description"), ("a1",))
    assert found.counts == {}


def test_what_is_wrong_is_named(tmp_path):
    with pytest.raises(InputError, match=r"metadata: wanted one table with a column 'anonymous_id', found 0 .*none"):
        read_bsd_evaluation(tmp_path)
    write(tmp_path, "1,a", header="sound_id,title", name="other.csv")
    with pytest.raises(InputError, match=r"found 0 \(of the tables other\.csv\)"):
        read_bsd_evaluation(tmp_path)
    write(tmp_path, "1,a", header="anonymous_id,title")
    with pytest.raises(InputError, match=r"no column tags, description; it has anonymous_id, title"):
        read_bsd_evaluation(tmp_path)
    write(tmp_path, "1,a,b,c", "1,a,b,c")
    with pytest.raises(InputError, match=r"line 3: '1' is there twice"):
        read_bsd_evaluation(tmp_path)
    write(tmp_path, "1,a,b,c", name="second.csv")
    with pytest.raises(InputError, match=r"found 2 \(of the tables BSD_eval_metadata\.csv, second\.csv\)"):
        read_bsd_evaluation(tmp_path)
