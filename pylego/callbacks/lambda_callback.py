"""Make a callback of plain functions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pylego import names
from pylego.callbacks.callback import Callback


class LambdaCallback(Callback):
    """Call functions at moments of training.

    Args:
        on_epoch_begin: f(epoch, logs).
        on_epoch_end: f(epoch, logs).
        on_train_begin: f(logs).
        on_train_end: f(logs).
        on_train_batch_begin: f(batch, logs).
        on_train_batch_end: f(batch, logs).
        others: any other hook of `Callback`.

    Raises:
        TypeError: for a hook that does not exist, and for anything but a function.

    >>> loud = LambdaCallback(on_epoch_end=lambda epoch, logs: print(epoch, logs["loss"]))
    >>> loud.on_epoch_end(2, {"loss": 0.5})
    2 0.5
    """

    def __init__(
        self,
        on_epoch_begin: Callable | None = None,
        on_epoch_end: Callable | None = None,
        on_train_begin: Callable | None = None,
        on_train_end: Callable | None = None,
        on_train_batch_begin: Callable | None = None,
        on_train_batch_end: Callable | None = None,
        **others: Any,
    ):
        hooks = [name for name in dir(Callback) if name.startswith("on_")]
        for name in others:
            if name not in hooks:
                raise names.unknown_argument("LambdaCallback", name, hooks)
        given = {
            "on_epoch_begin": on_epoch_begin,
            "on_epoch_end": on_epoch_end,
            "on_train_begin": on_train_begin,
            "on_train_end": on_train_end,
            "on_train_batch_begin": on_train_batch_begin,
            "on_train_batch_end": on_train_batch_end,
            **others,
        }
        for name, function in given.items():
            if function is not None and not callable(function):
                raise TypeError(
                    f"LambdaCallback: {name} must be a function. Received: {function!r}"
                )
            if function is not None:
                setattr(self, name, function)
