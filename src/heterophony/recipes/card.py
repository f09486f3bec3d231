"""The model card that is written beside every saved model."""

from collections import Counter
from collections.abc import Mapping
from importlib.metadata import version

from heterophony.metrics import evaluate
from heterophony.predictions import Predictions
from heterophony.recipes.protocol import protocol_of, warning_of
from heterophony.recipes.samples import Samples
from heterophony.recipes.spec import Recipe
from heterophony.recipes.spec.joint import is_trained
from heterophony.recipes.trained import Trained

USE = (
    "To sort recordings into the classes below, each answer with a probability, for a person who looks at the unsure "
    "ones."
)
FOLD_USE = (
    "The model of one fold of a cross-validation: to repeat its predictions, and for ensembles. To classify new "
    "recordings take the final model in `model/` beside this folder, which is fitted on all rows "
    "(a run of single folds has none)."
)
NOT_CALIBRATED = (
    "Not calibrated: no temperature is fitted for one fold. Mean and standard deviation over all folds are in "
    "`metrics.json` and `report.html` of the run."
)
OTHERS = "a sound of none of them gets one of them all the same."
LIMITS = """\
* One class for the whole recording: it does not say when something sounds, nor that two things do.
* The scores are those of recordings like the ones it was trained on. Other microphones, languages of titles or habits \
of tagging may make it worse, and its probabilities less true.
* It is not made for decisions about people, nor to watch them."""
LICENCES = (
    "This folder holds what was trained on top of the encoders named above. Their weights are separate, under licences "
    "of their own (see `docs/rooms/encoders.md` of heterophony), and so are the recordings and words that it was "
    "trained on: see their source before you pass the model on."
)
LOADING = """\
    heterophony classify --model THIS_FOLDER recordings/

    from heterophony.recipes.model_folder import load_model
    model = load_model("THIS_FOLDER")"""
SHOWN = ("accuracy", "macro_f1", "top_accuracy", "hierarchical_f1", "log_loss", "calibration_error")


def model_card(trained: Trained, scores: Mapping[str, Mapping[str, tuple[float, float]]], samples: Samples) -> str:
    """Markdown with a YAML head: what the model is, what it was trained on, how well it did, how sure it is.

    Args:
        trained: The final model.
        scores: Set of modalities to score to (mean, population std) over the folds.
        samples: What it was trained on.
    """
    recipe = trained.recipe
    parts = [
        *_head(recipe, recipe.name),
        USE,
        *_about(trained),
        "## Trained on",
        _training_rows(trained, samples),
        *([recipe.notes.strip()] if recipe.notes.strip() else []),
        f"## Cross-validation ({recipe.split.kind} folds, mean ± population standard deviation)",
        _table(scores),
        "These are scores of models that were each fitted without their test fold; this one is fitted on all rows.",
        *filter(None, [warning_of(protocol_of(recipe))]),
        "## Temperatures",
        _temperatures(trained),
        *_tail(trained, min(int((samples.target == label).sum()) for label in range(trained.taxonomy.n_classes))),
    ]
    return "\n\n".join(parts) + "\n"


def fold_card(trained: Trained, fold: int, test: Predictions) -> str:
    """The card of the model of one fold: what it is for, and how it did on the rows it has not seen.

    Args:
        trained: The model of the fold.
        fold: Its number.
        test: What it says of its test rows.
    """
    recipe = trained.recipe
    named = evaluate(test.logits, test.target, trained.taxonomy)
    lines = "\n".join(f"| {name} | {named[name]:.4f} |" for name in SHOWN)
    parts = [
        *_head(recipe, f"{recipe.name}, fold {fold}"),
        FOLD_USE,
        *_about(trained),
        "## Trained on",
        _fold_rows(recipe, fold),
        *([recipe.notes.strip()] if recipe.notes.strip() else []),
        f"## Scores on the {len(test)} test rows of this fold",
        f"| score | value |\n|--|--|\n{lines}",
        NOT_CALIBRATED,
        *_tail(trained, None),
    ]
    return "\n\n".join(parts) + "\n"


def _head(recipe: Recipe, title: str) -> list[str]:
    """The YAML head, the title, what it is, and the heading under which its use is told."""
    return [
        f"---\nlibrary_name: heterophony\ntags: [audio-classification, multimodal]\nmodel_name: {recipe.name}\n---",
        f"# {title}",
        recipe.about or "Trained by `heterophony train`.",
        "## What it is for",
    ]


def _about(trained: Trained) -> list[str]:
    """What it takes and what it says."""
    recipe = trained.recipe
    return [
        "## What it takes",
        "\n".join(f"* {name}: `{spec.encoder}`{_tuned(recipe, name)}" for name, spec in recipe.modalities.items()),
        "Any of these may be absent." if len(recipe.modalities) > 1 else "Nothing else.",
        f"## What it says\n\n{trained.taxonomy.n_classes} classes in {trained.taxonomy.n_tops} groups: "
        + ", ".join(trained.taxonomy.classes),
    ]


def _tail(trained: Trained, fewest: int | None) -> list[str]:
    """What it cannot do, licences, how to load it; `fewest` training rows has the smallest class, None: not known."""
    few = "" if fewest is None else f" The rarest class had {fewest} training rows."
    known = f"* It knows the {trained.taxonomy.n_classes} classes above and no others: {OTHERS}{few}"
    made = f"Made with heterophony {version('heterophony')}; the complete recipe is in `config.json`."
    return ["## What it cannot do", f"{known}\n{LIMITS}", "## Licences", LICENCES, "## How to load it", LOADING, made]


def _tuned(recipe: Recipe, modality: str) -> str:
    branch = recipe.joint.branches.get(modality) if recipe.joint else None
    tuned = recipe.finetune is not None and recipe.finetune.modality == modality
    trained = branch is not None and is_trained(recipe, modality, branch)
    return ", trained with this model; its weights are in the folder" if tuned or trained else ""


def _training_rows(trained: Trained, samples: Samples) -> str:
    counts = Counter(trained.taxonomy.classes[label] for label in samples.target)
    there = ", ".join(f"{int(rows.sum())} with {name}" for name, rows in samples.present.items())
    per_class = ", ".join(f"{key} {counts[key]}" for key in trained.taxonomy.classes)
    return f"{len(samples)} samples ({there}). Per class: {per_class}."


def _fold_rows(recipe: Recipe, fold: int) -> str:
    parts = "`train`" if recipe.fit.validation == "choose" else "`train` and `validation`"
    beside = f", and rows of {', '.join(recipe.extra)}" if recipe.extra else ""
    return f"The rows that `split.csv` of the run lists as {parts} in fold {fold}{beside}."


def _table(scores: Mapping[str, Mapping[str, tuple[float, float]]]) -> str:
    head = f"| modalities | {' | '.join(SHOWN)} |\n|{'--|' * (len(SHOWN) + 1)}"
    lines = [
        f"| {key} | " + " | ".join(f"{named[name][0]:.4f} ± {named[name][1]:.4f}" for name in SHOWN) + " |"
        for key, named in scores.items()
    ]
    return "\n".join([head, *lines])


def _temperatures(trained: Trained) -> str:
    calibrated = any(one.samples for one in trained.temperatures.values())

    def source(samples: int, *, paired: bool) -> str:
        if samples == 0:
            return (
                "taken over from the least sure other set" if calibrated else "not calibrated: too few held-out samples"
            )
        return f"fitted on {samples} {'pairs within a class' if paired else 'held-out samples'}"

    return "\n".join(
        f"* {key}: {one.value:.3f} ({source(one.samples, paired=one.paired)})"
        for key, one in trained.temperatures.items()
    )
