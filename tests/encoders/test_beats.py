"""BEATs: the published sizes, and a tiny checkpoint against its definition worked out number by number."""

import json
import math
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from heterophony.encoders import load_encoder
from heterophony.encoders.beats import prepare
from heterophony.encoders.beats_network import Beats, BeatsSizes, relative_buckets
from heterophony.encoders.checkpoint import cache_folder
from heterophony.encoders.own_weights import add_weights
from heterophony.encoders.weights_file import sha256_of
from heterophony.errors import ModelError

PATCH_DIM, DIM, HIDDEN, LAYERS, HEADS, BUCKETS, KERNEL, GROUPS = 6, 12, 20, 2, 3, 8, 4, 2
SETTINGS = {
    "encoder_layers": LAYERS,
    "activation_fn": "gelu",
    "dropout": 0.0,
    "layer_norm_first": False,
    "deep_norm": True,
    "conv_bias": False,
    "relative_position_embedding": True,
    "max_distance": 12,
    "gru_rel_pos": True,
    "finetuned_model": True,
}
Tensors = dict[str, torch.Tensor]


def random_tensors() -> Tensors:
    """What a checkpoint of this size holds, under the published names."""
    shapes = {
        "patch_embedding.weight": (PATCH_DIM, 1, 16, 16),
        "post_extract_proj": (DIM, PATCH_DIM),
        "encoder.pos_conv.0.bias": (DIM,),
        "encoder.pos_conv.0.weight_g": (1, 1, KERNEL),
        "encoder.pos_conv.0.weight_v": (DIM, DIM // GROUPS, KERNEL),
        "predictor": (5, DIM),
    }
    for layer in range(LAYERS):
        start = f"encoder.layers.{layer}"
        for name in ("q_proj", "k_proj", "v_proj", "out_proj"):
            shapes[f"{start}.self_attn.{name}"] = (DIM, DIM)
        shapes[f"{start}.self_attn.grep_linear"] = (8, DIM // HEADS)
        shapes[f"{start}.self_attn.grep_a"] = (1, HEADS, 1, 1)
        shapes[f"{start}.fc1"], shapes[f"{start}.fc2"] = (HIDDEN, DIM), (DIM, HIDDEN)
    rng = torch.Generator().manual_seed(0)
    tensors = {}
    for name, shape in shapes.items():
        linear = name.rpartition(".")[2] not in ("weight", "bias", "weight_g", "weight_v", "grep_a")
        tensors[f"{name}.weight" if linear else name] = torch.randn(shape, generator=rng) * 0.4
        if linear:
            tensors[f"{name}.bias"] = torch.randn(shape[0], generator=rng) * 0.4
    norms = [
        f"encoder.layers.{i}.{name}" for i in range(LAYERS) for name in ("self_attn_layer_norm", "final_layer_norm")
    ]
    for name in ["layer_norm", "encoder.layer_norm", *norms]:
        width = PATCH_DIM if name == "layer_norm" else DIM
        tensors[f"{name}.weight"] = 1 + 0.3 * torch.randn(width, generator=rng)
        tensors[f"{name}.bias"] = 0.3 * torch.randn(width, generator=rng)
    table = torch.randn(BUCKETS, HEADS, generator=rng)
    for layer in range(LAYERS):  # one table, which the published file holds once per layer
        tensors[f"encoder.layers.{layer}.self_attn.relative_attention_bias.weight"] = table
    return tensors


def keep(tensors: Tensors, **changed: object) -> None:
    """Puts a checkpoint where it would be kept, as its conversion would; conversions take seconds."""
    folder = cache_folder() / "weights"
    folder.mkdir()
    settings = {f"cfg.{name}": value for name, value in (SETTINGS | changed).items()}
    metadata = {"sha256": "0" * 64, "settings": json.dumps(settings)}
    save_file(
        {f"model.{name}": value.clone() for name, value in tensors.items()}, folder / "beats.safetensors", metadata
    )


@pytest.fixture(scope="module")
def tensors() -> Tensors:
    return random_tensors()


@pytest.fixture(scope="module", autouse=True)
def tiny(tensors: Tensors, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The tiny checkpoint is the one that the encoder finds."""
    folder = tmp_path_factory.mktemp("beats")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HETEROPHONY_CACHE", str(folder))
        file = folder / "BEATs_tiny.pt"
        torch.save({"cfg": SETTINGS, "model": tensors, "label_dict": {0: "/m/09x0r", 1: "/m/05zppz"}}, file)
        add_weights("beats", file, sha256=sha256_of(file))
        yield


@pytest.fixture
def noise() -> np.ndarray:
    return np.random.default_rng(0).normal(0.0, 0.1, (3, 8000)).astype(np.float32)


def bucket(query: int, key: int) -> int:
    """Of T5: distances below a quarter of the buckets have one each, then they grow as the logarithm."""
    half, exact, distance = BUCKETS // 2, BUCKETS // 4, abs(key - query)
    place = distance
    if distance >= exact:
        wide = math.log(distance / exact) / math.log(SETTINGS["max_distance"] / exact) * (half - exact)
        place = min(exact + int(wide), half - 1)
    return place + (half if key > query else 0)


def normed(x: np.ndarray, t: dict[str, np.ndarray], name: str) -> np.ndarray:
    spread = np.sqrt(x.var(axis=-1, keepdims=True) + 1e-5)
    return (x - x.mean(axis=-1, keepdims=True)) / spread * t[f"{name}.weight"] + t[f"{name}.bias"]


def linear(x: np.ndarray, t: dict[str, np.ndarray], name: str) -> np.ndarray:
    return x @ t[f"{name}.weight"].T + t[f"{name}.bias"]


def gelu(x: np.ndarray) -> np.ndarray:
    return x * 0.5 * (1 + np.vectorize(math.erf)(x / math.sqrt(2)))


def around(x: np.ndarray, t: dict[str, np.ndarray]) -> np.ndarray:
    """The convolution over positions: every group, every place, every step of the kernel."""
    v = t["encoder.pos_conv.0.weight_v"]
    out = np.tile(t["encoder.pos_conv.0.bias"], (len(x), 1))
    wide = DIM // GROUPS
    for step in range(KERNEL):
        kernel = t["encoder.pos_conv.0.weight_g"][0, 0, step] * v[:, :, step] / np.sqrt((v[:, :, step] ** 2).sum())
        for place in range(len(x)):
            seen = place + step - KERNEL // 2
            for group in range(GROUPS if 0 <= seen < len(x) else 0):
                part = slice(group * wide, (group + 1) * wide)
                out[place, part] += kernel[part] @ x[seen, part]
    return gelu(out)


def attended(x: np.ndarray, t: dict[str, np.ndarray], start: str) -> np.ndarray:
    """Attention of one layer: every head, every query."""
    width = DIM // HEADS
    table = t["encoder.layers.0.self_attn.relative_attention_bias.weight"]
    query, key, value = (linear(x, t, f"{start}.{name}_proj") for name in "qkv")
    found = np.zeros_like(x)
    for head in range(HEADS):
        part = slice(head * width, (head + 1) * width)
        for at in range(len(x)):
            eight = linear(query[at, part], t, f"{start}.grep_linear")
            a, b = (1 / (1 + math.exp(-eight[four].sum())) for four in (slice(0, 4), slice(4, 8)))
            gate = a * (b * t[f"{start}.grep_a"][0, head, 0, 0] - 1) + 2
            bias = np.array([table[bucket(at, other), head] for other in range(len(x))])
            scores = key[:, part] @ query[at, part] / math.sqrt(width) + gate * bias
            weights = np.exp(scores - scores.max())
            found[at, part] = weights / weights.sum() @ value[:, part]
    return linear(found, t, f"{start}.out_proj")


def slowly(frames: np.ndarray, tensors: Tensors, *, deep_norm: bool = True) -> np.ndarray:
    """The vector of one spectrogram `[frames, 128]`."""
    t = {name: tensor.double().numpy() for name, tensor in tensors.items()}
    kernel = t["patch_embedding.weight"][:, 0]
    corners = [(16 * time, 16 * band) for time in range(len(frames) // 16) for band in range(8)]
    x = np.array([(kernel * frames[at : at + 16, band : band + 16]).sum(axis=(1, 2)) for at, band in corners])
    x = linear(normed(x, t, "layer_norm"), t, "post_extract_proj")
    x = normed(x + around(x, t), t, "encoder.layer_norm")
    scale = (2 * LAYERS) ** 0.25 if deep_norm else 1.0
    for layer in range(LAYERS):
        start = f"encoder.layers.{layer}"
        x = normed(scale * x + attended(x, t, f"{start}.self_attn"), t, f"{start}.self_attn_layer_norm")
        wide = gelu(linear(x, t, f"{start}.fc1"))
        x = normed(scale * x + linear(wide, t, f"{start}.fc2"), t, f"{start}.final_layer_norm")
    return x.mean(axis=0)


def test_the_published_network_has_90_311_792_parameters_and_90_717_055_with_its_head() -> None:
    with torch.device("meta"):
        network = Beats(BeatsSizes())
        assert network(torch.zeros(1, 98, 128)).shape == (1, 768)
    count = sum(parameter.numel() for parameter in network.parameters())
    assert count == 90_311_792
    assert count + 527 * (768 + 1) == 90_717_055


def test_vectors_are_those_of_the_definition(tensors: Tensors, noise: np.ndarray) -> None:
    encoder = load_encoder("beats")
    for length in (2800, 8000):  # 1 and 3 patches along time, 8 and 24 tokens
        ours = encoder.encode(noise[:, :length])
        wanted = [slowly(frames.astype(np.float64), tensors) for frames in prepare(noise[:, :length])]
        np.testing.assert_allclose(ours, wanted, atol=2e-5)


def test_without_deep_norm_nothing_is_scaled(
    tensors: Tensors, noise: np.ndarray, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HETEROPHONY_CACHE", str(tmp_path))
    keep(tensors, deep_norm=False)
    ours = load_encoder("beats").encode(noise[:1, :5000])
    wanted = slowly(prepare(noise[:1, :5000])[0].astype(np.float64), tensors, deep_norm=False)
    np.testing.assert_allclose(ours[0], wanted, atol=2e-5)


def test_buckets_are_those_of_the_definition() -> None:
    ours = relative_buckets(30, BUCKETS, 12)
    assert ours.tolist() == [[bucket(query, key) for key in range(30)] for query in range(30)]


def test_published_buckets_are_one_per_distance_below_80_and_end_at_800() -> None:
    row = relative_buckets(1496, 320, 800)[1000].tolist()
    assert row[1000] == 0
    assert [row[1000 - distance] for distance in (1, 79, 80, 799, 800, 1000)] == [1, 79, 80, 159, 159, 159]
    assert [row[1000 + distance] for distance in (1, 79, 80, 400)] == [161, 239, 240, 240 + 55]


def test_frames_are_normalised_as_published() -> None:
    silence = prepare(np.zeros((1, 2800), dtype=np.float32))
    assert silence.shape == (1, 16, 128)
    np.testing.assert_allclose(silence, (math.log(2.0**-23) - 15.41663) / (2 * 6.55582), rtol=1e-6)


def test_windows_go_on_where_the_last_whole_patch_ended() -> None:
    encoder = load_encoder("beats")
    frames = 1 + (encoder.window - 400) // 160
    assert encoder.window == 30 * 16_000
    assert encoder.hop == frames // 16 * 16 * 160
    assert 1 + (encoder.shortest - 400) // 160 == 16


def test_a_window_has_the_same_bytes_alone_and_among_others(noise: np.ndarray) -> None:
    encoder = load_encoder("beats")
    together = encoder.encode(noise)
    assert together.dtype == np.float32
    assert np.isfinite(together).all()
    assert np.concatenate([encoder.encode(window[None]) for window in noise]).tobytes() == together.tobytes()


def test_a_window_of_30_seconds_passes() -> None:
    window = np.random.default_rng(1).normal(0.0, 0.1, (1, 480_000)).astype(np.float32)
    assert np.isfinite(load_encoder("beats").encode(window)).all()


@pytest.mark.parametrize(
    ("dropped", "changed", "said"),
    [
        ("encoder.layers.1.fc2.weight", {}, "fc2.weight"),
        ("patch_embedding.weight", {}, "patch_embedding.weight"),
        ("", {"layer_norm_first": True}, "layer_norm_first"),
        ("", {"activation_fn": "glu"}, "activation_fn"),
    ],
)
def test_weights_of_another_network_are_refused(
    tensors: Tensors,
    noise: np.ndarray,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    dropped: str,
    changed: dict[str, object],
    said: str,
) -> None:
    monkeypatch.setenv("HETEROPHONY_CACHE", str(tmp_path))
    keep({name: tensor for name, tensor in tensors.items() if name != dropped}, **changed)
    with pytest.raises(ModelError, match=said):
        load_encoder("beats").encode(noise)
