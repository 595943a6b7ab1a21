"""Functions without a name: Keras writes their bytecode, which does whatever its author wanted."""

from __future__ import annotations

from importlib import import_module
from typing import Any


class CodeRefusedError(ValueError):
    """A description has code in it, and was read in safe mode."""


CodeRefusedError.__module__ = "builtins"
CodeRefusedError.__name__ = CodeRefusedError.__qualname__ = "ValueError"


def refuse(is_safe: bool) -> None:
    """Refuse code in safe mode.

    Raises:
        ValueError: in safe mode.
    """
    if is_safe:
        raise CodeRefusedError(
            "The description has the bytecode of a lambda in it, and running that is running "
            "whatever its author wanted. If you trust where it comes from, read it with "
            "safe_mode=False; and write layers with a named function, registered with "
            "@pylego.saving.register_keras_serializable()"
        )


def load(value: Any, is_safe: bool) -> Any:
    """Make a function of (code, defaults, closure); refuse in safe mode."""
    refuse(is_safe)
    code, defaults, closure = value
    parts = {"code": code, "defaults": defaults, "closure": closure}
    return import_module("pylego.layers.core.lambda_code").load({"config": parts})
