"""Makes short videos whose class needs both ear and eye, of real recordings and real pictures.

    python tools/ear_and_eye_videos.py DATA OUT [--train 20] [--test 12] [--seed 1821]

DATA is the folder of the development data. OUT gets `videos/`, `manifest.csv` (id, file_name, label, fold, sound,
picture), `row.mp4`, all videos of the test part one after the other, and `row.csv` (start, end, label): its truth.

A class is one of two kinds of sound (ESC-50: noise or tones) with one of two kinds of picture (Tux Paint: animals or
food). Every sound is in two videos, once with an animal and once with food, and every picture in two, once with noise
and once with tones, in the same bytes: whoever only hears or only sees is right in half of the videos at best. Options
say how many sources of each kind a part has; two sounds and two pictures make four videos. A source recording, and all
pictures of one thing, are in one part.
"""

import argparse
import csv
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np
import soundfile
from jaxtyping import Float32, UInt8
from PIL import Image, ImageOps

SOUNDS = {"noise": ("rain", "sea_waves"), "tones": ("church_bells", "crying_baby", "siren")}
PICTURES = {"animal": ("animals/mammals", "animals/birds"), "food": ("food/fruit", "food/vegetables")}
RATE_HZ, SECONDS, FRAMES_PER_S, SIZE = 32_000, 4, 10, (160, 120)
QUIETEST = 0.1  # of the loudest second: every second can be heard
LEVEL = 0.1
SAME_BYTES = {"threads": "1", "x264-params": "no-mbtree=1"}  # mbtree: not the same twice at this size
ZOOM, DRIFT = 0.15, 12.0  # in four seconds; the second in pixels

Sound = Float32[np.ndarray, " samples"]


@dataclass(frozen=True)
class Source:
    """A recording or a picture, and what is drawn for it: where the picture drifts to."""

    kind: str
    path: Path
    angle: float


@dataclass(frozen=True)
class Piece:
    """What a video is made of."""

    sound: Source
    picture: Source

    @property
    def label(self) -> str:
        """The class."""
        return f"{self.sound.kind} and {self.picture.kind}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--train", type=int, default=20)
    parser.add_argument("--test", type=int, default=12)
    parser.add_argument("--seed", type=int, default=1821)
    options = parser.parse_args()
    made = make(options.data, options.out, {"train": options.train, "test": options.test}, options.seed)
    print(f"{', '.join(f'{len(pieces)} {part}' for part, pieces in made.items())} videos in {options.out}")


def make(data: Path, out: Path, counts: Mapping[str, int], seed: int) -> dict[str, list[Piece]]:
    """Writes the collection; gives the videos of each part.

    Raises:
        ValueError: There are too few sources.
    """
    rng = np.random.default_rng(seed)
    sounds = parted({kind: recordings(data / "esc50_folds1to3", kind) for kind in SOUNDS}, counts, rng)
    pictures = parted({kind: stamps(data / "tuxpaint", kind) for kind in PICTURES}, counts, rng)
    parts = {part: paired(sounds[part], pictures[part]) for part in counts}
    (out / "videos").mkdir(parents=True, exist_ok=True)
    with (out / "manifest.csv").open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(["id", "file_name", "label", "fold", "sound", "picture"])
        for part, pieces in parts.items():
            for number, piece in enumerate(pieces):
                name = f"{part}{number:03}"
                write_video(out / "videos" / f"{name}.mp4", [piece])
                sources = (piece.sound.path.stem, piece.picture.path.stem)
                writer.writerow([name, f"videos/{name}.mp4", piece.label, part, *sources])
    row = [parts["test"][at] for at in rng.permutation(len(parts["test"]))]
    write_video(out / "row.mp4", row)
    with (out / "row.csv").open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(["start", "end", "label"])
        writer.writerows((at * SECONDS, (at + 1) * SECONDS, piece.label) for at, piece in enumerate(row))
    return parts


def recordings(folder: Path, kind: str) -> list[Path]:
    """One recording of each source that can be heard in each of four seconds."""
    found: dict[str, Path] = {}
    for row in read(folder / "manifest.csv"):
        path = folder / row["file_name"]
        if row["label"] in SOUNDS[kind] and row["freesound_id"] not in found and excerpt(path) is not None:
            found[row["freesound_id"]] = path
    return list(found.values())


def stamps(folder: Path, kind: str) -> list[Path]:
    """One picture of each thing: `wildebeest-1` is another of `wildebeest`."""
    found: dict[str, Path] = {}
    for row in read(folder / "manifest.csv"):
        if row["subcategory"] in PICTURES[kind]:
            found.setdefault(re.sub(r"[-_]?\d+$", "", row["stamp"]), folder / row["image"])
    return list(found.values())


def parted(
    sources: Mapping[str, Sequence[Path]], counts: Mapping[str, int], rng: np.random.Generator
) -> dict[str, dict[str, list[Source]]]:
    """Part to kind to its sources; none is in two parts."""
    parts: dict[str, dict[str, list[Source]]] = {part: {} for part in counts}
    for kind, paths in sources.items():
        if sum(counts.values()) > len(paths):
            raise ValueError(f"{sum(counts.values())} sources of {kind} wanted; there are {len(paths)}")
        shuffled = iter([Source(kind, paths[at], rng.uniform(0, 2 * np.pi)) for at in rng.permutation(len(paths))])
        for part, count in counts.items():
            parts[part][kind] = [next(shuffled) for _ in range(count)]
    return parts


def paired(sounds: Mapping[str, Sequence[Source]], pictures: Mapping[str, Sequence[Source]]) -> list[Piece]:
    """The n-th sound of each kind with the n-th picture of each kind."""
    rows = zip(*sounds.values(), *pictures.values(), strict=True)
    return [Piece(sound, picture) for row in rows for sound in row[:2] for picture in row[2:]]


def excerpt(path: Path) -> Sound | None:
    """The four seconds, from a quarter of a second on, of which the quietest one is loudest, at one level.

    None if one of them can hardly be heard.
    """
    sound, rate = soundfile.read(path, dtype="float32")
    if rate != RATE_HZ:
        raise ValueError(f"{path}: {rate} Hz; wanted {RATE_HZ}")
    best = max(
        (sound[start : start + SECONDS * rate] for start in range(0, len(sound) - SECONDS * rate + 1, rate // 4)),
        key=lambda some: levels(some).min(),
    )
    if levels(best).min() <= QUIETEST * levels(best).max():
        return None
    return np.clip(best * (LEVEL / np.sqrt(np.square(best).mean())), -1, 1)


def levels(sound: Sound) -> Float32[np.ndarray, " seconds"]:
    """Root mean square of each second."""
    return np.sqrt(np.square(sound.reshape(SECONDS, -1)).mean(axis=1))


def frames(picture: Source) -> Iterator[UInt8[np.ndarray, "height width 3"]]:
    """The picture, slowly drifting and coming nearer."""
    still = ImageOps.pad(Image.open(picture.path).convert("RGB"), SIZE, color="white")
    for number in range(SECONDS * FRAMES_PER_S):
        share = number / (SECONDS * FRAMES_PER_S)
        scale = 1 / (1 + ZOOM * share)
        left, top = (
            (length * (1 - scale)) / 2 + DRIFT * share * turned
            for length, turned in zip(SIZE, (np.cos(picture.angle), np.sin(picture.angle)), strict=True)
        )
        moved = still.transform(
            SIZE, Image.Transform.AFFINE, (scale, 0, left, 0, scale, top), Image.Resampling.BILINEAR, fillcolor="white"
        )
        yield np.asarray(moved)


def write_video(path: Path, pieces: Sequence[Piece]) -> None:
    """H.264 and AAC in MP4, the pieces one after the other."""
    with av.open(str(path), "w") as container:
        video = container.add_stream("libx264", rate=FRAMES_PER_S, options=SAME_BYTES)
        video.width, video.height = SIZE
        video.pix_fmt = "yuv420p"
        audio = container.add_stream("aac", rate=RATE_HZ, layout="mono")
        for number, piece in enumerate(pieces):
            for frame in frames(piece.picture):
                container.mux(video.encode(av.VideoFrame.from_ndarray(frame, format="rgb24")))
            sound = excerpt(piece.sound.path)
            if sound is None:
                raise ValueError(f"{piece.sound.path}: too quiet")
            heard = av.AudioFrame.from_ndarray(sound[None], format="fltp", layout="mono")
            heard.sample_rate, heard.pts = RATE_HZ, number * len(sound)
            container.mux(audio.encode(heard))
        container.mux(video.encode(None))
        container.mux(audio.encode(None))


def read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


if __name__ == "__main__":
    main()
