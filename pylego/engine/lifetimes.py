"""Ownership: Python keeps tensors of the engine alive, the engine arrays that it reads in place.

A *handle* is a tensor of the engine that Python owns (csrc/handles.c): when the last reference to
it goes, the engine's reference goes with it. Functions of cffi take its `pointer`.
"""

from __future__ import annotations

import functools
import itertools
from typing import TYPE_CHECKING, Any

from pylego.engine.library import ffi, handles, lib, raise_failure

__all__ = ["Handle", "Holder"]

if TYPE_CHECKING:
    from pylego._handles import Handle, Holder
else:
    Handle = handles.Handle
    Holder = handles.Holder  # the base of what holds a handle

OUTPUTS = ffi.typeof("lego_tensor *[]")  # takes new references from the engine, to be owned
_ADDRESS, _ADDRESSES = ffi.typeof("uintptr_t"), ffi.typeof("uintptr_t *")
_new_owners = functools.partial(ffi.new, ffi.typeof("int64_t[]"))

# By owner number: arrays that the engine reads in place, and functions that compute gradients.
lent: dict[int, Any] = {}
owner_numbers = itertools.count(1)


# The defaults keep what it needs alive until the very end of the interpreter.
def _take_back(
    most: int = 64,
    new: Any = _new_owners,
    released: Any = lib.lego_released_owners,
    lent: dict[int, Any] = lent,
) -> None:
    """Release the arrays and functions that no tensor uses any more."""
    owners, count = new(most), most
    while count == most:  # there may be more of them
        count = released(owners, most)
        for index in range(count):
            lent.pop(owners[index], None)


handles.connect(functools.partial(ffi.cast, ffi.typeof("lego_tensor *")), _take_back, raise_failure)


def own_all(pointers: Any, count: int) -> list[Handle]:
    """Own new references, none of them NULL, in an array of cffi's."""
    return [handles.own(address) for address in ffi.unpack(ffi.cast(_ADDRESSES, pointers), count)]


def own(pointer: Any) -> Handle:
    """Own a new reference from the engine; NULL means that the engine failed."""
    if pointer == ffi.NULL:
        raise_failure(lib.lego_last_status())
    return handles.own(int(ffi.cast(_ADDRESS, pointer)))
