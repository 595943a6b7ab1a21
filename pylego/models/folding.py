"""Make a model again for prediction: with fewer layers that compute the same, but for rounding."""

from __future__ import annotations

from typing import Any

import numpy as np

from pylego.graph.node import Node
from pylego.layers import (
    BatchNormalization,
    Conv1D,
    Conv2D,
    Conv3D,
    Dense,
    DepthwiseConv1D,
    DepthwiseConv2D,
    Identity,
    Layer,
    ZeroPadding2D,
)
from pylego.layers.windows import span
from pylego.models.captions import has_graph
from pylego.models.cloning import clone_model
from pylego.models.model import Model
from pylego.ops.windows import same
from pylego.registry.shown import shown

# Layers whose outputs are sums of products with a kernel, plus a bias: one of each channel.
_LINEAR = Conv1D, Conv2D, Conv3D, Dense, DepthwiseConv1D, DepthwiseConv2D
_WITH_SAME_PADDING = Conv2D, DepthwiseConv2D


def fold_for_inference(model: Model) -> Model:
    """Make a copy of a trained model that predicts the same with less work.

    Two things are folded. A `BatchNormalization` becomes a part of the kernel and the bias of the
    convolution or `Dense` layer in front of it, if nothing else reads that layer's output: with
    f = gamma / sqrt(variance + epsilon), the kernel is multiplied by f, and the bias is
    (bias - mean) * f + beta. A `ZeroPadding2D` in front of a convolution becomes its
    padding='same', where that means the same zeros. `Identity` layers stand where these were.

    The results differ from those of the model by rounding, hence it is done by request only. The
    copy has weights of its own: training the model later does not change them. It can be trained
    on, saved and used as any model, but where a normalization was, there is none any more.

    Args:
        model: a `Sequential`, or a model with a graph. Such models inside of it are folded, too.

    Raises:
        TypeError: for what is not a model.
        ValueError: for a model that computes in a `call` of its own, or has no weights yet.

    >>> from pylego import Sequential, layers
    >>> model = Sequential([
    ...     layers.Input((8, 8, 3)),
    ...     layers.Conv2D(4, 3, use_bias=False),
    ...     layers.BatchNormalization(),
    ... ])
    >>> folded = fold_for_inference(model)
    >>> [type(layer).__name__ for layer in folded.layers], folded.count_params()
    (['Conv2D', 'Identity'], 112)
    """
    if not isinstance(model, Model):
        raise TypeError(f"fold_for_inference takes a model. Received: {shown(model)}")
    if not has_graph(model):
        raise ValueError(
            f"fold_for_inference: {model.name!r} has no graph that shows which layer reads which. "
            "It takes a Sequential with an Input, and Model(inputs, outputs)"
        )
    found = _Folds()
    found.look_into(model)
    clones: dict[int, Any] = {}
    folded = clone_model(model, clone_function=found.clone, recursive=True, cache=clones)
    found.set_weights(model, clones)
    return folded


class _Folds:
    """What is folded into which layer."""

    def __init__(self) -> None:
        self.normalizations: dict[int, BatchNormalization] = {}  # by the id of the layer before
        self.padded: set[int] = set()  # ids of convolutions that take the zeros in front of them
        self.dropped: set[int] = set()  # ids of layers that are folded

    # ---- what can be folded ----

    def look_into(self, model: Any) -> None:
        readers: dict[int, list[Node]] = {}
        calls: dict[int, int] = {}
        for node in model._function.nodes:
            calls[id(node.operation)] = calls.get(id(node.operation), 0) + 1
            for x in node.inputs:
                readers.setdefault(id(x), []).append(node)
            if has_graph(node.operation):
                self.look_into(node.operation)
        outputs = {id(x) for x in model._function.outputs}
        for node in model._function.nodes:
            behind = readers.get(id(node.outputs[0]), [])
            is_single = len(behind) == 1 and id(node.outputs[0]) not in outputs
            if is_single and calls[id(node.operation)] == calls[id(behind[0].operation)] == 1:
                self._look_at(node, behind[0])

    def _look_at(self, node: Node, behind: Node) -> None:
        layer, reader = node.operation, behind.operation
        if _is_normalized(layer, reader, node.outputs[0].ndim):
            self.normalizations[id(layer)] = reader
            self.dropped.add(id(reader))
        elif _is_padded(reader, layer, node):
            self.padded.add(id(reader))
            self.dropped.add(id(layer))

    # ---- the copy ----

    def clone(self, layer: Layer) -> Layer:
        if id(layer) in self.dropped:
            return Identity(name=layer.name, dtype=layer.dtype_policy)
        changes: dict[str, Any] = {}
        if id(layer) in self.normalizations:
            changes["use_bias"] = True
        if id(layer) in self.padded:
            changes["padding"] = "same"
        return type(layer).from_config({**layer.get_config(), **changes})

    def set_weights(self, model: Model, clones: dict[int, Any]) -> None:
        for layer in model._flatten_layers():
            if has_graph(layer) or id(layer) not in clones or id(layer) in self.dropped:
                continue
            normalization = self.normalizations.get(id(layer))
            weights = _folded(layer, normalization) if normalization else layer.get_weights()
            clones[id(layer)].set_weights(weights)


def _is_normalized(layer: Any, normalization: Any, rank: int) -> bool:
    """Whether it is a normalization that scales what the layer sums, channel by channel."""
    if type(layer) not in _LINEAR or type(normalization) is not BatchNormalization:
        return False
    is_first = getattr(layer, "data_format", None) == "channels_first"
    return (
        normalization.axis % rank == (1 if is_first else rank - 1)
        and layer.get_config()["activation"] == "linear"
        and layer.activity_regularizer is None
        and layer.compute_dtype == layer.variable_dtype == normalization.compute_dtype
    )


def _is_padded(layer: Any, padding: Any, call: Node) -> bool:
    """Whether a convolution's padding='same' would add the zeros that a call of `padding` adds."""
    if type(layer) not in _WITH_SAME_PADDING or type(padding) is not ZeroPadding2D:
        return False
    shape = call.inputs[0].shape
    lengths: Any = shape[2:] if padding.data_format == "channels_first" else shape[1:-1]
    if layer.padding != "valid" or layer.data_format != padding.data_format or None in lengths:
        return False
    spans = map(span, layer.kernel_size, layer.dilation_rate)
    return tuple(padding.padding) == tuple(map(same, lengths, spans, layer.strides))


def _folded(layer: Any, normalization: Any) -> list[np.ndarray]:
    """The kernel and the bias, computed in float64."""
    kernel, *bias = (weight.astype(np.float64) for weight in layer.get_weights())
    factor = 1.0 / np.sqrt(normalization.moving_variance.numpy() + float(normalization.epsilon))
    if normalization.gamma is not None:
        factor = factor * normalization.gamma.numpy()
    shift = (bias[0] if bias else 0.0) - normalization.moving_mean.numpy()
    shift = shift * factor
    if normalization.beta is not None:
        shift = shift + normalization.beta.numpy()
    is_depthwise = isinstance(layer, (DepthwiseConv1D, DepthwiseConv2D))
    return [kernel * (factor.reshape(kernel.shape[-2:]) if is_depthwise else factor), shift]
