from pathlib import Path

import numpy as np
import pytest

from heterophony.errors import AlignmentError, ConfigError, InputError
from heterophony.recipes.score import compare_all, read_all, tree_for
from heterophony.taxonomy import BST, TAU, from_pairs, write_taxonomy

TREE = from_pairs("tree", ["a", "b", "c"], ["x", "x", "y"])


def written(path: Path, answers: str, target: str = "abcabc", fold: str = "") -> Path:
    rows = [f"k{row},{target[row]},{answer}{',' + fold[row] if fold else ''}" for row, answer in enumerate(answers)]
    path.write_text("\n".join([f"id,target,prediction{',fold' if fold else ''}", *rows]) + "\n", encoding="utf-8")
    return path


def test_the_tree_is_the_named_one_else_that_of_a_run(tmp_path: Path, run_folder: Path) -> None:
    table = written(tmp_path / "p.csv", "abcabc")
    assert tree_for([table], "bst") is BST
    assert tree_for([run_folder], "tau") is TAU
    write_taxonomy(TREE, tmp_path / "tree.csv")
    assert tree_for([table], str(tmp_path / "tree.csv")).top_of == TREE.top_of
    found = tree_for([table, run_folder], None)
    assert (set(found.classes), set(found.tops)) == ({"high", "low", "noise"}, {"noise", "tone"})
    with pytest.raises(
        ConfigError, match=r"p.csv does not say which tree its classes are of; name bst or tau, or a CSV"
    ):
        tree_for([table], None)
    with pytest.raises(ConfigError, match="no such tree or CSV file; did you mean bst"):
        tree_for([table], "bsd")
    with pytest.raises(InputError, match="wanted the columns key,parent"):
        tree_for([table], str(table))


def test_a_run_is_scored_as_its_own_metrics_say(run_folder: Path) -> None:
    import json

    from heterophony.metrics.scoreboard import scoreboard

    tree = tree_for([run_folder], None)
    (given,) = read_all([run_folder], tree, None).values()
    board = scoreboard(given, tree, draws=0)
    wanted = json.loads((run_folder / "metrics.json").read_text(encoding="utf-8"))["mean_and_std"]["sound+words"]
    for name, pair in board.scores.items():
        assert pair == pytest.approx(tuple(wanted[name])), name
    assert set(given.groups) == {f"u{copy}" for copy in range(12)}


def test_every_table_is_compared_with_the_first(tmp_path: Path) -> None:
    paths = [
        written(tmp_path / f"{name}.csv", answers, fold=fold)
        for name, answers, fold in (("one", "abcabc", "001101"), ("two", "aacabb", ""), ("three", "abcabc", "001101"))
    ]
    tables, boards, compared = compare_all(read_all(paths, TREE, None), TREE, scores=["accuracy"], draws=20)
    assert [one.name for one in compared] == [str(paths[1]), str(paths[2])]
    assert compared[0].changed == (2, 0, 2)
    assert compared[0].differences["accuracy"].by_row.interval.value == pytest.approx(-1 / 3)
    assert compared[1].changed == (0, 0, 0)
    assert compared[1].differences["accuracy"].by_row.p == 1
    assert all(len(board.folds) == 2 for board in boards.values())
    assert tables[str(paths[1])].notes[-1] == f"its folds are those of {paths[0]}"


def test_one_path_twice_and_other_clips_are_refused(tmp_path: Path) -> None:
    one, two = written(tmp_path / "one.csv", "abcabc"), written(tmp_path / "two.csv", "abcab")
    with pytest.raises(ConfigError, match=r"one.csv: given twice"):
        read_all([one, one], TREE, None)
    with pytest.raises(AlignmentError, match=r"one.csv \(first\) and .*two.csv \(second\): .*lacks k5"):
        compare_all(read_all([one, two], TREE, None), TREE, scores=["accuracy"])


def segments_of(path: Path, columns: str, rows: list[str]) -> Path:
    path.write_text("\n".join([f"id,target,{columns}", *rows]) + "\n", encoding="utf-8")
    return path


def test_tables_of_segments_become_tables_of_clips_and_others_stay(tmp_path: Path) -> None:
    cells = ["k0#s0,a,0.7,0.2,0.1", "k0#s1,a,0.1,0.5,0.4", "k1#s0,c,0.2,0.2,0.6"]
    cut = segments_of(tmp_path / "cut.csv", "a,b,c", cells)
    whole = segments_of(tmp_path / "whole.csv", "a,b,c", ["k0,a,0.3,0.4,0.3", "k1,c,0.1,0.1,0.8"])
    pooled, same = read_all([cut, whole], TREE, None, "probabilities").values()
    assert (pooled.predictions.ids, same.predictions.ids) == (("k0", "k1"), ("k0", "k1"))
    assert np.exp(pooled.predictions.logits[0]) == pytest.approx([0.4, 0.35, 0.25], abs=1e-6)
    lined, _, compared = compare_all({"w": same, "p": pooled}, TREE, scores=["accuracy"], draws=10)
    assert (list(lined), compared[0].changed) == (["w", "p"], (1, 1, 0)), "k0 is right only when pooled"


def test_what_cannot_be_pooled_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"--pool-segments: no row of .*p\.csv is a segment"):
        read_all([written(tmp_path / "p.csv", "abcabc")], TREE, None, "probabilities")
    top = segments_of(tmp_path / "top.csv", "prediction", ["k0#s0,a,a", "k0#s1,a,b"])
    with pytest.raises(InputError, match=r"top\.csv: only the scores of all classes can be pooled"):
        read_all([top], TREE, None, "probabilities")
    odd = segments_of(tmp_path / "odd.csv", "a,b,c", ["k0#s0,a,0.7,0.2,0.1", "k0#s1,b,0.1,0.5,0.4"])
    with pytest.raises(AlignmentError, match=r"odd\.csv: segments of one clip have different targets or folds: k0"):
        read_all([odd], TREE, None, "probabilities")
