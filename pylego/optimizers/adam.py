"""Adam, and AdamW: momentum, divided by the size of recent gradients."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from pylego import config, ops, rules
from pylego.core.tensor import Tensor
from pylego.core.variable import Variable
from pylego.optimizers.optimizer import Optimizer


class Adam(Optimizer):
    """Step along the mean of recent gradients, divided by the root of their mean square.

    m += (1 - beta_1) (g - m), v += (1 - beta_2) (g^2 - v), and in step t
    w -= rate * sqrt(1 - beta_2^t) / (1 - beta_1^t) * m / (sqrt(v) + epsilon)
    (Kingma & Ba, arXiv:1412.6980; amsgrad: Reddi et al., "On the convergence of Adam and beyond",
    ICLR 2018).

    Args:
        learning_rate: how far a step goes.
        beta_1: the share of the past in the mean of gradients.
        beta_2: the share of the past in the mean of their squares.
        epsilon: keeps the division away from zero.
        amsgrad: whether to divide by the largest v so far.
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
    >>> Adam(learning_rate=0.1).apply([ops.convert_to_tensor([5.0])], [w])
    >>> print(w.numpy().round(3))
    [0.9]
    """

    _rules = rules.of(
        beta_1=rules.share,
        beta_2=rules.share,
        epsilon=rules.epsilon,
        amsgrad=rules.flag,
    )

    def __init__(
        self,
        learning_rate: float | Callable = 0.001,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-7,
        amsgrad: bool = False,
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
        self.amsgrad = amsgrad

    def build(self, variables: Sequence[Variable]) -> None:
        super().build(variables)
        slots = ["momentum", "velocity"]
        self._momentums, self._velocities = self.add_optimizer_variables(variables, slots)
        if self.amsgrad:
            self._peaks = self.add_optimizer_variables(variables, "velocity_hat")

    def rate_of_step(self) -> Tensor:
        """Correct the rate for means that began at zero: rate sqrt(1 - b2^t) / (1 - b1^t)."""
        t = ops.cast(self.iterations + 1, config.floatx())
        return super().rate_of_step() * ops.sqrt(1 - self.beta_2**t) / (1 - self.beta_1**t)

    def update_step(self, gradient: Tensor, variable: Variable, learning_rate: Tensor) -> None:
        place = self.place_of(variable)
        m, v = self._momentums[place], self._velocities[place]
        next_m = ops.lerp(m, gradient, 1 - self.beta_1)
        next_v = ops.lerp(v, ops.square(gradient), 1 - self.beta_2)
        self.assign(m, next_m)
        self.assign(v, next_v)
        if self.amsgrad:
            next_v = ops.maximum(self._peaks[place], next_v)
            self.assign(self._peaks[place], next_v)
        rate = ops.cast(learning_rate, variable.dtype)
        self.assign_sub(variable, next_m * rate / (ops.sqrt(next_v) + self.epsilon))

    def get_config(self) -> dict[str, Any]:
        own = {
            "beta_1": self.beta_1,
            "beta_2": self.beta_2,
            "epsilon": self.epsilon,
            "amsgrad": self.amsgrad,
        }
        return {**super().get_config(), **own}


class AdamW(Adam):
    """Adam whose variables shrink by a share of themselves in each step.

    w -= rate * weight_decay * w before Adam's own step (Loshchilov & Hutter, arXiv:1711.05101).

    Args:
        learning_rate: how far a step goes.
        weight_decay: the share that variables lose in each step, times the rate.
        beta_1: the share of the past in the mean of gradients.
        beta_2: the share of the past in the mean of their squares.
        epsilon: keeps the division away from zero.
        amsgrad: whether to divide by the largest v so far.
        clipnorm: see `Optimizer`, as for all arguments that follow.
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
        ValueError: when weight_decay is None.

    >>> from pylego import Variable, ops
    >>> w = Variable([1.0])
    >>> AdamW(learning_rate=0.1, weight_decay=0.5).apply([ops.convert_to_tensor([0.0])], [w])
    >>> print(w.numpy().round(3))
    [0.95]
    """

    def __init__(
        self,
        learning_rate: float | Callable = 0.001,
        weight_decay: float = 0.004,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-7,
        amsgrad: bool = False,
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
        if weight_decay is None:
            raise ValueError("AdamW needs a weight_decay: without one it is Adam")
        super().__init__(
            learning_rate=learning_rate,
            beta_1=beta_1,
            beta_2=beta_2,
            epsilon=epsilon,
            amsgrad=amsgrad,
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
