"""Adagrad: steps shrink where gradients were large."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from pylego import ops, rules
from pylego.core.tensor import Tensor
from pylego.core.variable import Variable
from pylego.initializers import Constant
from pylego.optimizers.optimizer import Optimizer


class Adagrad(Optimizer):
    """Divide each step by the root of the sum of all squared gradients so far.

    a += g^2, w -= rate * g / sqrt(a + epsilon) (Duchi et al., "Adaptive subgradient methods for
    online learning and stochastic optimization", JMLR 12, 2011).

    Args:
        learning_rate: how far a step goes.
        initial_accumulator_value: what the sums begin with, 0 or more.
        epsilon: keeps the division away from zero.
        weight_decay: see `Optimizer`, as for all arguments that follow.
        clipnorm: the largest norm of a variable's gradient.
        clipvalue: the largest absolute value in a gradient.
        global_clipnorm: the largest norm of all gradients together.
        use_ema: whether an average of the variables is kept.
        ema_momentum: the share of the old average.
        ema_overwrite_frequency: after how many steps the average replaces the variables.
        loss_scale_factor: what the loss was multiplied by.
        gradient_accumulation_steps: how many gradients are averaged.
        name: the first part of its variables' paths.
        **kwargs: `lr`, which older programs say for `learning_rate`.

    >>> from pylego import Variable, ops
    >>> w = Variable([1.0])
    >>> optimizer = Adagrad(learning_rate=0.1, initial_accumulator_value=0.0)
    >>> optimizer.apply([ops.convert_to_tensor([5.0])], [w])
    >>> print(w.numpy().round(3))
    [0.9]
    """

    _rules = rules.of(initial_accumulator_value=rules.number(0), epsilon=rules.epsilon)

    def __init__(
        self,
        learning_rate: float | Callable = 0.001,
        initial_accumulator_value: float = 0.1,
        epsilon: float = 1e-7,
        weight_decay: float | None = None,
        clipnorm: float | None = None,
        clipvalue: float | None = None,
        global_clipnorm: float | None = None,
        use_ema: bool = False,
        ema_momentum: float = 0.99,
        ema_overwrite_frequency: int | None = None,
        loss_scale_factor: float | None = None,
        gradient_accumulation_steps: int | None = None,
        name: str | None = None,
        **kwargs: Any,
    ):
        super().__init__(
            learning_rate=learning_rate,
            weight_decay=weight_decay,
            clipnorm=clipnorm,
            clipvalue=clipvalue,
            global_clipnorm=global_clipnorm,
            use_ema=use_ema,
            ema_momentum=ema_momentum,
            ema_overwrite_frequency=ema_overwrite_frequency,
            loss_scale_factor=loss_scale_factor,
            gradient_accumulation_steps=gradient_accumulation_steps,
            name=name,
            **kwargs,
        )
        self.initial_accumulator_value = initial_accumulator_value
        self.epsilon = epsilon

    def build(self, variables: Sequence[Variable]) -> None:
        super().build(variables)
        first = Constant(self.initial_accumulator_value)
        self._sums = self.add_optimizer_variables(variables, "accumulator", first)

    def update_step(self, gradient: Tensor, variable: Variable, learning_rate: Tensor) -> None:
        squares = self._sums[self.place_of(variable)]
        next_squares = squares + ops.square(gradient)
        self.assign(squares, next_squares)
        rate = ops.cast(learning_rate, variable.dtype)
        self.assign_sub(variable, rate * gradient / ops.sqrt(next_squares + self.epsilon))

    def get_config(self) -> dict[str, Any]:
        own = {
            "initial_accumulator_value": self.initial_accumulator_value,
            "epsilon": self.epsilon,
        }
        return {**super().get_config(), **own}
