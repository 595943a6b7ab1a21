"""Lamb: Adam whose steps are as long as the weights they change, for large batches."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from pylego import ops, rules
from pylego.core.tensor import Tensor
from pylego.core.variable import Variable
from pylego.optimizers.optimizer import Optimizer


class Lamb(Optimizer):
    """Adam's step for each variable, made as long as the variable, times the rate.

    With Adam's m and v in step t: s = m / (1 - beta_1^t) / (sqrt(v / (1 - beta_2^t)) + epsilon),
    w -= rate * |w| / |s| * s; where a norm is 0, w -= rate * s (You et al., arXiv:1904.00962).

    Args:
        learning_rate: how far a step goes.
        beta_1: the share of the past in the mean of gradients.
        beta_2: the share of the past in the mean of their squares.
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
    >>> Lamb(learning_rate=0.1).apply([ops.convert_to_tensor([5.0])], [w])
    >>> print(w.numpy().round(3))
    [0.9]
    """

    _rules = rules.of(beta_1=rules.share, beta_2=rules.share, epsilon=rules.epsilon)

    def __init__(
        self,
        learning_rate: float | Callable = 0.001,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
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
        self.beta_1 = beta_1
        self.beta_2 = beta_2
        self.epsilon = epsilon

    def build(self, variables: Sequence[Variable]) -> None:
        super().build(variables)
        slots = ["momentum", "velocity"]
        self._momentums, self._velocities = self.add_optimizer_variables(variables, slots)

    def update_step(self, gradient: Tensor, variable: Variable, learning_rate: Tensor) -> None:
        place = self.place_of(variable)
        m, v = self._momentums[place], self._velocities[place]
        next_m = ops.lerp(m, gradient, 1 - self.beta_1)
        next_v = ops.lerp(v, ops.square(gradient), 1 - self.beta_2)
        self.assign(m, next_m)
        self.assign(v, next_v)
        t = ops.cast(self.iterations + 1, variable.dtype)
        of_m, of_v = 1 - self.beta_1**t, ops.sqrt(1 - self.beta_2**t)
        step = next_m * (of_v / of_m) / (ops.sqrt(next_v) + self.epsilon * of_v)
        length, wanted = ops.norm(step), ops.norm(variable)
        has_both = ops.logical_and(length > 0, wanted > 0)
        ratio = ops.where(has_both, wanted / ops.where(has_both, length, 1.0), 1.0)
        self.assign_sub(variable, step * (ratio * ops.cast(learning_rate, variable.dtype)))

    def get_config(self) -> dict[str, Any]:
        own = {
            "beta_1": self.beta_1,
            "beta_2": self.beta_2,
            "epsilon": self.epsilon,
        }
        return {**super().get_config(), **own}
