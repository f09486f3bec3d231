"""Weights for the tests of encoders: tiny checkpoints in a cache folder of each file of tests."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file
from torch import Tensor, nn

from heterophony.encoders.checkpoints import CHECKPOINTS
from heterophony.encoders.own_weights import add_weights
from heterophony.encoders.weights_file import sha256_of


@pytest.fixture(scope="module")
def own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A cache folder without weights, for one file of tests."""
    folder = tmp_path_factory.mktemp("cache")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HETEROPHONY_CACHE", str(folder))
        yield folder


@pytest.fixture(scope="module")
def bring(own_cache: Path) -> Iterator[Callable[[str, Path], None]]:
    """`bring(name, file)` adds a checkpoint of a test, as a user adds the published one."""
    with pytest.MonkeyPatch.context() as patch:

        def add(name: str, file: Path) -> None:
            patch.setitem(CHECKPOINTS, name, replace(CHECKPOINTS[name], sha256=""))
            add_weights(name, file, sha256=sha256_of(file))

        yield add


@pytest.fixture
def lay(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str, dict[str, Tensor]], None]:
    """`lay(name, tensors)` puts tensors where converted weights lie, in a cache folder of its own, in no time."""
    monkeypatch.setenv("HETEROPHONY_CACHE", str(tmp_path))

    def put(name: str, tensors: dict[str, Tensor]) -> None:
        (tmp_path / "weights").mkdir(exist_ok=True)
        metadata = {"sha256": "0" * 64, "file": "test", "settings": json.dumps({})}
        save_file(
            {key: x.contiguous() for key, x in tensors.items()}, tmp_path / f"weights/{name}.safetensors", metadata
        )

    return put


@pytest.fixture(scope="session")
def random_tensors() -> Callable[[nn.Module], dict[str, Tensor]]:
    """`random_tensors(network)`: what a checkpoint of such a network holds, drawn so that numbers keep their size.

    The network may be on the meta device.
    """

    def draw(network: nn.Module) -> dict[str, Tensor]:
        rng = torch.Generator().manual_seed(0)
        drawn = {}
        for name, like in network.state_dict().items():
            noise = torch.randn(like.shape, generator=rng)
            last = name.rpartition(".")[2]
            if last == "running_var":
                drawn[name] = noise.abs() + 0.5
            elif last == "num_batches_tracked":
                drawn[name] = torch.tensor(7)
            elif like.ndim > 1:
                drawn[name] = noise * (2 / like[0].numel()) ** 0.5
            else:
                drawn[name] = 0.2 * noise + (1 if last == "weight" else 0)
        return drawn

    return draw
