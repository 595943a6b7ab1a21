"""The bricks of the registry, and applying them."""

from __future__ import annotations

import itertools
import struct
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from pylego.engine.library import MAX_RANK, ffi, handles, lib

__all__ = [
    "BRICKS",
    "Brick",
    "apply",
    "apply_all",
    "block_of",
    "brick_at",
    "change",
    "connect_tensors",
    "in_dtype",
    "is_shape",
    "next_key",
    "set_autocast",
    "set_shape_class",
]

if TYPE_CHECKING:
    from pylego._handles import (
        apply,
        apply_all,
        block_of,
        change,
        connect_tensors,
        in_dtype,
        is_shape,
        next_key,
        set_autocast,
        set_shape_class,
    )
else:  # csrc/calls.c, csrc/keys.c, csrc/attributes.c
    apply, apply_all = handles.apply, handles.apply_all
    block_of, change, is_shape = handles.block_of, handles.change, handles.is_shape
    connect_tensors, in_dtype = handles.connect_tensors, handles.in_dtype
    next_key, set_autocast = handles.next_key, handles.set_autocast
    set_shape_class = handles.set_shape_class


class Brick:
    """A brick of the registry: its name, its formula, and how its attributes lie in slots."""

    __slots__ = (
        "_words",
        "attributes",
        "formula",
        "has_gradient",
        "inputs",
        "name",
        "outputs",
        "pointer",
    )  # fmt: skip

    def __init__(self, pointer: Any):
        self.pointer = pointer
        self.name = ffi.string(lib.lego_brick_name(pointer)).decode()
        self.formula = ffi.string(lib.lego_brick_formula(pointer)).decode()
        self.inputs: int = lib.lego_brick_inputs(pointer)
        self.outputs: int = lib.lego_brick_outputs(pointer)
        self.has_gradient = bool(lib.lego_brick_has_gradient(pointer))
        self.attributes = tuple(
            (
                ffi.string(lib.lego_brick_attribute_name(pointer, i)).decode(),
                int(lib.lego_brick_attribute_kind(pointer, i)),
            )
            for i in range(lib.lego_brick_attribute_count(pointer))
        )
        formats = {lib.LEGO_INT: "q", lib.LEGO_FLOAT: "d", lib.LEGO_INTS: f"q{MAX_RANK}q"}
        self._words = struct.Struct("=" + "".join(formats[kind] for _, kind in self.attributes))

    def __repr__(self) -> str:
        return f"<Brick {self.name}: {self.formula}>"

    def unpack(self, words: bytes) -> dict[str, Any]:
        """Read slots, as the engine has them."""
        numbers = iter(self._words.unpack(words))
        return {name: _next_value(numbers, kind) for name, kind in self.attributes}

    @property
    def attribute_bytes(self) -> int:
        """The number of bytes of its attributes' slots."""
        return self._words.size


def _next_value(words: Iterator[Any], kind: int) -> Any:
    if kind != lib.LEGO_INTS:
        return next(words)
    count = next(words)
    return tuple(itertools.islice(words, MAX_RANK))[:count]


BRICKS: dict[str, Brick] = {
    brick.name: brick
    for brick in (Brick(lib.lego_brick_at(i)) for i in range(lib.lego_brick_count()))
}


def brick_at(pointer: Any) -> Brick:
    """Return the brick at an address; that of a loop is in no registry."""
    return BRICKS.get(ffi.string(lib.lego_brick_name(pointer)).decode()) or Brick(pointer)
