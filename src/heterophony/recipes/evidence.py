"""From what a trained recipe says of the test rows of a fold to the evidence that the fold leaves behind."""

import numpy as np
from jaxtyping import Float32

from heterophony.predictions.evidence import Evidence, principal
from heterophony.recipes.samples import Samples
from heterophony.recipes.trained import Said


def evidence_of(samples: Samples, said: Said) -> Evidence:
    """The evidence of these rows.

    Args:
        samples: The test rows of a fold.
        said: What was said of them with all modalities.
    """
    names = tuple(said.attention)
    return Evidence(
        ids=samples.ids,
        modalities=names,
        present=np.stack([samples.present[name] for name in names], axis=1),
        attention=np.stack([said.attention[name] for name in names], axis=1),
        before=principal(_side_by_side(samples)),
        latent=said.latent.astype(np.float16),
    )


def _side_by_side(samples: Samples) -> Float32[np.ndarray, "rows dims"]:
    """The vectors of all modalities, each of norm 1, absent ones zero; those that are fine-tuned are not at hand."""
    parts = [
        x / np.maximum(np.linalg.norm(x, axis=1, keepdims=True), 1e-12)
        for x in samples.vectors.values()
        if np.issubdtype(x.dtype, np.floating)
    ]
    return np.concatenate([np.zeros((len(samples), 0), np.float32), *parts], axis=1).astype(np.float32)
