"""Texts travel to the workers in groups: to hand over a single one costs a third of what its encoder does with it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from heterophony.errors import MediaError
from heterophony.store.engines import Engine
from heterophony.store.one_clip import EmbedOne, Job, Outcome

Group = tuple[int, ...]  # numbers of clips

_LARGEST = 32  # texts
_GROUPS_PER_WORKER = 8  # at least, where there are enough texts: the workers end at about the same time


@dataclass(frozen=True, slots=True)
class EmbedGroup:
    """Embeds the clips of a group, one after the other, each by itself; travels to the workers."""

    embed: EmbedOne

    def __call__(self, jobs: tuple[Job, ...]) -> tuple[Outcome, ...]:
        """An outcome per job.

        Raises:
            MediaError: One of them is refused.
        """
        return tuple(map(self.embed, jobs))


def embed_in_groups(
    jobs: Mapping[int, Job], embed: EmbedOne, engine: Engine, workers: int
) -> Iterator[tuple[int, Outcome | MediaError]]:
    """Hands all jobs to an engine: those that open a file one by one, the others in groups.

    A group that fails, for whatever reason, is done again one by one, so that one bad text is one refused clip. The
    vectors are the same however jobs are grouped.

    Args:
        jobs: By number of the clip.
        embed: What to do with each.
        engine: Where.
        workers: Processes; 0 works in this one.

    Yields:
        (number of the clip, outcome), in the order in which they are done.
    """
    files = [(at,) for at, job in jobs.items() if job.clip.path is not None]
    texts = [at for at, job in jobs.items() if job.clip.path is None]
    size = group_size(len(texts), workers)
    groups: list[Group] = [*files, *(tuple(texts[first : first + size]) for first in range(0, len(texts), size))]
    failed: list[tuple[int, ...]] = []
    for group, outcome in _run(groups, jobs, embed, engine, workers):
        if isinstance(outcome, MediaError) and len(group) > 1:
            failed += [(at,) for at in group]
        else:
            yield from _each(group, outcome)
    for group, outcome in _run(failed, jobs, embed, engine, workers):
        yield from _each(group, outcome)


def group_size(texts: int, workers: int) -> int:
    """Texts per group; in this process (no workers) nothing travels, and each is by itself.

    >>> [group_size(1000, 2), group_size(100, 2), group_size(3, 2), group_size(1000, 0)]
    [32, 6, 1, 1]
    """
    return max(1, min(_LARGEST, texts // (workers * _GROUPS_PER_WORKER))) if workers else 1


def _run(
    groups: Sequence[Group], jobs: Mapping[int, Job], embed: EmbedOne, engine: Engine, workers: int
) -> Iterator[tuple[Group, tuple[Outcome, ...] | MediaError]]:
    if groups:
        items = [tuple(jobs[at] for at in group) for group in groups]
        done = engine(EmbedGroup(embed), items, workers=min(workers, len(items)), limits=embed.limits, name=_name)
        yield from ((groups[number], outcome) for number, outcome in done)


def _each(group: Group, outcome: tuple[Outcome, ...] | MediaError) -> Iterator[tuple[int, Outcome | MediaError]]:
    """An outcome per clip; only a single one is refused."""
    if isinstance(outcome, MediaError):
        yield group[0], outcome
    else:
        yield from zip(group, outcome, strict=True)


def _name(jobs: tuple[Job, ...]) -> str:
    return jobs[0].clip.file_name or jobs[0].clip.id
