"""Fixtures that every room's tests share."""

import importlib.util
import os
import socket
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Refuses every connection but those between processes of this machine: the suite runs offline."""

    def refusing(connect: object) -> object:
        def method(own: socket.socket, address: object) -> object:
            if own.family != socket.AF_UNIX:
                raise AssertionError(f"a test wants the network: {address}")
            return connect(own, address)  # type: ignore[operator]

        return method

    for name in ("connect", "connect_ex"):
        monkeypatch.setattr(socket.socket, name, refusing(getattr(socket.socket, name)))


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of the development data; the test is skipped where it is absent."""
    given = os.environ.get("HETEROPHONY_DATA")
    folder = Path(given) if given else Path(__file__).resolve().parents[2] / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("no development data: set HETEROPHONY_DATA to its folder")
    return folder


@pytest.fixture(scope="session")
def write_sound() -> Callable[..., Path]:
    """Writes a recording of a class: `write_sound(path, "low" | "high" | "noise", seed, seconds)`."""

    def write(path: Path, label: str, seed: int = 0, seconds: float = 1.0) -> Path:
        rng = np.random.default_rng(seed)
        time_s = np.arange(round(seconds * 16_000)) / 16_000
        noise = rng.normal(0.0, 1.0, len(time_s))
        hz = {"low": 150.0, "high": 2500.0, "noise": 0.0}[label] * rng.uniform(0.9, 1.1)
        wave = 0.3 * np.sin(2 * np.pi * hz * time_s) + 0.003 * noise if hz else 0.1 * noise
        path.parent.mkdir(parents=True, exist_ok=True)
        soundfile.write(path, wave, 16_000)
        return path

    return write


@pytest.fixture(scope="session")
def broken_files(tmp_path_factory: pytest.TempPathFactory) -> dict[Path, tuple[str, str, str]]:
    """A hundred broken, lying, strange and innocent files: {path: (sound, what the reason matches, pictures)}.

    `sound` and `pictures` are ok, partial, refused or absent. Tests read the files and leave them as they are.
    """
    spec = importlib.util.spec_from_file_location("broken_corpus", Path(__file__).parent / "media" / "corpus.py")
    corpus = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(corpus)
    return corpus.write(tmp_path_factory.mktemp("broken"))


@pytest.fixture(scope="session")
def corpus(tmp_path_factory: pytest.TempPathFactory, write_sound: Callable[..., Path]) -> Path:
    """A manifest of 36 clips: three classes under two tops, twelve each, two of them words only, two without words."""
    folder = tmp_path_factory.mktemp("corpus")
    words = {"low": "deep hum drone", "high": "shrill beep whistle", "noise": "rain hiss static"}
    lines = ["id,file_name,title,tags,label,label_top,uploader,fold"]
    for number in range(36):
        label = ("low", "high", "noise")[number % 3]
        copy = number // 3
        name = f"sounds/{number}.wav" if copy < 10 else ""
        if name:
            write_sound(folder / name, label, seed=number)
        title = "" if copy in (3, 7) else f"{words[label].split()[copy % 3]} {copy}"
        tags = "" if copy in (3, 7) else words[label].split()[(copy + 1) % 3]
        top = "noise" if label == "noise" else "tone"
        lines.append(f"c{number},{name},{title},{tags},{label},{top},u{copy},{'abc'[copy % 3]}")
    (folder / "manifest.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder / "manifest.csv"


@pytest.fixture(scope="session")
def tiny_recipe(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A recipe that trains in a second: everything a recipe can have, but small."""
    path = tmp_path_factory.mktemp("recipe") / "tiny.yaml"
    path.write_text(
        "name: tiny\n"
        "about: Tones and noise.\n"
        "modalities: {sound: {encoder: 'yamnet:mean'}, words: {encoder: minilm}}\n"
        "priors:\n"
        "  sound-prior: {kind: linear, of: sound}\n"
        "  words-prior: {kind: tfidf}\n"
        "model: {dim: 16, hidden: 16}\n"
        "augment: [{name: noise}, {name: masking, max_fraction: 0.3}, {name: modality-dropout}]\n"
        "fit: {epochs: 4, batch: 8}\n"
        "split: {folds: 3}\n"
        "pairs: 1\n",
        encoding="utf-8",
    )
    return path


@pytest.fixture(scope="session")
def store_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store that the whole session shares: each recording of the corpus is embedded once."""
    return tmp_path_factory.mktemp("store")


@pytest.fixture(scope="session")
def run_folder(corpus: Path, tiny_recipe: Path, store_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a training run of the tiny recipe on the corpus. Tests read it and leave it as it is."""
    from heterophony.clips import read_manifest
    from heterophony.recipes.collection import Sources, Work
    from heterophony.recipes.load import load_recipe
    from heterophony.recipes.train import train
    from heterophony.store import Store

    out = tmp_path_factory.mktemp("runs") / "tiny"
    sources = Sources.of(read_manifest(corpus), Work(store=Store(store_folder)))
    train(load_recipe(str(tiny_recipe)), sources, out)
    return out
