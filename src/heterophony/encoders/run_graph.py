"""Runs ONNX graphs that the user brought: loaded once per process, one thread, the same bytes every time."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Float32

from heterophony.encoders.own_weights import Weights
from heterophony.errors import ModelError


def run_graph(weights: Weights, feeds: Mapping[str, np.ndarray], output: str) -> Float32[np.ndarray, "n dim"]:
    """What the graph makes of its inputs.

    Args:
        weights: Where the graph is.
        feeds: Inputs by name; those that the graph does not have are left out.
        output: Name of the output, `[n, dim]`.

    Raises:
        ModelError: The file is no graph, or one with other inputs or outputs.
    """
    session = _session(weights.path, weights.sha256)
    inputs = {one.name: one.shape for one in session.get_inputs()}
    outputs = [one.name for one in session.get_outputs()]
    fits = output in outputs and all(name in feeds and _fits(feeds[name], inputs[name]) for name in inputs)
    if not fits:
        wanted = ", ".join(f"{name} {list(array.shape)}" for name, array in feeds.items())
        raise ModelError(f"{weights.path}: wanted is a graph from {wanted} to {output}, not from {inputs} to {outputs}")
    found = session.run([output], {name: feeds[name] for name in inputs})[0]
    return np.ascontiguousarray(found, dtype=np.float32)


def _fits(array: np.ndarray, shape: list[int | str | None]) -> bool:
    """Whether an array has the shape that a graph asks for; sizes that are no numbers are free."""
    same = (not isinstance(wanted, int) or wanted == size for size, wanted in zip(array.shape, shape, strict=False))
    return array.ndim == len(shape) and all(same)


@cache
def _session(path: Path, sha256: str) -> Any:  # noqa: ANN401 - onnxruntime has no types
    """The loaded graph, once per process."""
    from onnxruntime.capi.onnxruntime_pybind11_state import Fail, InvalidGraph, InvalidProtobuf

    from heterophony.encoders.onnx_session import single_thread_session

    try:
        return single_thread_session(path)
    except (Fail, InvalidGraph, InvalidProtobuf) as error:
        said = " ".join(str(error).split())[:300]
        raise ModelError(f"{path}: not an ONNX graph that can be run (SHA-256 {sha256[:16]}…): {said}") from error
