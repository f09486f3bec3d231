"""FSD50K: a small copy of the layout, written by the test."""

import json

import pytest

from heterophony.clips.fsd50k import read_fsd50k
from heterophony.errors import InputError

DEV = ['64760,"Electric_guitar,Guitar,Plucked_string_instrument,Musical_instrument,Music","/m/a,/m/b",train']
DEV += ['99,"Bark,Dog","/m/c,/m/d",val']
EVAL = ['37199,"Rain,Water","/m/e,/m/f"']
WORDS = {
    "64760": {
        "title": "guitarras_63.wav",
        "description": "electric <b>guitar</b>",
        "tags": ["electric", "guitar"],
        "license": "CC0",
        "uploader": "ann",
    },
    "99": {"title": "woof", "description": None, "tags": [], "license": "CC0", "uploader": "bob"},
}


def write(folder, dev=DEV, test=EVAL, words=WORDS, header="fname,labels,mids"):
    for name in ("ground_truth", "metadata", "dev_audio", "eval_audio"):
        (folder / f"FSD50K.{name}").mkdir(exist_ok=True)
    truth = folder / "FSD50K.ground_truth"
    (truth / "dev.csv").write_text("\n".join([f"{header},split", *dev]), encoding="utf-8")
    (truth / "eval.csv").write_text("\n".join([header, *test]), encoding="utf-8")
    (folder / "FSD50K.metadata" / "dev_clips_info_FSD50K.json").write_text(json.dumps(words), encoding="utf-8")
    (folder / "FSD50K.dev_audio" / "99.wav").write_bytes(b"")
    (folder / "FSD50K.eval_audio" / "37199.wav").write_bytes(b"")
    return folder


def test_both_parts_are_read_with_all_labels_and_their_words(tmp_path):
    found = read_fsd50k(write(tmp_path))
    guitar, bark, rain = found.clips
    assert (guitar.id, guitar.label, guitar.group, guitar.path) == ("64760", None, "ann", None)
    assert (guitar.title, guitar.tags) == ("guitarras_63.wav", "electric,guitar")
    assert guitar.description == "electric <b>guitar</b>"
    assert guitar.columns == {
        "source": "FSD50K",
        "freesound_id": "64760",
        "labels": "Electric_guitar,Guitar,Plucked_string_instrument,Musical_instrument,Music",
        "split": "train",
        "license": "CC0",
    }
    assert (bark.columns["split"], bark.tags, bark.path) == ("val", "", tmp_path / "FSD50K.dev_audio" / "99.wav")
    assert (rain.columns["split"], rain.title, rain.group) == ("eval", None, None)
    assert rain.path == tmp_path / "FSD50K.eval_audio" / "37199.wav"
    assert found.lacking == {
        "audio": ("64760",),
        "title": ("37199",),
        "tags": ("99", "37199"),
        "description": ("99", "37199"),
        "uploader": ("37199",),
    }


def test_one_part_can_be_read_alone(tmp_path):
    assert [clip.id for clip in read_fsd50k(write(tmp_path), ("eval",)).clips] == ["37199"]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"header": "fname,tags,mids"}, r"dev\.csv: no column labels; it has fname, tags, mids, split"),
        ({"dev": ['1,"",x,train']}, r"line 2: wanted a Freesound id and labels; '1' and '' came"),
        ({"dev": ["a.wav,Dog,x,train"]}, r"line 2: wanted a Freesound id and labels; 'a\.wav' and 'Dog' came"),
        ({"test": ["99,Dog,x"]}, r"1 sounds are in both parts"),
        ({"dev": ["1,Dog,x,train", "1,Cat,x,val"]}, r"line 3: '1' is there twice"),
        ({"words": ["a"]}, r"dev_clips_info_FSD50K\.json: wanted an object with one object per sound"),
    ],
)
def test_what_is_wrong_is_named(tmp_path, changes, message):
    with pytest.raises(InputError, match=message):
        read_fsd50k(write(tmp_path, **changes))


def test_metadata_that_is_no_json_and_a_missing_part_are_refused(tmp_path):
    write(tmp_path)
    (tmp_path / "FSD50K.metadata" / "dev_clips_info_FSD50K.json").write_bytes(b"{")
    with pytest.raises(InputError, match="cannot be read as JSON"):
        read_fsd50k(tmp_path)
    (tmp_path / "FSD50K.ground_truth" / "eval.csv").unlink()
    with pytest.raises(InputError, match=r"eval\.csv: not there; that folder has dev\.csv"):
        read_fsd50k(tmp_path, ("eval",))
