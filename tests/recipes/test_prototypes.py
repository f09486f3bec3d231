"""Definitions are embedded by an encoder of words, and nothing else will do."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from heterophony.encoders import load_encoder
from heterophony.errors import ConfigError, InputError
from heterophony.recipes.load import as_recipe
from heterophony.recipes.priors import fit_priors, log_priors, out_of_fold
from heterophony.recipes.prototypes import make_prototypes, prior_specs
from heterophony.recipes.samples import Samples
from heterophony.recipes.spec import PrototypesPriorSpec, Recipe
from heterophony.taxonomy import from_pairs

TREE = from_pairs("t", ["barking_dog", "falling_rain"])


def recipe(words: str = "minilm", **prior: object) -> Recipe:
    return as_recipe(
        {
            "name": "r",
            "modalities": {"sound": {"encoder": "yamnet"}, "words": {"encoder": words}},
            "priors": {"zero": {"kind": "prototypes", **prior}},
        }
    )


def test_the_encoder_is_that_of_the_modality_where_none_is_named() -> None:
    assert prior_specs(recipe())["zero"].encoder == "minilm"  # type: ignore[union-attr]
    assert prior_specs(recipe(encoder="clap-words"))["zero"].encoder == "clap-words"  # type: ignore[union-attr]


def test_the_prototypes_are_the_embedded_definitions(tmp_path: Path) -> None:
    minilm = load_encoder("minilm")
    spec = PrototypesPriorSpec(kind="prototypes", encoder="minilm", tau=0.1)
    made = make_prototypes("zero", spec, TREE)
    np.testing.assert_array_equal(made.prototypes, minilm.encode(["barking dog", "falling rain"]))  # type: ignore[arg-type]
    assert made.tau == 0.1
    (tmp_path / "d.csv").write_text("key,definition\nfalling_rain,water\nbarking_dog,woof\n", encoding="utf-8")
    made = make_prototypes("zero", spec.model_copy(update={"definitions": str(tmp_path / "d.csv")}), TREE)
    np.testing.assert_array_equal(made.prototypes, minilm.encode(["woof", "water"]))  # type: ignore[arg-type]


def test_it_knows_a_dog_without_having_learned() -> None:
    prior = make_prototypes("zero", PrototypesPriorSpec(kind="prototypes", encoder="minilm"), TREE)
    said = prior.log_prior(load_encoder("minilm").encode(["a puppy growls", "storm and puddles"]))  # type: ignore[arg-type]
    assert said.argmax(axis=1).tolist() == [0, 1]


def test_labels_have_no_say_and_a_fit_is_not_needed(made: Callable[..., Samples]) -> None:
    """Of one group, where other priors are refused; rows out of fold and in a fit are told the same."""
    samples = made([0, 1, 0], ["sw", "w", "s"], ["g"] * 3)
    minilm = load_encoder("minilm").encode(["dog", "rain", ""])  # type: ignore[arg-type]
    minilm[2] = 0
    samples = Samples(
        **{name: getattr(samples, name) for name in Samples.__slots__ if name != "vectors"},
        vectors={**samples.vectors, "words": minilm},
    )
    specs = prior_specs(recipe())
    said = log_priors(fit_priors(specs, samples, TREE), specs, samples)["zero"]
    np.testing.assert_array_equal(out_of_fold(specs, samples, TREE, seed=0)["zero"], said)
    assert not said[2].any()
    np.testing.assert_allclose(np.exp(said[:2]).sum(axis=1), 1, rtol=1e-5)


@pytest.mark.parametrize("encoder", ["imported:roberta", "minilm,clap-words"])
def test_vectors_without_an_encoder_have_no_definitions_in_their_space(encoder: str) -> None:
    (spec,) = prior_specs(recipe(words=encoder)).values()
    with pytest.raises(ConfigError, match=r"prior 'zero': .* is not in ENCODERS .* name an encoder of the same space"):
        make_prototypes("zero", spec, TREE)  # type: ignore[arg-type]


def test_an_encoder_that_does_not_read_is_refused() -> None:
    (spec,) = prior_specs(recipe(of="sound")).values()
    with pytest.raises(ConfigError, match=r"yamnet is for sound and cannot embed .* \(clap-words for clap\)"):
        make_prototypes("zero", spec, TREE)  # type: ignore[arg-type]


def test_a_missing_class_is_named(tmp_path: Path) -> None:
    (tmp_path / "d.csv").write_text("key,definition\nfalling_rain,water\n", encoding="utf-8")
    spec = PrototypesPriorSpec(kind="prototypes", encoder="minilm", definitions=str(tmp_path / "d.csv"))
    with pytest.raises(InputError, match="not so for barking_dog"):
        make_prototypes("zero", spec, TREE)
