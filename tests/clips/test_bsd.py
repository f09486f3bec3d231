"""BSD10k and BSD35k-CS: a small copy of the layout is read to the last row, and every fault is named."""

import csv

import pytest

from heterophony.clips.bsd import read_bsd
from heterophony.errors import InputError
from heterophony.taxonomy import BST

HEADER = "sound_id,class,class_idx,class_top,confidence,uploader,license,title,tags,description"
# The codes of audio_text.md 1.1, written out by hand.
CODES = [
    *(101, 102, 103, 201, 202, 203, 204, 205, 301, 302, 303),
    *(401, 402, 403, 404, 405, 406, 407, 408, 501, 502, 503, 504),
]


def write(folder, rows, header=HEADER, name="BSD10k"):
    (folder / "metadata").mkdir(exist_ok=True)
    path = folder / "metadata" / f"{name}_metadata.csv"
    path.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    return path


@pytest.fixture
def record(tmp_path):
    """Four sounds in an order that is not sorted, two of no training class; one recording, one vector of two."""
    write(
        tmp_path,
        [
            '900,fx-h,404,fx,4,ann,CC0,Steps,"walk,shoes",On gravel.',
            "12,m-other,199,m,3,bob,CC0,Odd,music,",
            "345,fx-m,403,fx,1,bob,CC0,Drill,,A drill.",
            "7,ss,500,ss,,ann,CC0,Somewhere,,",
        ],
    )
    for place in (
        "audio/345.wav",
        "features/clap_audio/900.npy",
        "features/clap_audio/345.npy",
        "features/whisper/900.npy",
    ):
        (tmp_path / place).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / place).write_bytes(b"")
    return tmp_path


def test_a_record_is_read_in_its_own_order_without_the_classes_that_are_none(record):
    found = read_bsd(record)
    first, second = found.clips
    assert (first.id, first.label, first.label_top, first.group, first.path) == ("900", "fx-h", "fx", "ann", None)
    assert (first.title, first.tags, first.description) == ("Steps", "walk,shoes", "On gravel.")
    assert (first.columns["confidence"], first.columns["source"], first.columns["license"]) == ("4", "BSD10k", "CC0")
    assert (second.id, second.label, second.path) == ("345", "fx-m", record / "audio" / "345.wav")
    assert found.dropped == {"m-other": 1, "ss-0": 1}
    assert found.counts == {"fx-h": 1, "fx-m": 1}
    assert found.lacking == {"audio": ("900",), "tags": ("345",), "features/whisper": ("345",)}


def test_the_account_is_told_in_words(record):
    assert read_bsd(record).summary().split("\n") == [
        "2 clips",
        "classes: fx-h 1, fx-m 1",
        "dropped: 1 (m-other)",
        "dropped: 1 (ss-0)",
        "without audio: 1 (900)",
        "without tags: 1 (345)",
        "without features/whisper: 1 (345)",
    ]


@pytest.mark.parametrize("codes", [CODES, list(range(23)), [3 * code + 7 for code in CODES]])
def test_sorted_numbers_are_the_classes_in_order_however_they_are_written(tmp_path, codes):
    rows = [f"{row},{key},{code}" for row, (key, code) in enumerate(zip(BST.classes, codes, strict=True))]
    write(tmp_path, rows[::-1], "sound_id,class,class_idx")
    assert [clip.label for clip in read_bsd(tmp_path).clips] == list(BST.classes)[::-1]


@pytest.mark.parametrize("codes", [CODES, list(range(23))])
def test_without_a_column_of_keys_the_published_numbers_are_read(tmp_path, codes):
    write(tmp_path, [f"{row},{code}" for row, code in enumerate(codes)], "sound_id,class_idx", "BSD35k-CS")
    found = read_bsd(tmp_path, "BSD35k-CS")
    assert [clip.label for clip in found.clips] == list(BST.classes)
    assert found.clips[0].columns["source"] == "BSD35k-CS"
    assert len(found.lacking["confidence"]) == 23


@pytest.mark.parametrize(
    ("header", "rows", "message"),
    [
        ("sound_id,title", ["1,a"], r"no column 'class' or 'class_idx'"),
        ("class,class_idx", ["fx-h,404"], r"needs a column 'file_name', 'id' or 'sound_id'"),
        ("sound_id,class_idx", ["1,404", "2,460"], r"row 2 \(sound 2\): class None, class_idx '460' is no class"),
        ("sound_id,class", ["1,fx-z"], r"row 1 \(sound 1\): class 'fx-z'.*wanted a key such as 'fx-h'"),
        ("sound_id,class", ["1,fx-h", "2,"], r"row 2 \(sound 2\): class None, class_idx ''"),
        ("sound_id,class_idx", ["1,4.5"], r"class_idx '4.5' is not a number"),
        ("sound_id,class,class_top", ["1,fx-h,ss"], r"class 'fx-h' under the top 'ss'"),
        ("sound_id,class,confidence", ["1,fx-h,6"], r"row 1 \(sound 1\): confidence '6'; wanted 1 to 5"),
        ("sound_id,class,class_idx", ["1,fx-h,404", "2,fx-h,405"], r"'fx-h' has the numbers 404 and 405 \(sound 2\)"),
        ("sound_id,class,class_idx", ["1,fx-h,404", "2,fx-m,405"], r"'fx-m' has the number 405, 'fx-h' after it 404"),
        ("sound_id,class,class_idx", ["1,fx-h,404", "1,fx-m,403"], r"1 \('1' at lines 2, 3\)"),
    ],
)
def test_what_is_wrong_with_a_table_is_named(tmp_path, header, rows, message):
    write(tmp_path, rows, header)
    with pytest.raises(InputError, match=message):
        read_bsd(tmp_path)


def test_names_of_tops_and_confidence_as_a_decimal_number_are_taken(tmp_path):
    write(tmp_path, ["1,fx-h,Sound effects,4.0"], "sound_id,class,class_top,confidence")
    (clip,) = read_bsd(tmp_path).clips
    assert (clip.label_top, float(clip.columns["confidence"])) == ("fx", 4.0)


def test_a_record_of_another_name_is_refused_with_what_is_there(record):
    with pytest.raises(InputError, match=r"BSD35k-CS_metadata\.csv: not there; that folder has BSD10k_metadata\.csv"):
        read_bsd(record, "BSD35k-CS")
    with pytest.raises(InputError, match=r"not there; there is nothing in .*none"):
        read_bsd(record / "none")


@pytest.mark.shared_data
def test_the_whole_of_bsd10k_has_the_counts_of_the_fact_sheet(shared_data, tmp_path):
    with (shared_data / "bsd10k" / "labels_v1.2_in_dataset_order.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    lines = [f"{row['sound_id']},{row['class']},{CODES[int(row['class_idx'])]}" for row in rows]
    write(tmp_path, lines, "sound_id,class,class_idx")
    found = read_bsd(tmp_path)
    assert [clip.id for clip in found.clips] == [row["sound_id"] for row in rows]
    counts = [683, 721, 323, 606, 528, 566, 362, 297, 806, 177, 364, 1211, 201, 279, 975, 166, 652, 297, 208, 391]
    assert [found.counts[key] for key in BST.classes] == [*counts, 207, 719, 217]
