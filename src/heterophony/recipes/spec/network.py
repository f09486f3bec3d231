"""The inputs of the network, and the network."""

from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Discriminator, Field, PositiveInt, Tag

from heterophony.recipes.spec.part import Part

if TYPE_CHECKING:
    from heterophony.recipes.spec.recipe import Recipe


class Modality(Part):
    """One input of the network: what an encoder makes of a clip, or several encoders, joined by commas."""

    encoder: str = Field(description="name in ENCODERS, with a pooling after a colon: 'yamnet:mean+max'")
    features: str = Field(
        default="",
        description="folder of <id>.npy under the data set's features/ that holds just these vectors; "
        "read in place of the recordings where it is there",
    )


class HatrSpec(Part):
    """HATR (audio_text.md section 2)."""

    name: Literal["hatr"] = "hatr"
    dim: int = Field(default=128, ge=4, multiple_of=4)
    hidden: int | None = Field(default=None, ge=1, description="None ties it to the input: max(D, 2 dim), as the paper")
    dropout: float = Field(default=0.1, ge=0, lt=1)


class MlpSpec(Part):
    """Layers over the vectors side by side: what is left of a graph model without its graph."""

    name: Literal["mlp"]
    hidden: tuple[PositiveInt, ...] = Field(default=(256, 128), description="widths; []: one linear layer")
    dropout: float = Field(default=0.5, ge=0, lt=1)
    norm: bool = Field(default=False, description="batch normalisation, and dropout, after every hidden layer")


class OfficialBaselineSpec(Part):
    """The official baseline of audio-visual scenes: a network for each modality, two layers over both."""

    name: Literal["official-baseline"]


class RecurrentFusionSpec(Part):
    """The baseline of multimodal graph fusion, over vectors of se-conv+sequence and vgg16-bigru+sequence."""

    name: Literal["recurrent-fusion"]


class GraphSpec(Part):
    """What all graph models have in common (multimodal graph fusion; audio_visual.md section A)."""

    name: str
    hidden: tuple[int, int] = (256, 128)
    dropout: float = Field(default=0.5, ge=0, lt=1)
    k: int = Field(default=60, ge=1, description="neighbours of each sample in each modality")
    symmetry: Literal["union", "directed", "mutual", "mean"] = "union"
    scale: Literal["none", "zscore", "l2"] = Field(default="none", description="of the vectors, before anything else")
    protocol: Literal["inductive", "clip", "transductive"] = Field(
        default="inductive",
        description="the graph holds the training rows, and any other is attached to it alone; or it holds the test "
        "rows too while it is trained, without their labels, as in the paper; or, clip, it holds the training rows and "
        "any others of one group (segments: of one clip) see each other",
    )
    same_group: bool | None = Field(
        default=None,
        description="link rows of one group; null: in the transductive protocol only, as a new sample will have none "
        "of its own group among the training rows",
    )
    search: Literal["torch", "faiss"] = Field(default="torch", description="the neighbours are the same")
    validate_every: int = Field(default=5, ge=1, description="epochs")

    @property
    def links_groups(self) -> bool:
        """Whether rows of one group may be neighbours."""
        return self.protocol == "transductive" if self.same_group is None else self.same_group


class GcnSpec(GraphSpec):
    """One modality and its graph."""

    name: Literal["gcn"]
    hidden: tuple[int, int] = (128, 128)


class MeanGcnSpec(GraphSpec):
    """The mean of the modalities' graphs."""

    name: Literal["mean-gcn"]
    mean_of: Literal["adjacency", "laplacian"] = "adjacency"


class DmGcnSpec(GraphSpec):
    """A mixture of the graphs, learned for each layer."""

    name: Literal["dm-gcn"]
    theta_lr: float = Field(default=0.02, gt=0, description="of the mixture, without weight decay")
    paper_theta_lr: bool = Field(default=False, description="fit.lr and fit.weight_decay for the mixture, as the paper")


class AtGcnSpec(GraphSpec):
    """Convolutions for each modality, common ones, and attention over all of it."""

    name: Literal["at-gcn"]


class SignSpec(GraphSpec):
    """A plain network over features that were spread once, in mini-batches (`fit.batch`)."""

    name: Literal["sign"]
    steps: int = Field(default=2, ge=0, description="how often features are spread; 0: the mlp")
    theta_lr: float = Field(default=0.02, gt=0, description="of the mixture, without weight decay")
    blocks: Literal["memory", "disk"] = Field(
        default="memory", description="where spread features of training rows are kept: float32, or float16 on disk"
    )


def name(model: Any) -> str:  # noqa: ANN401 - whatever was written
    """Which model is meant: "hatr" where none is named."""
    return str(model.get("name", "hatr") if isinstance(model, dict) else getattr(model, "name", "hatr"))


ModelSpec = Annotated[
    Annotated[HatrSpec, Tag("hatr")]
    | Annotated[MlpSpec, Tag("mlp")]
    | Annotated[OfficialBaselineSpec, Tag("official-baseline")]
    | Annotated[RecurrentFusionSpec, Tag("recurrent-fusion")]
    | Annotated[GcnSpec, Tag("gcn")]
    | Annotated[MeanGcnSpec, Tag("mean-gcn")]
    | Annotated[DmGcnSpec, Tag("dm-gcn")]
    | Annotated[AtGcnSpec, Tag("at-gcn")]
    | Annotated[SignSpec, Tag("sign")],
    Discriminator(name),
]


def refuse_what_the_model_lacks(recipe: "Recipe") -> None:
    """Refuses a recipe that asks for what only some models have.

    Raises:
        ValueError: Says what, and what to do.
    """
    model = recipe.model
    if isinstance(model, HatrSpec):
        return
    parts: dict[str, object] = {"priors": recipe.priors}
    if isinstance(model, GraphSpec):
        parts |= {"augment": recipe.augment, "pairs": recipe.pairs}
        parts |= {"pseudo": recipe.pseudo, "finetune": recipe.finetune, "joint": recipe.joint, "stages": recipe.stages}
    asked = [f"{key}: leave them out" for key, value in parts.items() if value]
    if recipe.loss.name == "hierarchical" or (
        recipe.loss.name == "total" and any(term.loss.name == "hierarchical" for term in recipe.loss.terms)
    ):
        asked.append("the hierarchical loss: it has no head for the tops")
    if isinstance(model, GcnSpec) and len(recipe.modalities) > 1:
        asked.append(f"{len(recipe.modalities)} modalities: take mean-gcn, dm-gcn or at-gcn")
    if isinstance(model, RecurrentFusionSpec) and set(recipe.modalities) != {"sound", "pictures"}:
        asked.append(f"modalities {', '.join(recipe.modalities)}: it reads sound and pictures")
    if asked:
        raise ValueError(f"model {model.name} takes no " + "; no ".join(asked))
