"""A quantised graph written by hand becomes the float network it was made from."""

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from heterophony.encoders.onnx_graph import choose_ends, inline_data, only_node, set_reshape, strip_quantisation
from heterophony.encoders.onnx_session import single_thread_session
from heterophony.errors import ModelError

WEIGHT = np.array([[0.1234, -2.0], [3.0, 0.5]], dtype=np.float32)


def quantised_graph() -> onnx.ModelProto:
    """uint8 -> DQ -> Reshape [1, 2] -> Q -> DQ -> Gemm with a Q -> DQ weight -> Q -> uint8, in coarse steps of 1."""
    nodes = [
        helper.make_node("QuantizeLinear", ["w", "step", "zero"], ["w_q"]),
        helper.make_node("DequantizeLinear", ["w_q", "step", "zero"], ["w_dq"]),
        helper.make_node("DequantizeLinear", ["x", "step", "zero"], ["x_dq"]),
        helper.make_node("Reshape", ["x_dq", "shape"], ["flat"]),
        helper.make_node("QuantizeLinear", ["flat", "step", "zero"], ["flat_q"]),
        helper.make_node("DequantizeLinear", ["flat_q", "step", "zero"], ["flat_dq"]),
        helper.make_node("Gemm", ["flat_dq", "w_dq"], ["y_float"]),
        helper.make_node("QuantizeLinear", ["y_float", "step", "zero"], ["y"]),
    ]
    initializers = [
        numpy_helper.from_array(WEIGHT, "w"),
        numpy_helper.from_array(np.array(1.0, dtype=np.float32), "step"),
        numpy_helper.from_array(np.array(0, dtype=np.uint8), "zero"),
        numpy_helper.from_array(np.array([1, 2], dtype=np.int64), "shape"),
    ]
    x = helper.make_tensor_value_info("x", TensorProto.UINT8, [1, 2, 1])
    y = helper.make_tensor_value_info("y", TensorProto.UINT8, [1, 2])
    graph = helper.make_graph(nodes, "tiny", [x], [y], initializers)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=10)


def test_the_stripped_graph_multiplies_in_float_for_any_batch() -> None:
    model = quantised_graph()
    strip_quantisation(model)
    flat = set_reshape(model, [-1, 2])
    choose_ends(model, {"x": ["n", 2, 1]}, {flat: ["n", 2], only_node(model, "Gemm").output[0]: ["n", 2]})
    onnx.checker.check_model(model)
    x = np.random.default_rng(0).normal(size=(3, 2, 1)).astype(np.float32)
    flat_out, y = single_thread_session(model.SerializeToString()).run(None, {"x": x})
    np.testing.assert_array_equal(flat_out, x[:, :, 0])
    np.testing.assert_allclose(y, x[:, :, 0] @ WEIGHT, rtol=1e-6)


def test_only_what_is_used_stays_in_the_graph() -> None:
    model = quantised_graph()
    strip_quantisation(model)
    assert [node.op_type for node in model.graph.node] == ["Reshape", "Gemm"]
    assert {tensor.name for tensor in model.graph.initializer} == {"w", "shape"}


def test_external_tensors_move_into_the_model() -> None:
    model = quantised_graph()
    tensor = model.graph.initializer[0]
    raw = tensor.raw_data
    tensor.ClearField("raw_data")
    tensor.data_location = TensorProto.EXTERNAL
    for key, value in {"location": "elsewhere", "offset": "4", "length": str(len(raw))}.items():
        tensor.external_data.add(key=key, value=value)
    inline_data(model, b"skip" + raw + b"more")
    np.testing.assert_array_equal(numpy_helper.to_array(model.graph.initializer[0]), WEIGHT)


def test_a_graph_without_the_wanted_node_is_refused() -> None:
    with pytest.raises(ModelError, match="one Conv wanted, 0 found"):
        only_node(quantised_graph(), "Conv")


def test_a_reshape_whose_shape_is_computed_is_refused() -> None:
    model = quantised_graph()
    model.graph.initializer[3].name = "elsewhere"
    with pytest.raises(ModelError, match="not a constant"):
        set_reshape(model, [-1, 2])
