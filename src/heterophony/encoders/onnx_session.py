"""Sessions of onnxruntime that give the same bytes every time."""

from pathlib import Path
from typing import Any

import onnxruntime


def single_thread_session(model: bytes | Path) -> Any:  # noqa: ANN401 - onnxruntime has no types
    """A session on one core of the CPU: sums are always taken in the same order, and workers do not fight for cores."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    source = model if isinstance(model, bytes) else str(model)
    return onnxruntime.InferenceSession(source, options, providers=["CPUExecutionProvider"])
