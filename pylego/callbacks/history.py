"""Remember what each epoch gave."""

from __future__ import annotations

import os
import weakref
from collections.abc import Callable, Iterable
from typing import Any

from pylego.callbacks.callback import Callback, Logs
from pylego.callbacks.figures import Figures


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

    def plot(
        self,
        metrics: str | Iterable[str] | None = None,
        to_file: str | os.PathLike | None = None,
        backend: str = "svg",
    ) -> Any:
        """Draw losses and metrics over the epochs, training and validation together.

        Notebooks show it by themselves where `fit` is the last line of a cell.

        Args:
            metrics: names of what is drawn, as 'loss'; everything by default.
            to_file: where the picture is written as well: .svg, or .png, which needs Pillow.
            backend: 'svg', which needs nothing, or 'matplotlib', which returns its figure.

        Raises:
            ValueError: for an unknown name or backend, and before the first epoch has ended.
            ImportError: for matplotlib, or a PNG, where what they need is not installed.

        >>> seen = History()
        >>> for epoch in range(3):
        ...     seen.on_epoch_end(epoch, {"loss": 1 / (epoch + 1), "val_loss": 0.5})
        >>> seen.plot()
        <Picture training of 3 epochs: 320 x 230>
        """
        from pylego.callbacks import history_plot  # loaded when somebody looks

        return history_plot.plot(self.history, self.epoch, metrics, to_file, backend)

    def _repr_svg_(self) -> str | None:
        """Return what notebooks show."""
        from pylego.callbacks import history_plot

        picture = history_plot.picture_of(self.history, self.epoch)
        return None if picture is None else picture.svg

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
