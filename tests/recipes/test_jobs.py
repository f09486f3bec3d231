"""Folds as jobs: in order in this process, side by side in others, errors in place of results."""

import os
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from heterophony.clips import read_collection
from heterophony.errors import ConfigError, HeterophonyError
from heterophony.recipes.collection import Work, read_sources
from heterophony.recipes.jobs import FoldJob, one_thread, run_jobs, threads_of
from heterophony.recipes.load import as_recipe, load_recipe
from heterophony.recipes.prepare import prepare
from heterophony.recipes.train import jobs_of


@pytest.fixture
def jobs(bsd10k: Path, tiny_bst: Path, tmp_path: Path) -> list[FoldJob]:
    sources = read_sources(read_collection(bsd10k), bsd10k, {}, {}, Work())
    ready = prepare(load_recipe(str(tiny_bst / "base.yaml")), sources)
    return jobs_of(ready, tmp_path, range(3), model=False)


def test_jobs_are_done_in_order_in_this_process(jobs: list[FoldJob], tmp_path: Path) -> None:
    assert [job.fold for job, _ in run_jobs(jobs, 1)] == [0, 1, 2]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["fold_0", "fold_1", "fold_2"]


def test_an_error_stands_in_place_of_the_result_and_the_others_go_on(jobs: list[FoldJob], tmp_path: Path) -> None:
    raw = jobs[1].task.recipe.model_dump(mode="json") | {"fit": {"monitor": "acuracy"}}
    broken = replace(jobs[1], task=replace(jobs[1].task, recipe=as_recipe(raw)))
    outcomes = [result for _, result in run_jobs([jobs[0], broken, jobs[2]], 1)]
    assert [isinstance(result, HeterophonyError) for result in outcomes] == [False, True, False]
    assert isinstance(outcomes[1], ConfigError)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["fold_0", "fold_2"]


def test_within_the_block_there_is_one_thread_and_then_as_many_as_before() -> None:
    before = torch.get_num_threads()
    with one_thread():
        assert torch.get_num_threads() == 1
    assert torch.get_num_threads() == before


@pytest.mark.parametrize(
    ("joint", "asked", "wanted"), [(None, 3, 1), ({}, 3, 3), ({}, 0, len(os.sched_getaffinity(0)))]
)
def test_only_a_recipe_that_trains_encoders_jointly_has_several_threads(
    jobs: list[FoldJob], joint: dict[str, object] | None, asked: int, wanted: int
) -> None:
    recipe = jobs[0].task.recipe.model_copy(update={"joint": joint})
    before = torch.get_num_threads()
    with threads_of(replace(jobs[0].task, recipe=recipe, threads=asked)):
        assert torch.get_num_threads() == wanted
    assert torch.get_num_threads() == before
