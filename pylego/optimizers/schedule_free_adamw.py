"""ScheduleFreeAdamW: averages in the place of a schedule of rates."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from pylego import config, ops, rules
from pylego.core.tensor import Tensor
from pylego.core.variable import Variable
from pylego.optimizers.optimizer import Optimizer


class ScheduleFreeAdamW(Optimizer):
    """Adam without a schedule: weights lie between quick steps and the mean of all of them.

    In step t with Adam's v: z -= rate * g / (sqrt(v / (1 - beta_2^t)) + epsilon),
    x += (z - x) / t, and the weights are beta_1 x + (1 - beta_1) z; x is not kept, it follows from
    the weights and z (Defazio et al., arXiv:2405.15682).

    Args:
        learning_rate: how far a step goes.
        beta_1: the share of the mean x in the weights.
        beta_2: the share of the past in the mean of their squares.
        epsilon: keeps the division away from zero.
        warmup_steps: in how many steps the rate grows to its full size.
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
    >>> ScheduleFreeAdamW(learning_rate=0.1).apply([ops.convert_to_tensor([5.0])], [w])
    >>> print(w.numpy().round(3))
    [0.9]
    """

    _rules = rules.of(
        beta_1=rules.number(0, 1),
        beta_2=rules.share,
        epsilon=rules.epsilon,
        warmup_steps=rules.whole(0),
    )

    def __init__(
        self,
        learning_rate: float | Callable = 0.0025,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-8,
        warmup_steps: int = 0,
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
        self.warmup_steps = warmup_steps

    def build(self, variables: Sequence[Variable]) -> None:
        super().build(variables)
        rows = [self._slots_for(variable) for variable in variables]
        self._momentums, self._velocities = [z for z, _ in rows], [v for _, v in rows]

    def _slots_for(self, variable: Variable) -> tuple[Variable, Variable]:
        """z, which begins where the variable is, and v."""
        return (
            self.add_variable_from_reference(
                variable, "momentum", lambda *_, **__: variable.numpy()
            ),
            self.add_variable_from_reference(variable, "velocity"),
        )

    def rate_of_step(self) -> Tensor:
        """Let the rate grow over the first steps."""
        if not self.warmup_steps:
            return self._decayed(self.learning_rate)
        t = ops.cast(self.iterations + 1, config.floatx())
        return self._decayed(self.learning_rate) * ops.minimum(t / self.warmup_steps, 1.0)

    def update_step(self, gradient: Tensor, variable: Variable, learning_rate: Tensor) -> None:
        place = self.place_of(variable)
        z, v = self._momentums[place], self._velocities[place]
        t = ops.cast(self.iterations + 1, variable.dtype)
        of_v, of_z = ops.sqrt(1 - self.beta_2**t), 1 - self.beta_1
        next_v = ops.lerp(v, ops.square(gradient), 1 - self.beta_2)
        rate = ops.cast(learning_rate, variable.dtype) * of_v
        next_z = z - gradient * rate / (ops.sqrt(next_v) + self.epsilon * of_v)
        # beta_1 x = w - (1 - beta_1) z before the step. Then x moves to z by 1 / t, and the weights
        # are (1 - 1 / t) beta_1 x + (beta_1 / t + 1 - beta_1) z.
        mean = variable - z * of_z
        weights = ops.lerp(mean, next_z * (self.beta_1 + of_z * t), 1 / t)
        self.assign(v, next_v)
        self.assign(z, next_z)
        self.assign(variable, weights)

    def get_config(self) -> dict[str, Any]:
        own = {
            "beta_1": self.beta_1,
            "beta_2": self.beta_2,
            "epsilon": self.epsilon,
            "warmup_steps": self.warmup_steps,
        }
        return {**super().get_config(), **own}
