"""The module of csrc/handles.c: see there."""

from typing import Any

class Handle:
    @property
    def shape(self) -> tuple[int, ...]: ...
    @property
    def dtype(self) -> str: ...
    @property
    def pointer(self) -> Any: ...
    def item(self) -> bool | int | float | None: ...

class Holder:
    __slots__ = ("_handle", "logits")
