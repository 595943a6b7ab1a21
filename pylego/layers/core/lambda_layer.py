"""The layer that calls a function."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from pylego import registry
from pylego.core.tree import map_leaves
from pylego.graph import KerasTensor
from pylego.graph.shapes import is_shape, map_shapes
from pylego.layers import shape_inference
from pylego.layers.core import lambda_code
from pylego.layers.layer import Layer
from pylego.registry.lambdas import CodeRefusedError


class Lambda(Layer):
    """Call a function on the inputs.

    For simple things without weights. A named function is saved by its name, and has to be
    registered, or given in `custom_objects`, where the model is opened. A lambda expression is
    saved as bytecode, which `load_model` refuses unless it is told `safe_mode=False`.

    Args:
        function: of the inputs. It may also take `mask` and `training`.
        output_shape: of one sample, or a function of the shape of a batch of inputs; by default it
            is found out by a call without numbers.
        mask: of the outputs: a tensor, or a function of the inputs and their mask; by default
            masks are not passed on.
        arguments: further arguments of the function, by name.
        **kwargs: see `Layer`.

    Raises:
        TypeError: when the function is none.

    >>> import numpy as np
    >>> Lambda(lambda x, times: x * times, arguments={"times": 2})(np.ones((1, 2))).numpy().tolist()
    [[2.0, 2.0]]
    """

    def __init__(
        self,
        function: Callable,
        output_shape: Any = None,
        mask: Any = None,
        arguments: Mapping[str, Any] | None = None,
        **kwargs: Any,
    ):
        super().__init__(**kwargs)
        if not callable(function):
            raise TypeError(
                f"Layer {self.name!r}: a Lambda layer is made with a function, as in "
                f"Lambda(lambda x: x * 2). Received: function={function!r}"
            )
        self.function = function
        self.mask = mask
        self.arguments: dict[str, Any] = dict(arguments or {})
        self.supports_masking = self._makes_masks = mask is not None
        self._output_shape = output_shape
        self._passed = [name for name in ("mask", "training") if name in _parameters(function)]

    def call(self, inputs: Any, mask: Any = None, training: bool | None = None) -> Any:
        of_call: dict[str, Any] = {"mask": mask, "training": training}
        passed = {name: of_call[name] for name in self._passed}
        return self.function(inputs, **self.arguments, **passed)

    def compute_output_shape(self, input_shape: Any) -> Any:
        if self._output_shape is None:
            return super().compute_output_shape(input_shape)
        if callable(self._output_shape):
            return self._output_shape(input_shape)
        batch = _first_shape(input_shape)[:1]
        return map_shapes(lambda one: (*batch, *one), self._output_shape)

    def compute_output_spec(self, inputs: Any, *args: Any, **kwargs: Any) -> Any:
        """Return placeholders for the outputs: their dtype, too, is what the function makes."""
        if self._output_shape is not None:
            return super().compute_output_spec(inputs, *args, **kwargs)
        given = map_leaves(lambda x: KerasTensor(x.shape, str(x.dtype)), inputs)
        return shape_inference.outputs_for(self, given, *args, **kwargs)

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        """Return `mask`, or what it gives for the inputs and their mask."""
        return self.mask(inputs, mask) if callable(self.mask) else self.mask

    # ---- description ----

    def get_config(self) -> dict[str, Any]:
        config = {**super().get_config(), "function": _describe(self.function)}
        if self._output_shape is not None:
            config["output_shape"] = _describe(self._output_shape)
        if self.mask is not None:
            config["mask"] = _describe(self.mask)
        return {**config, "arguments": registry.serialize(self.arguments)}

    @classmethod
    def from_config(
        cls,
        config: dict[str, Any],
        custom_objects: Mapping[str, Any] | None = None,
        safe_mode: bool | None = None,
    ) -> Lambda:
        """Make a layer from what `get_config` returned.

        Args:
            config: the configuration.
            custom_objects: {name: function} of your own.
            safe_mode: False makes functions of bytecode in the configuration, whatever they do; by
                default it is refused, unless what is being opened was opened with safe_mode=False.

        Raises:
            ValueError: for bytecode in safe mode, and for unknown names.
        """
        is_safe = registry.is_safe() if safe_mode is None else safe_mode
        read = {
            key: _read(config[key], config.get("name"), is_safe, custom_objects)
            for key in ("function", "output_shape", "mask", "arguments")
            if key in config
        }
        return cls(**(config | read))


def _first_shape(shapes: Any) -> tuple:
    """The shape of the first input."""
    if is_shape(shapes):
        return tuple(shapes)
    return _first_shape(next(iter(shapes.values() if isinstance(shapes, Mapping) else shapes)))


def _parameters(function: Callable) -> Iterable[str]:
    try:
        return inspect.signature(function).parameters
    except ValueError:  # some functions in C do not say
        return ()


def _describe(value: Any) -> Any:
    """Describe a function or plain data: what has no name is written as code."""
    if not lambda_code.is_lambda(value):
        return registry.serialize(value)
    try:
        return lambda_code.dump(value)
    except TypeError as error:
        raise TypeError(
            f"A lambda in a Lambda layer uses what cannot be described ({error}): pass it in "
            "`arguments`, or write a named function"
        ) from error


def _read(config: Any, name: Any, is_safe: bool, custom_objects: Mapping[str, Any] | None) -> Any:
    if not lambda_code.is_code(config):
        found = registry.deserialize(config, custom_objects)
        return tuple(found) if isinstance(found, list) and is_shape(found) else found
    if is_safe:
        raise CodeRefusedError(
            f"The Lambda layer {name!r} was saved with a Python lambda, whose bytecode could do "
            "anything to this computer, so it is not run. If you trust where it comes from, pass "
            "safe_mode=False"
        )
    return lambda_code.load(config)
