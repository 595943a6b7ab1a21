"""The base of all optimizers: clipping, weight decay, averages and accumulation around one step.

An optimizer computes with bricks only and keeps all its state in variables, so that a training step
can be recorded as a program. It never asks whether a number is so: it selects with `ops.where`.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import numpy as np

from pylego import config, engine, names, ops, registry, rules
from pylego.core import recording
from pylego.core.stored_variables import StoresVariables
from pylego.core.tensor import Tensor
from pylego.core.variable import Variable, replaced_variables
from pylego.optimizers.gradients import check_limits, clipped, put_in_place, with_gradients
from pylego.optimizers.learning_rate import HasLearningRate
from pylego.optimizers.older_names import OlderNames
from pylego.versions import Versioned


class Optimizer(HasLearningRate, OlderNames, Versioned, StoresVariables):
    """The legs of the figure: how to step away from a mistake. Subclass it: `update_step`.

    A copy of a model has a copy of the optimizer, which changes the copied variables. An optimizer
    that is copied by itself has copies of the variables that it was built with: to use both, copy
    both together, `copy.deepcopy((optimizer, variables))`.

    Args:
        learning_rate: how far a step goes: a number, a schedule, or a function without arguments.
        weight_decay: each step, variables shrink by this share times the learning rate.
        clipnorm: the largest norm that the gradient of one variable may have.
        clipvalue: the largest absolute value that an element of a gradient may have.
        global_clipnorm: the largest norm that all gradients together may have.
        use_ema: whether an average of the variables over the steps is kept.
        ema_momentum: the share of the old average in the new one.
        ema_overwrite_frequency: after how many steps variables are replaced by their average.
        loss_scale_factor: what the loss was multiplied by; gradients are divided by it.
        gradient_accumulation_steps: how many gradients are averaged before variables change.
        name: the first part of its variables' paths.
        **kwargs: `lr`, which older programs say for `learning_rate`; and Keras 2's `decay`: the
            learning rate is divided by 1 + decay * iterations.

    Raises:
        ValueError: for settings out of range, or more than one kind of clipping.
        TypeError: for an unknown argument, with the nearest ones.
    """

    _unversioned = Versioned._unversioned | {"_is_step", "_is_valid"}
    _not_state = frozenset({"_asked_rate"})  # variables in other attributes are saved
    _set_by_base = "_iterations"
    _opaque = frozenset({"_ask_rate"})  # a function is asked anew before each step

    _rules = rules.of(
        weight_decay=rules.optional(rules.number(0)),
        clipnorm=rules.optional(rules.limit()),
        clipvalue=rules.optional(rules.limit()),
        global_clipnorm=rules.optional(rules.limit()),
        use_ema=rules.flag,
        ema_momentum=rules.number(0, 1),
        ema_overwrite_frequency=rules.unless_empty(rules.whole(1)),
        loss_scale_factor=rules.optional(rules.above(0)),
        gradient_accumulation_steps=rules.unless_empty(rules.whole(2)),
    )

    def __init__(
        self,
        learning_rate: float | Callable,
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
        if kwargs:
            learning_rate = self._read_older(kwargs, learning_rate)
            _refuse_others(type(self), kwargs)
        check_limits(clipnorm, clipvalue, global_clipnorm)
        self.name = name or names.unique_name(type(self).__name__)
        self.weight_decay = weight_decay
        self.clipnorm = clipnorm
        self.clipvalue = clipvalue
        self.global_clipnorm = global_clipnorm
        self.use_ema = use_ema
        self.ema_momentum = ema_momentum
        self.ema_overwrite_frequency = ema_overwrite_frequency or None
        self.loss_scale_factor = loss_scale_factor
        self.gradient_accumulation_steps = gradient_accumulation_steps
        self.built = False
        self._variables: list[Variable] = []
        self._trainable_variables: list[Variable] = []
        self._places: dict[Variable, int] = {}  # of trainable variables
        self._undecayed: tuple[set[Variable], re.Pattern | None] = (set(), None)
        self._is_step: Tensor | None = None  # in a step: whether its method changes variables
        self._is_valid: Tensor | None = None  # in a step: whether anything changes at all
        self._iterations: Variable = self.add_variable((), dtype="int64", name="iteration")
        self._begin_with_rate(learning_rate)

    # ---- state ----

    @property
    def variables(self) -> list[Variable]:
        """The step count, the learning rate, and what the method keeps per variable."""
        return list(self._variables)

    @property
    def iterations(self) -> Tensor:
        """How many times variables have changed."""
        steps = self.gradient_accumulation_steps
        return self._iterations // steps if steps else self._iterations

    def add_variable(
        self,
        shape: Sequence[int],
        initializer: Any = "zeros",
        dtype: Any = None,
        name: str | None = None,
    ) -> Variable:
        """Make a state variable.

        Args:
            shape: its shape.
            initializer: an initializer by name or object, or a function of (shape, dtype).
            dtype: `config.floatx()` by default.
            name: its name below the optimizer's.
        """
        dtype = dtype or config.floatx()
        is_zeros = isinstance(initializer, str) and initializer == "zeros"
        first = np.zeros(shape, engine.MEMORY_DTYPES.get(dtype, dtype)) if is_zeros else initializer
        variable = Variable(first, shape=shape, dtype=dtype, trainable=False, name=name)
        variable.path = f"{self.name}/{variable.name}"
        self._variables = [*self._variables, variable]
        return variable

    def __setattr__(self, name: str, value: Any) -> None:
        if name == "epsilon" and value is None:
            value = config.epsilon()
        super().__setattr__(name, value)
        is_state = isinstance(value, Variable) and name not in self._not_state
        if is_state and not any(value is known for known in self._variables):
            self._variables = [*self._variables, value]

    def add_variable_from_reference(
        self, reference_variable: Variable, name: str = "var", initializer: Any = "zeros"
    ) -> Variable:
        """Make a state variable of another variable's shape and dtype, named after it."""
        own_name = f"{reference_variable.path.replace('/', '_')}_{name}"
        shape, dtype = reference_variable.shape, reference_variable.dtype
        return self.add_variable(shape, initializer, dtype, own_name)

    def add_optimizer_variables(
        self,
        trainable_variables: Iterable[Variable],
        name: str | Sequence[str],
        initializer: Any = "zeros",
    ) -> Any:
        """Make state variables for each trainable one: a list, or a list per name.

        Args:
            trainable_variables: the variables they belong to.
            name: one, or several.
            initializer: one for all names, or a list of one each.
        """
        kinds = [name] if isinstance(name, str) else name
        each = isinstance(initializer, (list, tuple))
        first = initializer if each else [initializer] * len(kinds)
        if len(first) != len(kinds):
            raise ValueError(f"{len(first)} initializers came for the {len(kinds)} names {kinds}")
        rows = [
            [self.add_variable_from_reference(v, *pair) for pair in zip(kinds, first)]
            for v in trainable_variables
        ]
        columns = [[row[i] for row in rows] for i in range(len(kinds))]
        return columns[0] if isinstance(name, str) else columns

    def build(self, variables: Sequence[Variable]) -> None:
        """Make the state for these trainable variables; each optimizer adds its own.

        Raises:
            TypeError: for something that is not a variable.
        """
        for variable in variables:
            if not isinstance(variable, Variable):
                raise TypeError(f"{self.name} changes variables. Received: {variable!r}")
        self._trainable_variables = list(variables)
        self._places = {v: place for place, v in enumerate(variables)}
        if self.use_ema:
            self._averages = self.add_optimizer_variables(variables, "average")
        if self.gradient_accumulation_steps:
            self._accumulators = self.add_optimizer_variables(variables, "gradient_accumulator")
        self.built = True

    def place_of(self, variable: Variable) -> int:
        """Return which of the built variables it is: its place in the lists of states."""
        return self._places[variable]

    _get_variable_index = place_of  # what it is called in optimizers that are written for Keras

    # ---- a step ----

    def apply_gradients(self, grads_and_vars: Iterable[tuple[Tensor | None, Variable]]) -> Tensor:
        """Do one step for pairs of gradient and variable; return the step count."""
        pairs = list(grads_and_vars)
        if not all(isinstance(pair, (tuple, list)) and len(pair) == 2 for pair in pairs):
            raise TypeError(
                "apply_gradients takes pairs of gradient and variable: zip(gradients, variables). "
                f"Received: {pairs[:1]!r}"
            )
        self.apply([gradient for gradient, _ in pairs], [variable for _, variable in pairs])
        return self._iterations

    def apply(
        self, grads: Sequence[Tensor | None], trainable_variables: Sequence[Variable] | None = None
    ) -> None:
        """Do one step: change each variable by its gradient.

        Args:
            grads: one gradient per variable; None for variables the loss does not depend on, which
                stay as they are, with a warning.
            trainable_variables: by default those that the optimizer was built with.

        Raises:
            TypeError: for variables that are none.
            ValueError: when there are no gradients, when their number or shapes do not fit, or for
                variables that the optimizer was not built with.
        """
        if len(grads) == 0:
            return
        variables = self._known_variables(grads, trainable_variables)
        grads, variables = put_in_place(grads, variables)
        if not variables:
            return
        gradients, variables = with_gradients(grads, variables)
        self._is_step = self._is_valid
        try:
            with recording.Label(self.name, "optimizer"):
                self._apply(gradients, variables)
        finally:
            self._is_step = None

    def _apply(self, gradients: list[Tensor], variables: list[Variable]) -> None:
        if self.loss_scale_factor is not None:
            gradients = [gradient / self.loss_scale_factor for gradient in gradients]
        if self.gradient_accumulation_steps:
            gradients = self._accumulate(gradients, variables)
        gradients = clipped(gradients, self.clipnorm, self.clipvalue, self.global_clipnorm)
        self._decay_weights(variables)
        self.update_all(gradients, variables)
        self._is_step = self._is_valid  # from here on variables change while gradients gather, too
        if self.use_ema:
            self._average_variables()
        for variable in variables:
            if variable.constraint is not None:
                self.assign(variable, variable.constraint(variable))
        self.assign_add(self._iterations, 1)

    def update_all(self, gradients: list[Tensor], variables: list[Variable]) -> None:
        """Change all variables by their gradients, which are clipped already."""
        rate = self.rate_of_step()
        for gradient, variable in zip(gradients, variables):
            self.update_step(gradient, variable, rate)

    def rate_of_step(self) -> Any:
        """Return what `update_step` gets as learning rate; the same for all variables of a step."""
        return self._decayed(self.learning_rate)

    def update_step(self, gradient: Tensor, variable: Variable, learning_rate: Tensor) -> None:
        """Change one variable by its gradient; each optimizer writes its own."""
        raise NotImplementedError(
            f"{type(self).__name__} must write update_step(self, gradient, variable, learning_rate)"
        )

    def assign(self, variable: Variable, value: Any) -> None:
        """Set a variable: a state, or a trainable one. The way for `update_step` to write."""
        if self._is_step is not None:
            value = ops.where(self._is_step, value, variable)
        variable.assign(value)

    def assign_add(self, variable: Variable, value: Any) -> None:
        """Add to a variable."""
        self.assign(variable, variable + value)

    def assign_sub(self, variable: Variable, value: Any) -> None:
        """Subtract from a variable."""
        self.assign(variable, variable - value)

    def _known_variables(
        self, grads: Sequence[Tensor | None], variables: Sequence[Variable] | None
    ) -> list[Variable]:
        if variables is None and not self.built:
            raise ValueError(
                "the optimizer does not know its variables yet: call apply(grads, variables), or "
                "build(variables) first"
            )
        variables = self._trainable_variables if variables is None else list(variables)
        if len(grads) != len(variables):
            raise ValueError(f"{len(grads)} gradients came for {len(variables)} variables")
        if not self.built:
            self.build(variables)
        for variable in variables:
            if variable not in self._places:
                raise ValueError(
                    f"{self.name} was built for other variables than {variable.path!r} of shape "
                    f"{variable.shape}: make a new optimizer for new variables, or compile again"
                )
        return variables

    def stateless_apply(
        self,
        optimizer_variables: Sequence[Any],
        grads: Sequence[Tensor | None],
        trainable_variables: Sequence[Any],
    ) -> tuple[list[Tensor], list[Tensor]]:
        """Compute a step from given numbers, and leave all variables as they are.

        Args:
            optimizer_variables: numbers for `variables`, in their order.
            grads: one gradient per variable.
            trainable_variables: numbers for the variables that the optimizer was built with.

        Returns the trainable variables and the optimizer's after the step.

        Raises:
            ValueError: before `build`, or when there are more or fewer of them, or a shape differs.
        """
        if not self.built:
            raise ValueError(f"{self.name} is not built: call build(trainable_variables) first")
        trained, own = self._trainable_variables, self.variables
        values = [*trainable_variables, *optimizer_variables]
        with replaced_variables([*trained, *own], values):
            self.apply(grads)
            return [variable.value for variable in trained], [variable.value for variable in own]

    @contextlib.contextmanager
    def changing_if(self, is_valid: Tensor) -> Iterator[None]:
        """Let steps inside the `with` block change nothing where a tensor without axes is false."""
        self._is_valid = is_valid
        try:
            yield
        finally:
            self._is_valid = None

    # ---- what can be done around a step ----

    def scale_loss(self, loss: Tensor) -> Tensor:
        """Multiply a loss by `loss_scale_factor`, before gradients are taken."""
        return loss if self.loss_scale_factor is None else loss * self.loss_scale_factor

    def _accumulate(self, gradients: list[Tensor], variables: Sequence[Variable]) -> list[Tensor]:
        """Add to the accumulators; the mean counts in every n-th step, which empties them."""
        steps = self.gradient_accumulation_steps
        is_step = (self._iterations + 1) % steps == 0
        means = []
        for gradient, variable in zip(gradients, variables):
            accumulator = self._accumulators[self.place_of(variable)]
            total = accumulator + gradient
            self.assign(accumulator, ops.where(is_step, 0.0, total))
            means.append(total / steps)
        valid = self._is_valid
        self._is_step = is_step if valid is None else ops.logical_and(is_step, valid)
        return means

    def exclude_from_weight_decay(
        self, var_list: Sequence[Variable] | None = None, var_names: Sequence[str] | None = None
    ) -> None:
        """Keep variables from shrinking: those of the list, and those whose name holds a word.

        Raises:
            ValueError: when the optimizer is built already.
        """
        if self.built:
            raise ValueError("exclude variables from weight decay before the optimizer is built")
        pattern = re.compile("|".join(var_names)) if var_names else None
        self._undecayed = (set(var_list or ()), pattern)

    def _decay_weights(self, variables: Sequence[Variable]) -> None:
        if self.weight_decay is None:
            return
        rate = self.learning_rate
        for variable in variables:
            if self.is_decayed(variable):
                self.decay(variable, self.weight_decay, rate)

    def is_decayed(self, variable: Variable) -> bool:
        """Return whether `exclude_from_weight_decay` has not named the variable."""
        excluded, pattern = self._undecayed
        return variable not in excluded and not (pattern and pattern.search(variable.name))

    def decay(self, variable: Variable, share: float, rate: Any) -> None:
        """Let a variable shrink: w -= w * share * rate."""
        self.assign_sub(variable, variable * share * ops.cast(rate, variable.dtype))

    def _average_variables(self) -> None:
        """average = m average + (1 - m) variable, where m is 0 in the first step."""
        is_later = ops.cast(self.iterations != 0, config.floatx())
        momentum = is_later * self.ema_momentum
        for variable, average in zip(self._trainable_variables, self._averages):
            share = ops.cast(momentum, variable.dtype)
            self.assign(average, share * average + (1 - share) * variable)
        if self.ema_overwrite_frequency:
            is_time = (self.iterations + 1) % self.ema_overwrite_frequency == 0
            for variable, average in zip(self._trainable_variables, self._averages):
                self.assign(variable, ops.where(is_time, average, variable))

    def finalize_variable_values(self, var_list: Sequence[Variable]) -> None:
        """Replace variables by their averages, at the end of training with `use_ema`."""
        if self.use_ema and self.built:
            for variable in var_list:
                variable.assign(self._averages[self.place_of(variable)])

    # ---- saving ----

    def _stored_variables(self) -> list[Variable]:
        return self._variables

    def set_weights(self, weights: Sequence[Any]) -> None:
        """Set all state variables, in the order of `variables`.

        Raises:
            ValueError: when their number or a shape does not fit.
        """
        own = self._stored_variables()
        if len(weights) != len(own):
            raise ValueError(
                f"{self.name} has {len(own)} variables, but {len(weights)} weights came"
            )
        for variable, weight in zip(own, weights):
            variable.assign(weight)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make this optimizer again, without its state."""
        config = {
            "name": self.name,
            "learning_rate": self._written_rate(),
            "weight_decay": self.weight_decay,
            "clipnorm": self.clipnorm,
            "global_clipnorm": self.global_clipnorm,
            "clipvalue": self.clipvalue,
            "use_ema": self.use_ema,
            "ema_momentum": self.ema_momentum,
            "ema_overwrite_frequency": self.ema_overwrite_frequency,
            "loss_scale_factor": self.loss_scale_factor,
            "gradient_accumulation_steps": self.gradient_accumulation_steps,
        }
        if self.initial_decay:
            config["decay"] = self.initial_decay
        return registry.completed(self, config)

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Optimizer:
        """Make an optimizer from what `get_config` gave."""
        return cls(**registry.read_parts(config))


def _refuse_others(kind: type, kwargs: dict[str, Any]) -> None:
    if kwargs:
        makers = [vars(part)["__init__"] for part in kind.__mro__[:-1] if "__init__" in vars(part)]
        known = [name for maker in makers for name in maker.__annotations__]
        raise names.unknown_argument(kind.__name__, next(iter(kwargs)), known)
