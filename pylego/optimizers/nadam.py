"""Nadam: Adam that looks ahead along its momentum."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from pylego import config, ops, rules
from pylego.core.tensor import Tensor
from pylego.core.variable import Variable
from pylego.optimizers.optimizer import Optimizer


class Nadam(Optimizer):
    """Adam with the momentum of Nesterov, whose share grows over the first hundreds of steps.

    With u(t) = beta_1 (1 - 0.96^t / 2) and U(t) = u(1) u(2) ... u(t): m and v as in Adam, and in
    step t, w -= rate * ahead / (sqrt(v / (1 - beta_2^t)) + epsilon), where
    ahead = u(t+1) m / (1 - U(t+1)) + (1 - u(t)) g / (1 - U(t))
    (Dozat, "Incorporating Nesterov momentum into Adam", ICLR workshop 2016).

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
    >>> Nadam(learning_rate=0.1).apply([ops.convert_to_tensor([5.0])], [w])
    >>> print(w.numpy().round(3))
    [0.894]
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
        dtype = variables[0].dtype if variables else None
        self._product = self.add_variable((), "ones", dtype, "variable")

    def update_all(self, gradients: list[Tensor], variables: list[Variable]) -> None:
        self.assign(self._product, self._product * self._share_in_step(1))
        super().update_all(gradients, variables)

    def _share_in_step(self, ahead: int) -> Tensor:
        """u(t), where t is so many steps after those that were done."""
        t = ops.cast(self.iterations + ahead, config.floatx())
        return self.beta_1 * (1 - 0.5 * 0.96**t)

    def _factors(self) -> tuple[Tensor, Tensor, Tensor]:
        """What m and g are multiplied by in this step, and the root of what v is divided by."""
        now, later = self._share_in_step(1), self._share_in_step(2)
        product = self._product
        t = ops.cast(self.iterations + 1, config.floatx())
        of_v = ops.sqrt(1 - self.beta_2**t)
        return later / (1 - product * later), (1 - now) / (1 - product), of_v

    def update_step(self, gradient: Tensor, variable: Variable, learning_rate: Tensor) -> None:
        place = self.place_of(variable)
        m, v = self._momentums[place], self._velocities[place]
        next_m = ops.lerp(m, gradient, 1 - self.beta_1)
        next_v = ops.lerp(v, ops.square(gradient), 1 - self.beta_2)
        self.assign(m, next_m)
        self.assign(v, next_v)
        of_m, of_g, of_v = (ops.cast(factor, variable.dtype) for factor in self._factors())
        # of_m m + of_g g, and sqrt(v) / of_v + epsilon: single numbers are multiplied first.
        ahead = ops.lerp(next_m, gradient, of_g / (of_m + of_g))
        rate = ops.cast(learning_rate, variable.dtype) * of_v * (of_m + of_g)
        self.assign_sub(variable, ahead * rate / (ops.sqrt(next_v) + self.epsilon * of_v))

    def get_config(self) -> dict[str, Any]:
        own = {
            "beta_1": self.beta_1,
            "beta_2": self.beta_2,
            "epsilon": self.epsilon,
        }
        return {**super().get_config(), **own}
