"""What is done to recordings, spectrograms and pictures before an encoder that is trained on them sees them."""

from typing import Annotated, Literal

from pydantic import Field

from heterophony.recipes.spec.part import Part, Unit


class AdditiveNoiseSpec(Part):
    """White noise on the waveform."""

    name: Literal["additive-noise"]
    sigma: float = Field(default=0.01, ge=0)
    probability: Unit = 1.0


class PitchShiftSpec(Part):
    """Another pitch, the same length."""

    name: Literal["pitch-shift"]
    semitones: float = Field(default=4.0, ge=0)
    probability: Unit = 1.0


class SpeedChangeSpec(Part):
    """Faster or slower, at the length that it had."""

    name: Literal["speed-change"]
    low: float = Field(default=0.5, gt=0)
    high: float = Field(default=2.0, gt=0)
    pitch: Literal["kept", "moved"] = "kept"
    probability: Unit = 1.0


class SameClassMixSpec(Part):
    """Another training recording of the class is added."""

    name: Literal["same-class-mix"]
    low: float = Field(default=0.5, gt=0)
    high: float = Field(default=1.0, gt=0)
    probability: Unit = 1.0


WaveformSpec = Annotated[
    AdditiveNoiseSpec | PitchShiftSpec | SpeedChangeSpec | SameClassMixSpec, Field(discriminator="name")
]


class OneOfSpec(Part):
    """One of several changes of the waveform, each equally likely; or, as likely as each of them, none."""

    name: Literal["one-of"]
    of: tuple[WaveformSpec, ...] = Field(min_length=1)
    none: bool = Field(default=True, description="whether none is one of the choices")


class SpecAugmentSpec(Part):
    """A band of frequencies and a stretch of time of the spectrogram are hidden."""

    name: Literal["spec-augment"]
    share: Unit = 0.1
    level: Literal["batch", "sample"] = "batch"
    per_channel: bool = False
    fill: Literal["zero", "mean"] = "zero"


class ChannelConfusionSpec(Part):
    """Left and right are swapped, in the spectrograms and in their differences."""

    name: Literal["channel-confusion"]
    probability: Unit = 0.5


class RandAugmentSpec(Part):
    """A few operations, drawn at random, one after the other on the pictures of a second."""

    name: Literal["rand-augment"]
    operations: tuple[str, ...] = ("sharpness", "contrast", "identity")
    n: int = Field(default=2, ge=1)
    magnitude: float = Field(default=14.0, ge=0, le=30)
    scale: Literal["m30", "torchvision"] = "m30"
    probability: Unit = 1.0
    frames: Literal["same", "own"] = "same"


InputAugmentSpec = Annotated[
    AdditiveNoiseSpec
    | PitchShiftSpec
    | SpeedChangeSpec
    | SameClassMixSpec
    | OneOfSpec
    | SpecAugmentSpec
    | ChannelConfusionSpec
    | RandAugmentSpec,
    Field(discriminator="name"),
]
