"""Remember what each epoch gave."""

from __future__ import annotations

import weakref
from collections.abc import Callable
from typing import Any

from pylego import names
from pylego.callbacks.callback import Callback, Logs


class Figures(dict):
    """The values of each name; a name that is not there is answered by those that are.

    >>> Figures(val_accuracy=[0.5])["val_acc"]
    Traceback (most recent call last):
    KeyError: "Unknown figure 'val_acc'. Did you mean 'val_accuracy'?"
    """

    def __missing__(self, name: Any) -> Any:
        raise KeyError(str(names.unknown("figure", name, self)))


class History(Callback):
    """Remember the logs of each epoch; `fit` returns it.

    `history` maps each name to its values, one per epoch; `epoch` lists the epochs' numbers.

    >>> seen = History()
    >>> seen.on_epoch_end(0, {"loss": 0.5})
    >>> seen.on_epoch_end(1, {"loss": 0.25})
    >>> seen.history, seen.epoch
    ({'loss': [0.5, 0.25]}, [0, 1])
    """

    _model: Callable[[], Any] = staticmethod(lambda: None)

    def __init__(self) -> None:
        self.history: dict[str, list] = Figures()
        self.epoch: list[int] = []

    @property
    def model(self) -> Any:
        """The model that trains; the model keeps its history, not the other way round."""
        return self._model()

    def set_model(self, model: Any) -> None:
        self._model = weakref.ref(model) if model is not None else lambda: None

    def __getstate__(self) -> dict[str, Any]:
        """Return what copies carry: the numbers. A copy of the model has it know the copy."""
        return {name: value for name, value in vars(self).items() if name != "_model"}

    def get_training_state(self) -> dict[str, Any]:
        return {"epoch": list(self.epoch), "history": dict(self.history)}

    def set_training_state(self, state: dict[str, Any]) -> None:
        self.epoch = list(state["epoch"])
        self.history.clear()
        self.history.update({name: list(values) for name, values in state["history"].items()})

    def on_train_begin(self, logs: Logs | None = None) -> None:
        self.epoch = []

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        self.epoch.append(epoch)
        for name, value in (logs or {}).items():
            self.history.setdefault(name, []).append(value)
