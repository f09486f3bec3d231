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


@pytest.fixture(scope="session")
def write_bsd() -> Callable[..., Path]:
    """Writes a data set as BSD10k comes: `write_bsd(folder, "BSD10k", {id: class}, wordless=(id,), confidence=True)`.

    CLAP's vectors have 8 numbers for sound and 6 for words, of norm 1, and tell the class.
    """

    def write(
        folder: Path, name: str, labels: dict[str, str], wordless: tuple[str, ...] = (), *, confidence: bool = True
    ) -> Path:
        classes = sorted(set(labels.values()))
        lines = ["sound_id,class,class_idx,class_top,confidence,uploader,license,title,tags,description"]
        for row, (key, label) in enumerate(labels.items()):
            sure = 1 + row % 5 if confidence else ""
            top = label.partition("-")[0]
            lines.append(f'{key},{label},,{top},{sure},u{row % 7},CC0,Title {key},"a,{label}",About {key}.')
            for kind, dim in (("clap_audio_embeddings", 8), ("clap_text_embeddings", 6)):
                vector = np.random.default_rng([int(key), dim]).normal(0, 0.5, dim)
                vector[classes.index(label)] += 2
                (folder / "features" / kind).mkdir(parents=True, exist_ok=True)
                if dim == 8 or key not in wordless:
                    table = (vector / np.linalg.norm(vector)).astype(np.float32)
                    np.save(folder / "features" / kind / f"{key}.npy", table)
        (folder / "metadata").mkdir()
        (folder / "metadata" / f"{name}_metadata.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
        return folder

    return write


@pytest.fixture(scope="session")
def bsd10k(tmp_path_factory: pytest.TempPathFactory, write_bsd: Callable[..., Path]) -> Path:
    """A small BSD10k, not in the order of its ids: fx-a 24, sp-c 12, ss-i 9, one of no class; one is without words."""
    labels = {str(1000 - 7 * row): ("fx-a", "sp-c", "fx-a", "ss-i", "fx-a")[row % 5] for row in range(45)}
    labels = {key: "sp-c" if key in ("1000", "965", "930") else label for key, label in labels.items()}
    return write_bsd(tmp_path_factory.mktemp("data") / "BSD10k", "BSD10k", labels | {"3": "m-other"}, wordless=("993",))


@pytest.fixture(scope="session")
def bsd35k(tmp_path_factory: pytest.TempPathFactory, write_bsd: Callable[..., Path]) -> Path:
    """A small BSD35k-CS: 8 sounds of each of the three classes; one of them is in BSD10k as well."""
    labels = {str(5000 + row): ("fx-a", "sp-c", "ss-i")[row % 3] for row in range(24)}
    folder = tmp_path_factory.mktemp("data") / "BSD35k-CS"
    return write_bsd(folder, "BSD35k-CS", {"1000": "fx-a", **labels}, confidence=False)


@pytest.fixture(scope="session")
def external(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A small ESC-50 and FSD50K, without recordings, each with a file of vectors for sound and one for words.

    One clip of each was cut from a sound of the small BSD10k.
    """
    folder = tmp_path_factory.mktemp("data")
    (folder / "ESC-50" / "meta").mkdir(parents=True)
    esc = [f"1-{src}-A-0.wav,1,0,dog,True,{src},A" for src in ("70001", "1000", "70002")]
    esc.append("1-70003-A-10.wav,1,10,rain,True,70003,A")
    header = "filename,fold,target,category,esc10,src_file,take"
    (folder / "ESC-50" / "meta" / "esc50.csv").write_text("\n".join([header, *esc]) + "\n")
    truth = folder / "FSD50K" / "FSD50K.ground_truth"
    truth.mkdir(parents=True)
    dev = ['80001,"Chatter,Human_group_actions","/m/a,/m/b",train', '993,"Bark,Dog","/m/c,/m/d",val']
    (truth / "dev.csv").write_text("\n".join(["fname,labels,mids,split", *dev]) + "\n")
    (truth / "eval.csv").write_text('fname,labels,mids\n80002,"Mechanical_fan","/m/e"\n80003,"Dog,Rain","/m/e,/m/f"\n')
    rng = np.random.default_rng(8)
    for name, rows in (("ESC-50", 4), ("FSD50K", 4)):
        np.save(folder / f"{name}_sound.npy", rng.normal(size=(rows, 8)).astype(np.float32))
        np.save(folder / f"{name}_words.npy", rng.normal(size=(rows, 6)).astype(np.float32))
    return {path.stem: path for path in folder.iterdir()}


@pytest.fixture(scope="session")
def tiny_bst(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of small recipes on the small BSD10k; `base.yaml` is the baseline of the others."""
    folder = tmp_path_factory.mktemp("recipes")
    tiny = "model: {dim: 16, hidden: 16}\nfit: {epochs: 8, batch: 8, lr: 0.05}\nsplit: {folds: 3}\n"
    says = {
        "base": ("bst/table1/clap", "baseline: ''"),
        "mixup": ("bst/table4/mixup-0.2", "baseline: base.yaml"),
        "sound": ("bst/table1/clap-sound", "baseline: base.yaml"),
        "median": ("bst/table5/bsd35k-median", "baseline: base.yaml"),
        "external": ("bst/table5/external-all", "baseline: base.yaml"),
        "leak": ("bst/table5/external-all-leak", "baseline: base.yaml"),
    }
    for name, (parent, more) in says.items():
        (folder / f"{name}.yaml").write_text(f"extends: {parent}\nname: {name}\n{tiny}{more}\n")
    ensemble = "name: both\nensemble: [base.yaml, mixup.yaml]\naverage: probabilities\nbaseline: base.yaml\n"
    (folder / "both.yaml").write_text(ensemble)
    return folder


@pytest.fixture(scope="session")
def ensemble_runs(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Four run folders over a tree of two levels: three folds of 30 rows, validation predictions, the last one loud."""
    from heterophony.predictions import Predictions
    from heterophony.taxonomy import Taxonomy, write_taxonomy

    root, size = tmp_path_factory.mktemp("ensemble"), 90
    tree = Taxonomy("small", ("a", "b", "c", "d"), ("x", "y"), (0, 0, 1, 1))
    target, fold = np.random.default_rng(0).integers(4, size=size), np.arange(size) % 3
    for seed in range(4):
        rng, scale = np.random.default_rng([1, seed]), 5.0 if seed == 3 else 1.0
        noise = rng.normal(size=(4, size, 4))  # one draw for the tests, one for the validation rows of each fold
        tables = [
            Predictions(
                tuple(f"s{row}" for row in range(size)),
                (scale * (2 * np.eye(4)[target] + (1.2 + 0.3 * seed) * one)).astype(np.float32),
                target,
                fold,
                tree.classes,
            )
            for one in noise
        ]
        for number in range(3):
            folder = root / f"run{seed}" / f"fold_{number}"
            folder.mkdir(parents=True)
            tables[0].take(np.flatnonzero(fold == number)).save(folder / "predictions_test.npz")
            tables[1 + number].take(np.flatnonzero(fold != number)[:40]).save(folder / "predictions_val.npz")
        write_taxonomy(tree, root / f"run{seed}" / "taxonomy.csv")
    return [root / f"run{seed}" for seed in range(4)]


@pytest.fixture(scope="session")
def write_tau() -> Callable[..., Path]:
    """The tables of TAU Urban Audio-Visual Scenes 2021, as they come: tabs, and CR at the ends of lines."""

    def write(folder: Path, train: list[str], test: list[str], *, meta: bool = True) -> Path:
        def table(path: str, columns: list[str], names: list[str]) -> None:
            cells = {name: [f"audio/{name}.wav", f"video/{name}.mp4", *_said(name)] for name in names}
            rows = [columns, *(cells[name][: len(columns)] for name in names)]
            (folder / path).write_text("".join("\t".join(row) + "\r" for row in rows), encoding="utf-8", newline="")

        columns = ["filename_audio", "filename_video", "scene_label", "identifier"]
        for name in ("evaluation_setup", "audio", "video"):
            (folder / name).mkdir(parents=True, exist_ok=True)
        table("evaluation_setup/fold1_train.csv", columns[:3], train)
        table("evaluation_setup/fold1_test.csv", columns[:2], test)
        table("evaluation_setup/fold1_evaluate.csv", columns[:3], test)
        if meta:
            table("meta.csv", columns, [*train, *test])
        return folder

    return write


def _said(name: str) -> list[str]:
    """Scene and place in the name of a file of TAU."""
    scene, city, place, _ = name.split("-")
    return [scene, f"{city}-{place}"]


@pytest.fixture(scope="session")
def tau_copy(tmp_path_factory: pytest.TempPathFactory, write_tau: Callable[..., Path]) -> Path:
    """A small copy with real files of three seconds: 30 clips of 15 places to train, 6 of 6 to test, three scenes.

    A scene is a pitch in two channels and a colour; each clip has its own noise in both.
    """
    import av

    folder = tmp_path_factory.mktemp("tau")
    scenes = {"airport": (300, (200, 60, 40)), "bus": (900, (40, 200, 60)), "park": (2700, (60, 40, 200))}
    cities, names = ("lisbon", "lyon", "vienna"), []
    for number, scene in enumerate(scenes):
        for place in range(7):
            where = f"{scene}-{cities[place % 3]}-{100 * number + place}"
            names += [f"{where}-{1000 * number + 10 * place + k}" for k in range(2)]
    train = [name for name in names if int(name.split("-")[2]) % 100 < 5]
    test = [name for name in names if name not in train and int(name.split("-")[3]) % 10 == 0]
    write_tau(folder, train, test)
    rng = np.random.default_rng(0)
    for name in [*train, *test]:
        hz, colour = scenes[name.split("-")[0]]
        tone = 0.2 * np.sin(2 * np.pi * hz * np.arange(48_000) / 16_000)[:, None] * (1.0, 0.7)
        soundfile.write(folder / "audio" / f"{name}.wav", tone + rng.normal(0, 0.01, tone.shape), 16_000)
        with av.open(str(folder / "video" / f"{name}.mp4"), "w") as container:
            stream = container.add_stream("mpeg4", rate=10)
            stream.width = stream.height = 64
            stream.pix_fmt = "yuv420p"
            stream.codec_context.thread_count = 1
            for _ in range(30):
                picture = np.clip(rng.normal(colour, 12, (64, 64, 3)), 0, 255).astype(np.uint8)
                frame = av.VideoFrame.from_ndarray(picture, format="rgb24").reformat(format="yuv420p", threads=1)
                container.mux(stream.encode(frame))
            container.mux(stream.encode(None))
    return folder
