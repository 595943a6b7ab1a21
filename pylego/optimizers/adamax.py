"""Adamax: Adam with the largest recent gradient in the place of the root of a mean."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from pylego import config, ops, rules
from pylego.core.tensor import Tensor
from pylego.core.variable import Variable
from pylego.optimizers.optimizer import Optimizer


class Adamax(Optimizer):
    """Step along the mean of recent gradients, divided by the largest of them.

    m += (1 - beta_1) (g - m), u = max(beta_2 u, |g|), and in step t
    w -= rate / (1 - beta_1^t) * m / (u + epsilon) (Kingma & Ba, arXiv:1412.6980, section 7.1).

    Args:
        learning_rate: how far a step goes.
        beta_1: the share of the past in the mean of gradients.
        beta_2: the share of the largest gradient that a step leaves.
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
    >>> Adamax(learning_rate=0.1).apply([ops.convert_to_tensor([5.0])], [w])
    >>> print(w.numpy().round(3))
    [0.9]
    """

    _rules = rules.of(beta_1=rules.share, beta_2=rules.number(0, 1), epsilon=rules.epsilon)

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
        self._momentums, self._norms = self.add_optimizer_variables(variables, ["momentum", "norm"])

    def rate_of_step(self) -> Tensor:
        """Correct the rate for a mean that began at zero: rate / (1 - beta_1^t)."""
        t = ops.cast(self.iterations + 1, config.floatx())
        return super().rate_of_step() / (1 - self.beta_1**t)

    def update_step(self, gradient: Tensor, variable: Variable, learning_rate: Tensor) -> None:
        place = self.place_of(variable)
        m, u = self._momentums[place], self._norms[place]
        next_m = ops.lerp(m, gradient, 1 - self.beta_1)
        next_u = ops.maximum(self.beta_2 * u, ops.abs(gradient))
        self.assign(m, next_m)
        self.assign(u, next_u)
        rate = ops.cast(learning_rate, variable.dtype)
        self.assign_sub(variable, next_m * rate / (next_u + self.epsilon))

    def get_config(self) -> dict[str, Any]:
        own = {
            "beta_1": self.beta_1,
            "beta_2": self.beta_2,
            "epsilon": self.epsilon,
        }
        return {**super().get_config(), **own}
