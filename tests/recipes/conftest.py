"""The corpus as samples, and small made-up samples whose answers are known."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from heterophony.clips import read_manifest
from heterophony.recipes.fold import Task
from heterophony.recipes.load import load_recipe
from heterophony.recipes.model_folder import load_model
from heterophony.recipes.prepare import taxonomy_of
from heterophony.recipes.samples import Samples, samples_of
from heterophony.recipes.trained import Trained
from heterophony.store import Store, embed_clips


@pytest.fixture(scope="session")
def task(corpus: Path, tiny_recipe: Path) -> Task:
    recipe = load_recipe(str(tiny_recipe))
    return Task(recipe=recipe, taxonomy=taxonomy_of(recipe, read_manifest(corpus)), dims={"sound": 1024, "words": 384})


@pytest.fixture(scope="session")
def corpus_samples(corpus: Path, task: Task, store_folder: Path) -> Samples:
    encoders = {name: spec.encoder for name, spec in task.recipe.modalities.items()}
    embedded = embed_clips(read_manifest(corpus), encoders, Store(store_folder), words="manifest")
    return samples_of(embedded, task.dims, task.taxonomy)


@pytest.fixture
def trained(run_folder: Path) -> Trained:
    return load_model(str(run_folder))


@pytest.fixture
def made() -> Callable[..., Samples]:
    """Makes samples from their classes and what each row has ("s", "w" or "sw"); a vector tells row and modality."""

    def make(target: list[int], has: list[str], groups: list[str | None] | None = None) -> Samples:
        rows = len(target)
        present = {"sound": np.array(["s" in what for what in has]), "words": np.array(["w" in what for what in has])}
        value = np.arange(1, rows + 1, dtype=np.float32)[:, None]
        rng = np.random.default_rng(0)
        vectors = {
            "sound": np.concatenate([value, rng.normal(size=(rows, 3)).astype(np.float32)], axis=1),
            "words": np.concatenate([-value, rng.normal(size=(rows, 2)).astype(np.float32)], axis=1),
        }
        return Samples(
            ids=tuple(f"r{row}" for row in range(rows)),
            texts=tuple(
                f"text{row} class{c}" if "w" in what else ""
                for row, (c, what) in enumerate(zip(target, has, strict=True))
            ),
            groups=tuple(groups or [None] * rows),
            target=np.array(target, dtype=np.int64),
            confidence=np.full(rows, np.nan, dtype=np.float32),
            sources=("",) * rows,
            vectors={name: x * present[name][:, None] for name, x in vectors.items()},
            present=present,
        )

    return make
