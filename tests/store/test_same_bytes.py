"""The same clip alone, among others, in another order, in other processes: the same bytes, whatever network it is."""

import json
from collections.abc import Callable
from pathlib import Path

import av
import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from heterophony.clips import Clip
from heterophony.encoders.se_conv_network import SeConv
from heterophony.store import embed_clips

# onnxruntime on sound, words and pictures, and torch on left and right
ENCODERS = {
    "sound": "yamnet+scores:mean+max",
    "stereo": "se-conv:mean+std",
    "words": "minilm",
    "pictures": "efficientnet-lite0",
}


def write_film(path: Path, seed: int) -> None:
    """Two seconds of moving grain with noise."""
    rng = np.random.default_rng(seed)
    with av.open(str(path), "w") as container:
        video = container.add_stream("mpeg4", rate=5)
        video.width, video.height = 96, 64
        audio = container.add_stream("pcm_s16le", rate=16_000, layout="stereo")
        for _ in range(10):
            picture = rng.integers(0, 256, (64, 96, 3), dtype=np.uint8)
            container.mux(video.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        container.mux(video.encode())
        noise = rng.integers(-9999, 9999, (1, 2 * 32_000), dtype=np.int16)
        frame = av.AudioFrame.from_ndarray(noise, format="s16", layout="stereo")
        frame.sample_rate = 16_000
        container.mux(audio.encode(frame))
        container.mux(audio.encode())


@pytest.fixture
def clips(tmp_path: Path, write_sound: Callable[..., Path], monkeypatch: pytest.MonkeyPatch) -> list[Clip]:
    """Films, recordings and texts; weights of a small se-conv lie where workers find them."""
    monkeypatch.setenv("HETEROPHONY_CACHE", str(tmp_path / "cache"))
    (tmp_path / "cache" / "weights").mkdir(parents=True)
    torch.manual_seed(0)
    tensors = {name: tensor.clone() for name, tensor in SeConv(n_classes=3, widths=(8, 12, 16)).state_dict().items()}
    metadata = {"sha256": "0" * 64, "file": "test", "settings": json.dumps({})}
    save_file(tensors, tmp_path / "cache" / "weights" / "se-conv.safetensors", metadata)
    paths = [tmp_path / f"film_{seed}.mkv" for seed in range(2)]
    for seed, path in enumerate(paths):
        write_film(path, seed)
    paths += [write_sound(tmp_path / f"rain_{seed}.wav", "noise", seed, 1.3) for seed in range(2)]
    words = [Clip(id=f"words {at}", title=f"a dog and {at} cats") for at in range(20)]
    return [*(Clip(id=path.name, file_name=path.name, path=path) for path in paths), *words]


def vectors_of(clips: list[Clip], workers: int) -> dict[tuple[str, str], bytes]:
    results = embed_clips(clips, ENCODERS, workers=workers)
    assert {result.status for result in results} == {"ok"}
    return {(result.clip.id, view): vector.tobytes() for result in results for view, vector in result.vectors.items()}


def test_the_same_clip_has_the_same_bytes_however_it_is_embedded(clips: list[Clip]) -> None:
    together = vectors_of(clips, 0)
    assert {view for _, view in together} == set(ENCODERS)
    assert len(together) == 2 * 4 + 2 * 3 + 20
    for number in (0, 3, 7):
        alone = vectors_of([clips[number]], 0)
        assert alone == {name: vector for name, vector in together.items() if name[0] == clips[number].id}
    assert vectors_of(clips[::-1], 2) == together
