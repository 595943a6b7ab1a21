"""Which instruction set the bricks are compiled for: the best one, or what PYLEGO_ISA names."""

from __future__ import annotations

import os
import warnings

from pylego.engine.bricks import BRICKS
from pylego.engine.library import check, ffi, handles, lib

__all__ = ["isa", "isas", "set_isa"]


def isas() -> tuple[str, ...]:
    """Return the instruction sets that this machine runs, the best one last."""
    return tuple(ffi.string(lib.lego_isa_at(i)).decode() for i in range(lib.lego_isa_count()))


def isa() -> str:
    """Return the instruction set that bricks are compiled for."""
    return ffi.string(lib.lego_isa()).decode()


def set_isa(name: str) -> None:
    """Take the bricks of another instruction set from now on."""
    check(lib.lego_set_isa(name.encode()))
    for brick in BRICKS.values():
        brick.pointer = lib.lego_brick_find(brick.name.encode())
    handles.use_current_bricks()


_wish = os.environ.get("PYLEGO_ISA")
if _wish is not None and _wish != isa():
    warnings.warn(
        f"PYLEGO_ISA={_wish!r} is none of {isas()}, which this machine runs: it stays {isa()!r}",
        stacklevel=2,
    )
