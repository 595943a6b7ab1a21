"""The base of all layers: what a brick with weights does when it is made, built and called."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Sequence
from typing import Any

from pylego import constraints, dtype_policies, initializers, lazy, names, regularizers
from pylego.core import dtypes, recording
from pylego.core.name_scope import path_of
from pylego.core.placeholder import Placeholder, PlaceholderError
from pylego.core.scope import Scope, innermost_layer, place_of
from pylego.core.stateless_scope import collecting_scope
from pylego.core.tensor import Tensor, convert_to_tensor
from pylego.core.tree import leaves, map_leaves
from pylego.core.variable import Variable, checked_shape, lasting
from pylego.dtype_policies import DTypePolicy, DTypePolicyMap
from pylego.layers import arguments, masks, shape_inference
from pylego.layers.added_metrics import AddedMetrics
from pylego.layers.description import Described, argument_names
from pylego.layers.stateless import StatelessCalls
from pylego.layers.symbolic_calls import SymbolicCalls
from pylego.layers.tracking import Tracker
from pylego.layers.weight_forms import takes_name_first
from pylego.registry import limits


def _opens_scope(build: Callable) -> Callable:
    """Let build() name its weights after the layer, and mark the layer as built afterwards."""

    @functools.wraps(build)
    def build_in_scope(self: Layer, *shapes: Any, **named_shapes: Any) -> None:
        _check_shape(self, *shapes[:1])
        if innermost_layer() is self:  # super().build()
            build(self, *shapes, **named_shapes)
            return
        with lasting(), self._scope():  # whoever asks, and in whatever recording
            build(self, *shapes, **named_shapes)
            self.built = True
            self._note_build(build, shapes, named_shapes)
            if self._first_weights is not None:
                self.set_weights(self._first_weights)

    return build_in_scope


def _check_shape(layer: Layer, shape: Any = ()) -> None:
    is_missing = shape is None and layer.input_spec is not None
    if is_missing or isinstance(shape, (str, int, float)):
        raise TypeError(
            f"Layer {layer.name!r} is built for the shape of a batch, such as (None, 784). "
            f"Received: {shape!r}"
        )


def _public_names(cls: type) -> list[str]:
    """Methods and properties: what an unbuilt layer may lack is a weight, and none of these."""
    return [name for name in dir(cls) if name[0] != "_"]


class Layer(Described, Tracker, StatelessCalls, SymbolicCalls, AddedMetrics):
    """A function with weights: subclass it, make the weights in `build`, compute in `call`.

    Layers and variables that are assigned to attributes, also inside lists and dictionaries, belong
    to the layer: `weights` lists them, `trainable = False` freezes them.

    Args:
        activity_regularizer: of the outputs; divided by the number of samples it joins `losses`.
        trainable: whether training changes the weights.
        dtype: of the weights and of the computation, or a policy with one for each, such as
            "mixed_float16"; by default `config.dtype_policy()`.
        autocast: whether inputs that are floats are cast to the dtype of the computation.
        name: by default the class name in snake case, numbered.
        input_shape: of one sample; the first layer of a `Sequential` may say it.
        input_dim: the same as `input_shape=(input_dim,)`.
        batch_input_shape: of a batch: `(None, *input_shape)`.
        batch_size: the length of the batch axis where it is fixed.
        weights: arrays for `set_weights` once the layer is built.

    Raises:
        TypeError: for other arguments, with the nearest ones.

    >>> class Scale(Layer):
    ...     def build(self, input_shape):
    ...         self.factor = self.add_weight(shape=(input_shape[-1],), initializer="ones")
    ...
    ...     def call(self, inputs):
    ...         return inputs * self.factor
    >>> layer = Scale()
    >>> layer([[1.0, 2.0, 3.0]]).shape, layer.count_params()
    ((1, 3), 3)
    """

    _call_names: tuple[str, ...] = ()
    _mask_names: tuple[str, ...] = ()
    _keeps_arguments = True
    _defines_build = False
    _is_initialized = False
    _is_built_when_made = False  # as Keras has it for many layers without weights

    supports_masking = False  # whether it passes on the mask of its inputs: see layers/masks.py
    _makes_masks = False
    _keeps_dtype = False  # whether outputs have the dtype of the inputs, also of integers

    def __init_subclass__(cls, **kwargs: Any):
        super().__init_subclass__(**kwargs)
        if "build" in vars(cls):
            cls.build = _opens_scope(cls.build)  # type: ignore[method-assign]
            cls._defines_build = True
        if "compute_mask" in vars(cls):
            cls.supports_masking = True
            cls._makes_masks = vars(cls).get("_makes_masks", True)
        cls._call_names = tuple(inspect.signature(cls.call).parameters)[1:]
        cls._mask_names = masks.arguments_for(cls._call_names)

    def __init__(
        self,
        *,
        activity_regularizer: Any = None,
        trainable: bool = True,
        dtype: Any = None,
        autocast: bool = True,
        name: str | None = None,
        **kwargs: Any,
    ):
        super().__init__(trainable)
        if name is not None and not isinstance(name, str):
            raise TypeError(f"The name of a layer is a string. Received: name={name!r}")
        self.name = name or names.unique_name(type(self).__name__)
        self.built = self._is_built_when_made and not self._defines_build
        self.autocast = autocast
        self.activity_regularizer = regularizers.get(activity_regularizer)
        self.input_spec: Any = None  # an InputSpec, or one for each input
        self.batch_input_shape = _take_batch_input_shape(kwargs)
        self._first_weights = kwargs.pop("weights", None)
        self._path: str | None = None
        self._set_policy(dtype_policies.get(dtype))
        self._is_initialized = True
        if kwargs:
            known = argument_names(type(self))
            raise names.unknown_argument(type(self).__name__, next(iter(kwargs)), known)

    # ---- what it is ----

    @property
    def dtype_policy(self) -> DTypePolicy:
        """In which dtypes it computes and keeps its weights; may be set to a policy or its name."""
        return self._dtype_policy

    @dtype_policy.setter
    def dtype_policy(self, value: Any) -> None:
        self._set_policy(dtype_policies.get(value))

    def _set_policy(self, policy: DTypePolicy) -> None:
        self._dtype_policy = policy
        self._settle_dtypes()

    def _settle_dtypes(self) -> None:
        policy = self._dtype_policy
        if isinstance(policy, DTypePolicyMap):
            policy = policy[self.path]
        self._variable_dtype, self._compute_dtype = policy.variable_dtype, policy.compute_dtype
        self._is_mixed = self._variable_dtype != self._compute_dtype

    @property
    def dtype(self) -> str:
        """The dtype of the weights."""
        return self._variable_dtype

    @property
    def variable_dtype(self) -> str:
        """The dtype of the weights."""
        return self._variable_dtype

    @property
    def compute_dtype(self) -> str:
        """The dtype of the computation, and of what comes out."""
        return self._compute_dtype

    @property
    def input_dtype(self) -> str:
        """The dtype that floats are cast to when they come in."""
        return self._compute_dtype

    @property
    def path(self) -> str:
        """Its name behind those of the layers that it was first built in: 'model/dense'."""
        return self._path or self.name

    def _settle_path(self) -> None:
        if self._path is None:
            around = innermost_layer()
            path = path_of(self.name) if around is None else f"{around.path}/{self.name}"
            self._path = path
            if isinstance(self._dtype_policy, DTypePolicyMap):
                self._settle_dtypes()  # which go by the path

    def _scope(self, training: bool | None = None, is_call: bool = False) -> Scope:
        """The scope of building it, or of calling it: there it reads weights as it computes."""
        self._settle_path()
        return Scope(self, training, is_call)

    def __getattr__(self, name: str) -> Any:
        if hasattr(type(self), name):  # a property whose own AttributeError led here
            return object.__getattribute__(self, name)
        raise lazy.NoSuchNameError(name, lambda: self._advice_on(name))

    def _advice_on(self, name: str) -> str:
        """Say what is meant by an attribute that it does not have."""
        message = f"{type(self).__name__} has no attribute {name!r}"
        if not self._is_initialized:
            return f"{message}: __init__() has to begin with super().__init__()"
        if advice := names.advice_on_method(name):
            return f"{message}: {advice}"
        if near := names.closest(name, _public_names(type(self))):
            return f"{message}. Did you mean {' or '.join(map(repr, near))}?"
        if vars(self).get("built", True):
            return message
        return (
            f"{message}. If that is a weight: it comes into being when the layer is built; call it "
            "on data first, or build(input_shape)"
        )

    def __repr__(self) -> str:
        return f"<{type(self).__name__} name={self.name}, built={self.built}>"

    # ---- building ----

    @_opens_scope
    def build(self, input_shape: Any) -> None:
        """Make the weights, by `add_weight`; layers with weights define it.

        A layer that only holds other layers need not: they are built by a call without numbers.

        Args:
            input_shape: of a batch, None where a length is free; for several inputs a list or
                dictionary of shapes.
        """
        if not self._defines_build and any(not layer.built for layer in self._own_layers()):
            shape_inference.outputs_for_shapes(self, input_shape)

    @takes_name_first
    def add_weight(
        self,
        shape: int | Sequence[int | None] | None = None,
        initializer: Any = None,
        dtype: Any = None,
        trainable: bool = True,
        autocast: bool = True,
        regularizer: Any = None,
        constraint: Any = None,
        aggregation: str = "none",
        overwrite_with_gradient: bool = False,
        name: str | None = None,
    ) -> Variable:
        """Make a variable that belongs to the layer.

        Keras 2's order, which begins with the name, is taken as well.

        Args:
            shape: () by default; a whole number stands for one axis.
            initializer: a name, a function of (shape, dtype), a class, an object, a description, or
                the numbers as an array; 'glorot_uniform' by default, 'zeros' for integers.
            dtype: the layer's by default.
            trainable: whether an optimizer changes it.
            autocast: whether it is read in the dtype of the computation.
            regularizer: a penalty on its values that joins `losses`.
            constraint: applied to its values after every step of the optimizer.
            aggregation: kept for Keras's sake.
            overwrite_with_gradient: whether an optimizer puts the gradient in its place.
            name: the last part of its path.

        Raises:
            ValueError: when the shape has a None.
        """
        self._check_initialized()
        if isinstance(shape, (list, tuple)) and None in shape:
            raise ValueError(
                f"Layer {self.name!r} cannot make the weight {name!r} of shape {shape}: a length "
                "of its input is not known. Give the layer's input_shape without None there"
            )
        shape = checked_shape(() if shape is None else shape)
        kind = dtypes.standardize_dtype(dtype or self._variable_dtype)
        limits.take_weight(self.name, name, shape, kind)
        if initializer is None:
            initializer = "glorot_uniform" if dtypes.is_float(kind) else "zeros"
        weight = Variable(
            initializers.get(initializer),
            shape,
            kind,
            trainable,
            autocast,
            aggregation,
            name=name,
            overwrite_with_gradient=overwrite_with_gradient,
        )
        self._settle_path()
        weight.path = f"{self.path}/{weight.name}"
        weight.regularizer = regularizers.get(regularizer)
        weight.constraint = constraints.get(constraint)
        self._added_weights = [*self._added_weights, weight]
        if not self._trainable:
            self._freeze()
        return weight

    add_variable = add_weight  # its other name in Keras 2

    # ---- calling ----

    def call(self, inputs: Any) -> Any:
        """Compute the outputs from the inputs; every layer defines it.

        It may take `training`, which is True inside `fit`, and more inputs.
        """
        raise NotImplementedError(f"{type(self).__name__} has no call(): define call(self, inputs)")

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Compute the outputs; the first call builds the layer.

        Args:
            *args: what `call` takes. Arrays and lists of numbers become tensors. Placeholders, such
                as `Input(...)` returns, make placeholders: the call is a node of a model's graph.
            **kwargs: what `call` takes by name.
            training: True or False; by default that of the layer around this one.

        Raises:
            ValueError: when the shape of the inputs does not fit.
        """
        self._check_initialized()
        given = args, kwargs
        try:
            args, kwargs = self._read_arguments(args, kwargs)
        except PlaceholderError:
            return self._call_on_placeholders(*given)
        except (TypeError, ValueError) as error:
            kind = TypeError if isinstance(error, TypeError) else ValueError
            raise kind(f"Layer {self.name!r}: {error}") from error
        training = kwargs.pop("training", None)
        inputs = args[0] if args else next(iter(kwargs.values()), None)
        self._check_inputs(inputs)
        if not self.built:
            self._build_for(inputs, args, kwargs)
        carried = masks.mask_of(inputs)
        if self.supports_masking and kwargs.get("mask") is not None:
            carried = kwargs["mask"]
        elif carried is not None and self._wants_mask(args, kwargs):
            kwargs["mask"] = carried
        if self._mask_names:
            named = {**dict(zip(self._call_names, args)), **kwargs}
            kwargs.update(masks.by_name(self._mask_names, named))
        with self._scope(training, is_call=True) as scope:
            if scope.training is not None and "training" in self._call_names:
                kwargs["training"] = scope.training
            self._begin_call(scope.number)
            try:
                outputs = self.call(*args, **kwargs)
            except Exception as error:
                recording.locate(error, lambda: place_of(self, inputs))
                raise
            if not self.built:
                self.built = True
            if self.activity_regularizer is not None:
                self._regularize_activity(outputs)
        if carried is not None or self._makes_masks:
            masks.pass_on(self, inputs, carried, outputs)
        return outputs

    def _read_arguments(self, args: tuple, kwargs: dict) -> tuple[tuple, dict]:
        """Make tensors of arrays; `training` always goes by name."""
        dtype = self._compute_dtype if self.autocast else None
        args, kwargs = self._with_training_by_name(args, kwargs)
        if len(args) > 1 or kwargs:
            args, kwargs = arguments.cast_arrays((args, kwargs), dtype)
        if args:
            args = (arguments.to_inputs(args[0], dtype), *args[1:])
        return args, kwargs

    def _with_training_by_name(self, args: tuple, kwargs: dict) -> tuple[tuple, dict]:
        if "training" in self._call_names[: len(args)] and len(args) <= len(self._call_names):
            return args[:1], {**dict(zip(self._call_names[1:], args[1:])), **kwargs}
        return args, kwargs

    def _build_for(self, inputs: Any, args: tuple, kwargs: dict[str, Any]) -> None:
        shapes = map_leaves(lambda x: getattr(x, "shape", None), inputs)
        if self._defines_build:  # else the layers inside are built by the call
            named = arguments.shapes_by_name(self.build, self._call_names, args, kwargs)
            if named:
                self.build(**named)
            else:
                self.build(shapes)
        else:
            self._build_shapes = {"input_shape": shapes}

    def _check_inputs(self, inputs: Any) -> None:
        if self.input_spec is None:
            return
        specs = self.input_spec if isinstance(self.input_spec, (list, tuple)) else [self.input_spec]
        if inputs is None and not specs[0].optional:
            raise ValueError(f"Layer {self.name!r} was called without inputs")
        for spec, x in zip(specs, leaves(inputs)):
            if x is not None:
                spec.check(self.name, x.shape, x.dtype)

    def _wants_mask(self, args: tuple, kwargs: dict) -> bool:
        """Whether `call` takes a mask, none was given, and there is one input that it can be of."""
        if "mask" not in self._call_names or kwargs.get("mask") is not None:
            return False
        given = [x for x in (*args, *kwargs.values()) if any(map(_is_tensor, leaves(x)))]
        return len(given) == 1 and len(args) <= self._call_names.index("mask")

    def compute_mask(self, inputs: Any, previous_mask: Any) -> Any:
        """Return the mask of the outputs; unless a layer defines it, that of the inputs.

        Args:
            inputs: what the layer was called with.
            previous_mask: their mask, or None.
        """
        return previous_mask

    def _check_initialized(self) -> None:
        if not self._is_initialized:
            raise RuntimeError(
                f"{type(self).__name__}.__init__() has to begin with super().__init__()"
            )

    # ---- losses ----

    def add_loss(self, loss: Any, inputs: Any = None) -> None:
        """Add scalars to what training minimizes; call it in `call`, with a tensor or a list.

        Args:
            loss: a tensor, or a list of tensors.
            inputs: says nothing; programs for Keras 2 give what the loss depends on.

        Raises:
            TypeError: inside of a loop, such as `ops.scan`: each step has losses of its own.
        """
        recorded = recording.now()
        if recorded is not None and recorded.is_of_loop:
            raise TypeError(
                f"Layer {self.name!r} adds a loss in {recorded.name} which runs once per step: "
                "let each step return its loss, and add the sum after the loop"
            )
        added = map(convert_to_tensor, leaves(loss))
        if (scope := collecting_scope()) is not None:
            scope.losses += added
            return
        if recorded is not None:  # symbolic losses mean nothing afterwards
            recorded.at_end(self._forget_losses)
        self._losses = [*self._losses, *added]

    @property
    def losses(self) -> list[Tensor]:
        """The losses added in the last call, and the penalties of regularized trainable weights."""
        added = [
            loss
            for layer in self._flatten_layers()
            if layer._call_number >= self._call_number
            for loss in layer._losses
        ]
        return added + [
            weight.regularizer(weight)
            for weight in self.trainable_weights
            if weight.regularizer is not None
        ]

    def _forget_losses(self) -> None:
        self._losses = ()

    def _begin_call(self, number: int) -> None:
        """Forget the losses of earlier calls; a layer may be called twice inside one call."""
        if number != self._call_number:
            self._call_number = number
            if self._losses:
                self._losses = ()

    def _regularize_activity(self, outputs: Any) -> None:
        for output in leaves(outputs):
            samples = max(output.shape[0], 1) if output.shape else 1
            self.add_loss(self.activity_regularizer(output) / samples)


def _is_tensor(x: Any) -> bool:
    return isinstance(x, (Tensor, Placeholder))


def _take_batch_input_shape(kwargs: dict[str, Any]) -> tuple | None:
    """Take the ways to say the input's shape out of the keyword arguments; None without any."""
    batch_shape = kwargs.pop("batch_input_shape", None)
    batch_size = kwargs.pop("batch_size", None)
    input_dim = kwargs.pop("input_dim", None)
    shape = kwargs.pop("input_shape", None if input_dim is None else (input_dim,))
    if batch_shape is None and shape is None:
        return None
    if batch_shape is None:
        batch_shape = (batch_size, *((shape,) if hasattr(shape, "__index__") else shape))
    return arguments.batch_shape(batch_shape)
