"""Graphs of layers and ops: placeholders, the calls between them, and the graph of these calls.

`KerasTensor` is a placeholder, `Node` a call of an `Operation` or a layer, `Function` the graph
from some placeholders to others, which runs on tensors.
"""

from pylego.graph.function import Function
from pylego.graph.keras_tensor import KerasHistory, KerasTensor
from pylego.graph.node import Node
from pylego.graph.operation import FunctionOperation, Operation

__all__ = ["Function", "FunctionOperation", "KerasHistory", "KerasTensor", "Node", "Operation"]
