"""Ownership: Python keeps tensors of the engine alive, the engine arrays that it reads in place.

A *handle* is a tensor of the engine that Python owns: when the last reference to it goes, the
engine's reference goes with it.
"""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np

from pylego.engine.library import ffi, lib, raise_failure

__all__ = ["Handle"]

Handle = Any  # a cdata 'lego_tensor *'
OUTPUTS = ffi.typeof("lego_tensor *[]")  # takes new references from the engine, to be owned

lent_arrays: dict[int, np.ndarray] = {}  # arrays that the engine reads in place, by owner number
owner_numbers = itertools.count(1)


def _take_back(most: int = 64) -> None:
    """Release the arrays whose memory no tensor uses any more."""
    owners = ffi.new("int64_t[]", most)
    while count := lib.lego_released_owners(owners, most):
        for index in range(count):
            lent_arrays.pop(owners[index], None)


# The defaults keep these functions alive until the very end of the interpreter.
def release(pointer: Handle, drop=lib.lego_tensor_release, take_back=_take_back) -> None:
    """Drop the engine's reference, and the arrays that no tensor uses after that."""
    if drop(pointer):
        take_back()


def own(pointer: Any) -> Handle:
    """Own a new reference from the engine; NULL means that the engine failed."""
    if pointer == ffi.NULL:
        raise_failure(lib.lego_last_status())
    return ffi.gc(pointer, release)
