"""MultiOptimizer: each variable has an optimizer of its own."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from pylego import registry
from pylego.core.tensor import Tensor
from pylego.core.variable import Variable
from pylego.optimizers.optimizer import Optimizer
from pylego.optimizers.optimizer_map import OptimizerMap, checked_part


class MultiOptimizer(Optimizer):
    """Hand each variable to an optimizer of its own: an encoder to Adam, all else to SGD.

    It has no learning rate: those of the optimizers in `optimizers` may differ, and are read and
    set there.

    Args:
        optimizer_map: an `OptimizerMap`, or a function of a variable that returns its optimizer.
        loss_scale_factor: what the loss was multiplied by; it takes the place of the optimizers'.
        name: the first part of its variables' paths.

    Raises:
        TypeError: for an `optimizer_map` that is neither.
        ValueError: in `build`, when the function returns something else than an optimizer.

    >>> from pylego import Variable, ops
    >>> from pylego.optimizers import SGD, Adam
    >>> w, b = Variable([1.0], name="w"), Variable([1.0], name="b")
    >>> optimizer = MultiOptimizer(OptimizerMap(SGD(0.5), {"w": Adam(0.25)}))
    >>> optimizer.apply([ops.convert_to_tensor([2.0])] * 2, [w, b])
    >>> print(w.numpy().round(3), b.numpy())
    [0.75] [0.]
    """

    _optimizer_map: Callable[[Variable], Optimizer]

    def __init__(
        self,
        optimizer_map: OptimizerMap | Callable[[Variable], Optimizer],
        loss_scale_factor: float | None = None,
        name: str | None = None,
    ):
        if not callable(optimizer_map) or isinstance(optimizer_map, (type, Optimizer)):
            raise TypeError(
                "MultiOptimizer: optimizer_map must be an OptimizerMap, or a function that returns "
                "the optimizer of a variable: MultiOptimizer(OptimizerMap(SGD(), {...})). "
                f"Received: optimizer_map={optimizer_map!r}"
            )
        self.optimizers: list[Optimizer] = []
        self._of_variable: dict[Variable, Optimizer] = {}
        super().__init__(learning_rate=0.0, loss_scale_factor=loss_scale_factor, name=name)
        self._optimizer_map = optimizer_map
        if isinstance(optimizer_map, OptimizerMap):
            for optimizer in (*optimizer_map.values(), optimizer_map.default_optimizer):
                self._add(optimizer)

    def _add(self, optimizer: Optimizer) -> None:
        if not any(optimizer is known for known in self.optimizers):
            optimizer.loss_scale_factor = self.loss_scale_factor
            self.optimizers = [*self.optimizers, optimizer]

    @property
    def variables(self) -> list[Variable]:
        """Those of its own, then those of each optimizer."""
        return [*self._variables, *(v for one in self.optimizers for v in one.variables)]

    @property
    def iterations(self) -> Tensor:
        """How often `apply` was called; an optimizer that accumulates has done fewer steps."""
        return self._iterations.value

    @property
    def learning_rate(self) -> Any:
        """There is none: each of the optimizers has its own."""
        raise AttributeError(_NO_RATE.format(doing="read"))

    @learning_rate.setter
    def learning_rate(self, value: Any) -> None:
        raise AttributeError(_NO_RATE.format(doing="set"))

    lr = learning_rate

    @property
    def loss_scale_factor(self) -> float | None:
        """What the loss was multiplied by; setting it sets it in all optimizers."""
        return self._loss_scale_factor

    @loss_scale_factor.setter
    def loss_scale_factor(self, value: float | None) -> None:
        self._loss_scale_factor = value
        for optimizer in self.optimizers:
            optimizer.loss_scale_factor = value

    def build(self, variables: Sequence[Variable]) -> None:
        if self.built:
            return
        super().build(variables)
        for variable in variables:
            optimizer = checked_part(
                f"MultiOptimizer: {variable.path!r}", self._optimizer_map(variable)
            )
            self._add(optimizer)
            self._of_variable[variable] = optimizer
        for optimizer, own in self._shares(variables):
            optimizer.build(own)

    def _shares(self, variables: Iterable[Variable]) -> Iterator[tuple[Optimizer, list[Variable]]]:
        """Each optimizer that has some of these variables, with them."""
        variables = list(variables)
        for optimizer in self.optimizers:
            own = [v for v in variables if self._of_variable[v] is optimizer]
            if own:
                yield optimizer, own

    def apply(
        self, grads: Sequence[Tensor | None], trainable_variables: Sequence[Variable] | None = None
    ) -> None:
        if len(grads) == 0:
            return
        variables = self._known_variables(grads, trainable_variables)
        gradients = dict(zip(variables, grads))
        for optimizer, own in self._shares(variables):
            optimizer.apply([gradients[v] for v in own], own)
        self._is_step = self._is_valid
        self.assign_add(self._iterations, 1)
        self._is_step = None

    @contextlib.contextmanager
    def changing_if(self, is_valid: Tensor) -> Iterator[None]:
        with contextlib.ExitStack() as stack:
            for optimizer in self.optimizers:
                stack.enter_context(optimizer.changing_if(is_valid))
            stack.enter_context(super().changing_if(is_valid))
            yield

    def exclude_from_weight_decay(
        self, var_list: Sequence[Variable] | None = None, var_names: Sequence[str] | None = None
    ) -> None:
        for optimizer in self.optimizers:
            optimizer.exclude_from_weight_decay(var_list, var_names)

    def finalize_variable_values(self, var_list: Sequence[Variable]) -> None:
        """Let each optimizer replace its variables by their averages."""
        if self.built:
            for optimizer, own in self._shares(var_list):
                optimizer.finalize_variable_values(own)

    def _stored_variables(self) -> list[Variable]:
        return self.variables

    def set_weights(self, weights: Sequence[Any]) -> None:
        if not self.built:
            raise ValueError(
                f"{self.name} is not built, so its optimizers have no state yet: call "
                "build(trainable_variables) first"
            )
        super().set_weights(weights)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make this optimizer again, without its state."""
        return {
            "optimizer_map": registry.describe(self._optimizer_map),
            "loss_scale_factor": self.loss_scale_factor,
            "name": self.name,
        }


_NO_RATE = (
    "the learning rate of a MultiOptimizer cannot be {doing}: its optimizers have one each, "
    "optimizer.optimizers[0].learning_rate"
)
