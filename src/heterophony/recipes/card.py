"""The model card that is written beside every saved model."""

from collections import Counter
from collections.abc import Mapping
from importlib.metadata import version

from heterophony.recipes.samples import Samples
from heterophony.recipes.spec import Recipe
from heterophony.recipes.trained import Trained

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
        f"---\nlibrary_name: heterophony\ntags: [audio-classification, multimodal]\nmodel_name: {recipe.name}\n---",
        f"# {recipe.name}",
        recipe.about or "Trained by `heterophony train`.",
        "## What it takes",
        "\n".join(f"* {name}: `{spec.encoder}`{_tuned(recipe, name)}" for name, spec in recipe.modalities.items()),
        "Any of these may be absent.",
        f"## What it says\n\n{trained.taxonomy.n_classes} classes in {trained.taxonomy.n_tops} groups: "
        + ", ".join(trained.taxonomy.classes),
        "## Trained on",
        _training_rows(trained, samples),
        *([recipe.notes.strip()] if recipe.notes.strip() else []),
        f"## Cross-validation ({recipe.split.kind} folds, mean ± population standard deviation)",
        _table(scores),
        "## Temperatures",
        _temperatures(trained),
        f"Made with heterophony {version('heterophony')}; the complete recipe is in `config.json`.",
    ]
    return "\n\n".join(parts) + "\n"


def _tuned(recipe: Recipe, modality: str) -> str:
    tuned = recipe.finetune is not None and recipe.finetune.modality == modality
    return ", fine-tuned with this model; its weights are in the folder" if tuned else ""


def _training_rows(trained: Trained, samples: Samples) -> str:
    counts = Counter(trained.taxonomy.classes[label] for label in samples.target)
    there = ", ".join(f"{int(rows.sum())} with {name}" for name, rows in samples.present.items())
    per_class = ", ".join(f"{key} {counts[key]}" for key in trained.taxonomy.classes)
    return f"{len(samples)} samples ({there}). Per class: {per_class}."


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
