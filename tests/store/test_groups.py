"""Texts in groups: the same vectors however they are grouped, and one bad text is one refused clip."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from heterophony.clips import Clip
from heterophony.errors import MediaError
from heterophony.media import Limits, run_in_workers
from heterophony.store import Embedded, embed_clips
from heterophony.store.encoder_specs import all_parts, read_views
from heterophony.store.groups import embed_in_groups, group_size
from heterophony.store.one_clip import EmbedOne, Job, Outcome

TITLES = [f"{what} number {number}" for number in range(10) for what in ("rain", "dog", "door", "")]


@dataclass(slots=True)
class Watched:
    """An engine that works in this process and notes how many clips it was given at a time."""

    crash: str = ""
    sizes: list[int] = field(default_factory=list)

    def __call__(
        self,
        function: Callable[[Any], Any],
        items: Sequence[tuple[Job, ...]],
        *,
        workers: int,
        limits: Limits,
        name: Any,
    ) -> Iterator[tuple[int, Any]]:
        self.sizes += [len(item) for item in items]
        for index, outcome in run_in_workers(function, items, workers=0, limits=limits, name=name):
            bad = self.crash and any(self.crash in (job.clip.title or "") for job in items[index])
            yield index, MediaError(f"{name(items[index])}: crashed") if bad else outcome


@pytest.fixture(scope="module")
def embed() -> EmbedOne:
    return EmbedOne(all_parts(read_views({"words": "minilm"}, Limits())), Limits())


def jobs_of(embed: EmbedOne, titles: Sequence[str], paths: Sequence[Path | None]) -> dict[int, Job]:
    want = (embed.parts[0].key,)
    clips = [
        Clip(id=str(at), title=title, path=path) for at, (title, path) in enumerate(zip(titles, paths, strict=True))
    ]
    return {3 * at: Job(clip, want) for at, clip in enumerate(clips)}


def test_vectors_have_the_same_bytes_alone_and_in_groups_of_any_size() -> None:
    clips = [Clip(id=str(at), title=title) for at, title in enumerate(TITLES)]

    def bytes_of(results: Sequence[Embedded]) -> list[bytes]:
        return [result.vectors["words"].tobytes() for result in results]

    alone = bytes_of(embed_clips(clips, {"words": "minilm"}))
    assert group_size(len(clips), 2) == 2
    assert group_size(len(clips), 1) == 5
    for workers in (1, 2):
        assert bytes_of(embed_clips(clips, {"words": "minilm"}, workers=workers)) == alone


def test_a_group_that_crashes_is_done_again_one_by_one(embed: EmbedOne) -> None:
    engine = Watched(crash="door number 7")
    jobs = jobs_of(embed, TITLES, [None] * len(TITLES))
    outcomes = dict(embed_in_groups(jobs, embed, engine, 1))
    assert engine.sizes == [5] * 8 + [1] * 5
    assert list(outcomes.keys() - jobs.keys()) == []
    (refused,) = [at for at, outcome in outcomes.items() if isinstance(outcome, MediaError)]
    assert jobs[refused].clip.title == "door number 7"
    assert str(outcomes[refused]) == f"{jobs[refused].clip.id}: crashed"
    assert sum(isinstance(outcome, Outcome) for outcome in outcomes.values()) == len(jobs) - 1


def test_what_opens_a_file_goes_by_itself(embed: EmbedOne, tmp_path: Path) -> None:
    engine = Watched()
    paths = [tmp_path / "gone.wav" if at % 2 else None for at in range(len(TITLES))]
    jobs = jobs_of(embed, TITLES, paths)
    outcomes = dict(embed_in_groups(jobs, embed, engine, 1))
    assert engine.sizes == [1] * 20 + [2] * 10
    assert outcomes.keys() == jobs.keys()


def test_nothing_to_do_asks_no_engine(embed: EmbedOne) -> None:
    engine = Watched()
    assert list(embed_in_groups({}, embed, engine, 2)) == []
    assert engine.sizes == []


@given(st.integers(0, 10**6), st.integers(0, 200))
def test_groups_are_small_and_leave_every_worker_something_to_do(texts: int, workers: int) -> None:
    size = group_size(texts, workers)
    assert 1 <= size <= 32
    assert size == 1 or texts // size >= 8 * workers > 0
