"""What would come out of a layer: asked without running it, and without leaving a trace."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from pylego import engine, versions
from pylego.core import dtypes
from pylego.core.tensor import Tensor
from pylego.core.variable import Variable
from pylego.graph import KerasTensor
from pylego.graph.inference import MISFITS, filled, placeholders_of, settled
from pylego.graph.shapes import map_shapes
from pylego.programs import symbolic
from pylego.programs.symbolic import NumbersNeededError

LONGEST_KEPT = 1000  # a longer list or dictionary is data

_PLAIN = frozenset({str, int, float, bool, type(None), Variable})  # these hold no symbolic tensor


class _Former(NamedTuple):
    """What a layer was: its attributes, and copies of the lists and dictionaries among them."""

    layer: Any
    attributes: dict[str, Any]
    copies: dict[str, Any]
    of_call: dict[str, Any]  # losses, and the number of the call they come from

    def attribute(self, name: str) -> Any:
        """Return the former value; a list or dictionary is the same one, with its former items."""
        value, copy = self.attributes[name], self.copies.get(name)
        if copy is not None:
            value.clear()
            value.extend(copy) if isinstance(value, list) else value.update(copy)
        return value


class Untouched:
    """Restore a layer and all layers inside it after the `with` block: no symbolic tensor stays in
    their attributes, and their losses are as they were.

    Args:
        layer: the outermost.

    Attributes:
        held_symbolic_tensors: whether there were symbolic tensors, known after the block. Then the
            call has to be done again on numbers, if its values are to be kept.
    """

    def __init__(self, layer: Any):
        self.held_symbolic_tensors = False
        self._layer = layer
        self._former = {
            id(one): _Former(one, dict(vars(one)), dict(_copies(one)), _of_call(one))
            for one in layer._flatten_layers()
        }

    def __enter__(self) -> Untouched:
        return self

    def __exit__(self, *error: object) -> None:
        # Not by setattr, for which this would count as a change of the model.
        for former in self._former.values():
            vars(former.layer).update(former.of_call)
        for layer in list(self._layer._flatten_layers()):
            names = _names_of_symbolic(layer)
            if not names:
                continue
            self.held_symbolic_tensors = True
            former = self._former.get(id(layer), _Former(layer, {}, {}, {}))
            for name in names:
                if name in former.attributes:  # in its place, which orders the weights
                    vars(layer)[name] = former.attribute(name)
                else:
                    del vars(layer)[name]

    def take_back_builds(self) -> None:
        """Let layers that were built since be as they were: with other lengths they get other
        weights."""
        for former in self._former.values():
            if former.layer.built and not former.attributes["built"]:
                attributes = {name: former.attribute(name) for name in former.attributes}
                vars(former.layer).clear()
                vars(former.layer).update(attributes)
                versions.note()


def _copies(layer: Any) -> Iterator[tuple[str, Any]]:
    for name, value in vars(layer).items():
        if type(value) in (list, dict) and len(value) <= LONGEST_KEPT:
            yield name, value.copy()


def _of_call(layer: Any) -> dict[str, Any]:
    return {"_losses": layer._losses, "_call_number": layer._call_number}


def _names_of_symbolic(layer: Any) -> list[str]:
    return [
        name
        for name, value in vars(layer).items()
        if type(value) not in _PLAIN and name != "_losses" and _holds_symbolic(value)
    ]


def _holds_symbolic(value: Any) -> bool:
    if isinstance(value, Tensor):
        return symbolic.is_symbolic(value)
    if not isinstance(value, (list, tuple, dict)) or len(value) > LONGEST_KEPT:
        return False
    return any(map(_holds_symbolic, value.values() if isinstance(value, dict) else value))


# ---- one call -------------------------------------------------------------------------------


def ask(layer: Any, function: Callable, *inputs: Any) -> Any:
    """Return what the function gives for such inputs: tensors of which shape and dtype count.

    Variables keep their numbers. Only code that looks at numbers runs on some, and code that keeps
    what it computed, such as a table made by its first call: it will want numbers later.

    Args:
        layer: whose attributes and losses stay what they are.
        function: which calls the layer.
        *inputs: of the function: tensors, or structures of them.
    """
    name = f"the first call of {layer.name!r}"
    try:
        return _call(layer, function, inputs, name)
    except NumbersNeededError:
        found = _run(layer, function, inputs)
    engine.trim_memory()  # what this left waits for nobody
    return found


def _call(layer: Any, function: Callable, inputs: Any, name: str) -> Any:
    with Untouched(layer) as untouched:
        found = symbolic.call(function, inputs, name)
    if untouched.held_symbolic_tensors:
        raise NumbersNeededError
    return found


def _run(layer: Any, function: Callable, inputs: Any) -> Any:
    with Untouched(layer):
        return symbolic.run(function, inputs)


# ---- outputs for shapes ---------------------------------------------------------------------


def placeholders(shapes: Any, dtype: str) -> Any:
    """Make a placeholder of each shape of a structure of shapes."""
    return map_shapes(lambda shape: KerasTensor(shape, dtype), shapes)


def outputs_for(layer: Any, *args: Any, **kwargs: Any) -> Any:
    """Return placeholders for what `layer.call` gives for such arguments; layers inside are built.

    Args:
        layer: what is called; its own weights are there.
        *args: of `call`, structures of placeholders.
        **kwargs: those by name.

    Raises:
        ValueError: or what else the layer raises, when it takes no inputs of these shapes.
    """
    tensors = placeholders_of((args, kwargs))
    inside = [KerasTensor(x.shape, dtype_inside(layer, x.dtype)) for x in tensors]

    def in_scope(given: list) -> Any:
        given_args, given_kwargs = filled((args, kwargs), given)
        training = given_kwargs.get("training")
        with layer._scope(training, is_call=True):
            return layer.call(*given_args, **given_kwargs)

    def called(specs: list, on_numbers: bool) -> Any:
        if on_numbers:
            return _run(layer, in_scope, (specs,))
        return _call(layer, in_scope, (specs,), f"the shape of {layer.name!r}")

    before = Untouched(layer)
    name = f"call() of layer {layer.name!r}"
    try:
        return settled(called, inside, name, False, before.take_back_builds)
    except NumbersNeededError:
        return settled(called, inside, name, True, before.take_back_builds)


def outputs_for_shapes(layer: Any, shapes: Any) -> Any:
    """`outputs_for` inputs of the layer's dtype, or of integers if the layer takes no floats."""
    try:
        return outputs_for(layer, placeholders(shapes, layer.compute_dtype))
    except TypeError:
        try:
            return outputs_for(layer, placeholders(shapes, "int32"))
        except MISFITS:
            pass
        raise


def dtype_inside(layer: Any, dtype: str) -> str:
    """Return the dtype that `call` gets to see."""
    return layer.compute_dtype if layer.autocast and dtypes.is_float(dtype) else dtype
