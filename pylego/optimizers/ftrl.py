"""Ftrl: follow the leader, and keep weights at zero that matter little."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from pylego import ops, rules
from pylego.core.tensor import Tensor
from pylego.core.variable import Variable
from pylego.initializers import Constant
from pylego.optimizers.optimizer import Optimizer


class Ftrl(Optimizer):
    """Follow the regularized leader: weights are what would have been best for all steps so far.

    With the sum a += g^2 and s = a^-learning_rate_power before and s' after it:
    z += g + 2 shrinkage w - (s' - s) / rate * w,
    w = (clip(z, -l1, l1) - z) / (s' / rate + 2 l2 + beta / rate)
    (McMahan et al., "Ad click prediction: a view from the trenches", KDD 2013).

    Args:
        learning_rate: how far a step goes.
        learning_rate_power: how quickly steps shrink, 0 or less; 0 keeps them.
        initial_accumulator_value: what the sums of squares begin with, 0 or more.
        l1_regularization_strength: how strongly weights are held at zero.
        l2_regularization_strength: how strongly they are kept small.
        l2_shrinkage_regularization_strength: the share of a weight added to its gradient, not to a.
        beta: added to the root of a, for steps that begin smaller.
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
    >>> Ftrl(learning_rate=0.1).apply([ops.convert_to_tensor([0.1])], [w])
    >>> print(w.numpy().round(3))
    [0.016]
    """

    _rules = rules.of(
        learning_rate_power=rules.number(most=0),
        initial_accumulator_value=rules.number(0),
        l1_regularization_strength=rules.number(0),
        l2_regularization_strength=rules.number(0),
        l2_shrinkage_regularization_strength=rules.number(0),
        beta=rules.number(),
    )

    def __init__(
        self,
        learning_rate: float | Callable = 0.001,
        learning_rate_power: float = -0.5,
        initial_accumulator_value: float = 0.1,
        l1_regularization_strength: float = 0.0,
        l2_regularization_strength: float = 0.0,
        l2_shrinkage_regularization_strength: float = 0.0,
        beta: float = 0.0,
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
        self.learning_rate_power = learning_rate_power
        self.initial_accumulator_value = initial_accumulator_value
        self.l1_regularization_strength = l1_regularization_strength
        self.l2_regularization_strength = l2_regularization_strength
        self.l2_shrinkage_regularization_strength = l2_shrinkage_regularization_strength
        self.beta = beta

    def build(self, variables: Sequence[Variable]) -> None:
        super().build(variables)
        first = [Constant(self.initial_accumulator_value), "zeros"]
        slots = ["accumulator", "linear"]
        self._sums, self._linears = self.add_optimizer_variables(variables, slots, first)

    def _raised(self, squares: Tensor) -> Tensor:
        if self.learning_rate_power == -0.5:
            return ops.sqrt(squares)
        return ops.power(squares, -self.learning_rate_power)

    def update_step(self, gradient: Tensor, variable: Variable, learning_rate: Tensor) -> None:
        place = self.place_of(variable)
        squares, z = self._sums[place], self._linears[place]
        per_rate = 1 / ops.cast(learning_rate, variable.dtype)
        before, next_squares = self._raised(squares), squares + ops.square(gradient)
        after = self._raised(next_squares)
        limit = self.l1_regularization_strength
        shrinkage = 2 * self.l2_shrinkage_regularization_strength
        next_z = z + gradient - (after - before) * variable * per_rate + shrinkage * variable
        pull = next_z - ops.clip(next_z, -limit, limit)
        held = 2 * self.l2_regularization_strength + self.beta * per_rate
        self.assign(squares, next_squares)
        self.assign(z, next_z)
        self.assign(variable, pull / (after * -per_rate - held))

    def get_config(self) -> dict[str, Any]:
        own = {
            "learning_rate_power": self.learning_rate_power,
            "initial_accumulator_value": self.initial_accumulator_value,
            "l1_regularization_strength": self.l1_regularization_strength,
            "l2_regularization_strength": self.l2_regularization_strength,
            "l2_shrinkage_regularization_strength": self.l2_shrinkage_regularization_strength,
            "beta": self.beta,
        }
        return {**super().get_config(), **own}
