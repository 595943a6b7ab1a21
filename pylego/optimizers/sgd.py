"""Stochastic gradient descent, with momentum."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from pylego import ops, rules
from pylego.core.tensor import Tensor
from pylego.core.variable import Variable
from pylego.optimizers.optimizer import Optimizer


class SGD(Optimizer):
    """Step against the gradient: w -= rate * g.

    With momentum the steps gather speed: v = momentum * v - rate * g, w += v; with Nesterov's
    momentum w += momentum * v - rate * g (Sutskever et al., "On the importance of initialization
    and momentum in deep learning", ICML 2013).

    Args:
        learning_rate: how far a step goes.
        momentum: the share of the last step in the next one, from 0 to 1.
        nesterov: whether to look ahead along the momentum.
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

    Raises:
        ValueError: when the momentum is not between 0 and 1.

    >>> from pylego import Variable, ops
    >>> w = Variable([1.0])
    >>> SGD(learning_rate=0.5).apply([ops.convert_to_tensor([1.0])], [w])
    >>> w.numpy().tolist()
    [0.5]
    """

    _rules = rules.of(momentum=rules.number(0, 1), nesterov=rules.flag)

    def __init__(
        self,
        learning_rate: float | Callable = 0.01,
        momentum: float = 0.0,
        nesterov: bool = False,
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
        self.momentum = momentum
        self.nesterov = nesterov

    def build(self, variables: Sequence[Variable]) -> None:
        super().build(variables)
        self.momentums = []
        if self.momentum:
            self.momentums = self.add_optimizer_variables(variables, "momentum")

    def update_step(self, gradient: Tensor, variable: Variable, learning_rate: Tensor) -> None:
        step = gradient * ops.cast(learning_rate, variable.dtype)
        if not self.momentum:
            self.assign_sub(variable, step)
            return
        velocity = self.momentums[self.place_of(variable)]
        next_velocity = self.momentum * velocity - step
        self.assign(velocity, next_velocity)
        if self.nesterov:
            self.assign_add(variable, self.momentum * next_velocity - step)
        else:
            self.assign_add(variable, next_velocity)

    def get_config(self) -> dict[str, Any]:
        own = {"momentum": self.momentum, "nesterov": self.nesterov}
        return {**super().get_config(), **own}
