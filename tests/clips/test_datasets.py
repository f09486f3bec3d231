"""A collection by what its path holds."""

from collections.abc import Callable
from pathlib import Path

import pytest

from heterophony.clips import DATASETS, read_collection
from heterophony.errors import InputError


def test_bsd10k_and_bsd35k_are_told_apart_by_their_tables(bsd10k: Path, bsd35k: Path) -> None:
    small = read_collection(bsd10k)
    assert [clip.id for clip in small.clips[:3]] == ["1000", "993", "986"], "the order of the table"
    assert small.counts == {"fx-a": 24, "sp-c": 12, "ss-i": 9}
    assert small.dropped == {"m-other": 1}
    assert {clip.columns["source"] for clip in read_collection(bsd35k).clips} == {"BSD35k-CS"}


def test_esc50_and_fsd50k(external: dict[str, Path]) -> None:
    assert [clip.label for clip in read_collection(external["ESC-50"]).clips] == ["dog", "dog", "dog", "rain"]
    assert [clip.id for clip in read_collection(external["FSD50K"]).clips] == ["80001", "993", "80002", "80003"]


def test_the_evaluation_set_is_the_one_with_another_table(tmp_path: Path) -> None:
    (tmp_path / "metadata").mkdir()
    (tmp_path / "metadata" / "any.csv").write_text("anonymous_id,title,tags,description\n17,Rain,,\n")
    (clip,) = read_collection(tmp_path).clips
    assert (clip.id, clip.title, clip.label) == ("17", "Rain", None)


def test_a_file_is_a_manifest_whose_columns_may_be_named(tmp_path: Path) -> None:
    path = tmp_path / "m.csv"
    path.write_text("id,title,kind,family,who\n1,a,low,tone,ann\n")
    (clip,) = read_collection(path, label="kind", label_top="family", group="who").clips
    assert (clip.label, clip.label_top, clip.group) == ("low", "tone", "ann")


@pytest.mark.parametrize("option", ["label", "label_top", "group"])
def test_a_data_set_has_its_own_columns(bsd10k: Path, option: str) -> None:
    with pytest.raises(InputError, match="a data set has its own columns"):
        read_collection(bsd10k, **{option: "x"})


def test_a_folder_of_nothing_known_is_refused_with_what_is_known(tmp_path: Path) -> None:
    with pytest.raises(InputError) as refused:
        read_collection(tmp_path)
    assert all(f"{name} ({sign})" in str(refused.value) for name, (sign, _) in DATASETS.items())


def test_what_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"gone\.csv"):
        read_collection(tmp_path / "gone.csv")


def test_the_reader_of_a_data_set_says_what_is_wrong_with_it(tmp_path: Path, write_bsd: Callable[..., Path]) -> None:
    folder = write_bsd(tmp_path / "x", "BSD10k", {"1": "fx-z"})
    with pytest.raises(InputError, match="class 'fx-z'"):
        read_collection(folder)
