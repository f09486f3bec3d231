import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet
import pytest

from heterophony.errors import AlignmentError, InputError
from heterophony.predictions import Imported, Predictions, read_predictions, softmax, tree_of_run
from heterophony.predictions.run_folder import write_groups
from heterophony.taxonomy import BST, from_pairs, write_taxonomy

TREE = from_pairs("t", ["a", "b", "c"], ["x", "x", "y"])
ROWS = [("k1", "a", "a", 0.9, 0, "u"), ("k2", "b", "c", 0.4, 1, ""), ("k3", "", "b", 1.0, 1, "v")]


def written(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def read(tmp_path: Path, text: str, name: str = "p.csv") -> Imported:
    return read_predictions(written(tmp_path / name, text), TREE)


@pytest.mark.parametrize(
    "header",
    ["id,target,prediction,score,fold,group", "sound_id,ground_truth,prediction,prediction_score,fold,uploader"],
)
def test_a_top_class_with_its_score(tmp_path: Path, header: str) -> None:
    lines = [header, *(",".join(map(str, row)) for row in ROWS)]
    found = read(tmp_path, "\n".join(lines))
    table = found.predictions
    assert (table.ids, table.classes, found.said) == (("k1", "k2", "k3"), TREE.classes, "top-score")
    assert (table.target.tolist(), table.fold.tolist(), found.groups) == ([0, 1, -1], [0, 1, 1], ("u", None, "v"))
    assert table.logits.argmax(axis=1).tolist() == [0, 2, 1]
    wanted = [[0.9, 0.05, 0.05], [0.3, 0.3, 0.4], [0.000025, 0.99995, 0.000025]]
    np.testing.assert_allclose(softmax(table.logits), wanted, rtol=1e-5)


def test_every_kind_of_file_says_the_same(tmp_path: Path) -> None:
    names = ("id", "target", "prediction", "score", "fold", "group")
    columns = dict(zip(names, map(list, zip(*ROWS, strict=True)), strict=True))
    pa.parquet.write_table(pa.table(columns), tmp_path / "p.parquet")
    np.savez(tmp_path / "p.npz", **{name: np.array(cells) for name, cells in columns.items()})
    lines = "\n".join(json.dumps(dict(zip(names, row, strict=True))) for row in ROWS)
    written(tmp_path / "p.jsonl", lines)
    written(tmp_path / "p.tsv", "\n".join("\t".join(map(str, row)) for row in (names, *ROWS)))
    found = [read_predictions(tmp_path / f"p.{kind}", TREE) for kind in ("parquet", "npz", "jsonl", "tsv")]
    for one in found[1:]:
        np.testing.assert_array_equal(one.predictions.logits, found[0].predictions.logits)
        assert one.predictions.ids == found[0].predictions.ids
        assert (one.groups, one.said) == (found[0].groups, found[0].said) == (("u", None, "v"), "top-score")


def test_a_top_class_alone_is_a_vote(tmp_path: Path) -> None:
    found = read(tmp_path, "id,prediction\nk,b\nl,c\n")
    assert found.said == "top"
    assert found.predictions.logits.tolist() == [[0, 1, 0], [0, 0, 1]]
    assert found.predictions.target.tolist() == [-1, -1]


def test_a_score_of_one_in_c_keeps_its_class_on_top(tmp_path: Path) -> None:
    found = read(tmp_path, "id,prediction,score\nk,c,0.3333\n").predictions
    assert found.logits.argmax(axis=1).tolist() == [2]
    np.testing.assert_allclose(softmax(found.logits), 1 / 3, rtol=1e-4)


def test_probabilities_and_logits_are_told_apart(tmp_path: Path) -> None:
    sure = read(tmp_path, "id,b,a,c\nk,0.2,0.7,0.1\nl,1,0,0\n")
    assert sure.notes == ("probabilities of all classes",)
    np.testing.assert_allclose(softmax(sure.predictions.logits), [[0.7, 0.2, 0.1], [0, 1, 0]], atol=1e-6)
    raw = read(tmp_path, "id,a,b,c\nk,2,-1,0.5\nl,0.1,0.2,0.3\n")
    assert (raw.notes, raw.said) == (("logits of all classes",), "distribution")
    np.testing.assert_allclose(raw.predictions.logits, [[2, -1, 0.5], [0.1, 0.2, 0.3]])


def test_a_tie_goes_to_the_class_that_the_table_says(tmp_path: Path) -> None:
    table = read(tmp_path, "id,prediction,a,b,c\nk,b,0.45,0.45,0.1\nl,a,0.45,0.45,0.1\n").predictions
    assert table.logits.argmax(axis=1).tolist() == [1, 0]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "it is empty"),
        ("id,prediction\n", "a header but no rows"),
        ("name,prediction\nk,a\n", "no column for the id: wanted 'id' or 'sound_id'"),
        ("id,predicton\nk,a\n", "no column for the predicted class.*did you mean 'predicton'"),
        ("id,target,a,b\nk,a,1,2\n", "columns for 2 of the 3 classes of 't'; it lacks c"),
        ("id,prediction\nk,a\nl,d\n", r"p.csv, line 3 \(id l\): prediction 'd': taxonomy 't' has no class 'd'"),
        ("id,target,prediction\nk,aa,a\n", r"line 2 \(id k\): target 'aa': .*did you mean 'a'"),
        ("id,prediction\nk,a\nl,\n", r"line 3 \(id l\): no prediction; give every row one"),
        ("id,prediction\nk,a\nl,a\nk,b\n", r"line 4 \(id k\): this id is at line 2 already"),
        ("id,prediction\n,a\n", "line 2: no id"),
        ("id,prediction,score\nk,a,1.2\n", r"\(id k\): score 1.2: wanted a probability in 0..1 \(1 such"),
        ("id,prediction,score\nk,a,92\n", "per cent. divide by 100"),
        ("id,prediction,score\nk,a,0.2\n", "score 0.2 is below 1/3, which the likeliest of 3 classes cannot have"),
        ("id,prediction,score\nk,a,high\n", r"\(id k\): column 'score': wanted a number, came 'high'"),
        ("id,prediction,score\nk,a,nan\n", "column 'score': nan is no finite number"),
        ("id,prediction,fold\nk,a,one\n", "fold 'one': wanted the number of the fold"),
        ("id,a,b,c\nk,0.5,0.5,0\nl,0.5,0.2,0.2\n", r"line 3 \(id l\): the scores of the classes sum to 0.9"),
        ("id,a,b,c\nk,0.9,0.8,0.1\n", "wanted probabilities that sum to 1, or logits in every row"),
        ("id,prediction,a,b,c\nk,b,3,1,0\n", r"\(id k\): prediction is 'b', but the largest score is that of 'a'"),
    ],
)
def test_what_is_wrong_is_named_with_file_line_and_id(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        read(tmp_path, text)


def test_what_is_no_table_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"ends in .csv, .tsv.* not '.txt'"):
        read(tmp_path, "hello", "p.txt")
    with pytest.raises(InputError, match="there is no such file or folder"):
        read_predictions(tmp_path / "none.csv", TREE)
    with pytest.raises(InputError, match="no archive of arrays"):
        read(tmp_path, "not a zip", "p.npz")
    np.savez(tmp_path / "odd.npz", id=np.array(["k", "l"]), prediction=np.array(["a"]))
    with pytest.raises(InputError, match="wanted arrays of one axis and one length"):
        read_predictions(tmp_path / "odd.npz", TREE)
    np.savez(tmp_path / "objects.npz", id=np.array(["k", None], dtype=object))
    with pytest.raises(InputError, match="arrays that cannot be read"):
        read_predictions(tmp_path / "objects.npz", TREE)
    np.savez(tmp_path / "rows.npz", id=np.array(["k", "k"]), prediction=np.array(["a", "b"]))
    with pytest.raises(InputError, match=r"row 2 \(id k\): this id is at row 1 already"):
        read_predictions(tmp_path / "rows.npz", TREE)


def ours(classes: tuple[str, ...] = ("c", "a", "b"), ids: tuple[str, ...] = ("k", "l"), fold: int = 0) -> Predictions:
    logits = np.array([[3.0, 1, 2], [0, 5, 4]], np.float32)
    return Predictions(ids, logits, np.array([0, -1]), np.full(2, fold), classes)


def test_our_own_table_comes_in_the_order_of_the_tree(tmp_path: Path) -> None:
    ours().save(tmp_path / "p.npz")
    found = read_predictions(tmp_path / "p.npz", TREE)
    assert found.said == "distribution"
    assert found.predictions.logits.tolist() == [[1, 2, 3], [5, 4, 0]]
    assert found.predictions.target.tolist() == [2, -1]
    with pytest.raises(InputError, match="'bst' has no class 'c'"):
        read_predictions(tmp_path / "p.npz", BST)
    with pytest.raises(InputError, match="no column for the classes d of 'more'"):
        read_predictions(tmp_path / "p.npz", from_pairs("more", ["a", "b", "c", "d"]))


def test_a_run_is_all_its_folds_with_its_tree_and_groups(tmp_path: Path) -> None:
    run = tmp_path / "run"
    for fold in (10, 2):
        (run / f"fold_{fold}").mkdir(parents=True)
        ours(ids=(f"k{fold}", f"l{fold}"), fold=fold).save(run / f"fold_{fold}" / "predictions_test.npz")
    assert tree_of_run(run) is None
    write_taxonomy(TREE, run / "taxonomy.csv")
    write_groups(["k2", "l2", "k10"], ["u", None, "v"], run / "groups.csv")
    tree = tree_of_run(run)
    assert tree is not None
    assert (tree.classes, tree.top_of) == (TREE.classes, TREE.top_of)
    found = read_predictions(run, TREE)
    assert found.predictions.ids == ("k2", "l2", "k10", "l10")
    assert found.predictions.fold.tolist() == [2, 2, 10, 10]
    assert found.groups == ("u", None, "v", None)
    with pytest.raises(InputError, match="holds 1 runs, run; name one of them"):
        read_predictions(tmp_path, TREE)
    (run / "fold_2" / "predictions_test.npz").unlink()
    with pytest.raises(InputError, match=r"fold_2.predictions_test.npz: not there; the fold is not finished"):
        read_predictions(run, TREE)


def test_the_tree_of_a_run_that_is_a_known_one_has_its_name(tmp_path: Path) -> None:
    write_taxonomy(BST, tmp_path / "taxonomy.csv")
    assert tree_of_run(tmp_path) is BST


def test_no_group_no_file(tmp_path: Path) -> None:
    write_groups(["k"], [None], tmp_path / "groups.csv")
    assert list(tmp_path.iterdir()) == []


def test_a_folder_of_arrays_with_a_table_of_labels(tmp_path: Path) -> None:
    folder = tmp_path / "logits"
    folder.mkdir()
    np.save(folder / "10.npy", np.array([1.5, -2, 0], np.float32))
    np.save(folder / "2.npy", np.array([[0, 4, 1]]))
    bare = read_predictions(folder, TREE)
    assert (bare.predictions.ids, bare.predictions.target.tolist()) == (("10", "2"), [-1, -1])
    assert bare.notes == ("logits of all classes",)
    labels = written(tmp_path / "labels.csv", "sound_id,class,fold,uploader\n2,c,1,u\n10,a,0,\n7,b,0,w\n")
    found = read_predictions(folder, TREE, labels)
    assert found.predictions.target.tolist() == [0, 2]
    assert found.predictions.fold.tolist() == [0, 1]
    assert found.groups == (None, "u")
    assert found.notes[1:] == ("1 clips of labels.csv have no prediction and are not scored",)


def test_arrays_that_are_none_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="neither a run"):
        read_predictions(tmp_path, TREE)
    np.save(tmp_path / "k.npy", np.zeros(4))
    with pytest.raises(InputError, match=r"k.npy: an array of shape \(4,\); wanted \(3,\), one number for each class"):
        read_predictions(tmp_path, TREE)
    np.save(tmp_path / "k.npy", np.array([0, np.inf, 1]))
    with pytest.raises(InputError, match="wanted finite numbers"):
        read_predictions(tmp_path, TREE)
    (tmp_path / "k.npy").write_bytes(b"no array")
    with pytest.raises(InputError, match="no array that can be read"):
        read_predictions(tmp_path, TREE)


def test_labels_that_lack_a_clip_or_contradict_are_refused(tmp_path: Path) -> None:
    table = written(tmp_path / "p.csv", "id,target,prediction\nk,a,a\nl,,b\n")
    with pytest.raises(AlignmentError, match=r"labels.csv: no row for l; every predicted clip needs one"):
        read_predictions(table, TREE, written(tmp_path / "labels.csv", "id,label\nk,a\n"))
    with pytest.raises(AlignmentError, match="other labels than the predictions have for k"):
        read_predictions(table, TREE, written(tmp_path / "labels.csv", "id,label\nk,b\nl,a\n"))
    with pytest.raises(InputError, match="no column for the label"):
        read_predictions(table, TREE, written(tmp_path / "labels.csv", "id,prediction\nk,b\nl,a\n"))
    filled = read_predictions(table, TREE, written(tmp_path / "labels.csv", "id,label\nl,c\nk,\n"))
    assert filled.predictions.target.tolist() == [0, 2]
