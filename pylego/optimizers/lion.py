"""Lion: steps of one size, in the direction of the momentum."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from pylego import ops, rules
from pylego.core.tensor import Tensor
from pylego.core.variable import Variable
from pylego.optimizers.optimizer import Optimizer


class Lion(Optimizer):
    """Step by the rate, along the sign of the gradient and its mean.

    w -= rate * sign(beta_1 m + (1 - beta_1) g), then m += (1 - beta_2) (g - m). Rates are 3 to 10
    times smaller than Adam's (Chen et al., arXiv:2302.06675).

    Args:
        learning_rate: how far a step goes.
        beta_1: the share of the mean in the direction of a step, above 0.
        beta_2: the share of the past in the mean of gradients.
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
        ValueError: when beta_1 is 0.


    >>> from pylego import Variable, ops
    >>> w = Variable([1.0])
    >>> Lion(learning_rate=0.1).apply([ops.convert_to_tensor([5.0])], [w])
    >>> print(w.numpy().round(3))
    [0.9]
    """

    _rules = rules.of(beta_1=rules.above(0, 1), beta_2=rules.number(0, 1))

    def __init__(
        self,
        learning_rate: float | Callable = 0.001,
        beta_1: float = 0.9,
        beta_2: float = 0.99,
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
        if beta_1 == 0:
            raise ValueError(
                "Lion: beta_1 must be above 0: with 0 the mean of gradients is not used"
            )
        self.beta_1 = beta_1
        self.beta_2 = beta_2

    def build(self, variables: Sequence[Variable]) -> None:
        super().build(variables)
        self._momentums = self.add_optimizer_variables(variables, "momentum")

    def update_step(self, gradient: Tensor, variable: Variable, learning_rate: Tensor) -> None:
        m = self._momentums[self.place_of(variable)]
        change = gradient - m  # both means need it, which makes one loop of them
        direction = ops.sign(m + change * (1 - self.beta_1))
        self.assign(m, m + change * (1 - self.beta_2))
        self.assign_sub(variable, direction * ops.cast(learning_rate, variable.dtype))

    def get_config(self) -> dict[str, Any]:
        own = {
            "beta_1": self.beta_1,
            "beta_2": self.beta_2,
        }
        return {**super().get_config(), **own}
