"""Tables of clips: every format says the same, and what is wrong is named with its line."""

import json

import pyarrow
import pyarrow.parquet
import pytest

from heterophony.clips import read_manifest
from heterophony.errors import InputError

HEADER = ["file_name", "label", "label_top", "fold", "title", "tags", "uploader", "license"]
ROWS = [
    ["a/1.wav", "dog", "animals", "1", 'Rose, "the" dog', "bark,dog", "ann", "CC0"],
    ["a/2.wav", "", "", "", "línea\nnew", "", "", ""],
]


def quoted(cells, delimiter):
    return delimiter.join('"' + cell.replace('"', '""') + '"' for cell in cells)


def write(folder, suffix):
    path = folder / f"table{suffix}"
    if suffix == ".parquet":
        pyarrow.parquet.write_table(pyarrow.table(dict(zip(HEADER, zip(*ROWS, strict=True), strict=True))), path)
    elif suffix == ".jsonl":
        path.write_text("\n".join(json.dumps(dict(zip(HEADER, row, strict=True))) for row in ROWS), encoding="utf-8")
    else:
        delimiter = "\t" if suffix == ".tsv" else ","
        path.write_text("\n".join(quoted(row, delimiter) for row in [HEADER, *ROWS]), encoding="utf-8-sig")
    return path


def csv_file(folder, text, name="m.csv", encoding="utf-8"):
    path = folder / name
    path.write_bytes(text.encode(encoding))
    return path


@pytest.mark.parametrize("suffix", [".csv", ".tsv", ".jsonl", ".parquet"])
def test_every_format_tells_the_same_clips(tmp_path, suffix):
    first, second = read_manifest(write(tmp_path, suffix))
    assert (first.id, first.file_name, first.path) == ("a/1.wav", "a/1.wav", tmp_path / "a/1.wav")
    assert (first.label, first.label_top, first.group, first.fold) == ("dog", "animals", "ann", "1")
    assert (first.title, first.tags, first.description) == ('Rose, "the" dog', "bark,dog", None)
    assert first.columns == {"license": "CC0"}
    assert (second.label, second.label_top, second.group, second.fold) == (None, None, None, None)
    assert (second.title, second.tags) == ("línea\nnew", "")


def test_a_semicolon_csv_of_a_spreadsheet_is_read(tmp_path):
    (clip,) = read_manifest(csv_file(tmp_path, "file_name;title\r\na.wav;one, two\r\n"))
    assert (clip.file_name, clip.title) == ("a.wav", "one, two")


def test_rows_of_words_only_have_an_id_and_no_path(tmp_path):
    (clip,) = read_manifest(csv_file(tmp_path, "sound_id,class,class_top,title\n0012,fx-a,fx,cow\n"))
    assert (clip.id, clip.path, clip.file_name, clip.label, clip.label_top) == ("0012", None, "", "fx-a", "fx")


def test_an_id_beside_a_file_name_is_the_id(tmp_path):
    (clip,) = read_manifest(csv_file(tmp_path, "id,file_name\n7,a.wav\n"))
    assert (clip.id, clip.path) == ("7", tmp_path / "a.wav")


def test_numbers_of_parquet_and_json_become_the_text_that_a_csv_would_hold(tmp_path):
    path = tmp_path / "m.parquet"
    table = pyarrow.table({"sound_id": [12, 13], "fold": [1.0, None], "tags": [["a", "b"], []], "seconds": [0.5, 2.0]})
    pyarrow.parquet.write_table(table, path)
    first, second = read_manifest(path)
    assert (first.id, first.fold, first.tags, first.columns) == ("12", "1", "a,b", {"seconds": "0.5"})
    assert (second.id, second.fold, second.tags, second.columns) == ("13", None, "", {"seconds": "2"})


def test_columns_may_be_named(tmp_path):
    path = csv_file(tmp_path, "id,genre,family,place,label\n1,rock,guitar,here,x\n")
    (clip,) = read_manifest(path, label="genre", label_top="family", group="place")
    assert (clip.label, clip.label_top, clip.group, clip.columns) == ("rock", "guitar", "here", {"label": "x"})


def test_the_alias_that_does_not_count_stays_a_column(tmp_path):
    (clip,) = read_manifest(csv_file(tmp_path, "id,group,uploader\n1,g,u\n"))
    assert (clip.group, clip.columns) == ("g", {"uploader": "u"})


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("filename,title\na,b\n", r"needs a column 'file_name'.*did you mean 'filename'.*it has filename, title"),
        ("id,title\n1,a\n2,b\n1,c\n", r"1 ids are there more than once: 1 \('1' at lines 2, 4\)"),
        ("id,title\n1,a\n2\n", r"line 3: 1 cells, but the header names 2 columns"),
        ("id,title\n1,a\n,b\n", r"line 3: neither a file name nor an id"),
        ("id,id\n1,2\n", r"column 'id' is there twice"),
        ("id,title\n", r"a header but no rows"),
        ("", r"needs a column 'file_name'"),
        ('id,title\n1,"open\n', r"line 2: not a CSV row"),
        ("id,title\n1," + "x" * 200_000 + "\n", r"line 2: not a CSV row \(field larger"),
    ],
)
def test_a_broken_table_is_refused_with_its_line(tmp_path, text, message):
    with pytest.raises(InputError, match=message):
        read_manifest(csv_file(tmp_path, text))


def test_another_encoding_is_refused_with_its_line(tmp_path):
    with pytest.raises(InputError, match="line 3: not UTF-8 text; save the file as"):
        read_manifest(csv_file(tmp_path, "id,title\n1,a\n2,é\n", encoding="latin-1"))


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("m.txt", b"id\n1\n", "a manifest ends in .csv"),
        ("m.parquet", b"not parquet at all", "not a Parquet file"),
        ("m.jsonl", b'{"id": 1}\n{"id": ', "line 2: not JSON"),
        ("m.jsonl", b'{"id": 1}\n[1]\n', "line 2: a JSON object was wanted, list came"),
    ],
)
def test_a_file_of_another_kind_is_refused(tmp_path, name, content, message):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(InputError, match=message):
        read_manifest(tmp_path / name)


def test_a_manifest_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(InputError, match=r"none\.csv: cannot be read \(No such file"):
        read_manifest(tmp_path / "none.csv")


def test_a_named_column_that_is_not_there_is_refused_with_the_nearest(tmp_path):
    with pytest.raises(InputError, match=r"no column 'lable' for the label \(did you mean 'label'\?\)"):
        read_manifest(csv_file(tmp_path, "id,label\n1,a\n"), label="lable")


@pytest.mark.shared_data
def test_the_development_manifests_are_read_whole(shared_data):
    esc = read_manifest(shared_data / "esc50_folds1to3" / "manifest.csv")
    assert len(esc) == 1126
    assert all(clip.path is not None and clip.path.is_file() and clip.label and clip.fold for clip in esc)
    assert len(read_manifest(shared_data / "bsd10k" / "metadata_v1.0_dev.csv")) == 9293


def test_pictures_may_lie_in_a_file_of_their_own(tmp_path):
    path = tmp_path / "m.csv"
    path.write_text("file_name,pictures_file_name\na.wav,video/a.mp4\nb.mp4,\n")
    first, second = read_manifest(path)
    assert (first.path, first.pictures_path) == (tmp_path / "a.wav", tmp_path / "video" / "a.mp4")
    assert (second.path, second.pictures_path) == (tmp_path / "b.mp4", None)
    path.write_text("id,file_name,pictures_file_name\nx,,a.mp4\n")
    with pytest.raises(InputError, match="line 2: pictures_file_name without file_name"):
        read_manifest(path)
