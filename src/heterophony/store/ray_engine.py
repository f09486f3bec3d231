"""The engine for many machines: the contract of `run_in_workers`, kept by a Ray cluster through Ray Data.

Items are cut into small batches. Ray gives a batch to a free core, on whichever node, and there the same worker process
as on one machine does it (`ray_task.py`), so an item has the same outcome, to the byte. When a node dies Ray does its
batches again elsewhere: an item may be done twice (at least once, in Ray's words) and is delivered once.
"""

from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing
from importlib.metadata import version
from pathlib import Path
from typing import Any, TypeVar
from uuid import uuid4

from heterophony.errors import HeterophonyError, MediaError
from heterophony.media import Limits
from heterophony.store.ray_session import ray_session
from heterophony.store.ray_task import Batch, Fault, Task

Item = TypeVar("Item")
Result = TypeVar("Result")

_LARGEST_BATCH = 32  # items; a node that dies loses at most so many per core
_BATCHES_PER_CORE = 16  # at least, where there are enough items: the cores end at about the same time


def run_on_ray(
    function: Callable[[Item], Result],
    items: Sequence[Item],
    *,
    workers: int,
    limits: Limits,
    initializer: Callable[..., None] | None = None,
    initargs: tuple[object, ...] = (),
    name: Callable[[Item], str] = str,
) -> Iterator[tuple[int, Result | MediaError]]:
    """Apply a function to each item on a Ray cluster, each under a time limit and a memory limit.

    The cluster is the one that this process is connected to, else that of the environment variable `RAY_ADDRESS`, else
    one that is started on this machine (without dashboard and usage statistics, and, unless the caller has imported Ray
    before, reachable from this machine only) and stopped at the end. All nodes must have this version of the package
    and see the files under the same paths. Items and results travel by Ray's own pickle between the processes of the
    cluster, which trust each other as Ray's do.

    Args:
        function: Called with one item; must be importable by name on all nodes.
        items: What to work on.
        workers: Cores of a cluster that is started here, at least 1; one that runs already is used as it is.
        limits: `timeout_s` per item and `memory_bytes` per process.
        initializer: Called once in each process before its first item (to load a network).
        initargs: Its arguments.
        name: How messages name an item.

    Yields:
        (index of the item, result or MediaError), each index once, in the order in which batches are done.

    Raises:
        MissingExtraError: Ray is not installed.
        ConfigError: No cluster answers at `RAY_ADDRESS`, or it has another version of Ray or Python.
        HeterophonyError: The initializer failed, a node has another version of this package, or the function raised one
            that is not a `MediaError`.
    """
    if not items:
        return
    task = Task(uuid4().hex, version("heterophony"), str(Path.cwd()), function, limits, name, initializer, initargs)
    delivered: set[int] = set()
    with ray_session(max(1, workers)) as ray, closing(_outcomes(ray, task, items)) as outcomes:
        for index, outcome in outcomes:
            if index not in delivered:
                delivered.add(index)
                yield index, outcome


def batch_size(items: int, cores: int) -> int:
    """Items per batch: few enough that all cores have work to the end and little is done again, else many.

    >>> [batch_size(items, 8) for items in (1, 200, 2000, 1_000_000)]
    [1, 1, 15, 32]
    """
    return max(1, min(_LARGEST_BATCH, items // (max(1, cores) * _BATCHES_PER_CORE)))


def _outcomes(
    ray: Any,  # noqa: ANN401 - the module
    task: Task,
    items: Sequence[Any],
) -> Generator[tuple[int, Any], None, None]:
    """(Index, outcome), batch by batch as they are done; an index may come twice."""
    size = batch_size(len(items), round(ray.cluster_resources().get("CPU", 1)))
    batches = [{"batch": Batch(first, tuple(items[first : first + size]))} for first in range(0, len(items), size)]
    rows = iter(_table(ray, task, batches).iter_batches(batch_size=None, prefetch_batches=0))
    try:
        for columns in rows:
            for done in columns["done"]:
                yield from done.outcomes
    except ray.exceptions.RayError as error:
        raise _as_it_was(error) from error
    finally:
        rows.close()


def _table(ray: Any, task: Task, batches: Sequence[dict[str, Batch]]) -> Any:  # noqa: ANN401 - a ray.data.Dataset
    """One block per batch, so that each is a task; nothing runs before it is read."""
    context = ray.data.DataContext.get_current().copy()
    context.enable_progress_bars = False
    context.enable_fallback_to_arrow_object_ext_type = True  # batches are objects, not columns of numbers
    context.execution_no_progress_timeout_s = -1  # an item may take hours; its time limit is that of `limits`
    context.memory_usage_poll_interval_s = None  # the memory of an item is limited, not measured
    context.raise_original_map_exception = True
    with ray.data.DataContext.current(context):
        table = ray.data.from_items(batches, override_num_blocks=len(batches))
        return table.map_batches(task, batch_size=None, num_cpus=1)


def _as_it_was(error: Any) -> Exception:  # noqa: ANN401 - ray.exceptions.RayError
    cause = getattr(error, "cause", None)
    if isinstance(cause, Fault):
        fault: Exception = cause.args[0]
        return fault
    reason = str(error).strip().splitlines()[-1]
    return HeterophonyError(
        f"the Ray cluster could not do its part: {reason}; all nodes need the same versions of heterophony and Ray"
    )
