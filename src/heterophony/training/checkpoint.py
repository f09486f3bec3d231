"""The state of a fit in a file, so that a run that was killed goes on as if it had not been."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor, nn

from heterophony.batches import Batch
from heterophony.errors import ModelError
from heterophony.training.settings import FitSettings
from heterophony.training.state import State

FORMAT = 1
KEY = "heterophony"
"""Of the metadata that holds everything that is no tensor, as JSON."""


@dataclass(frozen=True, slots=True)
class Checkpoints:
    """A folder of such files, one for each fit, named by what is fitted.

    Example:
        >>> Checkpoints(Path("checkpoints")).below("fold_0").at("member_0/stage_1").as_posix()
        'checkpoints/fold_0/member_0/stage_1.safetensors'
    """

    folder: Path

    def at(self, name: str) -> Path:
        """The file of a fit; it and its folder are made when there is something to keep."""
        return self.folder / f"{name}.safetensors"

    def below(self, name: str) -> "Checkpoints":
        """Those of a part of the run."""
        return Checkpoints(self.folder / name)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Checkpoint:
    """Where the state of a fit is kept.

    Attributes:
        path: The file; None: nothing is kept, and nothing is found.
        of: What the fit is of; see `identity`.
    """

    path: Path | None
    of: Mapping[str, Any]

    def save(self, state: State, *, finished: bool) -> None:
        """Writes the state, whole or not at all."""
        if self.path is None:
            return
        self.path.parent.mkdir(parents=True, exist_ok=True)
        content = {"format": FORMAT, "of": self.of, "finished": finished, **state.numbers()}
        tensors = {name: x.detach().to("cpu", copy=True).contiguous() for name, x in _sorted(state, finished=finished)}
        part = self.path.with_name(f".{self.path.name}.part")
        save_file(tensors, part, {KEY: json.dumps(content)})
        part.replace(self.path)

    def restore(self, state: State) -> bool:
        """Gives back the state that is kept, if one is; True if the fit is finished.

        Raises:
            ModelError: The file is of another fit, or it cannot be read.
        """
        if self.path is None or not self.path.is_file():
            return False
        content, tensors = _read(self.path)
        other = _differences(content["of"], json.loads(json.dumps(self.of)))
        if other:
            raise ModelError(f"{self.path}: the checkpoint of another fit ({other}); delete it to train anew")
        finished = bool(content["finished"])
        state.take(tensors, content, finished=finished)
        return finished


def identity(
    model: nn.Module, train: Batch, validation: Batch | None, settings: FitSettings, generator: torch.Generator
) -> dict[str, Any]:
    """What a fit is of, before it: settings, names, shapes and first values of weights, sizes of tables, chance."""
    weights = hashlib.sha256()
    for name, x in model.state_dict().items():
        weights.update(f"{name} {x.dtype} {tuple(x.shape)}".encode())
        weights.update(x.detach().cpu().contiguous().reshape(-1).view(torch.uint8).numpy())
    sizes = {name: list(x.shape[1:]) for name, x in train.inputs.items()}
    return {
        "settings": asdict(settings),
        "parameters": sum(x.numel() for x in model.parameters()),
        "first weights": weights.hexdigest(),
        "training rows": len(train),
        "validation rows": 0 if validation is None else len(validation),
        "inputs": {**sizes, "classes": train.target.shape[1]},
        "chance": hashlib.sha256(generator.get_state().numpy().tobytes()).hexdigest(),
    }


def _sorted(state: State, *, finished: bool) -> list[tuple[str, Tensor]]:
    return sorted(state.tensors(finished=finished).items())


def _read(path: Path) -> tuple[dict[str, Any], dict[str, Tensor]]:
    try:
        with safe_open(path, "pt") as file:
            content = json.loads((file.metadata() or {})[KEY])
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - no mapping
    except (SafetensorError, KeyError, ValueError) as error:
        raise ModelError(f"{path}: not a checkpoint ({error}); delete it to train anew") from error
    if content.get("format") != FORMAT:
        raise ModelError(f"{path}: format {content.get('format')!r}, this version reads {FORMAT}; delete it")
    return content, tensors


def _differences(there: Mapping[str, Any], here: Mapping[str, Any]) -> str:
    """What is not the same, in words; digests by their names only."""
    found = []
    for name in [*there, *(name for name in here if name not in there)]:
        one, two = there.get(name), here.get(name)
        if isinstance(one, dict) and isinstance(two, dict):
            found += [_differences(one, two)]
        elif one != two:
            long = isinstance(one, str) and len(one) == hashlib.sha256().digest_size * 2
            found += [f"{name} differ" if long else f"{name} {one}, here {two}"]
    return "; ".join(text for text in found if text)
