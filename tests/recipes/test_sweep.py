"""A sweep: what it runs, how it goes on, what it refuses, and what cannot be run."""

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from heterophony.clips import read_collection
from heterophony.errors import ConfigError, InputError
from heterophony.recipes.collection import Sources, Work, read_sources
from heterophony.recipes.sweep import Sweep, beside, chosen_names, run_of, sweep, title, with_needed


@pytest.fixture(scope="module")
def sources(bsd10k: Path) -> Sources:
    return read_sources(read_collection(bsd10k), bsd10k, {}, {}, Work())


@pytest.fixture(scope="module")
def done(sources: Sources, tiny_bst: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Sweep, Path]:
    """A finished sweep of a recipe, with its baseline. Tests leave its folder as it is."""
    out = tmp_path_factory.mktemp("sweep")
    return sweep([str(tiny_bst / "mixup.yaml")], sources, out), out


@pytest.fixture
def again(done: tuple[Sweep, Path], tmp_path: Path) -> Path:
    """A copy of it."""
    return Path(shutil.copytree(done[1], tmp_path / "again"))


@pytest.fixture
def written(tmp_path: Path, tiny_bst: Path) -> Callable[[str, str], str]:
    """Writes a recipe beside copies of the small ones."""
    folder = Path(shutil.copytree(tiny_bst, tmp_path / "written"))

    def write(name: str, text: str) -> str:
        (folder / name).write_text(text)
        return str(folder / name)

    return write


def files(folder: Path) -> dict[str, bytes]:
    paths = [path for path in folder.rglob("*") if path.is_file() and path.name != "log.txt"]
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}


def test_names_patterns_and_files_mean_recipes_each_once() -> None:
    names = ["bst/table3/confidence-linear*", "bst/table3/confidence-linear", "bst/table1/clap"]
    assert chosen_names(names) == [
        "bst/table3/confidence-linear",
        "bst/table3/confidence-linear-sound",
        "bst/table1/clap",
    ]
    assert chosen_names(["mine.yaml", "./mine.yaml"]) == [str(Path("mine.yaml").resolve())]
    with pytest.raises(ConfigError, match=r"no recipe 'bst/tabel3/\*'; did you mean bst/table"):
        chosen_names(["bst/tabel3/*"])


def test_a_file_is_called_by_its_stem_and_sought_beside_the_one_that_names_it(tmp_path: Path) -> None:
    assert (title("bst/table2/hloss-0.7"), title("/x/mine.v2.yaml")) == ("bst/table2/hloss-0.7", "mine.v2")
    assert beside(str(tmp_path / "a.yaml"), "b.yaml") == str(tmp_path / "b.yaml")
    assert beside(str(tmp_path / "a.yaml"), "bst/hatr") == "bst/hatr"
    assert run_of(tmp_path, "/x/mine.yaml", 3, 1) == tmp_path / "mine"
    assert run_of(tmp_path, "bst/hatr", 3, 2) == tmp_path / "bst" / "hatr" / "seed-3"


def test_baselines_and_members_are_pulled_in(tiny_bst: Path) -> None:
    names = [title(name) for name in with_needed([str(tiny_bst / "both.yaml")])]
    assert names == ["both", "base", "mixup"]
    assert list(with_needed(["bst/table7/single"])) == ["bst/table7/single", "bst/table1/clap"]


def test_two_files_of_one_name_and_ensembles_of_ensembles_are_refused(
    written: Callable[[str, str], str], tiny_bst: Path
) -> None:
    other = written("base.yaml", "extends: bst/hatr\n")
    with pytest.raises(ConfigError, match=r"base\.yaml and .*base\.yaml would have one folder; rename one"):
        with_needed([other, str(tiny_bst / "base.yaml")])
    nested = written("nested.yaml", "name: nested\nensemble: [both.yaml, mixup.yaml]\n")
    with pytest.raises(ConfigError, match=r"its member .*both\.yaml is an ensemble itself"):
        with_needed([nested])


def test_a_sweep_leaves_a_run_for_each_recipe_in_its_own_folder(done: tuple[Sweep, Path], tiny_bst: Path) -> None:
    made, out = done
    assert [title(name) for name in made.asked] == ["mixup"]
    assert [title(name) for name in made.recipes] == ["mixup", "base"]
    assert made.failed == {}
    assert sorted(path.name for path in out.iterdir()) == ["base", "mixup"]
    fold = {"history.jsonl", "predictions_val.npz", "predictions_test.npz"}
    fold |= {"predictions_test_sound.npz", "predictions_test_words.npz"}
    wanted = {f"fold_{k}/{name}" for k in range(3) for name in fold}
    wanted |= {"recipe.yaml", "versions.json", "split.csv", "data.json", "metrics.json", "report.html"}
    wanted |= {"taxonomy.csv", "groups.csv", "leakage.json"}
    assert set(files(out / "base")) == set(files(out / "mixup")) == wanted
    assert sorted(path.name for path in tiny_bst.iterdir() if path.is_dir()) == [], "nothing beside the recipes"


def test_what_is_done_is_not_done_again(sources: Sources, tiny_bst: Path, again: Path) -> None:
    seen: list[tuple[int, int]] = []
    before = {path: path.stat().st_mtime_ns for path in again.rglob("*")}
    sweep([str(tiny_bst / "mixup.yaml")], sources, again, progress=lambda done, total: seen.append((done, total)))
    assert seen == []
    assert {path: path.stat().st_mtime_ns for path in again.rglob("*")} == before


def test_a_killed_sweep_goes_on_where_it_was_to_the_same_bytes(
    done: tuple[Sweep, Path], sources: Sources, tiny_bst: Path, again: Path
) -> None:
    shutil.rmtree(again / "mixup" / "fold_1")
    (again / "mixup" / "metrics.json").unlink()
    (again / "mixup" / ".fold_1").mkdir()
    (again / "mixup" / ".fold_1" / "history.jsonl").write_text("{")
    seen: list[tuple[int, int]] = []
    sweep([str(tiny_bst / "mixup.yaml")], sources, again, progress=lambda done, total: seen.append((done, total)))
    assert seen == [(6, 6)]
    assert files(again) == files(done[1])


def test_a_sweep_that_was_killed_while_a_run_started_goes_on(
    done: tuple[Sweep, Path], sources: Sources, tiny_bst: Path, again: Path
) -> None:
    shutil.rmtree(again / "mixup")
    (again / "mixup").mkdir()
    (again / "mixup" / "recipe.yaml").write_text("name: hal")
    sweep([str(tiny_bst / "mixup.yaml")], sources, again)
    assert files(again) == files(done[1])


def test_a_run_of_another_recipe_or_of_other_data_is_refused(
    sources: Sources, tiny_bst: Path, again: Path, written: Callable[[str, str], str], tmp_path: Path
) -> None:
    tiny = (tiny_bst / "base.yaml").read_text()
    other = written("base.yaml", tiny.replace("epochs: 8", "epochs: 4"))
    with pytest.raises(InputError, match="base: was made by another version of the recipe base; give another folder"):
        sweep([other], sources, again)
    clips = sources.own.found.clips
    changed = replace(clips[0], label="sp-c" if clips[0].label == "fx-a" else "fx-a")
    found = replace(sources.own.found, clips=(changed, *clips[1:]))
    with pytest.raises(InputError, match="base: was made from other data; give another folder"):
        sweep([str(tiny_bst / "base.yaml")], replace(sources, own=replace(sources.own, found=found)), again)
    (tmp_path / "taken" / "base").mkdir(parents=True)
    (tmp_path / "taken" / "base" / "thesis.txt").write_text("years")
    with pytest.raises(InputError, match="base: there is something in it, and no run; give another folder"):
        sweep([str(tiny_bst / "base.yaml")], sources, tmp_path / "taken")


def test_what_cannot_be_run_is_told_and_the_others_go_on(
    sources: Sources, tiny_bst: Path, again: Path, written: Callable[[str, str], str]
) -> None:
    """No BSD35k-CS is given; and a score that is none is found out only in the fold."""
    base = (tiny_bst / "base.yaml").read_text()
    wrong = written("wrong.yaml", base.replace("name: base", "name: wrong").replace("epochs: 8", "monitor: acuracy"))
    median = str(tiny_bst / "median.yaml")
    made = sweep([median, wrong, str(tiny_bst / "base.yaml")], sources, again)
    assert "give --extra BSD35k-CS=FOLDER" in made.failed[median]
    assert "monitor 'acuracy'" in made.failed[wrong]
    assert [title(name) for name, _ in made.runs] == ["base"]
    assert not (again / "wrong" / "metrics.json").exists()


def test_vectors_for_a_modality_that_no_recipe_has_are_refused(
    sources: Sources, tiny_bst: Path, tmp_path: Path
) -> None:
    given = replace(sources, own=replace(sources.own, features={"sond": "x.npy"}))
    with pytest.raises(ConfigError, match=r"--features sond=...: no recipe has that modality; did you mean sound\?"):
        sweep([str(tiny_bst / "base.yaml")], given, tmp_path / "out")


def test_several_seeds_have_a_folder_each_and_share_the_folds(
    done: tuple[Sweep, Path], sources: Sources, tiny_bst: Path, tmp_path: Path
) -> None:
    made = sweep([str(tiny_bst / "base.yaml")], sources, tmp_path, seeds=2)
    assert [seed for _, seed in made.runs] == [1821, 1822]
    first, second = tmp_path / "base" / "seed-1821", tmp_path / "base" / "seed-1822"
    assert files(first) == files(done[1] / "base"), "the first is the recipe's own"
    assert (first / "split.csv").read_bytes() == (second / "split.csv").read_bytes()
    scores = [json.loads((folder / "metrics.json").read_text()) for folder in (first, second)]
    assert scores[0] != scores[1]


def test_models_are_kept_where_they_are_wanted(sources: Sources, tiny_bst: Path, tmp_path: Path) -> None:
    sweep([str(tiny_bst / "sound.yaml")], sources, tmp_path, models=True)
    assert np.all([(tmp_path / "sound" / f"fold_{k}" / "model.safetensors").is_file() for k in range(3)])
