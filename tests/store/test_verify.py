"""Stored vectors are computed again from the files and compared, and drift is told with the file that shows it."""

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile

from heterophony.clips import Clip, collect
from heterophony.encoders import Fingerprint
from heterophony.store import Shelf, Store, content_hash, embed_clips, text_hash
from heterophony.store.catalogue import list_shelves, open_shelf
from heterophony.store.import_folder import imported_fingerprint
from heterophony.store.verify import Drift, encoder_text, verify_shelves

ENCODERS = {"sound": "yamnet-scores:mean+max", "words": "minilm"}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Five recordings, and a store of them."""
    folder = tmp_path_factory.mktemp("verify")
    (folder / "sounds").mkdir()
    rng = np.random.default_rng(0)
    for name in ("rain", "dog bark", "door", "wind", "bell"):
        soundfile.write(folder / "sounds" / f"{name}.wav", rng.normal(0.0, 0.1, 8000), 16000)
    embed_clips(collect([folder / "sounds"]), ENCODERS, Store(folder / "store"))
    embed_clips(collect([folder / "sounds"]), {"sound": "yamnet"}, Store(folder / "half"), stored_as="float16")
    return folder


@pytest.fixture
def store(made: Path, tmp_path: Path) -> Store:
    return Store(Path(shutil.copytree(made / "store", tmp_path / "store")))


def shelves(store: Store) -> dict[str, Shelf]:
    opened = [open_shelf(entry.folder) for entry in list_shelves(store)]
    return {shelf.fingerprint.modality: shelf for shelf in opened}


def change(shelf: Shelf, key: str, by: float) -> None:
    """Adds to the first number of a stored vector."""
    (file,) = shelf.folder.glob("*.npy")
    table = np.load(file)
    row = int(shelf._index.find([key])[0])
    table[row, 0] += by
    np.save(file, table)


def test_what_has_not_changed_is_identical_to_the_bit(made: Path, store: Store) -> None:
    drifts = verify_shelves(list(shelves(store).values()), collect([made / "sounds"]))
    assert [(drift.encoder, drift.checked, drift.identical) for drift in drifts] == [
        ("minilm", 5, 5),
        ("yamnet-scores:mean+max", 5, 5),
    ]
    for drift in drifts:
        assert (drift.max_difference, drift.skipped, drift.refused) == (0.0, "", ())
        assert drift.min_cosine == pytest.approx(1.0, abs=1e-12)
        assert drift.within(0.0)


def test_half_precision_is_compared_as_it_is_stored(made: Path) -> None:
    (entry,) = list_shelves(Store(made / "half"))
    (drift,) = verify_shelves([open_shelf(entry.folder)], collect([made / "sounds"]))
    assert (drift.checked, drift.identical) == (5, 5)


def test_drift_is_measured_and_the_worst_file_is_named(made: Path, store: Store) -> None:
    shelf = shelves(store)["sound"]
    key = content_hash(made / "sounds" / "door.wav")
    old = shelf.get([key])[0][0].astype(np.float64)
    change(shelf, key, 0.5)
    new = shelf.get([key])[0][0].astype(np.float64)
    change(shelf, content_hash(made / "sounds" / "bell.wav"), 1e-7)
    (drift,) = verify_shelves([shelf], collect([made / "sounds"]))
    assert drift.checked == 5
    assert drift.identical == 3
    assert drift.max_difference == pytest.approx(0.5, rel=1e-6)
    assert drift.min_cosine == pytest.approx(old @ new / np.sqrt((old @ old) * (new @ new)), abs=1e-12)
    assert Path(drift.worst).name == "door.wav"
    assert not drift.within(1e-6)
    assert drift.within(1.0)


def test_words_are_known_by_their_text(made: Path, store: Store) -> None:
    shelf = shelves(store)["words"]
    change(shelf, text_hash("dog bark"), 0.25)
    clips = [Clip(id="other", title="a text that nobody embedded"), Clip(id="mine", title="dog bark")]
    (drift,) = verify_shelves([shelf], clips)
    assert (drift.checked, drift.identical, drift.worst) == (1, 0, "mine")
    (drift,) = verify_shelves([shelf], clips[:1])
    assert "none of 1 texts is on it" in drift.skipped


def test_a_sample_is_drawn_from_the_files_that_are_on_the_shelf(made: Path, store: Store, tmp_path: Path) -> None:
    for name in ("rain", "wind"):
        shutil.copy(made / "sounds" / f"{name}.wav", tmp_path / f"renamed {name}.wav")
    for number in range(8):
        soundfile.write(tmp_path / f"new{number}.wav", np.full(1000, number / 100), 16000)
    clips = collect([path for path in sorted(tmp_path.iterdir()) if path.suffix == ".wav"])
    shelf = shelves(store)["sound"]
    assert [verify_shelves([shelf], clips, seed=seed)[0].checked for seed in (0, 1)] == [2, 2]
    change(shelf, content_hash(made / "sounds" / "wind.wav"), 0.5)
    found = {verify_shelves([shelf], clips, sample=1, seed=seed)[0].identical for seed in range(6)}
    assert found == {0, 1}
    one, two = (verify_shelves([shelf], clips, sample=1, seed=3) for _ in range(2))
    assert one == two


def test_files_that_were_never_embedded_are_told(store: Store, tmp_path: Path) -> None:
    soundfile.write(tmp_path / "new.wav", np.full(1000, 0.1), 16000)
    clips = [*collect([tmp_path / "new.wav"]), Clip(id="gone", path=tmp_path / "gone.wav"), Clip(id="words")]
    (drift,) = verify_shelves([shelves(store)["sound"]], clips)
    assert "none of the files is on it" in drift.skipped
    assert drift.checked == 0


def test_a_file_that_is_refused_today_is_drift(made: Path, store: Store, tmp_path: Path) -> None:
    shelf = shelves(store)["sound"]
    (tmp_path / "letter.wav").write_text("Dear sir")  # another version could read it, and stored a vector
    vector = shelf.get(shelf.keys()[:1])
    shelf.add([content_hash(tmp_path / "letter.wav")], vector[0], vector[1])
    (drift,) = verify_shelves([shelf], collect([made / "sounds" / "bell.wav", tmp_path / "letter.wav"]))
    assert (drift.checked, drift.identical) == (1, 1)
    (reason,) = drift.refused
    assert "letter.wav" in reason
    assert not drift.within(1.0)


def test_what_other_settings_made_is_not_compared(made: Path, store: Store) -> None:
    shelf = shelves(store)["sound"]
    older = store.shelf(replace(shelf.fingerprint, version="0"))
    older.add(shelf.keys(), *shelf.get(shelf.keys()))
    (drift,) = verify_shelves([older], collect([made / "sounds"]), sample=1)
    assert "this version makes other vectors (version:" in drift.skipped


def test_what_was_imported_cannot_be_computed_again(made: Path, store: Store) -> None:
    shelf = store.shelf(imported_fingerprint("clap", "sound", "x"))
    shelf.add(["id:1"], np.ones((1, 2), np.float32), [""])
    (drift,) = verify_shelves([shelf], collect([made / "sounds"]))
    assert "imported: there is nothing to compute it again with" in drift.skipped


def test_the_encoder_is_read_from_the_fingerprint() -> None:
    sound = Fingerprint(encoder="yamnet", version="1", modality="sound", weights_sha256="")
    assert encoder_text(replace(sound, pooling="mean+std of windows within 40 dB of the loudest")) == "yamnet:mean+std"
    assert encoder_text(replace(sound, modality="pictures", pooling="mean")) == "yamnet:mean"
    words = Fingerprint(encoder="minilm", version="1", modality="words", weights_sha256="", pooling="mean of tokens")
    assert encoder_text(words) == "minilm"


@pytest.mark.parametrize(
    ("cosine", "identical", "expected"), [(1.0, 2, True), (1 - 5e-7, 1, True), (1 - 2e-6, 1, False), (0.0, 2, True)]
)
def test_tolerance_is_of_the_cosine(cosine: float, identical: int, expected: bool) -> None:
    drift = Drift(digest="", encoder="", checked=2, identical=identical, min_cosine=cosine)
    assert drift.within(1e-6) == expected
