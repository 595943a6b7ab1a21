"""Adadelta: steps as large as the last ones were, without a rate of its own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from pylego import ops, rules
from pylego.core.tensor import Tensor
from pylego.core.variable import Variable
from pylego.optimizers.optimizer import Optimizer


class Adadelta(Optimizer):
    """Step by the gradient, times the size of recent steps over the size of recent gradients.

    v += (1 - rho) (g^2 - v), step = g sqrt(d + epsilon) / sqrt(v + epsilon),
    d += (1 - rho) (step^2 - d), w -= rate * step (Zeiler, arXiv:1212.5701, where rate is 1).

    Args:
        learning_rate: how far a step goes.
        rho: the share of the past in both means of squares.
        epsilon: keeps the division away from zero, and lets the first step be one.
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
    >>> optimizer = Adadelta(learning_rate=1.0, rho=0.0, epsilon=0.25)
    >>> optimizer.apply([ops.convert_to_tensor([5.0])], [w])
    >>> print(w.numpy().round(3))
    [0.502]
    """

    _rules = rules.of(rho=rules.number(0, 1), epsilon=rules.epsilon)

    def __init__(
        self,
        learning_rate: float | Callable = 0.001,
        rho: float = 0.95,
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
        self.rho = rho
        self.epsilon = epsilon

    def build(self, variables: Sequence[Variable]) -> None:
        super().build(variables)
        slots = ["accumulated_grad", "accumulated_delta_var"]
        self._gradients, self._steps = self.add_optimizer_variables(variables, slots)

    def update_step(self, gradient: Tensor, variable: Variable, learning_rate: Tensor) -> None:
        place = self.place_of(variable)
        v, d = self._gradients[place], self._steps[place]
        next_v = ops.lerp(v, ops.square(gradient), 1 - self.rho)
        self.assign(v, next_v)
        # One root for both: epsilon lets the quotient be far from 0 and from infinity.
        step = gradient * ops.sqrt((d + self.epsilon) / (next_v + self.epsilon))
        self.assign(d, ops.lerp(d, ops.square(step), 1 - self.rho))
        self.assign_sub(variable, step * ops.cast(learning_rate, variable.dtype))

    def get_config(self) -> dict[str, Any]:
        own = {
            "rho": self.rho,
            "epsilon": self.epsilon,
        }
        return {**super().get_config(), **own}
