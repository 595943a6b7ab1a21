"""Judge a model by the average of its weights over the steps, and go on training with its own."""

from __future__ import annotations

from typing import Any

import numpy as np

from pylego.callbacks.callback import Callback, Logs


class SwapEMAWeights(Callback):
    """Put the optimizer's averages of the weights into the model while it is evaluated.

    The optimizer keeps them with `use_ema=True` (Polyak and Juditsky, SIAM J. Control Optim. 30,
    1992). Validation, `evaluate` and `predict` use them; training goes on with the weights as they
    were. However training ends, the model has the averages then, as without this callback.

    Args:
        swap_on_epoch: whether the model has the averages also from the end of an epoch to the
            beginning of the next one, for callbacks that come after this one in the list, as a
            `ModelCheckpoint`; False by default.

    Raises:
        ValueError: in training, for an optimizer without `use_ema=True`.

    >>> from pylego.layers import Dense, Input
    >>> from pylego.models import Sequential
    >>> from pylego.optimizers import SGD
    >>> model = Sequential([Input((1,)), Dense(1)])
    >>> model.compile(SGD(0.1, use_ema=True), "mse")
    >>> x, y = [[1.0], [2.0]], [[2.0], [4.0]]
    >>> seen = model.fit(
    ...     x, y, validation_data=(x, y), epochs=3, callbacks=[SwapEMAWeights()], verbose=0
    ... )
    """

    def __init__(self, swap_on_epoch: bool = False):
        self.swap_on_epoch = swap_on_epoch
        self._trained: list[np.ndarray] | None = None  # while the model has the averages

    def _averaging_optimizer(self) -> Any:
        optimizer = getattr(self.model.optimizer, "inner_optimizer", self.model.optimizer)
        if not getattr(optimizer, "use_ema", False):
            raise ValueError(
                "SwapEMAWeights must be used when `use_ema=True` is set on the optimizer. "
                f"Received: optimizer={optimizer!r}"
            )
        return optimizer

    def _swap(self) -> None:
        """The averages stay in the optimizer: it may end training at any time."""
        optimizer = self._averaging_optimizer()
        if self._trained is None and optimizer.built:  # before the first step there is no average
            variables = optimizer._trainable_variables
            self._trained = [np.array(variable.numpy()) for variable in variables]
            for variable, average in zip(variables, optimizer._averages):
                variable.assign(average)

    def _swap_back(self) -> None:
        if self._trained is not None:
            optimizer: Any = getattr(self.model.optimizer, "inner_optimizer", self.model.optimizer)
            for variable, value in zip(optimizer._trainable_variables, self._trained):
                variable.assign(value)
        self._trained = None

    def on_train_begin(self, logs: Logs | None = None) -> None:
        self._averaging_optimizer()  # refused here, not after an epoch, or without validation never
        self._trained = None

    def on_epoch_begin(self, epoch: int, logs: Logs | None = None) -> None:
        self._swap_back()

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        if self.swap_on_epoch:
            self._swap()

    def on_train_end(self, logs: Logs | None = None) -> None:
        self._trained = None  # the optimizer has put its averages into the model

    def on_test_begin(self, logs: Logs | None = None) -> None:
        self._swap()

    def on_test_end(self, logs: Logs | None = None) -> None:
        self._swap_back()

    def on_predict_begin(self, logs: Logs | None = None) -> None:
        self._swap()

    def on_predict_end(self, logs: Logs | None = None) -> None:
        self._swap_back()
