"""MATPAC: the published sizes, and a tiny checkpoint against PyTorch's own transformer and plain NumPy."""

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from heterophony.encoders import cut, load_encoder
from heterophony.encoders.checkpoint import cache_folder
from heterophony.encoders.matpac_network import Matpac, MatpacSizes
from heterophony.encoders.own_weights import add_weights
from heterophony.encoders.weights_file import sha256_of
from heterophony.errors import ModelError
from heterophony.features import matpac_log_mel

DIM, HIDDEN, DEPTH, HEADS, BANDS, TIMES = 128, 48, 2, 2, 5, 38
Tensors = dict[str, torch.Tensor]


def random_tensors() -> Tensors:
    """What a checkpoint of this size holds, under the published names."""
    shapes: dict[str, tuple[int, ...]] = {
        "cls_token": (1, 1, DIM),
        "pos_embed": (1, 1 + BANDS * TIMES, DIM),
        "patch_embed.proj.weight": (DIM, 1, 16, 16),
        "patch_embed.proj.bias": (DIM,),
        "student_encoder.norm.weight": (DIM,),
        "student_encoder.norm.bias": (DIM,),
    }
    for layer in range(DEPTH):
        parts = {"norm1": (DIM,), "attn.qkv": (3 * DIM, DIM), "attn.proj": (DIM, DIM), "norm2": (DIM,)}
        for part, shape in (parts | {"mlp.fc1": (HIDDEN, DIM), "mlp.fc2": (DIM, HIDDEN)}).items():
            shapes[f"student_encoder.blocks.{layer}.{part}.weight"] = shape
            shapes[f"student_encoder.blocks.{layer}.{part}.bias"] = shape[:1]
    rng = torch.Generator().manual_seed(0)
    return {name: torch.randn(shape, generator=rng) * 0.15 for name, shape in shapes.items()}


@pytest.fixture(scope="module")
def tensors() -> Tensors:
    return random_tensors()


@pytest.fixture(scope="module", autouse=True)
def tiny(tensors: Tensors, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The tiny checkpoint, with what its training leaves in it, is the one that the encoder finds."""
    folder = tmp_path_factory.mktemp("matpac")
    file = folder / "matpac_tiny.pt"
    torch.save(
        tensors | {"decoder.decoder_pred.bias": torch.zeros(DIM), "cls_head_loss.center": torch.zeros(1, 7)}, file
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HETEROPHONY_CACHE", str(folder))
        add_weights("matpac", file, sha256=sha256_of(file))
        yield


@pytest.fixture
def noise() -> np.ndarray:
    return np.random.default_rng(0).normal(0.0, 0.1, (3, 20_000)).astype(np.float32)


def blocks(tensors: Tensors) -> Iterator[torch.nn.Module]:
    """Each block as PyTorch's own layer of a transformer."""
    names = {"attn.qkv": "self_attn.in_proj", "attn.proj": "self_attn.out_proj"}
    names |= {"mlp.fc1": "linear1", "mlp.fc2": "linear2", "norm1": "norm1", "norm2": "norm2"}
    for layer in range(DEPTH):
        block = torch.nn.TransformerEncoderLayer(
            DIM, HEADS, HIDDEN, 0.0, "gelu", 1e-6, batch_first=True, norm_first=True
        )
        state = {}
        for ours, theirs in names.items():
            for kind in ("weight", "bias"):
                name = f"{theirs}_{kind}" if theirs.endswith("in_proj") else f"{theirs}.{kind}"
                state[name] = tensors[f"student_encoder.blocks.{layer}.{ours}.{kind}"]
        block.load_state_dict(state)
        yield block.eval()


def times_of(frames: np.ndarray, tensors: Tensors) -> np.ndarray:
    """Of one piece of a spectrogram, `[frames, 80]`: one row per patch along time, `[times, 5 dim]`."""
    times = -(-len(frames) // 16)
    padded = np.zeros((16 * times, 80))
    padded[: len(frames)] = frames
    t = {name: tensor.double().numpy() for name, tensor in tensors.items()}
    rows = [t["cls_token"][0, 0] + t["pos_embed"][0, 0]]
    for band in range(BANDS):
        for time in range(times):
            patch = padded[16 * time : 16 * time + 16, 16 * band : 16 * band + 16].T  # frequency first
            seen = (t["patch_embed.proj.weight"][:, 0] * patch).sum(axis=(1, 2)) + t["patch_embed.proj.bias"]
            rows.append(seen + t["pos_embed"][0, 1 + band * TIMES + time])
    x = torch.from_numpy(np.array(rows)[None]).float()
    with torch.inference_mode():
        for block in blocks(tensors):
            x = block(x)
    out = x[0].double().numpy()
    out = (out - out.mean(axis=1, keepdims=True)) / np.sqrt(out.var(axis=1, keepdims=True) + 1e-6)
    out = out * t["student_encoder.norm.weight"] + t["student_encoder.norm.bias"]
    return np.array([np.concatenate([out[1 + band * times + time] for band in range(BANDS)]) for time in range(times)])


def as_published(samples: np.ndarray, tensors: Tensors) -> np.ndarray:
    """The published inference: pieces of 608 frames of the spectrogram of all of it, mean over all times."""
    frames = matpac_log_mel(samples[None])[0]
    pieces = [frames[start : start + 608] for start in range(0, len(frames), 608)]
    return np.concatenate([times_of(piece, tensors) for piece in pieces]).mean(axis=0)


def test_the_published_network_has_85_400_832_parameters_of_which_146_688_are_positions() -> None:
    with torch.device("meta"):
        network = Matpac(MatpacSizes())
        assert network(torch.zeros(1, 98, 80)).shape == (1, 3840)
    assert sum(parameter.numel() for parameter in network.parameters()) == 85_400_832
    assert network.pos_embed.numel() == 146_688


@pytest.mark.parametrize("length", [16_000, 20_000])  # 98 and 123 frames: neither is whole patches
def test_a_short_recording_gives_the_published_vector(tensors: Tensors, noise: np.ndarray, length: int) -> None:
    ours = load_encoder("matpac").encode(noise[:, :length])
    wanted = [as_published(window, tensors) for window in noise[:, :length]]
    np.testing.assert_allclose(ours, wanted, atol=2e-5)


def test_a_recording_of_whole_windows_gives_the_published_vector(tensors: Tensors) -> None:
    encoder = load_encoder("matpac")
    samples = np.random.default_rng(1).normal(0.0, 0.1, encoder.hop + encoder.window).astype(np.float32)
    windows = np.concatenate(list(cut([samples], encoder.window, encoder.hop, encoder.batch, encoder.shortest)))
    assert windows.shape == (2, 607 * 160 + 400)
    np.testing.assert_allclose(encoder.encode(windows).mean(axis=0), as_published(samples, tensors), atol=2e-5)


def test_a_window_has_the_same_bytes_alone_and_among_others(noise: np.ndarray) -> None:
    encoder = load_encoder("matpac")
    together = encoder.encode(noise)
    assert together.dtype == np.float32
    assert np.isfinite(together).all()
    assert np.concatenate([encoder.encode(window[None]) for window in noise]).tobytes() == together.tobytes()


@pytest.mark.parametrize(
    ("dropped", "added", "said"),
    [
        ("student_encoder.norm.bias", "", "norm.bias"),
        ("pos_embed", "", "pos_embed"),
        ("", "backbone.weight", "backbone.weight"),
    ],
)
def test_weights_of_another_network_are_refused(
    tensors: Tensors,
    noise: np.ndarray,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    dropped: str,
    added: str,
    said: str,
) -> None:
    monkeypatch.setenv("HETEROPHONY_CACHE", str(tmp_path))
    others = {name: tensor for name, tensor in tensors.items() if name != dropped}
    if added:
        others[added] = torch.zeros(3)
    (cache_folder() / "weights").mkdir()  # kept as a conversion would keep it, which takes seconds
    metadata = {"sha256": "0" * 64, "settings": json.dumps({})}
    save_file(others, cache_folder() / "weights" / "matpac.safetensors", metadata)
    with pytest.raises(ModelError, match=said):
        load_encoder("matpac").encode(noise)
