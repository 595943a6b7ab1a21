"""The bricks of the registry, and applying them."""

from __future__ import annotations

import itertools
import struct
from collections.abc import Iterator, Sequence
from typing import Any

from pylego.engine.library import MAX_RANK, ffi, handles, lib

__all__ = ["BRICKS", "Brick", "apply", "apply_all", "brick_at"]


class Brick:
    """A brick of the registry: its name, its formula, and how its attributes lie in slots."""

    __slots__ = (
        "_words",
        "attributes",
        "capsule",
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
        self.capsule: Any = None  # the brick as apply takes it; that of a loop has none
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

for _brick in BRICKS.values():
    _brick.capsule = handles.brick(_brick.name)
_apply, _apply_all = handles.apply, handles.apply_all


def brick_at(pointer: Any) -> Brick:
    """Return the brick at an address; that of a loop is in no registry."""
    return BRICKS.get(ffi.string(lib.lego_brick_name(pointer)).decode()) or Brick(pointer)


def apply(
    name: str, inputs: Sequence[Any], attributes: dict[str, Any], kind: type[Any] | None = None
) -> Any:
    """Apply a brick that has one output.

    Args:
        name: of the brick.
        inputs: handles, or objects that hold them.
        attributes: all that the brick has.
        kind: of what comes out, a class below `Holder`; None: a handle.

    Returns:
        None when an input neither is a handle nor holds one.
    """
    return _apply(kind, BRICKS[name].capsule, inputs, attributes)


def apply_all(
    name: str,
    inputs: Sequence[Any],
    attributes: dict[str, Any],
    most: int,
    kind: type[Any] | None = None,
) -> list[Any] | None:
    """Apply a brick that has at most `most` outputs; see `apply`."""
    return _apply_all(kind, BRICKS[name].capsule, inputs, attributes, most)
