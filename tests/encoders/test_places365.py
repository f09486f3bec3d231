"""The networks of Places365, from files as PyTorch 0.2 on Python 2 wrote them, give what torchvision's give."""

import io
import pickle
import re
import struct
from collections.abc import Callable
from pathlib import Path
from typing import ClassVar

import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from torch import Tensor, nn

from heterophony.encoders import load_encoder
from heterophony.encoders.encoder import PictureEncoder
from heterophony.encoders.places365 import build_densenet, build_resnet
from heterophony.encoders.torchvision_models import torchvision_models
from heterophony.encoders.two_frames import to_pixels
from heterophony.errors import ModelError

FRAMES = np.random.default_rng(0).integers(0, 256, (2, 2, 48, 48, 3), dtype=np.uint8)
MAGIC = 0x1950A86A20F9469CFC6C
OF_TODAY = re.compile(r"(denselayer\d+\.(?:norm|conv))([12])")
RESNET, DENSENET = "resnet50-places365", "densenet161-places365"


class OldPickler(pickle._Pickler):
    """Texts as bytes of Python 2, tensors on a graphics card, as PyTorch 0.2 saved them."""

    dispatch: ClassVar[dict[type, object]] = dict(pickle._Pickler.dispatch)

    def save_str(self, text: str) -> None:
        self.write(pickle.SHORT_BINSTRING + bytes([len(text)]) + text.encode("latin1"))

    dispatch[str] = save_str

    def save_tensor(self, tensor: Tensor) -> None:
        key = str(id(tensor))
        self.save(torch._utils._rebuild_tensor)
        self.write(pickle.MARK)
        self.save(("storage", torch.cuda.FloatStorage, key, "cuda:0", tensor.numel(), None))
        self.write(pickle.BINPERSID)
        for part in (0, tuple(tensor.shape), tensor.stride()):
            self.save(part)
        self.write(pickle.TUPLE + pickle.REDUCE)

    dispatch[Tensor] = save_tensor


def write_as_in_2017(path: Path, checkpoint: object, tensors: list[Tensor]) -> None:
    """The file format of PyTorch before 1.6: some pickles, then the numbers of each tensor."""
    stream = io.BytesIO()
    sizes = {"protocol_version": 1001, "little_endian": True, "type_sizes": {"short": 2, "int": 4, "long": 4}}
    for value in (MAGIC, 1001, sizes, checkpoint, [str(id(tensor)) for tensor in tensors]):
        OldPickler(stream, 2).dump(value)
    for tensor in tensors:
        stream.write(struct.pack("<q", tensor.numel()) + tensor.numpy().tobytes())
    path.write_bytes(stream.getvalue())


@pytest.fixture(scope="module")
def networks(random_tensors: Callable[[nn.Module], dict[str, Tensor]]) -> dict[str, nn.Module]:
    """torchvision's networks, small, with seven classes."""
    models = torchvision_models()
    made = {
        RESNET: models.ResNet(models.resnet.Bottleneck, [1, 2, 1, 1], num_classes=7, width_per_group=2),
        DENSENET: models.DenseNet(4, (2, 3, 1), num_init_features=6, bn_size=3, num_classes=7),
    }
    for network in made.values():
        network.load_state_dict(random_tensors(network))
        network.eval()
    return made


@pytest.fixture(scope="module")
def encoders(
    networks: dict[str, nn.Module], bring: Callable[[str, Path], None], own_cache: Path
) -> dict[str, PictureEncoder]:
    """The DenseNet comes by a file of 2017; the ResNet lies there converted, which saves a process."""
    tensors = {name: x for name, x in networks[DENSENET].state_dict().items() if "num_batches" not in name}
    old = {"module." + OF_TODAY.sub(r"\1.\2", name): x for name, x in tensors.items()}
    checkpoint = {"epoch": 90, "arch": "densenet161", "by": "Àgata", "best_prec1": 54.5, "state_dict": old}
    write_as_in_2017(own_cache / "densenet.pth.tar", checkpoint, list(old.values()))
    bring(DENSENET, own_cache / "densenet.pth.tar")
    metadata = {"sha256": "0" * 64, "file": "test", "settings": "{}"}
    converted = {f"state_dict.module.{name}": x for name, x in networks[RESNET].state_dict().items()}
    save_file(converted, own_cache / "weights" / f"{RESNET}.safetensors", metadata)
    return {name: load_encoder(name) for name in networks}


@pytest.mark.parametrize(("name", "dim"), [(RESNET, 2048), (DENSENET, 13)])
def test_vectors_are_the_sum_over_two_frames_of_what_the_last_layer_sees(
    encoders: dict[str, PictureEncoder], networks: dict[str, nn.Module], name: str, dim: int
) -> None:
    seen: list[Tensor] = []
    last = networks[name].fc if name == RESNET else networks[name].classifier
    hook = last.register_forward_pre_hook(lambda _, given: seen.append(given[0]))
    with torch.inference_mode():
        for pixels in torch.from_numpy(to_pixels(FRAMES)).unbind(1):
            networks[name](pixels)
    hook.remove()
    vectors = encoders[name].encode(FRAMES)
    assert vectors.shape == (2, dim)
    assert vectors.std() > 0.01
    np.testing.assert_allclose(vectors, sum(seen).numpy(), rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("name", [RESNET, DENSENET])
def test_a_second_has_the_same_bytes_alone_in_any_group_and_with_its_frames_exchanged(
    encoders: dict[str, PictureEncoder], name: str
) -> None:
    together = encoders[name].encode(FRAMES)
    alone = np.concatenate([encoders[name].encode(second[None]) for second in FRAMES])
    assert alone.tobytes() == together.tobytes()
    assert encoders[name].encode(FRAMES[:, ::-1]).tobytes() == together.tobytes()


def test_the_published_sizes_are_read_from_the_tensors() -> None:
    models = torchvision_models()
    with torch.device("meta"):
        resnet = build_resnet(models.resnet50(num_classes=365).state_dict(), {})
        densenet = build_densenet(models.densenet161(num_classes=365).state_dict(), {})
        pixels = torch.empty(1, 2, 3, 224, 224)
        assert resnet(pixels).shape == (1, 2048)
        assert densenet(pixels).shape == (1, 2208)
    assert sum(weight.numel() for weight in densenet.parameters()) == 26_472_000
    assert sum(weight.numel() for weight in resnet.parameters()) == 25_557_032 - 1000 * 2049


def test_how_it_looks_is_what_the_paper_says(encoders: dict[str, PictureEncoder]) -> None:
    for name, dim in ((RESNET, 2048), (DENSENET, 2208)):
        encoder = encoders[name]
        assert (encoder.size, encoder.fit, encoder.dim) == (224, "stretch", dim)
        assert encoder.times == (0.0, 14 / 30)


@pytest.mark.parametrize(("name", "other"), [(RESNET, DENSENET), (DENSENET, RESNET)])
def test_weights_of_another_network_are_refused(
    lay: Callable[[str, dict[str, Tensor]], None], networks: dict[str, nn.Module], name: str, other: str
) -> None:
    lay(name, networks[other].state_dict())
    with pytest.raises(ModelError, match="not the weights of such a network"):
        load_encoder(name).encode(FRAMES)
