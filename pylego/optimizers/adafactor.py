"""Adafactor: the size of gradients in a row and a column for each matrix."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

from pylego import ops, rules
from pylego.core.tensor import Tensor
from pylego.core.variable import Variable
from pylego.optimizers.optimizer import Optimizer


class Adafactor(Optimizer):
    """Divide each step by the size of recent gradients, of which only rows and columns are kept.

    In step t with b = 1 - t^beta_2_decay and s = g^2 + epsilon_1: matrices keep the means over
    columns, r, and over rows, c, both as b * old + (1 - b) * new, and v = r c / mean(r); vectors
    keep v itself. u = g / sqrt(v), w -= rho max(epsilon_2, rms(w)) u / max(1, rms(u) / threshold),
    where rho = min(rate, 1 / sqrt(t)) (Shazeer & Stern, arXiv:1804.04235).

    Args:
        learning_rate: how far a step goes.
        beta_2_decay: how the share of the past grows with steps, below 0.
        epsilon_1: added to squared gradients.
        epsilon_2: the least size of a variable that a step is made for.
        clip_threshold: the largest root of the mean square of u.
        relative_step: kept for Keras's sake: rates are bounded by 1 / sqrt(t) in any case.
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
    >>> Adafactor(learning_rate=0.1).apply([ops.convert_to_tensor([5.0])], [w])
    >>> print(w.numpy().round(3))
    [0.9]
    """

    _rules = rules.of(
        beta_2_decay=rules.number(most=0),
        epsilon_1=rules.number(0),
        epsilon_2=rules.number(0),
        clip_threshold=rules.above(0, is_finite=False),
        relative_step=rules.flag,
    )

    def __init__(
        self,
        learning_rate: float | Callable = 0.001,
        beta_2_decay: float = -0.8,
        epsilon_1: float = 1e-30,
        epsilon_2: float = 1e-3,
        clip_threshold: float = 1.0,
        relative_step: bool = True,
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
        self.beta_2_decay = beta_2_decay
        self.epsilon_1 = epsilon_1
        self.epsilon_2 = epsilon_2
        self.clip_threshold = clip_threshold
        self.relative_step = relative_step

    def build(self, variables: Sequence[Variable]) -> None:
        super().build(variables)
        slots = [self._slots_for(variable) for variable in variables]
        self._rows, self._columns, self._velocities = ([row[i] for row in slots] for i in range(3))

    def _slots_for(self, variable: Variable) -> tuple[Variable, Variable, Variable]:
        """r, c and v; of vectors and numbers, r and c are there and not used."""
        shape, is_matrix = variable.shape, len(variable.shape) >= 2
        row, column = (shape[:-1], (*shape[:-2], shape[-1])) if is_matrix else ((), ())
        dtype = variable.dtype if is_matrix else None
        return (
            self.add_variable(row, dtype=dtype, name=variable.name),
            self.add_variable(column, dtype=dtype, name=variable.name),
            self.add_variable_from_reference(variable, "velocity"),
        )

    def update_step(self, gradient: Tensor, variable: Variable, learning_rate: Tensor) -> None:
        t = ops.cast(self.iterations + 1, variable.dtype)
        rho = ops.minimum(ops.cast(learning_rate, variable.dtype), 1 / ops.sqrt(t))
        u = self._scaled(gradient, variable, t**self.beta_2_decay)
        size = ops.maximum(self.epsilon_2, _root_mean_square(variable))
        excess = ops.maximum(1.0, _root_mean_square(u) / self.clip_threshold)
        self.assign_sub(variable, u * (rho * size / excess))

    def _scaled(self, gradient: Tensor, variable: Variable, share: Tensor) -> Tensor:
        """g / sqrt(v), with a v of which `share` is new."""
        place = self.place_of(variable)
        squares = ops.square(gradient)
        if len(variable.shape) < 2:
            v = ops.lerp(self._velocities[place], squares + self.epsilon_1, share)
            self.assign(self._velocities[place], v)
            return gradient / ops.sqrt(v)
        r = ops.lerp(self._rows[place], ops.mean(squares, axis=-1) + self.epsilon_1, share)
        c = ops.lerp(self._columns[place], ops.mean(squares, axis=-2) + self.epsilon_1, share)
        self.assign(self._rows[place], r)
        self.assign(self._columns[place], c)
        r = ops.expand_dims(r / ops.mean(r, axis=-1, keepdims=True), -1)
        c = ops.expand_dims(c, -2)
        self.assign(self._velocities[place], r * c)
        # 1 / sqrt(r c) as two factors: roots and divisions of vectors, not of the matrix.
        return gradient * ops.rsqrt(r) * ops.rsqrt(c)

    def get_config(self) -> dict[str, Any]:
        own = {
            "beta_2_decay": self.beta_2_decay,
            "epsilon_1": self.epsilon_1,
            "epsilon_2": self.epsilon_2,
            "clip_threshold": self.clip_threshold,
            "relative_step": self.relative_step,
        }
        return {**super().get_config(), **own}


def _root_mean_square(x: Tensor) -> Tensor:
    return ops.norm(x) / math.sqrt(math.prod(x.shape))
