"""The bricks of the registry, and applying them."""

from __future__ import annotations

import itertools
import operator
import struct
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from pylego.engine.library import MAX_RANK, check, ffi, lib, raise_failure
from pylego.engine.lifetimes import OUTPUTS, Handle, own, release

__all__ = ["BRICKS", "Brick", "apply", "apply_all", "brick_at"]


class Brick:
    """A brick of the registry: its name, its formula, and how its attributes are packed."""

    __slots__ = (
        "_packed",
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
        self._packed: dict[tuple, bytes] = {}

    def __repr__(self) -> str:
        return f"<Brick {self.name}: {self.formula}>"

    def pack(self, attributes: dict[str, Any]) -> bytes:
        """Pack the attributes into the slots that the engine reads."""
        key = tuple(attributes.items())
        packed = self._packed.get(key)
        if packed is None:
            packed = self._words.pack(*self._to_words(attributes))
            if len(self._packed) > 1000:  # endless new shapes must not leak
                self._packed.clear()
            self._packed[key] = packed
        return packed

    def unpack(self, words: bytes) -> dict[str, Any]:
        """Read the slots that `pack` wrote."""
        numbers = iter(self._words.unpack(words))
        return {name: _next_value(numbers, kind) for name, kind in self.attributes}

    @property
    def attribute_bytes(self) -> int:
        """The number of bytes of the packed attributes."""
        return self._words.size

    def _to_words(self, attributes: dict[str, Any]) -> list:
        if attributes.keys() != {name for name, _ in self.attributes}:
            wanted = ", ".join(name for name, _ in self.attributes) or "none"
            raise TypeError(f"{self.name} has the attributes {wanted}; got {list(attributes)}")
        words: list = []
        for name, kind in self.attributes:
            value = attributes[name]
            if kind == lib.LEGO_INTS:
                words += self._ints_to_words(name, value)
            else:
                words.append(self._number_to_word(name, value, kind))
        return words

    def _number_to_word(self, name: str, value: Any, kind: int) -> int | float:
        try:
            if kind == lib.LEGO_FLOAT:
                return float(value)
            number = int(value) if isinstance(value, np.bool_) else operator.index(value)
        except (TypeError, ValueError, OverflowError) as error:
            wanted = "number" if kind == lib.LEGO_FLOAT else "whole number"
            raise TypeError(
                f"{self.name}: {name} must be a {wanted}. Received: {name}={value!r}"
            ) from error
        if not -(2**63) <= number < 2**63:
            raise ValueError(f"{self.name}: {name} does not fit into 64 bits: {number}")
        return number

    def _ints_to_words(self, name: str, values: Sequence[int]) -> list[int | float]:
        if len(values) > MAX_RANK:
            raise ValueError(
                f"{self.name}: a tensor has at most {MAX_RANK} axes, but {name} has {len(values)} "
                f"numbers: {tuple(values)}"
            )
        numbers: list = [self._number_to_word(name, value, lib.LEGO_INT) for value in values]
        return [len(values), *numbers, *[0] * (MAX_RANK - len(values))]


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


_ONE_OUTPUT = ffi.typeof("lego_tensor *[1]")
_COUNT = ffi.typeof("int *")


def apply(name: str, inputs: Sequence[Handle], attributes: dict[str, Any]) -> Handle:
    """Apply a brick that has one output."""
    brick = BRICKS[name]
    output = ffi.new(_ONE_OUTPUT)
    words = brick.pack(attributes) if attributes else ffi.NULL
    status = lib.lego_apply(brick.pointer, inputs, len(inputs), words, output, 1, ffi.new(_COUNT))
    if status:
        raise_failure(status)
    return ffi.gc(output[0], release)


def apply_all(
    name: str, inputs: Sequence[Handle], attributes: dict[str, Any], most: int
) -> list[Handle]:
    """Apply a brick that has at most `most` outputs."""
    brick = BRICKS[name]
    outputs = ffi.new(OUTPUTS, most)
    count = ffi.new(_COUNT)
    words = brick.pack(attributes) if attributes else ffi.NULL
    check(lib.lego_apply(brick.pointer, inputs, len(inputs), words, outputs, most, count))
    return [own(outputs[i]) for i in range(count[0])]
