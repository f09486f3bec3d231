"""Folds: the published ones to the last id, and the laws that every split keeps."""

import csv
import hashlib
import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from heterophony.clips import given_split, grouped_split, read_split, stratified_split, write_split
from heterophony.errors import AlignmentError, InputError


def assert_lawful(split, n):
    """Every clip once in each fold, and in test exactly once overall."""
    tested = []
    for fold in range(split.folds):
        train, validation, test = split.parts(fold)
        assert sorted([*train, *validation, *test]) == list(range(n))
        assert len(validation) > 0
        tested.extend(test)
    assert sorted(tested) == list(range(n))


@pytest.fixture(scope="module")
def labels():
    return [f"class {row % 7}" for row in range(210)]


@pytest.mark.shared_data
def test_the_published_split_of_bsd10k_comes_out_to_the_last_id(shared_data):
    with (shared_data / "bsd10k" / "labels_v1.2_in_dataset_order.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    ids = [row["sound_id"] for row in rows]
    published = json.loads((shared_data / "bsd10k" / "published_splits.json").read_text())
    split = stratified_split([int(row["class_idx"]) for row in rows], folds=5, seed=1821, ids=ids)
    for fold in range(5):
        for part, index in zip(("train", "val", "test"), split.parts(fold), strict=True):
            names = [ids[row] for row in index]
            expected = published[str(fold)][part]
            assert (len(names), names[:3], names[-3:]) == (expected["count"], expected["first"], expected["last"])
            digest = hashlib.sha256("\n".join(names).encode()).hexdigest()
            assert digest == expected["sha256_of_newline_joined_ids"]


def test_a_stratified_split_gives_every_class_its_share(labels):
    split = stratified_split(labels)
    assert_lawful(split, 210)
    for fold in range(5):
        train, validation, test = split.parts(fold)
        assert np.bincount(np.array([int(labels[row][-1]) for row in test])).tolist() == [6] * 7
        assert (len(train), len(validation)) == (134, 34)


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 2**31 - 1), st.integers(2, 4))
def test_a_grouped_split_never_parts_a_group(seed, folds):
    generator = np.random.default_rng(seed)
    group = generator.integers(0, 30, 200)
    target = generator.integers(0, 3, 200)
    split = grouped_split(target.tolist(), [f"g{name}" for name in group], folds=folds, seed=seed % 1000)
    assert_lawful(split, 200)
    for fold in range(folds):
        train, validation, test = (set(group[part]) for part in split.parts(fold))
        assert not train & validation
        assert not train & test
        assert not validation & test


def test_a_seed_repeats_the_split_and_another_changes_it(labels):
    assert np.array_equal(stratified_split(labels).fold, stratified_split(labels).fold)
    assert not np.array_equal(stratified_split(labels).fold, stratified_split(labels, seed=2).fold)


def test_given_folds_are_kept_and_sorted_as_numbers(labels):
    fold = [("10", "9", "2")[row % 3] for row in range(210)]
    split = given_split(labels, fold)
    assert_lawful(split, 210)
    assert split.fold.tolist() == [2 - row % 3 for row in range(210)]


def test_given_folds_can_keep_groups_together_in_validation(labels):
    group = [row // 10 for row in range(210)]
    train, validation, _ = given_split(labels, ["ab"[row // 10 % 2] for row in range(210)], groups=group).parts(0)
    assert not {group[row] for row in train} & {group[row] for row in validation}


def test_a_split_file_gives_back_the_same_parts_in_the_same_order(tmp_path, labels):
    ids = [f"clip {row}, take 1" for row in range(210)]
    split = stratified_split(labels, ids=ids)
    write_split(split, tmp_path / "split.csv")
    alone, aligned = read_split(tmp_path / "split.csv"), read_split(tmp_path / "split.csv", ids)
    assert aligned.ids == split.ids
    assert np.array_equal(aligned.fold, split.fold)
    for fold in range(5):
        for part, (ours, same, other) in enumerate(
            zip(split.parts(fold), aligned.parts(fold), alone.parts(fold), strict=True)
        ):
            assert np.array_equal(ours, same)
            names = [alone.ids[row] for row in other]
            assert sorted(names) == sorted(ids[row] for row in ours)
            assert part == 2 or names == [ids[row] for row in ours]


def test_a_split_file_of_other_clips_is_refused_by_name(tmp_path, labels):
    write_split(stratified_split(labels), tmp_path / "split.csv")
    with pytest.raises(AlignmentError, match=r"holds 210 clips, 210 were asked for; not in both: \['0', 'other'\]"):
        read_split(tmp_path / "split.csv", ["other", *(str(row) for row in range(1, 210))])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("id,part,fold\n", "a split has the columns id, fold, part"),
        ("id,fold,part\na,0,dev\n", r"line 2: wanted an id.*'a,0,dev' came"),
        ("id,fold,part\na,1,test\n", r"the folds must be counted 0, 1, 2 …; found \[1\]"),
        (
            "id,fold,part\na,0,test\nb,0,train\na,0,train\na,1,train\nb,1,test\n",
            r"fold 0 does not list each|not in both",
        ),
        ("id,fold,part\na,0,test\nb,0,train\na,1,test\nb,1,train\n", "tested in exactly one fold"),
        ("id,fold,part\na,0,test\nb,0,train\na,1,train\n", "fold 1 does not list each of the 2 clips once"),
    ],
)
def test_a_broken_split_file_is_refused(tmp_path, text, message):
    (tmp_path / "split.csv").write_text(text, encoding="utf-8")
    with pytest.raises((InputError, AlignmentError), match=message):
        read_split(tmp_path / "split.csv")


def test_what_cannot_be_split_is_refused_with_the_reason(labels):
    with pytest.raises(InputError, match=r"1 classes have fewer than 5 clips: rare \(3\)"):
        stratified_split([*labels, "rare", "rare", "rare"])
    with pytest.raises(InputError, match="nothing to split"):
        stratified_split([])
    with pytest.raises(InputError, match="some clips have no label"):
        stratified_split(["a", None])
    with pytest.raises(InputError, match="at least 2 folds"):
        stratified_split(labels, folds=1)
    with pytest.raises(InputError, match="too few to take 20 % for validation"):
        stratified_split(["a", "a", "b", "b"], folds=2)
    with pytest.raises(InputError, match="2 clips have no group: x3, x4"):
        grouped_split(["a"] * 5, ["g", "h", "i", None, ""], folds=2, ids=["x0", "x1", "x2", "x3", "x4"])
    with pytest.raises(InputError, match="5 folds by group need at least 5 groups, 2 came"):
        grouped_split(labels, [row % 2 for row in range(210)])
    with pytest.raises(InputError, match="at most 4 of one class; validation by group needs 5 of one class at least"):
        grouped_split(["a", "b"] * 8, list(range(16)), folds=2)
    with pytest.raises(InputError, match="3 groups outside the test fold; validation by group needs 5"):
        grouped_split(["a"] * 40, [row % 4 for row in range(40)], folds=4)
    with pytest.raises(InputError, match="1 clips have no fold: 3"):
        given_split(["a"] * 4, ["1", "2", "1", None])
    with pytest.raises(InputError, match="at least two folds"):
        given_split(labels, ["1"] * 210)
    with pytest.raises(InputError, match="210 labels, 3 ids"):
        stratified_split(labels, ids=["a", "b", "c"])
