"""RMSprop: each element's step is divided by the size of its recent gradients."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from pylego import ops, rules
from pylego.core.tensor import Tensor
from pylego.core.variable import Variable
from pylego.optimizers.optimizer import Optimizer


class RMSprop(Optimizer):
    """Divide each step by the root of the mean of recent squared gradients.

    v = rho * v + (1 - rho) * g^2, w -= rate * g / sqrt(v + epsilon); centered: the square of the
    mean gradient is subtracted from v (Hinton, "Neural networks for machine learning", lecture 6,
    2012; Graves, arXiv:1308.0850, for the centered form).

    Args:
        learning_rate: how far a step goes.
        rho: the share of the past in the mean of squares.
        momentum: the share of the last step in the next one.
        epsilon: keeps the division away from zero.
        centered: whether to divide by the variance of gradients.
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
    >>> RMSprop(learning_rate=0.1, rho=0.0).apply([ops.convert_to_tensor([5.0])], [w])
    >>> print(w.numpy().round(3))
    [0.9]
    """

    _rules = rules.of(
        rho=rules.number(0, 1),
        momentum=rules.number(0, 1),
        epsilon=rules.epsilon,
        centered=rules.flag,
    )

    def __init__(
        self,
        learning_rate: float | Callable = 0.001,
        rho: float = 0.9,
        momentum: float = 0.0,
        epsilon: float = 1e-7,
        centered: bool = False,
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
        self.momentum = momentum
        self.epsilon = epsilon
        self.centered = centered

    def build(self, variables: Sequence[Variable]) -> None:
        super().build(variables)
        self._velocities = self.add_optimizer_variables(variables, "velocity")
        if self.momentum:
            self._momentums = self.add_optimizer_variables(variables, "momentum")
        if self.centered:
            self._means = self.add_optimizer_variables(variables, "average_gradient")

    def update_step(self, gradient: Tensor, variable: Variable, learning_rate: Tensor) -> None:
        place = self.place_of(variable)
        velocity = self._velocities[place]
        square = self.rho * velocity + (1 - self.rho) * ops.square(gradient)
        self.assign(velocity, square)
        if self.centered:
            mean = self.rho * self._means[place] + (1 - self.rho) * gradient
            self.assign(self._means[place], mean)
            square = square - ops.square(mean)
        rate = ops.cast(learning_rate, variable.dtype)
        step = rate * gradient / ops.sqrt(square + self.epsilon)
        if self.momentum:
            step = self.momentum * self._momentums[place] + step
            self.assign(self._momentums[place], step)
        self.assign_sub(variable, step)

    def get_config(self) -> dict[str, Any]:
        own = {
            "rho": self.rho,
            "momentum": self.momentum,
            "epsilon": self.epsilon,
            "centered": self.centered,
        }
        return {**super().get_config(), **own}
