"""Joint training: the encoders of several modalities together with the network, anew in every fold.

The rows of a modality are numbers of decoded rows (`Samples.vectors`, int64 `[rows, 1]`, see `joint_rows`), as those of
a fine-tuned one are; `models.Load` makes features of them in training, `models.Joint` vectors. What fold k's encoders
have learned comes from fold k's training rows, and from its validation rows the epochs, only.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from torch import nn

from heterophony.augment import Augmentation
from heterophony.batches import Batch
from heterophony.encoders.torch_pictures import TorchPictures
from heterophony.encoders.torch_sound import TorchSound
from heterophony.encoders.trainable import network_of, trainable_encoder
from heterophony.errors import ConfigError
from heterophony.media import Decoded
from heterophony.models import EncodeFeatures, Joint, Load
from heterophony.models.decoded_rows import Rows
from heterophony.recipes.input_changes import changes_of, of_spectrograms
from heterophony.recipes.samples import Samples
from heterophony.recipes.spec import BranchSpec, JointSpec, Recipe
from heterophony.training import FitSettings, Group

Augmentations = Sequence[Augmentation[Any]]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Joining:
    """All that every fold needs to train the encoders.

    Attributes:
        recipe: Has `joint`.
        rows: Modality to decoded rows.
        decoded: All of them.
    """

    recipe: Recipe
    rows: Mapping[str, Rows]
    decoded: Decoded

    @property
    def spec(self) -> JointSpec:
        """What the recipe says of it."""
        assert self.recipe.joint is not None
        return self.recipe.joint

    @property
    def dims(self) -> dict[str, int]:
        """Modality to numbers of a vector."""
        return {name: rows.dim for name, rows in self.rows.items()}

    @property
    def digest(self) -> bytes:
        """SHA-256 of all that was decoded."""
        return self.decoded.digest

    def numbered(self, samples: Samples) -> Samples:
        """The rows with whole numbers; -1 where they lack the modality."""
        vectors = dict(samples.vectors)
        for name in self.rows:
            numbers = vectors[name].astype(np.int64)
            numbers[~samples.present[name]] = -1
            vectors[name] = numbers
        return replace(samples, vectors=vectors)

    def network(self, head: nn.Module) -> Joint:
        """The encoders before the head; weights that are drawn come from torch's generator (`training.seeded`)."""
        encoders = {
            name: network_of(branch_encoder(self.recipe, name, branch), branch.start)
            for name, branch in self.spec.branches.items()
        }
        return Joint(encoders, head, self.rows)

    def augmentations(
        self, network: Joint, ready: Batch, augment: Augmentations, precision: str
    ) -> tuple[list[Augmentation[Any]], list[Augmentation[Any]]]:
        """What is done to the batches of a stage before the step, and in it.

        Args:
            network: What is trained.
            ready: Its training rows.
            augment: Of the stage.
            precision: Of the step.
        """
        branches = {name: self.spec.branches[name] for name in network.rows}
        changes = {
            name: changes_of(branch.augment, self.rows[name], _alike(ready, name)) for name, branch in branches.items()
        }
        load = Load(rows=network.rows, changes=changes)
        spectrograms = [one for name, branch in branches.items() for one in of_spectrograms(branch.augment, name)]
        if self.spec.level == "input" or not augment:
            return [load, *spectrograms, *augment], []
        return [load, *spectrograms], [EncodeFeatures(model=network, precision=precision), *augment]

    def last(self, settings: FitSettings) -> FitSettings:
        """The numbers of the last stage: what branches say of their encoders, behind the recipe's own groups.

        The first group that matches a parameter counts.
        """
        own = tuple(
            Group(match=f"encoders.{name}", lr=branch.lr, weight_decay=branch.weight_decay, frozen=branch.frozen)
            for name, branch in self.spec.branches.items()
            if branch.frozen or branch.lr is not None or branch.weight_decay is not None
        )
        return replace(settings, groups=(*settings.groups, *own))


def branch_encoder(recipe: Recipe, name: str, branch: BranchSpec) -> TorchSound | TorchPictures:
    """The encoder of a modality, if it can be trained jointly from where its branch starts.

    Raises:
        ConfigError: It cannot, or is one of another modality.
        ModelError: The weights that it starts from are not here.
    """
    encoder = trainable_encoder(recipe.modalities[name].encoder, branch.start)
    if not isinstance(encoder, TorchSound if name == "sound" else TorchPictures):
        raise ConfigError(f"joint.branches.{name}: encoder {encoder.name!r} cannot be trained jointly as {name}")
    return encoder


def _alike(ready: Batch, name: str) -> dict[int, list[int]]:
    """Number of a training row to the numbers of those of its class that have the modality."""
    place = ready.modalities.index(name)
    groups: dict[int, list[int]] = defaultdict(list)
    label = ready.target.argmax(dim=1).tolist()
    numbers = [
        (int(n), k)
        for n, k, there in zip(ready.inputs[name][:, 0].tolist(), label, ready.present[:, place].tolist(), strict=True)
        if there
    ]
    for number, one in numbers:
        groups[one].append(number)
    return {number: groups[one] for number, one in numbers}
