"""Muon: orthogonal steps for matrices, and Adam for all else."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from typing import Any

from pylego import ops, rules
from pylego.core.tensor import Tensor
from pylego.core.variable import Variable
from pylego.optimizers.optimizer import Optimizer


class Muon(Optimizer):
    """Step along the orthogonal matrix nearest to the momentum; Adam's step for all but matrices.

    m = momentum * m + g; with Nesterov's momentum G = g + momentum * m, else G = m. X = G / |G|,
    X = a X + (b A + c A^2) X with A = X X' for ns_steps times (a Newton-Schulz iteration, which
    brings all singular values near 1), w -= rate * X * sqrt(longer side) * rms_rate (Jordan et al.,
    "Muon: an optimizer for hidden layers in neural networks", 2024; rms_rate: Liu et al.,
    arXiv:2502.16982).

    Args:
        learning_rate: how far a step goes.
        adam_beta_1: Adam's share of the past in the mean of gradients.
        adam_beta_2: its share of the past in the mean of their squares.
        adam_weight_decay: the weight decay of variables that are left to Adam.
        epsilon: keeps Adam's division away from zero.
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
        exclude_layers: patterns: variables whose path has one are left to Adam.
        exclude_embeddings: whether variables with 'embedding' in their path are left to Adam.
        muon_a: of the polynomial: the factor of X.
        muon_b: the factor of X X' X.
        muon_c: the factor of (X X')^2 X.
        adam_lr_ratio: what the rate is multiplied by for Adam.
        momentum: the share of the past in the sum of gradients.
        ns_steps: how often the polynomial is applied.
        nesterov: whether to look ahead along the sum.
        rms_rate: steps are multiplied by it and by the root of the longer side; None: not.
        **kwargs: `lr`, which older programs say for `learning_rate`.

    >>> from pylego import Variable, ops
    >>> w = Variable([1.0])
    >>> Muon(learning_rate=0.1, adam_weight_decay=None).apply([ops.convert_to_tensor([5.0])], [w])
    >>> print(w.numpy().round(3))
    [0.9]
    """

    _rules = rules.of(
        adam_beta_1=rules.share,
        adam_beta_2=rules.share,
        adam_weight_decay=rules.optional(rules.number(0)),
        epsilon=rules.epsilon,
        exclude_embeddings=rules.flag,
        muon_a=rules.number(),
        muon_b=rules.number(),
        muon_c=rules.number(),
        adam_lr_ratio=rules.number(0),
        momentum=rules.number(0, 1),
        ns_steps=rules.whole(0),
        nesterov=rules.flag,
        rms_rate=rules.optional(rules.number()),
    )

    def __init__(
        self,
        learning_rate: float | Callable = 0.001,
        adam_beta_1: float = 0.9,
        adam_beta_2: float = 0.999,
        adam_weight_decay: float | None = 0.004,
        epsilon: float = 1e-7,
        weight_decay: float | None = 0.004,
        clipnorm: float | None = None,
        clipvalue: float | None = None,
        global_clipnorm: float | None = None,
        use_ema: bool = False,
        ema_momentum: float = 0.99,
        ema_overwrite_frequency: int | None = None,
        loss_scale_factor: float | None = None,
        gradient_accumulation_steps: int | None = None,
        name: str | None = None,
        exclude_layers: Sequence[str] | None = None,
        exclude_embeddings: bool = True,
        muon_a: float = 3.4445,
        muon_b: float = -4.775,
        muon_c: float = 2.0315,
        adam_lr_ratio: float = 1,
        momentum: float = 0.95,
        ns_steps: int = 5,
        nesterov: bool = True,
        rms_rate: float | None = 0.2,
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
        self.adam_beta_1 = adam_beta_1
        self.adam_beta_2 = adam_beta_2
        self.adam_weight_decay = adam_weight_decay
        self.epsilon = epsilon
        self.exclude_layers = list(exclude_layers or [])
        self.exclude_embeddings = exclude_embeddings
        self.muon_a = muon_a
        self.muon_b = muon_b
        self.muon_c = muon_c
        self.adam_lr_ratio = adam_lr_ratio
        self.momentum = momentum
        self.ns_steps = ns_steps
        self.nesterov = nesterov
        self.rms_rate = rms_rate

    def _is_left_to_adam(self, variable: Variable) -> bool:
        path = variable.path
        is_embedding = self.exclude_embeddings and "embedding" in path.lower()
        is_excluded = any(re.search(pattern, path) for pattern in self.exclude_layers)
        return len(variable.shape) != 2 or is_embedding or is_excluded

    def build(self, variables: Sequence[Variable]) -> None:
        super().build(variables)
        self._momentums: list[Variable] = []
        self._velocities: list[Variable | None] = []  # None: the variable is a matrix of Muon's
        for variable in variables:
            self._momentums.append(self.add_variable_from_reference(variable, "momentum"))
            is_adams = self._is_left_to_adam(variable)
            velocity = self.add_variable_from_reference(variable, "velocity") if is_adams else None
            self._velocities.append(velocity)

    def _decay_weights(self, variables: Sequence[Variable]) -> None:
        rate = self.learning_rate
        for variable in variables:
            is_matrix = self._velocities[self.place_of(variable)] is None
            share = self.weight_decay if is_matrix else self.adam_weight_decay
            if share is not None and self.is_decayed(variable):
                self.decay(variable, share, rate)

    def update_step(self, gradient: Tensor, variable: Variable, learning_rate: Tensor) -> None:
        place = self.place_of(variable)
        m, v = self._momentums[place], self._velocities[place]
        rate = ops.cast(learning_rate, variable.dtype)
        if v is not None:
            self._adam_step(gradient, variable, rate * self.adam_lr_ratio, m, v)
            return
        next_m = gradient + self.momentum * m
        ahead = gradient + self.momentum * next_m if self.nesterov else next_m
        self.assign(m, next_m)
        if self.rms_rate is not None:
            rate = rate * (math.sqrt(max(variable.shape)) * self.rms_rate)
        self.assign_sub(variable, self._orthogonal(ahead) * rate)

    def _orthogonal(self, x: Tensor) -> Tensor:
        is_tall = x.shape[0] > x.shape[1]  # the smaller of X X' and X' X is computed
        x = ops.transpose(x) if is_tall else x
        x = x / (ops.norm(x) + 1e-7)
        for _ in range(self.ns_steps):
            a = ops.matmul(x, ops.transpose(x))
            # a' = a, and products of a matrix with itself, transposed, cost half.
            b = self.muon_b * a + self.muon_c * ops.matmul(a, ops.transpose(a))
            x = self.muon_a * x + ops.matmul(b, x)
        return ops.transpose(x) if is_tall else x

    def _adam_step(
        self, gradient: Tensor, variable: Variable, rate: Tensor, m: Variable, v: Variable
    ) -> None:
        t = ops.cast(self.iterations + 1, variable.dtype)
        rate = rate * ops.sqrt(1 - self.adam_beta_2**t) / (1 - self.adam_beta_1**t)
        next_m = ops.lerp(m, gradient, 1 - self.adam_beta_1)
        next_v = ops.lerp(v, ops.square(gradient), 1 - self.adam_beta_2)
        self.assign(m, next_m)
        self.assign(v, next_v)
        self.assign_sub(variable, next_m * rate / (ops.sqrt(next_v) + self.epsilon))

    def get_config(self) -> dict[str, Any]:
        own = {
            "adam_beta_1": self.adam_beta_1,
            "adam_beta_2": self.adam_beta_2,
            "adam_weight_decay": self.adam_weight_decay,
            "epsilon": self.epsilon,
            "exclude_layers": self.exclude_layers,
            "exclude_embeddings": self.exclude_embeddings,
            "muon_a": self.muon_a,
            "muon_b": self.muon_b,
            "muon_c": self.muon_c,
            "adam_lr_ratio": self.adam_lr_ratio,
            "momentum": self.momentum,
            "ns_steps": self.ns_steps,
            "nesterov": self.nesterov,
            "rms_rate": self.rms_rate,
        }
        return {**super().get_config(), **own}
