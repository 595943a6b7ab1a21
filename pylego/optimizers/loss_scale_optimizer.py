"""LossScaleOptimizer: a larger loss, so that small gradients do not vanish in float16."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pylego import names, ops, registry, rules
from pylego.core.tensor import Tensor
from pylego.core.variable import Variable
from pylego.optimizers.optimizer import Optimizer

# What other optimizers take, and here belongs to the inner one.
_OF_INNER = (
    "weight_decay", "clipnorm", "clipvalue", "global_clipnorm", "use_ema", "ema_momentum",
    "ema_overwrite_frequency", "loss_scale_factor", "gradient_accumulation_steps",
)  # fmt: skip


class LossScaleOptimizer(Optimizer):
    """Let another optimizer work on the gradients of a loss that is multiplied by a large number.

    Gradients are divided by the same number, the scale. It doubles after so many steps whose
    gradients are all finite; a step with an infinity or NaN changes nothing and halves it
    (Micikevicius et al., "Mixed precision training", arXiv:1710.03740, section 3.2).

    Args:
        inner_optimizer: does the steps.
        initial_scale: the first scale, above 0.
        dynamic_growth_steps: how many good steps, one after another, double the scale.
        name: the first part of its variables' paths.
        **kwargs: none; what other optimizers take belongs to the inner one.

    Raises:
        ValueError: for `dynamic=False`, and for arguments that the inner optimizer takes.
        TypeError: for an unknown argument, or an inner optimizer that is none.

    >>> from pylego import Variable, ops
    >>> from pylego.optimizers import SGD
    >>> w, optimizer = Variable([1.0]), LossScaleOptimizer(SGD(0.5), initial_scale=8.0)
    >>> optimizer.scale_loss(ops.convert_to_tensor(3.0)).item()
    24.0
    >>> optimizer.apply([ops.convert_to_tensor([8.0])], [w])
    >>> w.numpy().tolist()
    [0.5]
    """

    _rules = rules.of(initial_scale=rules.above(0), dynamic_growth_steps=rules.whole(1))

    def __init__(
        self,
        inner_optimizer: Optimizer,
        initial_scale: float = 2.0**15,
        dynamic_growth_steps: int = 2000,
        name: str | None = None,
        **kwargs: Any,
    ):
        if not isinstance(inner_optimizer, Optimizer) or isinstance(inner_optimizer, type(self)):
            raise TypeError(
                "LossScaleOptimizer works with another optimizer: LossScaleOptimizer(Adam()). "
                f"Received: inner_optimizer={inner_optimizer!r}"
            )
        _check_arguments(kwargs)
        super().__init__(learning_rate=0.0, name=name)
        self.inner_optimizer = inner_optimizer
        self.initial_scale = initial_scale
        self.dynamic_growth_steps = dynamic_growth_steps
        inner_optimizer.loss_scale_factor = None

    @property
    def variables(self) -> list[Variable]:
        """Those of its own, then the inner optimizer's."""
        return [*self._variables, *self.inner_optimizer.variables]

    @property
    def iterations(self) -> Tensor:
        """How many times the inner optimizer has changed variables."""
        return self.inner_optimizer.iterations

    @property
    def learning_rate(self) -> Any:
        """The inner optimizer's."""
        return self.inner_optimizer.learning_rate

    @learning_rate.setter
    def learning_rate(self, value: Any) -> None:
        self.inner_optimizer.learning_rate = value

    lr = learning_rate

    def build(self, variables: Sequence[Variable]) -> None:
        self.step_counter = self.add_variable((), dtype="int64", name="step_counter")
        first = self.initial_scale
        self.dynamic_scale = self.add_variable(
            (), lambda *_, **__: first, "float32", "dynamic_scale"
        )
        self.inner_optimizer.build(variables)
        super().build(variables)

    def apply(
        self, grads: Sequence[Tensor | None], trainable_variables: Sequence[Variable] | None = None
    ) -> None:
        if len(grads) == 0:
            return
        variables = self._known_variables(grads, trainable_variables)
        is_finite = self.check_finite(grads)
        scale = self.dynamic_scale.value
        scaled_back = [
            gradient if gradient is None or variable.overwrite_with_gradient
            else gradient / ops.cast(scale, gradient.dtype)
            for gradient, variable in zip(grads, variables)
        ]  # fmt: skip
        with self.inner_optimizer.changing_if(is_finite):
            self.inner_optimizer.apply(scaled_back, variables)
        self._adapt_scale(is_finite)

    def _adapt_scale(self, is_finite: Tensor) -> None:
        is_full = self.step_counter == self.dynamic_growth_steps - 1
        grows = ops.logical_and(is_finite, is_full)
        factor = ops.where(is_finite, ops.where(grows, 2.0, 1.0), 0.5)
        goes_on = ops.logical_and(is_finite, ops.logical_not(is_full))
        self.dynamic_scale.assign(self.dynamic_scale * factor)
        self.step_counter.assign(ops.where(goes_on, self.step_counter + 1, 0))

    def check_finite(self, grads: Sequence[Tensor | None]) -> Tensor:
        """Return whether all numbers in all gradients are finite: a bool without axes."""
        # A product with 0 is 0 for finite numbers and NaN for all others, and so is the sum.
        sums = [ops.sum(gradient * 0) for gradient in grads if gradient is not None]
        return ops.isfinite(sum(sums[1:], sums[0])) if sums else ops.convert_to_tensor(True)

    def scale_loss(self, loss: Tensor) -> Tensor:
        """Multiply a loss by the scale, before gradients are taken."""
        scale = self.dynamic_scale if self.built else self.initial_scale
        return loss * scale

    def finalize_variable_values(self, var_list: Sequence[Variable]) -> None:
        """Let the inner optimizer replace variables by their averages."""
        self.inner_optimizer.finalize_variable_values(var_list)

    def _stored_variables(self) -> list[Variable]:
        return self.variables

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make this optimizer again, without its state."""
        return {
            "name": self.name,
            "inner_optimizer": registry.serialize(self.inner_optimizer),
            "initial_scale": self.initial_scale,
            "dynamic_growth_steps": self.dynamic_growth_steps,
        }


def _check_arguments(kwargs: dict[str, Any]) -> None:
    if not kwargs.pop("dynamic", True):
        raise ValueError(
            "LossScaleOptimizer changes its scale in any case. For one that stays, set "
            "loss_scale_factor of the inner optimizer instead of dynamic=False"
        )
    for name, value in kwargs.items():
        if name not in _OF_INNER:
            known = ("inner_optimizer", "initial_scale", "dynamic_growth_steps", "name")
            raise names.unknown_argument("LossScaleOptimizer", name, known)
        if value not in (None, False) and (name, value) != ("ema_momentum", 0.99):
            raise ValueError(
                f"LossScaleOptimizer takes no {name}: give it to the inner optimizer. "
                f"Received: {name}={value!r}"
            )


def scaling_loss(optimizer: Optimizer) -> Optimizer:
    """Return the optimizer inside of one that scales the loss; one that does so comes back itself.

    >>> from pylego.optimizers import SGD
    >>> scaling_loss(SGD()).name
    'loss_scale_optimizer'
    """
    is_one = isinstance(optimizer, LossScaleOptimizer)
    return optimizer if is_one else LossScaleOptimizer(optimizer, name="loss_scale_optimizer")
