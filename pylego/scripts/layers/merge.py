"""`Merge` and `merge` of Keras 1: one word for all layers that join several inputs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from pylego import layers
from pylego.layers import Input, Lambda, Layer
from pylego.models import Model, Sequential
from pylego.names import unknown
from pylego.older.layer_words import MERGES


def merge(
    inputs: Sequence[Any],
    mode: str | Callable = "sum",
    concat_axis: int = -1,
    dot_axes: Any = -1,
    output_shape: Any = None,
    output_mask: Any = None,
    arguments: Mapping[str, Any] | None = None,
    name: str | None = None,
) -> Any:
    """Join placeholders or tensors.

    Args:
        inputs: two or more.
        mode: 'sum', 'mul', 'concat', 'ave', 'max', 'dot', 'cos', or a function of the list.
        concat_axis: along which 'concat' joins.
        dot_axes: over which 'dot' and 'cos' sum.
        output_shape: of one sample, for a function.
        output_mask: a mask of the outputs, for a function.
        arguments: further arguments of a function.
        name: of the layer.

    Raises:
        ValueError: for another mode.

    >>> merge([Input((2,)), Input((3,))], mode="concat").shape
    (None, 5)
    """
    layer = _layer(mode, concat_axis, dot_axes, output_shape, output_mask, arguments, name)
    return layer(list(inputs))


def Merge(  # noqa: N802 - it was a class
    layers: Sequence[Layer] | None = None,
    mode: str | Callable = "sum",
    concat_axis: int = -1,
    dot_axes: Any = -1,
    output_shape: Any = None,
    output_mask: Any = None,
    arguments: Mapping[str, Any] | None = None,
    name: str | None = None,
) -> Layer:
    """Return a layer that joins its inputs; or, given models, one model that joins their outputs.

    Args:
        layers: models or first layers whose outputs are joined; a `Sequential` may begin with it.
        mode: see `merge`, as the others.
        concat_axis: along which 'concat' joins.
        dot_axes: over which 'dot' and 'cos' sum.
        output_shape: of one sample, for a function.
        output_mask: a mask of the outputs, for a function.
        arguments: further arguments of a function.
        name: of the layer.

    Raises:
        ValueError: for another mode, and models whose inputs are not known.
    """
    layer = _layer(mode, concat_axis, dot_axes, output_shape, output_mask, arguments, name)
    if not layers:
        return layer
    branches = [_as_model(one) for one in layers]
    # A branch that several Merges share has one input, which keeps its name.
    inputs = {
        x.name: Input(batch_shape=x.shape, dtype=x.dtype, name=x.name)
        for one in branches
        for x in one.inputs
    }
    outputs = []
    for one in branches:
        given = [inputs[x.name] for x in one.inputs]
        outputs.append(one(given if len(given) > 1 else given[0]))
    return Model(list(inputs.values()), layer(outputs))


def _layer(
    mode: Any,
    concat_axis: int,
    dot_axes: Any,
    output_shape: Any,
    mask: Any,
    arguments: Any,
    name: Any,
) -> Layer:
    if callable(mode):
        return Lambda(mode, output_shape, mask, arguments, name=name)
    if mode not in MERGES:
        raise unknown("mode of Merge", mode, MERGES)
    class_name, taken = MERGES[mode]
    options: dict[str, Any] = {"name": name}
    if "concat_axis" in taken:
        options["axis"] = concat_axis
    if "dot_axes" in taken:
        axes = [pair[0] for pair in dot_axes] if _are_lists(dot_axes) else dot_axes
        options.update(axes=axes, normalize=mode == "cos")
    return getattr(layers, class_name)(**options)


def _are_lists(axes: Any) -> bool:
    """Whether axes come as ([1], [1]), a list for each input."""
    return isinstance(axes, (list, tuple)) and any(isinstance(x, (list, tuple)) for x in axes)


def _as_model(layer: Layer) -> Model:
    model = layer if isinstance(layer, Model) else Sequential([layer])
    if not model.built:
        raise ValueError(
            f"Merge: the inputs of {model.name!r} are not known: give its first layer input_shape="
        )
    return model
