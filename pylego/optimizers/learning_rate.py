"""The learning rate of an optimizer: a number, a schedule, or a function that is asked."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from pylego import config, names, ops, registry, rules
from pylego.core import recording
from pylego.core.variable import Variable
from pylego.optimizers.learning_rate_schedule import LearningRateSchedule, one_rate

_rate = rules.number(0)


class HasLearningRate:
    """The part of `Optimizer` that knows how far a step goes.

    A number is a variable, so that it can be set while programs stay as they are. A schedule is
    computed of the step count inside of a program; a function is asked before each of its runs.
    """

    name: str
    _variables: list[Variable]
    _iterations: Variable
    _learning_rate: Any = None  # a variable, a schedule or a number
    _ask_rate: Callable | None = None  # the function that says it
    _asked_rate: Variable | None = (
        None  # the variable that a program reads the function's answer of
    )

    @property
    def learning_rate(self) -> Any:
        """How far a step goes; may be set between steps.

        Raises:
            TypeError: when a number is set in the place of a schedule.
            ValueError: for a negative number, or one that is not finite.
        """
        rate = self._learning_rate
        if isinstance(rate, LearningRateSchedule):
            return one_rate(rate, rate(self._iterations))
        if self._ask_rate is None:
            return rate
        under_way = recording.now()
        return (
            one_rate(self._ask_rate, self._ask_rate())
            if under_way is None
            else self._asked(self._ask_rate, under_way)
        )

    @learning_rate.setter
    def learning_rate(self, value: float | LearningRateSchedule | Callable) -> None:
        former = self._learning_rate
        if callable(value):
            self._take_rate(value)
            self._variables = [one for one in self._variables if one is not former]
        elif isinstance(former, LearningRateSchedule):
            raise TypeError(
                f"the learning rate of {self.name} is a {type(former).__name__}, which says it for "
                f"each step. Give the optimizer a number at first, {type(self).__name__}"
                f"(learning_rate=0.01), to set other numbers later. Received: {value!r}"
            )
        elif isinstance(former, Variable):
            if isinstance(value, (int, float, str, np.number)):  # of a tensor nobody knows yet
                _rate("learning_rate", value, type(self).__name__)
            former.assign(value)
        else:
            self._learning_rate, self._ask_rate = value, None

    lr = learning_rate  # its name in Keras 1 and 2
    initial_decay: float = 0.0  # the share by which Keras 2 had the rate fall

    def _read_older(self: Any, given: dict[str, Any], learning_rate: Any) -> Any:
        """Take Keras 2's `lr` and `decay` out of arguments, and return the learning rate."""
        if "lr" in given:
            names.note_older(f"{type(self).__name__}(lr=)", "learning_rate=")
            learning_rate = given.pop("lr")
        if decay := given.pop("decay", None):
            names.note_older(
                f"{type(self).__name__}(decay=)", "learning_rate=InverseTimeDecay(rate, 1, decay)"
            )
            _rate("decay", decay, type(self).__name__)
            self.initial_decay = float(decay)
        return learning_rate

    def _decayed(self: Any, rate: Any) -> Any:
        """The rate of a step: rate / (1 + decay * iterations)."""
        if not self.initial_decay:
            return rate
        return rate / (1.0 + self.initial_decay * ops.cast(self.iterations, config.floatx()))

    def _take_rate(self, rate: Callable) -> None:
        is_schedule = isinstance(rate, LearningRateSchedule)
        self._learning_rate = rate if is_schedule else None
        self._ask_rate = None if is_schedule else rate

    def _asked(self, ask: Callable, under_way: recording.Recording) -> Variable:
        """The variable that holds what the function says: it is asked before each run."""
        if self._asked_rate is None:
            self._asked_rate = Variable(0.0, dtype=config.floatx(), trainable=False)
        rate = self._asked_rate
        if not any(asked is rate for asked, _ in under_way.asked_before_runs):
            under_way.asked_before_runs.append((rate, lambda: one_rate(ask, ask())))
        return rate

    def _begin_with_rate(self: Any, learning_rate: Any) -> None:
        is_none_of_them = isinstance(learning_rate, (type, bool, str))
        if is_none_of_them or not (callable(learning_rate) or np.ndim(learning_rate) == 0):
            raise ValueError(
                "learning_rate must be a number, a schedule or a function without arguments. "
                f"Received: learning_rate={learning_rate!r}"
            )
        if callable(learning_rate):
            self._take_rate(learning_rate)
            return
        _rate("learning_rate", learning_rate, type(self).__name__)
        rate = self.add_variable((), lambda *_, **__: learning_rate, name="learning_rate")
        self._learning_rate = rate

    def _written_rate(self) -> Any:
        """Return it as `get_config` says it."""
        rate = self._ask_rate or self._learning_rate
        return float(rate) if isinstance(rate, Variable) else registry.serialize(rate)
