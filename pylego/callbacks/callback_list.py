"""Call many callbacks as one, and read numbers for them only where somebody looks."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from pylego.callbacks.callback import Callback, Logs
from pylego.callbacks.figures import Figures
from pylego.callbacks.history import History
from pylego.callbacks.progbar_logger import ProgbarLogger

# A hook, and the older hook that its default calls: by name, with what does nothing there.
BATCH_HOOKS = {
    names[0]: [(name, getattr(Callback, name)) for name in names]
    for names in (
        ("on_train_batch_begin", "on_batch_begin"),
        ("on_train_batch_end", "on_batch_end"),
        ("on_test_batch_begin",),
        ("on_test_batch_end",),
        ("on_predict_batch_begin",),
        ("on_predict_batch_end",),
    )
}


class _Watchers(dict[str, list[Callback]]):
    """The callbacks that do something at each hook of batches: listed where it is asked for."""

    def __init__(self, callbacks: list[Callback]):
        super().__init__()
        self._callbacks = callbacks

    def __missing__(self, hook: str) -> list[Callback]:
        found = self[hook] = [one for one in self._callbacks if _overrides(one, hook)]
        return found


class CallbackList(Callback):
    """Hand each moment of training on to a list of callbacks.

    Args:
        callbacks: one callback or several; none by default.
        add_history: whether to append a `History` if there is none.
        add_progbar: whether to append a `ProgbarLogger` if there is none.
        model: the model that trains.
        params: `verbose`, `epochs` and `steps`, for the callbacks' `params`.

    Raises:
        TypeError: for something that is not a callback.

    >>> calls = CallbackList([History()], epochs=2)
    >>> calls.wants("on_train_batch_end")
    False
    """

    _reads_older_words = False

    def __init__(
        self,
        callbacks: Callback | Iterable[Callback] | None = None,
        add_history: bool = False,
        add_progbar: bool = False,
        model: Any = None,
        **params: Any,
    ):
        self.callbacks = _as_list(callbacks)
        if add_history:
            self._add_if_missing(History)
        if add_progbar:
            self._add_if_missing(ProgbarLogger)
        self.callbacks.sort(key=lambda callback: callback.comes_last)
        self._watchers = _Watchers(self.callbacks)
        self.set_params(params)
        self.set_model(model)

    def append(self, callback: Callback) -> None:
        """Add a callback at the end."""
        self.callbacks.append(callback)
        self._watchers = _Watchers(self.callbacks)

    def _add_if_missing(self, kind: type[Callback]) -> None:
        if not self.callbacks or not any(isinstance(one, kind) for one in self.callbacks):
            self.callbacks.append(kind())

    def wants(self, hook: str) -> bool:
        """Return whether any callback does something at that hook of batches."""
        return bool(self._watchers[hook])

    def hook(self, name: str) -> Callable[..., None] | None:
        """Return what calls all callbacks at a moment of batches; None where nobody listens."""
        return getattr(self, name) if self._watchers[name] else None

    def wants_batches(self, what: str) -> bool:
        """Return whether any callback wants to see each batch of 'train', 'test' or 'predict'."""
        for moment in ("begin", "end"):
            for callback in self._watchers[f"on_{what}_batch_{moment}"]:
                if not callback.skips_batches:
                    return True
        return False

    def set_params(self, params: dict[str, Any]) -> None:
        self.params = params
        for callback in self.callbacks:
            callback.set_params(params)

    def set_model(self, model: Any) -> None:
        self.model = model
        for callback in self.callbacks:
            callback.set_model(model)
            if isinstance(callback, History) and model is not None:
                model.history = callback

    def abandon(self) -> None:
        """End the progress bar's line when training stops in the middle."""
        for callback in self.callbacks:
            if isinstance(callback, ProgbarLogger):
                callback.close()

    def get_training_state(self) -> dict[str, Any]:
        """Return the states of all callbacks that have one, by their classes."""
        states: dict[str, Any] = {}
        for callback in self.callbacks:
            if state := callback.get_training_state():
                states.setdefault(type(callback).__name__, []).append(state)
        return states

    def set_training_state(self, state: dict[str, Any]) -> None:
        """Hand each state to a callback of its class, in order; those of other classes get none."""
        waiting = {name: list(states) for name, states in state.items()}
        for callback in self.callbacks:
            if of_class := waiting.get(type(callback).__name__):
                callback.set_training_state(of_class.pop(0))

    # ---- moments that come once, or once an epoch ----

    def on_train_begin(self, logs: Logs | None = None) -> None:
        self._tell("on_train_begin", logs)

    def on_train_end(self, logs: Logs | None = None) -> None:
        self._tell("on_train_end", logs)

    def on_epoch_begin(self, epoch: int, logs: Logs | None = None) -> None:
        self._tell("on_epoch_begin", logs, epoch)

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        self._tell("on_epoch_end", logs, epoch)

    def on_test_begin(self, logs: Logs | None = None) -> None:
        self._tell("on_test_begin", logs)

    def on_test_end(self, logs: Logs | None = None) -> None:
        self._tell("on_test_end", logs)

    def on_predict_begin(self, logs: Logs | None = None) -> None:
        self._tell("on_predict_begin", logs)

    def on_predict_end(self, logs: Logs | None = None) -> None:
        self._tell("on_predict_end", logs)

    def _tell(self, hook: str, logs: Logs | None, *place: int) -> None:
        """Call all callbacks; where there are no numbers, their logs are an empty dictionary."""
        logs = {} if logs is None else logs
        for callback in self.callbacks:
            getattr(callback, hook)(*place, logs)

    # ---- moments that come with each batch ----

    def on_train_batch_begin(self, batch: int, logs: Logs | None = None) -> None:
        self._call("on_train_batch_begin", batch, logs)

    def on_train_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        self._call("on_train_batch_end", batch, logs)

    def on_test_batch_begin(self, batch: int, logs: Logs | None = None) -> None:
        self._call("on_test_batch_begin", batch, logs)

    def on_test_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        self._call("on_test_batch_end", batch, logs)

    def on_predict_batch_begin(self, batch: int, logs: Logs | None = None) -> None:
        self._call("on_predict_batch_begin", batch, logs)

    def on_predict_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        """The outputs are handed on as they are: they are arrays, not numbers."""
        for callback in self._watchers["on_predict_batch_end"]:
            callback.on_predict_batch_end(batch, logs)

    def _call(self, hook: str, batch: int, logs: Logs | None) -> None:
        numbers = None
        for callback in self._watchers[hook]:
            if callback.reads_tensors:
                getattr(callback, hook)(batch, logs)
                continue
            if numbers is None:
                numbers = as_numbers(logs)
            getattr(callback, hook)(batch, numbers)


def as_numbers(logs: Logs | None) -> Logs:
    """Read tensors as Python numbers, in the order of their names, as Keras shows them."""
    return Figures({name: as_number(value) for name, value in sorted((logs or {}).items())})


def as_number(value: Any) -> Any:
    """Return the number as a float; several, such as the scores of all classes, as an array."""
    return float(value) if getattr(value, "size", 1) == 1 else np.asarray(value)


def _as_list(callbacks: Any) -> list[Callback]:
    if callbacks is None:
        return []
    listed = list(callbacks) if isinstance(callbacks, Iterable) else [callbacks]
    for callback in listed:
        if isinstance(callback, type) and issubclass(callback, Callback):
            name = callback.__name__
            raise TypeError(f"callbacks=[{name}] holds the class; make an object: {name}()")
        if not isinstance(callback, Callback):
            raise TypeError(
                f"Callbacks are objects of pylego.callbacks.Callback or of subclasses. "
                f"Received: {callback!r}"
            )
    return listed


def _overrides(callback: Callback, hook: str) -> bool:
    for name, usual in BATCH_HOOKS[hook]:
        if getattr(getattr(callback, name), "__func__", None) is not usual:
            return True
    return False
