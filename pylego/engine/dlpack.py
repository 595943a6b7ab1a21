"""Capsules of DLPack, by which libraries hand each other the memory of arrays."""

from __future__ import annotations

from typing import Any

__all__ = ["retyped"]

# Where the word for the type lies: in a DLTensor after the address, the device (two int32) and the
# rank; in the newer form that comes after a version, two addresses and the flags.
_WORD_AT = {b"dltensor": 20, b"dltensor_versioned": 52}


def retyped(capsule: Any, old: int, new: int) -> Any:
    """Return the capsule with another word for the type of its numbers, such as 1 for unsigned.

    Raises:
        BufferError: when it is not a capsule of DLPack, or says another word than the old one.
    """
    import ctypes

    api = ctypes.pythonapi
    api.PyCapsule_GetName.restype = ctypes.c_char_p
    api.PyCapsule_GetName.argtypes = [ctypes.py_object]
    api.PyCapsule_GetPointer.restype = ctypes.c_void_p
    api.PyCapsule_GetPointer.argtypes = [ctypes.py_object, ctypes.c_char_p]
    name = api.PyCapsule_GetName(capsule)
    if name not in _WORD_AT:
        raise BufferError(f"a capsule of DLPack is not called {name!r}")
    address = api.PyCapsule_GetPointer(capsule, name)
    word = ctypes.c_uint8.from_address(address + _WORD_AT[name])
    if word.value != old:
        raise BufferError(f"a capsule of DLPack says type {word.value}, where {old} was expected")
    word.value = new
    return capsule
