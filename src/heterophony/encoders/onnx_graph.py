"""Surgery on ONNX graphs: from a quantised graph to the float network inside it.

A graph in QDQ form stores float weights and simulates integers by pairs of QuantizeLinear and DequantizeLinear.
Without these pairs the same graph is the float network that was quantised.
"""

from collections.abc import Mapping, MutableSequence, Sequence
from typing import TypeVar

import numpy as np
import onnx
from onnx import numpy_helper

from heterophony.errors import ModelError

Item = TypeVar("Item")
QUANTISING = frozenset({"QuantizeLinear", "DequantizeLinear"})


def inline_data(model: onnx.ModelProto, data: bytes) -> None:
    """Puts the tensors that `model` keeps in an external file, whose content is `data`, into the model itself."""
    for tensor in model.graph.initializer:
        if tensor.data_location != onnx.TensorProto.EXTERNAL:
            continue
        where = {entry.key: entry.value for entry in tensor.external_data}
        start = int(where.get("offset", 0))
        tensor.raw_data = data[start : start + int(where["length"])]
        tensor.data_location = onnx.TensorProto.DEFAULT
        del tensor.external_data[:]


def strip_quantisation(model: onnx.ModelProto) -> None:
    """Takes every QuantizeLinear and DequantizeLinear out, and what only they used.

    The nodes must be in topological order, as ONNX demands. Inputs, outputs and remembered shapes are the caller's
    business (`choose_outputs`): a quantised input becomes a float one.
    """
    graph = model.graph
    source: dict[str, str] = {}
    kept = []
    for node in graph.node:
        if node.op_type in QUANTISING:
            source[node.output[0]] = source.get(node.input[0], node.input[0])
            continue
        node.input[:] = [source.get(name, name) for name in node.input]
        kept.append(node)
    used = {name for node in kept for name in node.input}
    initializers = [tensor for tensor in graph.initializer if tensor.name in used]
    _replace(graph.node, kept)
    _replace(graph.initializer, initializers)
    _replace(graph.value_info, [])


def set_reshape(model: onnx.ModelProto, shape: Sequence[int]) -> str:
    """Gives the only Reshape of the graph a new target shape; returns the name of its output.

    Raises:
        ModelError: There is not exactly one Reshape with a constant shape.
    """
    node = only_node(model, "Reshape")
    for tensor in model.graph.initializer:
        if tensor.name == node.input[1]:
            tensor.CopyFrom(numpy_helper.from_array(np.array(shape, dtype=np.int64), tensor.name))
            return str(node.output[0])
    raise ModelError(f"graph {model.graph.name!r}: the shape of Reshape {node.name!r} is not a constant")


def only_node(model: onnx.ModelProto, op_type: str) -> onnx.NodeProto:
    """The one node of this type.

    Raises:
        ModelError: There is none or more than one.
    """
    found = [node for node in model.graph.node if node.op_type == op_type]
    if len(found) != 1:
        raise ModelError(f"graph {model.graph.name!r}: one {op_type} wanted, {len(found)} found")
    node: onnx.NodeProto = found[0]
    return node


def choose_ends(
    model: onnx.ModelProto, inputs: Mapping[str, Sequence[int | str]], outputs: Mapping[str, Sequence[int | str]]
) -> None:
    """Declares float32 inputs and outputs: names of tensors with their shapes (a word stands for any size)."""
    graph = model.graph
    for ends, wanted in ((graph.input, inputs), (graph.output, outputs)):
        _replace(ends, [_float_info(name, shape) for name, shape in wanted.items()])


def _float_info(name: str, shape: Sequence[int | str]) -> onnx.ValueInfoProto:
    return onnx.helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, list(shape))


def _replace(field: MutableSequence[Item], values: Sequence[Item]) -> None:
    """Replaces the content of a repeated field."""
    del field[:]
    field.extend(values)
