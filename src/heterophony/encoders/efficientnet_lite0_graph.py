"""The network of EfficientNet-Lite0, written as an ONNX graph.

Source: Tan and Le, "EfficientNet", ICML 2019, table 1; the Lite variants (tensorflow/tpu, efficientnet/lite) have no
squeeze and excitation, ReLU6 in place of swish, and a stem and head that are not scaled. Convolutions pad as
TensorFlow's "SAME": where a stride leaves an odd number, the extra zero comes after. Batch normalisation (epsilon
0.001) is folded into the weights of the convolution before it::

    w' = w g / sqrt(v + e)        b' = b - m g / sqrt(v + e)
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import onnx
from jaxtyping import Float32, Int64
from onnx import helper, numpy_helper

from heterophony.encoders.efficientnet_lite0 import NORM_EPS, SIZE, STAGES

OPSET = 17
IR_VERSION = 8
# The integers are counters of batch normalisation, which nothing here reads.
Weights = Mapping[str, Float32[np.ndarray, "..."] | Int64[np.ndarray, ""]]


@dataclass(slots=True)
class _Graph:
    """Nodes and constants as they are added, and the name of what the last node gave."""

    weights: Weights
    last: str = "pixels"
    nodes: list[onnx.NodeProto] = field(default_factory=list)
    constants: list[onnx.TensorProto] = field(default_factory=list)

    def add(self, op: str, inputs: list[str], **attributes: Any) -> None:  # noqa: ANN401 - as ONNX takes them
        """A node; what it gives is what the next one takes."""
        output = f"{op}_{len(self.nodes)}"
        self.nodes.append(helper.make_node(op, inputs, [output], **attributes))
        self.last = output

    def constant(self, name: str, value: Float32[np.ndarray, "..."]) -> str:
        """A constant tensor; returns its name."""
        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name

    def convolution(self, name: str, norm: str, *, stride: int = 1, depthwise: bool = False) -> None:
        """Convolution and the batch normalisation after it, as one node."""
        weight = self.weights[f"{name}.weight"]
        gain = self.weights[f"{norm}.weight"] / np.sqrt(self.weights[f"{norm}.running_var"] + NORM_EPS)
        shift = self.weights[f"{norm}.bias"] - self.weights[f"{norm}.running_mean"] * gain
        inputs = [
            self.last,
            self.constant(f"{name}.weight", weight * gain[:, None, None, None]),
            self.constant(f"{name}.bias", shift),
        ]
        groups = len(weight) if depthwise else 1
        self.add("Conv", inputs, strides=[stride, stride], group=groups, auto_pad="SAME_UPPER")

    def relu6(self) -> None:
        """Cuts off below 0 and above 6."""
        self.add("Clip", [self.last, "zero", "six"])

    def block(self, name: str, *, expansion: int, stride: int, residual: bool) -> None:
        """Inverted residual: 1 x 1 up, depthwise, 1 x 1 down without activation, plus the input where shapes agree."""
        before = self.last
        if expansion > 1:
            self.convolution(f"{name}._expand_conv", f"{name}._bn0")
            self.relu6()
        self.convolution(f"{name}._depthwise_conv", f"{name}._bn1", stride=stride, depthwise=True)
        self.relu6()
        self.convolution(f"{name}._project_conv", f"{name}._bn2")
        if residual:
            self.add("Add", [self.last, before])


def lite0_graph(weights: Weights) -> onnx.ModelProto:
    """The network, for any number of pictures.

    Input "pixels" `[n, 3, 224, 224]`, about -1..1; outputs "embedding" `[n, 1280]` and "logits" `[n, 1000]` (ImageNet).

    Args:
        weights: The published tensors by their published names.
    """
    graph = _Graph(weights)
    graph.constant("zero", np.array(0.0, dtype=np.float32))
    graph.constant("six", np.array(6.0, dtype=np.float32))
    graph.convolution("_conv_stem", "_bn0", stride=2)
    graph.relu6()
    number = 0
    for expansion, _, first_stride, _, blocks in STAGES:
        for place in range(blocks):
            stride = first_stride if place == 0 else 1
            graph.block(f"_blocks.{number}", expansion=expansion, stride=stride, residual=place > 0)
            number += 1
    graph.convolution("_conv_head", "_bn1")
    graph.relu6()
    graph.add("GlobalAveragePool", [graph.last])
    graph.nodes.append(helper.make_node("Flatten", [graph.last], ["embedding"]))
    classifier = [graph.constant("_fc.weight", weights["_fc.weight"]), graph.constant("_fc.bias", weights["_fc.bias"])]
    graph.nodes.append(helper.make_node("Gemm", ["embedding", *classifier], ["logits"], transB=1))
    return _model(graph)


def _model(graph: _Graph) -> onnx.ModelProto:
    shapes: dict[str, list[int | str]] = {
        "pixels": ["n", 3, SIZE, SIZE],
        "embedding": ["n", 1280],
        "logits": ["n", 1000],
    }
    ends = {name: helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, shape) for name, shape in shapes.items()}
    body = helper.make_graph(
        graph.nodes, "efficientnet-lite0", [ends["pixels"]], [ends["embedding"], ends["logits"]], graph.constants
    )
    return helper.make_model(body, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR_VERSION)
