"""TAU Urban Audio-Visual Scenes 2021: a small copy of the layout, and everything that can be wrong with it."""

from pathlib import Path

import pytest

from heterophony.clips import read_collection, read_tau
from heterophony.clips.tau_faults import SIZES
from heterophony.clips.tau_name import TauName, parse_tau_name
from heterophony.errors import InputError

TRAIN = ["airport-lisbon-1175-44106", "street_traffic-lyon-7-12", "street_traffic-lyon-7-13"]
TEST = ["metro_station-vienna-300-9", "airport-paris-8-77"]


@pytest.fixture
def copy(tmp_path, write_tau):
    folder = write_tau(tmp_path / "tau", TRAIN, TEST)
    for name in [*TRAIN, *TEST]:
        (folder / "audio" / f"{name}.wav").touch()
        (folder / "video" / f"{name}.mp4").touch()
    return folder


def edit(folder: Path, table: str, old: str, new: str) -> None:
    path = folder / table
    text = path.read_bytes().decode()
    assert old in text
    path.write_bytes(text.replace(old, new).encode())


def test_clips_have_scene_kind_place_part_and_two_files(copy):
    found = read_tau(copy)
    assert [clip.id for clip in found.clips] == [*TRAIN, *TEST]
    assert [clip.fold for clip in found.clips] == ["train"] * 3 + ["test"] * 2
    first = found.clips[0]
    assert (first.label, first.label_top, first.group) == ("airport", "indoor", "lisbon-1175")
    assert first.file_name == "audio/airport-lisbon-1175-44106.wav"
    assert first.path == copy / "audio" / "airport-lisbon-1175-44106.wav"
    assert first.pictures_path == copy / "video" / "airport-lisbon-1175-44106.mp4"
    assert first.columns == {"source": "TAU Urban Audio-Visual Scenes 2021", "city": "lisbon"}
    assert {clip.group for clip in found.clips[1:3]} == {"lyon-7"}
    assert found.clips[3].label == "metro_station", "of the test part the evaluation table knows it"
    assert (found.lacking, found.dropped) == ({}, {})


@pytest.mark.parametrize("end", ["\r", "\n", "\r\n"])
def test_any_end_of_line_is_one(copy, end):
    wanted = read_tau(copy)
    for path in [*copy.glob("evaluation_setup/*.csv"), copy / "meta.csv"]:
        path.write_bytes(path.read_bytes().replace(b"\r", end.encode()))
    assert read_tau(copy) == wanted


def test_the_folder_is_known_by_what_it_holds(copy):
    assert read_collection(copy) == read_tau(copy)


def test_what_is_missing_is_named_and_the_other_file_is_kept(copy):
    (copy / "audio" / f"{TRAIN[0]}.wav").unlink()
    (copy / "video" / f"{TRAIN[1]}.mp4").unlink()
    for name in (f"audio/{TEST[1]}.wav", f"video/{TEST[1]}.mp4"):
        (copy / name).unlink()
    found = read_tau(copy)
    assert found.lacking == {"audio": (TRAIN[0], TEST[1]), "video": (TRAIN[1], TEST[1])}
    seen, heard, _, _, nothing = found.clips
    assert (seen.path, seen.pictures_path) == (copy / "video" / f"{TRAIN[0]}.mp4", None)
    assert (heard.path, heard.pictures_path) == (copy / "audio" / f"{TRAIN[1]}.wav", None)
    assert (nothing.path, nothing.file_name) == (None, "")
    assert "without audio: 2" in found.summary()


def test_a_copy_needs_neither_meta_nor_the_labels_of_the_test_part(copy):
    wanted = read_tau(copy)
    (copy / "meta.csv").unlink()
    (copy / "evaluation_setup" / "fold1_evaluate.csv").unlink()
    assert read_tau(copy) == wanted


def test_a_set_for_evaluation_has_other_names_and_no_labels(tmp_path):
    (tmp_path / "evaluation_setup").mkdir()
    table = tmp_path / "evaluation_setup" / "fold1_test.csv"
    table.write_text("filename_audio\tfilename_video\raudio/17.wav\tvideo/17.mp4\r", newline="")
    found = read_tau(tmp_path)
    (clip,) = found.clips
    assert (clip.id, clip.label, clip.group, clip.fold) == ("17", None, None, "test")
    assert found.lacking == dict.fromkeys(("audio", "video", "label", "place"), ("17",))


def test_all_faults_are_told_at_once(copy):
    edit(copy, "evaluation_setup/fold1_train.csv", f"audio/{TRAIN[0]}.wav", "audio/airport.wav")
    edit(copy, "evaluation_setup/fold1_train.csv", f"video/{TRAIN[1]}", f"video/{TRAIN[2]}")
    edit(copy, "evaluation_setup/fold1_evaluate.csv", "metro_station\r", "metro\r")
    edit(copy, "evaluation_setup/fold1_evaluate.csv", "\tairport\r", "\tairprot\r")
    edit(copy, "meta.csv", "lyon-7\r", "lyon-8\r")
    with pytest.raises(InputError) as refused:
        read_tau(copy)
    said = str(refused.value)
    for what in (
        "6 faults in the tables",
        "fold1_train.csv, line 2: 'audio/airport.wav' is no <scene>-<city>-<location>-<clip>",
        f"fold1_train.csv, line 3: 'audio/{TRAIN[1]}.wav' and 'video/{TRAIN[2]}.mp4' are not of one clip",
        f"fold1_evaluate.csv, line 2: 'audio/{TEST[0]}.wav' has the label 'metro'",
        "fold1_evaluate.csv, line 3: 'airprot' is none of the scenes airport, bus, metro",
        "meta.csv, line 3: 'audio/street_traffic-lyon-7-12.wav' has the identifier 'lyon-8', not 'lyon-7'",
    ):
        assert what in said


@pytest.mark.parametrize(
    ("train", "test", "message"),
    [
        (["bus-lyon-7-1"], ["bus-lyon-7-2"], r"the place lyon-7 is in train and in test"),
        (["bus-lyon-7-1"], ["bus-lyon-7-1"], r"'audio/bus-lyon-7-1\.wav' is in train and in test"),
        (["bus-lyon-7-1", "tram-lyon-7-2"], ["bus-lyon-9-2"], r"the place lyon-7 is of several scenes: bus, tram"),
        (["buss-lyon-7-1"], ["bus-lyon-9-2"], r"'buss' of 'audio/buss-lyon-7-1\.wav' is none of the scenes"),
        (["bus-lyon-7-1", "bus-lyon-7-1"], ["bus-lyon-9-2"], r"line 3: 'audio/bus-lyon-7-1\.wav' is there twice"),
    ],
)
def test_what_the_parts_must_not_share(tmp_path, write_tau, train, test, message):
    with pytest.raises(InputError, match=message):
        read_tau(write_tau(tmp_path, train, test))


def test_the_labels_must_be_those_of_the_test_part(copy):
    edit(copy, "evaluation_setup/fold1_test.csv", TEST[0], "metro_station-vienna-300-10")
    with pytest.raises(InputError) as refused:
        read_tau(copy)
    assert "300-10.wav' is in fold1_test.csv and not in fold1_evaluate.csv" in str(refused.value)
    assert "300-9.wav' is in fold1_evaluate.csv and not in fold1_test.csv" in str(refused.value)


def test_the_training_part_may_stand_alone(copy):
    (copy / "evaluation_setup" / "fold1_test.csv").unlink()
    assert [clip.id for clip in read_tau(copy).clips] == TRAIN


def test_tables_of_other_sets_and_missing_ones_are_refused(copy):
    (copy / "evaluation_setup" / "fold1_train.csv").write_text("filename\tscene_label\na.wav\tbus\n")
    (copy / "evaluation_setup" / "fold1_test.csv").unlink()
    with pytest.raises(InputError, match=r"no column filename_audio, filename_video") as refused:
        read_tau(copy)
    assert "fold1_test.csv: not there" in str(refused.value)


def test_a_whole_set_must_have_the_published_sizes(tmp_path, write_tau, monkeypatch):
    assert SIZES == {"train": (8646, 305), "test": (3645, 126)}
    monkeypatch.setitem(SIZES, "train", (6, 3))
    monkeypatch.setitem(SIZES, "test", (4, 2))
    train = [f"bus-lyon-{1 + at % 3}-{at}" for at in range(6)]
    test = [f"bus-lyon-{10 + at % 2}-{100 + at}" for at in range(4)]
    assert len(read_tau(write_tau(tmp_path / "whole", train, test)).clips) == 10
    write_tau(tmp_path / "moved", train[:-1], [*test, "bus-lyon-20-99"])
    with pytest.raises(InputError, match=r"fold1_train\.csv: 5 clips of 3 places; published are 6 of 3") as refused:
        read_tau(tmp_path / "moved")
    assert "fold1_test.csv: 5 clips of 3 places; published are 4 of 2" in str(refused.value)
    assert len(read_tau(write_tau(tmp_path / "copy", train[:-1], test)).clips) == 9, "a copy may have fewer"


@pytest.mark.parametrize("name", ["bus-lyon-7", "bus-lyon-x-1", "bus--7-1", "bus", "bus-lyon-7-1-a-b", ""])
def test_what_is_no_name_of_the_set(name):
    assert parse_tau_name(f"audio/{name}.wav") is None


def test_names_with_the_letter_of_a_device():
    name = parse_tau_name("audio/street_pedestrian-helsinki-17-3-a.wav")
    assert name == TauName("street_pedestrian", "helsinki", "17", "3")
