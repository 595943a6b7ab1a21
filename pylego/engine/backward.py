"""Tapes, which record bricks as they are applied, and the backward pass along them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from pylego.engine.bricks import Brick, brick_at
from pylego.engine.custom_gradients import raise_what_gradients_raised
from pylego.engine.dtypes import DTYPES
from pylego.engine.library import check, ffi, lib
from pylego.engine.lifetimes import OUTPUTS, Handle, own

__all__ = [
    "TAPE_ASKED",
    "TAPE_PAUSED",
    "TAPE_VARIABLES",
    "TapeNode",
    "TapeOperand",
    "backward",
    "forget_gradient",
    "gradient_of",
    "gradients",
    "history",
    "tape",
]

TAPE_PAUSED = int(lib.LEGO_TAPE_PAUSED)
TAPE_ASKED = int(lib.LEGO_TAPE_ASKED)
TAPE_VARIABLES = int(lib.LEGO_TAPE_VARIABLES)


def tape(taping: int) -> int:
    """Set which bricks this thread records on tapes; return the former setting."""
    return lib.lego_tape(taping)


def gradients(
    targets: Sequence[Handle],
    seeds: Sequence[Handle | None],
    sources: Sequence[Handle],
    is_recorded: bool,
) -> list[Handle | None]:
    """Return gradients of the targets; None for sources that no target depends on."""
    found = ffi.new(OUTPUTS, len(sources))
    plain_seeds = [ffi.NULL if seed is None else seed.pointer for seed in seeds]
    by, to = [x.pointer for x in sources], [y.pointer for y in targets]
    status = lib.lego_gradients(to, plain_seeds, len(to), by, len(by), is_recorded, found)
    raise_what_gradients_raised(status)
    return [None if pointer == ffi.NULL else own(pointer) for pointer in found]


def backward(handle: Handle, seed: Handle | None, is_recorded: bool) -> None:
    """Run the backward pass from the tensor and store gradients at all watched leaves."""
    flowing = ffi.NULL if seed is None else seed.pointer
    raise_what_gradients_raised(lib.lego_backward(handle.pointer, flowing, is_recorded))


def gradient_of(handle: Handle) -> Handle | None:
    """Return the gradient that backward() stored at the tensor."""
    pointer = lib.lego_tensor_gradient(handle.pointer)
    return None if pointer == ffi.NULL else own(pointer)


def forget_gradient(handle: Handle) -> None:
    """Drop the gradient that backward() stored at the tensor."""
    lib.lego_tensor_forget_gradient(handle.pointer)


class TapeOperand(NamedTuple):
    """An input or an output of a node; see lego_node_operand in lego.h."""

    node: int  # the index of the node that made this input; -1: none
    output: int
    leaf: int  # the number of this input among the leaves; -1: it is none
    dtype: str
    shape: tuple[int, ...]
    keeps_numbers: bool


class TapeNode(NamedTuple):
    """One application of a brick that the tape keeps."""

    brick: Brick
    inputs: tuple[TapeOperand, ...]
    outputs: tuple[TapeOperand, ...]


def history(handle: Handle) -> list[TapeNode]:
    """Return the nodes that a gradient of the tensor passes through, the youngest first."""
    found = lib.lego_tensor_history(handle.pointer)
    if found == ffi.NULL:
        raise MemoryError("there is no memory for the history of the tensor")
    try:
        return [_node(found, i) for i in range(lib.lego_history_count(found))]
    finally:
        lib.lego_history_free(found)


def _node(found: Handle, index: int) -> TapeNode:
    info = ffi.new("lego_node_info *")
    check(lib.lego_history_node(found, index, info))
    operands = tuple(_operand(found, index, i) for i in range(info.inputs + info.outputs))
    return TapeNode(brick_at(info.brick), operands[: info.inputs], operands[info.inputs :])


def _operand(found: Handle, index: int, which: int) -> TapeOperand:
    info = ffi.new("lego_node_operand *")
    check(lib.lego_history_operand(found, index, which, info))
    shape = tuple(ffi.unpack(info.shape, info.rank))
    return TapeOperand(
        info.node, info.output, info.leaf, DTYPES[info.dtype], shape, info.keeps_numbers
    )
