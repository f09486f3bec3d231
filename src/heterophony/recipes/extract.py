"""`heterophony extract`: the vectors of trained encoders, of each row from encoders that its label has not taught.

A second model (a graph) that is trained on what encoders make of their own training rows meets new rows in another
place. So rows are parted into folds by group, the recipe is trained without each fold, which gives the fold's vectors,
and once on all of them, which gives those of the test rows (audio_visual.md A.7, point 4).
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from heterophony.clips import write_split
from heterophony.errors import ConfigError, InputError
from heterophony.recipes.collection import Sources
from heterophony.recipes.cross_fit import Moved, Table, Which, gather, rows_to_test, without
from heterophony.recipes.prepare import prepare
from heterophony.recipes.resume import finish, is_begun
from heterophony.recipes.run_log import note
from heterophony.recipes.spec import Recipe
from heterophony.recipes.train import Run, Training, train_prepared
from heterophony.recipes.tuned_folder import embeddings
from heterophony.training import find_device

RUN, VECTORS, SPLIT, FACTS = "run", "vectors.npz", "split.csv", "extract.json"
OWN, TEST = "out-of-fold", "test"
"""What `part` says of a row."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Extracted:
    """What was made.

    Attributes:
        run: The cross-validation of the rows that are no test rows, and its final model.
        own: Rows with vectors out of fold.
        tested: Test rows.
        moved: One for each fold and modality.
    """

    run: Run
    own: int
    tested: int
    moved: Sequence[Moved]


def extract(
    recipe: Recipe,
    sources: Sources,
    out: Path,
    training: Training,
    *,
    folds: int = 5,
    fold: int | None = None,
    split: Path | None = None,
    aligned: bool = True,
) -> Extracted:
    """Trains the encoders of a recipe without each of some folds, and once on all; writes the vectors of every row.

    Args:
        recipe: Trains encoders (`joint` or `finetune`).
        sources: A labelled collection, and what is beside it.
        out: A new folder: `vectors.npz`, `split.csv` (the test part), `extract.json`, and `run`, a run's folder.
        training: How it is trained, and whether an interrupted one is gone on with.
        folds: How many the rows that are no test rows are parted into, by group.
        fold: Of the split whose test rows are the test part; None: of a split with a fixed test part that one.
        split: A split that was written before; None makes it as the recipe says.
        aligned: Whether the vectors of each fold are turned into the space of the final model, or left in their own.

    Raises:
        ConfigError: The recipe trains no encoders, or there is no such device.
        InputError: The folder is taken, there is no such fold, or the folds cannot be made.
    """
    if recipe.joint is None and recipe.finetune is None:
        raise ConfigError(
            f"{recipe.name}: trains no encoders (`joint` or `finetune`), and vectors of published ones know no labels: "
            "`heterophony embed` makes them, and so does `heterophony train` by itself"
        )
    find_device(training.device)
    if not training.resume and out.exists() and any(out.iterdir()):
        raise InputError(f"{out}: there is something in it; give a new folder, or go on with it: --resume")
    begun = is_begun(out / RUN, resume=training.resume)
    whole = prepare(recipe, sources, split)
    test = rows_to_test(whole, fold)
    known = without(whole, test, folds)
    out.mkdir(parents=True, exist_ok=True)
    write_split(whole.split, out / SPLIT)
    run = train_prepared(known, out / RUN, training, begun=begun)
    assert run.trained is not None  # all folds were run
    vectors, moved = gather(embeddings(run.trained, whole.samples), test, out / RUN, folds, aligned=aligned)
    for one in moved:
        note(out / RUN, one.told)
    _write_vectors(whole.samples.ids, test, vectors, out)
    encoders = {name: recipe.modalities[name].encoder for name in vectors}
    facts = {"recipe": recipe.name, "encoders": encoders, "align": "procrustes" if aligned else "none"}
    _write_facts(facts, test, moved, out)
    finish(out / RUN)
    return Extracted(run=run, own=int((~test).sum()), tested=int(test.sum()), moved=moved)


def _write_vectors(ids: Sequence[str], test: Which, vectors: Mapping[str, Table], out: Path) -> None:
    """`ids`, `part`, and under each modality's name `[rows, dim]`, float32, NaN where there is none."""
    arrays: dict[str, Any] = dict(vectors)
    part = out / f".{VECTORS}"
    with part.open("wb") as stream:
        np.savez_compressed(stream, ids=np.array(ids), part=np.where(test, TEST, OWN), **arrays)
    part.replace(out / VECTORS)


def _write_facts(facts: Mapping[str, object], test: Which, moved: Sequence[Moved], out: Path) -> None:
    rows = {OWN: int((~test).sum()), TEST: int(test.sum())}
    content = {**facts, "rows": rows, "folds": [asdict(one) for one in moved]}
    (out / FACTS).write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
