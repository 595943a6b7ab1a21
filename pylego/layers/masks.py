"""Masks: which steps of a sequence count. A tensor carries its mask along from layer to layer.

A mask is a tensor of booleans, one for each step of each sample, at the tensor's `_keras_mask`.
Layers that know what to do with masks have `supports_masking`; the others let them fall, with a
warning. A layer whose `call` takes a `mask` is given that of its inputs; one that takes several
inputs by name, such as `query`, may have a `query_mask` for each.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from typing import Any

from pylego.core.tree import leaves, map_leaves


def mask_of(inputs: Any) -> Any:
    """Return the mask that a tensor carries, or those of a structure of tensors; None for none."""
    if not isinstance(inputs, (dict, list, tuple)):
        return getattr(inputs, "_keras_mask", None)
    found = map_leaves(mask_of, inputs)
    return None if all(mask is None for mask in leaves(found)) else found


def arguments_for(call_names: Sequence[str]) -> tuple[str, ...]:
    """List the arguments of a `call` that take the mask of another: `query_mask` of `query`."""
    return tuple(
        name
        for name in call_names
        if name.endswith("_mask") and name.removesuffix("_mask") in call_names
    )


def by_name(names: Sequence[str], given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the masks that arguments carry, by the names that take them, where none was given.

    Args:
        names: what `arguments_for` returned.
        given: what the layer is called with, by name.
    """
    found = {
        name: mask_of(given.get(name.removesuffix("_mask")))
        for name in names
        if given.get(name) is None
    }
    return {name: mask for name, mask in found.items() if mask is not None}


def pass_on(layer: Any, inputs: Any, carried: Any, outputs: Any) -> None:
    """Let what came out carry the mask that the layer computes for it.

    Args:
        layer: whose outputs they are.
        inputs: what it was called with.
        carried: their mask, or None.
        outputs: keep masks that the layer has given them itself.
    """
    if not layer.supports_masking:
        warnings.warn(
            f"Layer {layer.name!r} ({type(layer).__name__}) was given inputs with a mask, which it "
            "does not pass on: the layers behind it take all steps for real ones",
            stacklevel=3,
        )
        return
    tensors = leaves(outputs)
    if all(mask_of(tensor) is not None for tensor in tensors):
        return
    for tensor, mask in zip(tensors, leaves(layer.compute_mask(inputs, carried))):
        if mask is not None:
            tensor._keras_mask = mask
