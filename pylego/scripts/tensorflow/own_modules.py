"""`tf.Module`: a class that knows its variables."""

from __future__ import annotations

from typing import Any

from pylego.layers import Layer


class Module(Layer):
    """A layer that programs call as they like. Unlike other layers it is complete before
    `__init__`, which need not begin with that of its class.

    >>> class Scale(Module):
    ...     def __init__(self, value):
    ...         self.inner = Module()
    >>> Scale(3.0).trainable_variables
    []
    """

    def __new__(cls, *args: Any, **kwargs: Any) -> Any:
        """Make one that is complete."""
        made = super().__new__(cls, *args, **kwargs)
        Layer.__init__(made)
        return made

    def __init__(self, name: str | None = None):
        if name is not None:
            self.name = name
