"""Times the embedding store: how long a large shelf takes to open, to find keys in and to give rows.

    python benchmarks/store_speed.py [--rows 1000000] [--dim 1024] [--stored-as float16] [--shard-rows 0] [--repeats 5]

Makes a shelf of random numbers in a temporary folder (rows x dim x 2 bytes for float16: 2 GB by default) as shards of
256 MiB, or of --shard-rows (256 is what a run leaves before it is compacted; then the compaction is timed too).
Beside it, in the same process and on the same rows, the reference: one big .npy file, opened with np.load as a memory
map and read by fancy indexing with row numbers that are known already (no keys, no notes, no checks); and for opening
a Parquet file of the keys that is read into a dictionary of key and row.

Files are in the system's cache when the timing starts. Printed: the median of the repeats and the spread. Opening is
timed on a new Store each time; the first rows after opening bring the notes into memory and are told by themselves.
"""

import argparse
import hashlib
import json
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import numpy as np
import pyarrow
from pyarrow import parquet

from heterophony.encoders import Fingerprint
from heterophony.store import Store
from heterophony.store.fingerprint_file import write_fingerprint
from heterophony.store.shard import write_shard

Value = TypeVar("Value")
BLOCK = 8192


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--dim", type=int, default=1024)
    parser.add_argument("--stored-as", default="float16", choices=("float32", "float16"))
    parser.add_argument("--shard-rows", type=int, default=0, help="0: as many as make 256 MiB")
    parser.add_argument("--picked", type=int, default=10_000, help="rows that are gathered")
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--folder", type=Path, help="where the temporary folder is made")
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="store-speed-", dir=options.folder))
    try:
        run(folder, options)
    finally:
        shutil.rmtree(folder)


def run(folder: Path, options: argparse.Namespace) -> None:
    print_ = Fingerprint(
        encoder="random", version="1", modality="sound", weights_sha256="", stored_as=options.stored_as
    )
    store = Store(folder / "store")
    size = np.dtype(options.stored_as).itemsize
    shard_rows = options.shard_rows or max(1, 2**28 // (options.dim * size))
    seconds, keys = timed(lambda: fill(store, print_, options, shard_rows))
    print(f"{options.rows} x {options.dim} {options.stored_as} in shards of {shard_rows}: written in {seconds:.1f} s")
    table(folder / "all.npy", options)
    parquet.write_table(pyarrow.table({"key": keys}), folder / "all.parquet", compression="zstd")
    generator = np.random.default_rng(1)
    if options.shard_rows:
        compare(store, print_, folder / "all.npy", keys, options, generator)
        seconds, done = timed(store.shelf(print_).compact)
        print(f"compact: {done.before} shards -> {done.after} in {seconds:.1f} s")
    compare(store, print_, folder / "all.npy", keys, options, generator)


def fill(store: Store, print_: Fingerprint, options: argparse.Namespace, shard_rows: int) -> list[str]:
    """The shelf; gives its keys, in the order of the rows of the reference."""
    keys = [hashlib.sha256(str(number).encode()).hexdigest() for number in range(options.rows)]
    folder = store.folder / print_.digest
    folder.mkdir(parents=True)
    write_fingerprint(folder, print_)
    for start in range(0, options.rows, shard_rows):
        part = keys[start : start + shard_rows]
        notes = [note(start + number) for number in range(len(part))]
        vectors = blocks(start, len(part), options)
        write_shard(folder, part, vectors, notes, options.dim, options.stored_as)
    return keys


def note(number: int) -> str:
    """What the store knows of a recording beside its vector."""
    words = {"title": f"Sound {number}", "tags": "field-recording", "description": ""}
    return json.dumps({"note": "", "seconds": number / 100, "words": words, "absent": []})


def blocks(start: int, count: int, options: argparse.Namespace) -> Iterator[np.ndarray]:
    """Rows start to start + count: a few random ones over and over, with the number of the row in front."""
    random = np.random.default_rng(0).standard_normal((BLOCK, options.dim)).astype(options.stored_as)
    for first in range(start, start + count, BLOCK):
        rows = np.arange(first, min(first + BLOCK, start + count))
        block = random[rows % BLOCK]
        block[:, 0] = rows % 2048
        yield block


def table(path: Path, options: argparse.Namespace) -> None:
    """The reference: the same rows as one file."""
    whole = np.lib.format.open_memmap(path, "w+", options.stored_as, (options.rows, options.dim))
    start = 0
    for block in blocks(0, options.rows, options):
        whole[start : start + len(block)] = block
        start += len(block)
    whole.flush()


def dictionary(path: Path) -> tuple[np.ndarray, dict[str, int]]:
    """Opens the reference as a plain program would that looks rows up by key."""
    keys = parquet.read_table(path.with_suffix(".parquet"))["key"].to_pylist()
    return np.load(path, mmap_mode="r"), {key: row for row, key in enumerate(keys)}


def compare(
    store: Store,
    print_: Fingerprint,
    path: Path,
    keys: list[str],
    options: argparse.Namespace,
    generator: np.random.Generator,
) -> None:
    picked = generator.choice(options.rows, min(options.picked, options.rows), replace=False)
    wanted = [keys[row] for row in picked]
    few, absent = wanted[:5], [hashlib.sha256(f"no {number}".encode()).hexdigest() for number in range(len(wanted))]
    opened = repeat(lambda: store.shelf(print_), options.repeats)
    open_reference = repeat(lambda: dictionary(path), options.repeats)
    store.shelf(print_).get(wanted)  # now the system has them in its cache
    shelf = store.shelf(print_)
    first, _ = timed(lambda: shelf.get(wanted))
    whole = np.load(path, mmap_mode="r")
    plain, expected = timed(lambda: np.asarray(whole[picked], dtype=np.float32))
    vectors, notes = shelf.get(wanted)
    assert len(shelf) == options.rows
    assert (vectors == expected).all()
    assert notes == [note(row) for row in picked.tolist()]
    gathered = repeat(lambda: shelf.get(wanted), options.repeats)
    reference = repeat(lambda: np.asarray(whole[picked], dtype=np.float32), options.repeats)
    print(f"files: {len(list((store.folder / print_.digest).iterdir()))}; rows that are gathered: {len(wanted)}")
    tell("open", opened, open_reference)
    tell("gather, first time after opening", [first], [plain])
    tell("gather", gathered, reference)
    tell("gather 5", repeat(lambda: shelf.get(few), options.repeats), reference)
    tell(f"missing, {len(wanted)} that are there", repeat(lambda: shelf.missing(wanted), options.repeats), reference)
    tell(f"missing, {len(wanted)} that are not", repeat(lambda: shelf.missing(absent), options.repeats), reference)
    tell("missing, 5 of both", repeat(lambda: shelf.missing(few + absent[:5]), options.repeats), reference)


def timed(work: Callable[[], Value]) -> tuple[float, Value]:
    start = time.perf_counter()
    value = work()
    return time.perf_counter() - start, value


def repeat(work: Callable[[], object], repeats: int) -> list[float]:
    return [timed(work)[0] for _ in range(repeats)]


def tell(name: str, seconds: list[float], reference: list[float]) -> None:
    median, other = statistics.median(seconds), statistics.median(reference)
    spread = f"{1000 * min(seconds):.1f}-{1000 * max(seconds):.1f}"
    print(f"  {name:34} {1000 * median:9.1f} ms ({spread})  reference {1000 * other:8.1f} ms  x {median / other:.2f}")


if __name__ == "__main__":
    main()
