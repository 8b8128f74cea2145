"""The reader's network as an ONNX graph without its weights, which ONNX Runtime is given when it loads it.

Its products are in 8-bit integers (weights by column, activations by tensor, as they come), everything else in
float32. Written by `python -m qa.reader.train`; nothing here is needed to answer a question.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper

from ingest.minilm import HEADS, LAYERS, WIDTH

Arrays = dict[str, NDArray[np.generic]]
MICROSOFT = "com.microsoft"


def quantized(weights: Mapping[str, NDArray[np.float32]]) -> Arrays:
    """The weights as the graph wants them: matrices of the layers in int8 with a scale a column, the rest float32."""
    arrays: Arrays = {}
    for name, values in weights.items():
        if name.startswith("encoder.") and values.ndim == 2:
            columns = values.T.astype(np.float32)
            scale = np.abs(columns).max(axis=0) / 127
            arrays[name] = np.ascontiguousarray(np.round(columns / scale).astype(np.int8))
            arrays[f"{name}.scale"] = scale.astype(np.float32)
        else:
            arrays[name] = np.ascontiguousarray(values, np.float32)
    return arrays


def restored(arrays: Mapping[str, NDArray[np.generic]]) -> dict[str, NDArray[np.float32]]:
    """The weights that quantized() has made into arrays, as near as 8 bits tell them."""
    floats = {name: values.astype(np.float32) for name, values in arrays.items()}
    return {
        name: (floats[name] * floats[f"{name}.scale"]).T if f"{name}.scale" in arrays else floats[name]
        for name in arrays
        if not name.endswith(".scale")
    }


def skeleton(arrays: Arrays) -> bytes:
    """The graph: `states`, the embedded tokens of one window (tokens, 384), to `read`, its last hidden states."""
    graph = _Graph(arrays)
    states = "states"
    for layer in range(LAYERS):
        name = f"encoder.layer.{layer}"
        mixed = graph.linear(graph.attention(states, f"{name}.attention.self"), f"{name}.attention.output.dense")
        states = graph.norm(graph.node("Add", states, mixed), f"{name}.attention.output")
        inner = graph.node("Gelu", graph.linear(states, f"{name}.intermediate.dense"), domain=MICROSOFT)
        states = graph.norm(graph.node("Add", states, graph.linear(inner, f"{name}.output.dense")), f"{name}.output")
    return graph.serialized(states)


class _Graph:
    """Nodes and constants so far."""

    def __init__(self, arrays: Arrays) -> None:
        self._arrays = arrays
        self._nodes: list[onnx.NodeProto] = []
        self._constants: dict[str, onnx.TensorProto] = {}

    def node(self, operator: str, *inputs: str, domain: str = "", **attributes: Any) -> str:  # noqa: ANN401
        output = f"{operator}.{len(self._nodes)}"
        self._nodes.append(helper.make_node(operator, inputs, [output], domain=domain, **attributes))
        return output

    def linear(self, states: str, name: str) -> str:
        inputs = (
            self._weight(f"{name}.weight"),
            self._weight(f"{name}.weight.scale"),
            "",
            self._weight(f"{name}.bias"),
        )
        return self.node("DynamicQuantizeMatMul", states, *inputs, domain=MICROSOFT)

    def norm(self, states: str, name: str) -> str:
        inputs = (self._weight(f"{name}.LayerNorm.weight"), self._weight(f"{name}.LayerNorm.bias"))
        return self.node("LayerNormalization", states, *inputs, axis=-1, epsilon=1e-12)

    def attention(self, states: str, name: str) -> str:
        shape = self._constant("shape", np.array([-1, 3, HEADS, WIDTH // HEADS]))
        joined = self.node("Reshape", self.linear(states, name), shape)
        by_head = self.node("Transpose", joined, perm=[1, 2, 0, 3])
        query, key, value = (
            self.node("Gather", by_head, self._constant(f"part.{part}", np.array(part)), axis=0) for part in range(3)
        )
        scaled = self.node("Mul", query, self._constant("scale", np.array((WIDTH // HEADS) ** -0.5, np.float32)))
        likeness = self.node("MatMul", scaled, self.node("Transpose", key, perm=[0, 2, 1]))
        heads = self.node("MatMul", self.node("Softmax", likeness, axis=-1), value)
        together = self.node("Transpose", heads, perm=[1, 0, 2])
        return self.node("Reshape", together, self._constant("flat", np.array([-1, WIDTH])))

    def serialized(self, output: str) -> bytes:
        self._nodes.append(helper.make_node("Identity", [output], ["read"]))
        ends = [
            helper.make_tensor_value_info(name, TensorProto.FLOAT, ["tokens", WIDTH]) for name in ("states", "read")
        ]
        graph = helper.make_graph(self._nodes, "reader", ends[:1], ends[1:], list(self._constants.values()))
        opsets = [helper.make_opsetid("", 20), helper.make_opsetid(MICROSOFT, 1)]
        model: bytes = helper.make_model(graph, opset_imports=opsets, ir_version=10).SerializeToString()
        return model

    def _constant(self, name: str, value: NDArray[np.generic]) -> str:
        self._constants[name] = onnx.numpy_helper.from_array(value, name)
        return name

    def _weight(self, name: str) -> str:
        """A weight of which only name, type and shape stand in the graph; whoever loads it gives the values."""
        values = self._arrays[name]
        kind = TensorProto.INT8 if values.dtype == np.int8 else TensorProto.FLOAT
        tensor = onnx.TensorProto(name=name, data_type=kind, dims=values.shape)
        tensor.data_location = TensorProto.EXTERNAL
        tensor.external_data.add(key="location", value="reader.safetensors")
        self._constants[name] = tensor
        return name
