"""`heterophony store`: what is kept, why it differs, whether it holds, in and out."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from heterophony.clips import collect
from heterophony.store import Store, embed_clips
from heterophony.store.catalogue import list_shelves

Call = Callable[..., Any]


@pytest.fixture(scope="module")
def embedded(sounds: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store of the three recordings, by two encoders and in two precisions."""
    folder = tmp_path_factory.mktemp("kept")
    clips = collect([sounds])
    embed_clips(clips, {"sound": "yamnet", "words": "minilm"}, Store(folder))
    embed_clips(clips, {"sound": "yamnet:mean+max"}, Store(folder), stored_as="float16")
    return folder


@pytest.fixture
def kept(embedded: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(embedded, tmp_path / "kept"))


@pytest.fixture
def digests(kept: Path) -> dict[str, str]:
    entries = list_shelves(Store(kept))
    return {
        f"{one.fingerprint.encoder} {one.fingerprint.stored_as}": one.folder.name for one in entries if one.fingerprint
    }


def test_shelves_are_listed(heterophony: Call, kept: Path, digests: dict[str, str]) -> None:
    said = heterophony("store", "ls", "--store", kept)
    assert said.code == 0
    lines = said.out.splitlines()
    assert lines[0].startswith(f"{digests['minilm float32']}  minilm (words), version ")
    half = lines.index(next(line for line in lines if line.startswith(digests["yamnet float16"])))
    assert "pooling mean+max of windows" in lines[half + 1]
    assert "3 vectors of 2048 numbers as float16" in lines[half + 1]
    assert lines[-1].startswith("3 shelves, ")


def test_shelves_are_listed_for_machines(heterophony: Call, kept: Path, digests: dict[str, str]) -> None:
    records = json.loads(heterophony("store", "ls", "--store", kept, "--json").out)
    assert [record["digest"] for record in records] == [entry.folder.name for entry in list_shelves(Store(kept))]
    (record,) = [record for record in records if record["digest"] == digests["yamnet float32"]]
    assert (record["rows"], record["dim"], record["fingerprint"]["encoder"]) == (3, 1024, "yamnet")


def test_a_damaged_shelf_is_listed_and_not_a_crash(heterophony: Call, kept: Path, digests: dict[str, str]) -> None:
    (file,) = (kept / digests["yamnet float32"]).glob("*.npy")
    file.write_bytes(b"half")
    (kept / "0123").mkdir()
    said = heterophony("store", "ls", "--store", kept)
    assert said.code == 0
    assert "DAMAGED" in said.out
    assert f"{file.name}: vectors cannot be read" in said.out
    assert "0123  DAMAGED, 0.0 kB: " in said.out
    assert "there is no fingerprint.json" in said.out


def test_no_store_is_an_empty_list(heterophony: Call, tmp_path: Path) -> None:
    assert heterophony("store", "ls", "--store", tmp_path / "none").out.startswith("0 shelves, 0.0 kB in ")
    assert heterophony("store", "ls", "--store", tmp_path / "none", "--json").out == "[]\n"
    said = heterophony("store", "compact", "--store", tmp_path / "none")
    assert (said.code, "nothing is kept there" in said.err) == (1, True)


def test_why_tells_every_field_that_differs(heterophony: Call, kept: Path, digests: dict[str, str]) -> None:
    one, two = digests["yamnet float32"], digests["yamnet float16"]
    said = heterophony("store", "why", one[:8], two[:8], "--store", kept)
    assert said.code == 0
    assert said.out.splitlines() == [
        "stored_as", f"  {one}: 'float32'", f"  {two}: 'float16'",
        "pooling",
        f"  {one}: 'mean of windows within 40 dB of the loudest'",
        f"  {two}: 'mean+max of windows within 40 dB of the loudest'",
    ]  # fmt: skip
    assert "nothing differs" in heterophony("store", "why", "minilm", "minilm", "--store", kept).out
    said = heterophony("store", "why", "yamnet", "minilm", "--store", kept)
    assert (said.code, "may be any of" in said.err) == (1, True)


@pytest.mark.parametrize("suffix", [".parquet", ".npz", ".safetensors"])
def test_a_shelf_goes_out_and_comes_back(heterophony: Call, kept: Path, tmp_path: Path, suffix: str) -> None:
    said = heterophony("store", "export", "minilm", "-o", tmp_path / f"x{suffix}", "--store", kept)
    assert (said.code, said.out.endswith(": 2 vectors\n")) == (0, True)  # one name is a number: no words
    said = heterophony("store", "import", tmp_path / f"x{suffix}", "--store", tmp_path / "other")
    assert said.out.startswith("imported 2 new vectors of minilm: shelf ")
    heterophony("store", "export", "minilm", "-o", tmp_path / f"y{suffix}", "--store", tmp_path / "other")
    assert (tmp_path / f"x{suffix}").read_bytes() == (tmp_path / f"y{suffix}").read_bytes()


def test_an_export_that_cannot_be_written_is_told(heterophony: Call, kept: Path, tmp_path: Path) -> None:
    said = heterophony("store", "export", "minilm", "-o", tmp_path / "x.csv", "--store", kept)
    assert (said.code, "use .npz, .parquet, .safetensors" in said.err) == (1, True)
    said = heterophony("store", "export", "minilm", "-o", tmp_path / "none" / "x.npz", "--store", kept)
    assert (said.code, "No such file or directory" in said.err) == (1, True)


def test_a_folder_of_vectors_is_imported(heterophony: Call, tmp_path: Path) -> None:
    folder = tmp_path / "clap"
    folder.mkdir()
    for number in range(3):
        np.save(folder / f"{number}.npy", np.eye(4, dtype=np.float32)[number])
    (tmp_path / "ids.csv").write_text("sound_id\n0\n1\n2\n")
    call = ["store", "import", folder, "--name", "clap", "--modality", "sound", "--store", tmp_path / "kept"]
    said = heterophony(*call, "--unit", "--dim", "4", "--ids", tmp_path / "ids.csv")
    assert said.code == 0
    assert said.out.startswith("imported 3 vectors of 4 numbers, norms 1 to 1, 1 on average: shelf ")
    assert said.out.endswith(", imported:clap in recipes\n")
    assert heterophony(*call).out.startswith("there already: 3 vectors")
    assert "clap (sound), version imported" in heterophony("store", "ls", "--store", tmp_path / "kept").out
    np.save(folder / "3.npy", np.ones(4, np.float32))
    said = heterophony(*call, "--unit")
    assert (said.code, "3.npy 2;" in said.err) == (1, True)


def test_options_that_say_nothing_of_what_is_imported_are_refused(heterophony: Call, tmp_path: Path) -> None:
    said = heterophony("store", "import", tmp_path, "--name", "clap")
    assert (said.code, "needs --name and --modality" in said.err) == (1, True)
    said = heterophony("store", "import", tmp_path / "x.npz", "--name", "clap", "--unit")
    assert (said.code, "--name, --unit is for folders" in said.err) == (1, True)
    said = heterophony("store", "import", tmp_path / "x.npz")
    assert (said.code, "x.npz: does not exist" in said.err) == (1, True)


def test_vectors_that_hold_are_verified(heterophony: Call, kept: Path, sounds: Path) -> None:
    said = heterophony("store", "verify", "all", sounds, "--store", kept, "--workers", "0")
    assert said.code == 0
    assert sorted(line.split("  ")[1] for line in said.out.splitlines()) == [
        "minilm: 2 of 2 identical to the bit",
        "yamnet:mean+max: 3 of 3 identical to the bit",
        "yamnet:mean: 3 of 3 identical to the bit",
    ]


def test_drift_is_told_and_ends_with_1(heterophony: Call, kept: Path, sounds: Path, digests: dict[str, str]) -> None:
    (file,) = (kept / digests["yamnet float32"]).glob("*.npy")
    np.save(file, np.load(file)[::-1])
    call = ["store", "verify", digests["yamnet float32"][:7], sounds, "--store", kept, "--workers", "0"]
    said = heterophony(*call)
    assert said.code == 1
    assert "yamnet:mean: DRIFT: 1 of 3 identical to the bit; largest difference " in said.out
    assert ", least cosine 1 - " in said.out
    said = heterophony(*call, "--tolerance", "1")
    assert (said.code, "DRIFT" in said.out) == (0, False)
    (record,) = json.loads(heterophony(*call, "--json").out)
    assert (record["checked"], record["identical"], record["within"]) == (3, 1, False)


def test_nothing_verified_is_a_failure(
    heterophony: Call, kept: Path, tmp_path: Path, write_sound: Callable[..., Path]
) -> None:
    new = write_sound(tmp_path / "new.wav", "low", seed=99)
    said = heterophony("store", "verify", "yamnet", new, "--store", kept)
    assert (said.code, "may be any of" in said.err) == (1, True)
    shutil.rmtree(kept / list_shelves(Store(kept))[1].folder.name)
    said = heterophony("store", "verify", "yamnet", new, "--store", kept)
    assert (said.code, "nothing was verified: " in said.err, "name files that were" in said.err) == (1, True, True)


def test_shards_are_merged(heterophony: Call, kept: Path, sounds: Path, digests: dict[str, str]) -> None:
    shelf = kept / digests["yamnet float32"]
    (index,) = shelf.glob("*.parquet")
    for copy in ("1", "2"):  # as writers that do not know of each other would leave them
        for file in (index, index.with_suffix(".npy")):
            shutil.copy(file, shelf / f"shard-{copy}{file.suffix}")
    said = heterophony("store", "compact", "--store", kept)
    assert said.code == 0
    assert f"{shelf.name}  yamnet: 3 shards, now 1\n" in said.out
    assert f"{digests['minilm float32']}  minilm: 1 shards, now 1\n" in said.out
    assert heterophony("store", "verify", shelf.name, sounds, "--store", kept, "--workers", "0").code == 0
    said = heterophony("store", "compact", "minilm", "--store", kept)
    assert said.out.count("\n") == 1
