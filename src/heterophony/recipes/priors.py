"""Class priors of a recipe: fitted on training rows, and for those rows themselves out of fold.

Rows with a soft label (pseudo-labels) are never fitted on, so what the priors say of them is out of fold as it is.
"""

from collections.abc import Mapping
from typing import Protocol, runtime_checkable

import numpy as np
from jaxtyping import Bool, Float32, Int, Shaped

from heterophony.encoders.bridged_prior import BridgedPrior, read_bridge
from heterophony.encoders.linear_prior import LinearPrior
from heterophony.encoders.prototypes_prior import PrototypesPrior
from heterophony.encoders.tfidf_prior import TfidfPrior, TfidfSettings
from heterophony.errors import ConfigError, ModelError
from heterophony.recipes.prototypes import make_prototypes
from heterophony.recipes.samples import Samples
from heterophony.recipes.spec import BridgedPriorSpec, PriorSpec, PrototypesPriorSpec, TfidfPriorSpec
from heterophony.taxonomy import Taxonomy

FOLDS = 5


@runtime_checkable
class Prior(Protocol):
    """A fitted classifier of one modality, kept as arrays."""

    def to_arrays(self) -> dict[str, Shaped[np.ndarray, "..."]]:
        """Everything it knows."""
        ...


Priors = Mapping[str, Prior]
PRIORS: dict[str, type[TfidfPrior | LinearPrior | BridgedPrior | PrototypesPrior]] = {
    "tfidf": TfidfPrior,
    "linear": LinearPrior,
    "bridged": BridgedPrior,
    "prototypes": PrototypesPrior,
}


def fit_priors(specs: Mapping[str, PriorSpec], samples: Samples, taxonomy: Taxonomy) -> dict[str, Prior]:
    """Each prior of the recipe (see `prior_specs`), fitted on the rows that have its modality and a label of their own.

    Raises:
        ConfigError: No row has the modality.
    """
    own = samples.take(_own(samples))
    return {name: _fit(name, spec, own, taxonomy) for name, spec in specs.items()}


def _own(samples: Samples) -> Int[np.ndarray, " _"]:
    """The rows whose label is not a soft one."""
    soft = np.zeros(len(samples), dtype=np.bool_) if samples.soft is None else ~np.isnan(samples.soft).any(axis=1)
    return np.flatnonzero(~soft)


def log_priors(
    priors: Priors, specs: Mapping[str, PriorSpec], samples: Samples
) -> dict[str, Float32[np.ndarray, "rows classes"]]:
    """What each prior says of each row, `[rows, classes]`; rows without its modality are zero."""
    return {name: _say(priors[name], spec, samples) for name, spec in specs.items()}


def out_of_fold(
    specs: Mapping[str, PriorSpec], samples: Samples, taxonomy: Taxonomy, seed: int
) -> dict[str, Float32[np.ndarray, "rows classes"]]:
    """What each prior says of the rows that it is fitted on, each row from a fit without its fold and its group.

    A network that were given the prior's word on the prior's own training rows would learn to trust it too much.
    Rows whose group is unknown are groups of their own. A prior that learns nothing from labels says at once what it
    always says, and so does every prior of rows with a soft label.
    """
    return {name: _out_of_fold(name, spec, samples, taxonomy, seed) for name, spec in specs.items()}


def _out_of_fold(
    name: str, spec: PriorSpec, samples: Samples, taxonomy: Taxonomy, seed: int
) -> Float32[np.ndarray, "rows classes"]:
    own = _own(samples)
    said = np.zeros((len(samples), taxonomy.n_classes), dtype=np.float32)
    if isinstance(spec, PrototypesPriorSpec) or len(own) < len(samples):
        said = _say(_fit(name, spec, samples.take(own), taxonomy), spec, samples)
    if isinstance(spec, PrototypesPriorSpec):
        return said
    rows = own[samples.present[spec.of][own]]
    for kept, held in _folds(name, samples.take(rows), seed):
        prior = _fit(name, spec, samples.take(rows[kept]), taxonomy)
        said[rows[held]] = _say(prior, spec, samples.take(rows[held]))
    return said


def _folds(name: str, samples: Samples, seed: int) -> list[tuple[Int[np.ndarray, " _"], Int[np.ndarray, " _"]]]:
    """(kept, held) row numbers; groups whole, stratified as far as the classes have rows enough for it."""
    import warnings

    from sklearn.model_selection import GroupKFold, StratifiedGroupKFold

    groups = [f"row {row}" if group is None else f"group {group}" for row, group in enumerate(samples.groups)]
    folds = min(FOLDS, len(set(groups)))
    if folds < 2:
        raise ConfigError(
            f"prior {name!r} is fitted out of fold: it needs rows with its modality of at least two groups, and "
            f"{len(samples)} of {len(set(groups))} came; leave the prior out"
        )
    stratified = np.bincount(samples.target).max() >= folds
    splitter = (StratifiedGroupKFold if stratified else GroupKFold)(folds, shuffle=True, random_state=seed)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="The least populated class")  # such a class is unseen in some fits
        return list(splitter.split(np.zeros(len(samples)), samples.target, groups))


def _fit(name: str, spec: PriorSpec, samples: Samples, taxonomy: Taxonomy) -> Prior:
    rows = np.flatnonzero(samples.present[spec.of])
    if not len(rows):
        raise ConfigError(f"prior {name!r} reads {spec.of}, but no training row has any; leave the prior out")
    target, n = samples.target[rows], taxonomy.n_classes
    if isinstance(spec, PrototypesPriorSpec):
        return make_prototypes(name, spec, taxonomy)
    if isinstance(spec, TfidfPriorSpec):
        return TfidfPrior.fit([samples.texts[row] for row in rows], target, n, _settings(spec))
    linear = LinearPrior.fit(samples.vectors[spec.of][rows], target, n, spec.c)
    if isinstance(spec, BridgedPriorSpec):
        return BridgedPrior(linear, read_bridge(spec.bridge, taxonomy.classes), spec.share)
    return linear


def _settings(spec: TfidfPriorSpec) -> TfidfSettings:
    return TfidfSettings(**spec.model_dump(exclude={"kind", "of", "enters"}))


def _say(prior: Prior, spec: PriorSpec, samples: Samples) -> Float32[np.ndarray, "rows classes"]:
    there: Bool[np.ndarray, " rows"] = samples.present[spec.of]
    rows = np.flatnonzero(there)
    if isinstance(prior, TfidfPrior):
        said = prior.log_prior([samples.texts[row] for row in rows])
    elif isinstance(prior, LinearPrior | BridgedPrior | PrototypesPrior):
        said = prior.log_prior(samples.vectors[spec.of][rows])
    else:
        raise ModelError(f"a prior of the kind {type(prior).__name__} cannot read {spec.of}")
    full = np.zeros((len(samples), said.shape[1]), dtype=np.float32)
    full[rows] = said
    return full
