"""The definitions of the classes, embedded: what a prior from prototypes is made of."""

from pathlib import Path

from heterophony.encoders import ENCODERS
from heterophony.encoders.prototypes_prior import PrototypesPrior, definitions_of, read_definitions
from heterophony.errors import ConfigError
from heterophony.recipes.spec import PriorSpec, PrototypesPriorSpec, Recipe
from heterophony.store.networks import loaded
from heterophony.taxonomy import Taxonomy


def prior_specs(recipe: Recipe) -> dict[str, PriorSpec]:
    """The priors of a recipe, those from prototypes with the encoder of their definitions filled in."""
    return {
        name: spec.model_copy(update={"encoder": spec.encoder or recipe.modalities[spec.of].encoder})
        if isinstance(spec, PrototypesPriorSpec)
        else spec
        for name, spec in recipe.priors.items()
    }


def make_prototypes(name: str, spec: PrototypesPriorSpec, taxonomy: Taxonomy) -> PrototypesPrior:
    """Embeds the definitions. A saved model has the vectors and does not need the encoder again for this.

    Args:
        name: Of the prior, for the messages.
        spec: With its encoder; see `prior_specs`.
        taxonomy: The classes.

    Raises:
        ConfigError: The encoder is none (the vectors of the modality were given), or does not read words.
        InputError: The table of definitions lacks classes.
    """
    if spec.encoder not in ENCODERS:
        raise ConfigError(
            f"prior {name!r}: {spec.encoder!r} is not in ENCODERS and cannot embed the definitions of the classes (the "
            f"vectors of {spec.of} were given, or are joined); name an encoder of the same space with `encoder:`"
        )
    encoder = loaded(spec.encoder)
    if encoder.modality != "words":
        raise ConfigError(
            f"prior {name!r}: {spec.encoder} is for {encoder.modality} and cannot embed the definitions of the "
            "classes; name an encoder of words into the same space with `encoder:` (clap-words for clap)"
        )
    texts = definitions_of(taxonomy)
    if spec.definitions != "names":
        texts = read_definitions(Path(spec.definitions), taxonomy.classes)
    return PrototypesPrior(encoder.encode(texts), spec.tau)
