"""The inputs of the network, and the network."""

from typing import Literal

from pydantic import Field

from heterophony.recipes.spec.part import Part


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
