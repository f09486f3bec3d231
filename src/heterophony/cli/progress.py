"""Progress bars with rate and time left, on standard error; quiet where nobody looks."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

Report = Callable[[int, int], None]


@contextmanager
def progress_bar(title: str, unit: str, *, shown: bool) -> Iterator[Report]:
    """Gives a function to call with (done, all).

    Args:
        title: What is being done.
        unit: What is counted.
        shown: False draws nothing.
    """
    with progress_bars(shown=shown) as bar:
        yield bar(title, unit)


@contextmanager
def progress_bars(*, shown: bool) -> Iterator[Callable[[str, str], Report]]:
    """Gives a function that makes a bar of a title and a unit; the bar appears with its first report."""
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    with Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}"),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        disable=not shown,
    ) as progress:

        def bar(title: str, unit: str) -> Report:
            task = progress.add_task(title, total=None, rate="", visible=False, start=False)

            def report(done: int, total: int) -> None:
                if not progress.tasks[task].started:
                    progress.start_task(task)
                elapsed = progress.tasks[task].elapsed or 0.0
                rate = f"{done / elapsed:.1f} {unit}/s" if done and elapsed > 0.5 else ""
                progress.update(task, completed=done, total=total, rate=rate, visible=True)

            return report

        yield bar
