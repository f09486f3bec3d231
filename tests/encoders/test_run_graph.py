"""Graphs that the user brings are run as they are, and refused by name where they do not fit."""

from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from heterophony.encoders.own_weights import Weights
from heterophony.encoders.run_graph import run_graph
from heterophony.encoders.weights_file import sha256_of
from heterophony.errors import ModelError

MATRIX = np.arange(12, dtype=np.float32).reshape(4, 3)


@pytest.fixture
def graph(tmp_path: Path) -> Weights:
    """`out = in @ MATRIX`."""
    ends = [
        [helper.make_tensor_value_info("in", TensorProto.FLOAT, ["n", 4])],
        [helper.make_tensor_value_info("out", TensorProto.FLOAT, ["n", 3])],
    ]
    node = helper.make_node("MatMul", ["in", "matrix"], ["out"])
    built = helper.make_graph([node], "g", *ends, [numpy_helper.from_array(MATRIX, "matrix")])
    onnx.save(helper.make_model(built, opset_imports=[helper.make_opsetid("", 17)], ir_version=9), tmp_path / "g.onnx")
    return Weights(tmp_path / "g.onnx", sha256_of(tmp_path / "g.onnx"), {})


def test_the_output_is_that_of_the_graph_and_inputs_that_it_does_not_have_are_left_out(graph: Weights) -> None:
    rows = np.random.default_rng(0).normal(size=(5, 4)).astype(np.float32)
    found = run_graph(graph, {"in": rows, "mask": np.ones((5, 1), dtype=np.int64)}, "out")
    np.testing.assert_allclose(found, rows @ MATRIX, rtol=1e-6)


@pytest.mark.parametrize(
    ("name", "shape", "output"), [("in", (2, 5), "out"), ("in", (2, 4, 1), "out"), ("other", (2, 4), "out")]
)
def test_a_graph_with_other_ends_is_refused(graph: Weights, name: str, shape: tuple[int, ...], output: str) -> None:
    with pytest.raises(ModelError, match=rf"wanted is a graph from {name} \[2, .*\] to out, not from .*'n', 4"):
        run_graph(graph, {name: np.zeros(shape, dtype=np.float32)}, output)


def test_a_missing_output_is_refused(graph: Weights) -> None:
    with pytest.raises(ModelError, match=r"to audio_embeds, not from .* to \['out'\]"):
        run_graph(graph, {"in": np.zeros((1, 4), dtype=np.float32)}, "audio_embeds")


def test_what_is_no_graph_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "no.onnx"
    file.write_bytes(b"no graph at all")
    with pytest.raises(ModelError, match=r"no.onnx: not an ONNX graph that can be run"):
        run_graph(Weights(file, sha256_of(file), {}), {}, "out")
