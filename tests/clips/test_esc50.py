"""ESC-50: a small copy of the layout, written by the test."""

import pytest

from heterophony.clips.esc50 import GROUPS, read_esc50
from heterophony.clips.label_map import read_label_map
from heterophony.errors import InputError

HEADER = "filename,fold,target,category,esc10,src_file,take"


def write(folder, rows, header=HEADER):
    (folder / "meta").mkdir(exist_ok=True)
    (folder / "meta" / "esc50.csv").write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    return folder


def test_clips_have_category_group_fold_and_the_recording_they_were_cut_from(tmp_path):
    rows = ["1-100032-A-0.wav,1,0,dog,True,100032,A", "5-9032-A-0.wav,5,42,siren,False,9032,A"]
    write(tmp_path, rows)
    (tmp_path / "audio").mkdir()
    (tmp_path / "audio" / "5-9032-A-0.wav").write_bytes(b"")
    found = read_esc50(tmp_path)
    dog, siren = found.clips
    assert (dog.id, dog.label, dog.label_top, dog.fold, dog.group) == ("1-100032-A-0", "dog", "animals", "1", "100032")
    assert (dog.path, dog.title) == (None, None)
    assert (siren.label_top, siren.path) == ("exterior and urban", tmp_path / "audio" / "5-9032-A-0.wav")
    assert siren.columns == {"source": "ESC-50", "freesound_id": "9032", "take": "A"}
    assert found.lacking == {"audio": ("1-100032-A-0",)}
    assert found.counts == {"dog": 1, "siren": 1}


def test_all_fifty_targets_fall_into_five_groups_of_ten(tmp_path):
    rows = [f"{n}.wav,1,{n},{category},False,{n},A" for n, category in enumerate(read_label_map("ESC-50"))]
    found = read_esc50(write(tmp_path, rows))
    assert [clip.label_top for clip in found.clips] == [group for group in GROUPS for _ in range(10)]


@pytest.mark.parametrize(
    ("header", "rows", "message"),
    [
        ("filename,fold,category", ["a.wav,1,dog"], r"no column target, src_file, take; it has filename, fold"),
        (HEADER, ["a.wav,1,0,dgo,True,1,A"], r"line 2: label 'dgo' is none of the 50 known ones; did you mean 'dog'"),
        (HEADER, ["a.wav,1,1,dog,True,1,A"], r"line 2: 'dog' has the target 0, not '1'"),
        (HEADER, ["a.wav,6,0,dog,True,1,A"], r"line 2: wanted a fold from 1 to 5.*'6' and '1' came"),
        (HEADER, ["a.wav,1,0,dog,True,x,A"], r"a Freesound id as src_file; '1' and 'x' came"),
        (HEADER, ["a.wav,1,0,dog,True,1,A"] * 2, r"line 3: 'a\.wav' is there twice"),
        (HEADER, [",1,0,dog,True,1,A"], r"line 2: no filename"),
        (HEADER, [], r"a header but no rows"),
    ],
)
def test_what_is_wrong_with_the_table_is_named(tmp_path, header, rows, message):
    with pytest.raises(InputError, match=message):
        read_esc50(write(tmp_path, rows, header))


def test_a_folder_of_something_else_is_refused(tmp_path):
    with pytest.raises(InputError, match=r"esc50\.csv: not there; there is nothing in .*meta"):
        read_esc50(tmp_path)
