"""What the authors of a challenge's package say of themselves and of each system: the file they write."""

import re
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

Text = Annotated[str, Field(min_length=1)]
Said = str | int | float | tuple[str, ...]


def _label(text: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9-]+_[A-Za-z0-9-]+", text):
        raise ValueError(f"wanted Lastname_Institute in plain letters, got {text!r}")
    return text


def _address(text: str) -> str:
    if not re.fullmatch(r"[^\s@]+@[^\s@]+", text):
        raise ValueError(f"wanted an address of e-mail, got {text!r}")
    return text


Label = Annotated[str, AfterValidator(_label)]
Address = Annotated[str, AfterValidator(_address)]


class Part(BaseModel):
    """Frozen, and refuses unknown keys and silent conversions."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Affiliation(Part):
    """Where an author works."""

    abbreviation: Text
    institute: Text
    department: str = ""
    location: str = ""


class Author(Part):
    """Who made it; the corresponding one is said so."""

    lastname: Text
    firstname: Text
    email: Address
    corresponding: bool = False
    affiliation: Affiliation


class Description(Part):
    """How a system works; which of these must be said depends on the task."""

    input_sampling_rate: Said | None = None
    audio_representation: Said | None = None
    text_representation: Said | None = None
    visual_representation: Said | None = None
    data_augmentation: Said | None = None
    machine_learning_method: Said | None = None
    external_data_usage: Said | None = None
    hierarchical_setting: Said | None = None


class Complexity(Part):
    """How large a system is: parameters, multiply-accumulate operations."""

    total_parameters: Annotated[int, Field(ge=0)]
    MACS: int | str | None = None


class ExternalDataset(Part):
    """Data or weights that come from elsewhere."""

    name: Text
    url: str = ""
    total_audio_length: float | None = None


class SystemMeta(Part):
    """What the authors say of one system."""

    name: Text
    abbreviation: Text
    source_code: str | None = None
    description: Description
    complexity: Complexity
    external_datasets: tuple[ExternalDataset, ...] = ()


class AuthorFile(Part):
    """The file that the authors write: `label` is Lastname_Institute; one entry of `systems` for each table."""

    label: Label
    authors: tuple[Author, ...] = Field(min_length=1)
    systems: tuple[SystemMeta, ...] = Field(min_length=1)
