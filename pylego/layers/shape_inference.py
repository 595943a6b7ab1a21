"""What would come out of a layer: asked without running it, and without leaving a trace."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from pylego import engine, versions
from pylego.core import dtypes
from pylego.core.tensor import Tensor
from pylego.core.tree import leaves, map_leaves, with_leaves
from pylego.core.variable import Variable
from pylego.layers import arguments, free_lengths
from pylego.layers.keras_tensor import KerasTensor
from pylego.programs import symbolic
from pylego.programs.symbolic import NumbersNeededError, TensorSpec

LONGEST_KEPT = 1000  # a longer list or dictionary is data

_PLAIN = frozenset({str, int, float, bool, type(None), Variable})  # these hold no symbolic tensor

# Other lengths may mend these; what else goes wrong in a layer is a slip of its author.
_MISFITS = (ValueError, TypeError, IndexError, ArithmeticError, AssertionError, MemoryError)


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
    return arguments.map_shapes(lambda shape: KerasTensor(shape, dtype, name="input"), shapes)


def outputs_for(layer: Any, inputs: Any) -> Any:
    """Return placeholders for what `layer.call` gives for such inputs; layers inside are built.

    Args:
        layer: what is called; its own weights are there.
        inputs: a structure of placeholders.

    Raises:
        ValueError: or what else the layer raises, when it takes no inputs of these shapes.
    """
    try:
        return _settled(layer, inputs, on_numbers=False)
    except NumbersNeededError:
        return _settled(layer, inputs, on_numbers=True)


def outputs_for_shapes(layer: Any, shapes: Any) -> Any:
    """`outputs_for` inputs of the layer's dtype, or of integers if the layer takes no floats."""
    try:
        return outputs_for(layer, placeholders(shapes, layer.compute_dtype))
    except TypeError:
        try:
            return outputs_for(layer, placeholders(shapes, "int32"))
        except _MISFITS:
            pass
        raise


def dtype_inside(layer: Any, dtype: str) -> str:
    """Return the dtype that `call` gets to see."""
    return layer.compute_dtype if layer.autocast and dtypes.is_float(dtype) else dtype


def _settled(layer: Any, inputs: Any, on_numbers: bool) -> Any:
    """The outputs by the first try that the layer accepts."""

    def called(shapes: Any) -> Any:
        given = (_specs(inputs, shapes, kinds),)
        if on_numbers:
            return _run(layer, in_scope, given)
        return _call(layer, in_scope, given, f"the shape of {layer.name!r}")

    def in_scope(given: Any) -> Any:
        with layer._scope():
            return layer.call(given)

    shapes = map_leaves(lambda x: x.shape, inputs)
    kinds = [dtype_inside(layer, x.dtype) for x in leaves(inputs)]
    telling: Exception | None = None
    before = Untouched(layer)
    for number, first, second in free_lengths.tries(shapes, on_numbers):
        try:
            outputs = called(first)
            if outputs is None:
                raise TypeError(
                    f"call() of layer {layer.name!r} returns nothing: end it with return"
                )
            if first == second:
                return map_leaves(lambda x: _placeholder(layer, x, x), outputs)
            found = _compared(layer, outputs, called(second))
            return found if on_numbers else _confirmed(layer, found, called, shapes)
        except _MISFITS as error:  # noqa: PERF203, tries are few
            if telling is None or number <= free_lengths.TELLING:
                telling = error
            before.take_back_builds()
    assert telling is not None
    explained = free_lengths.explained(telling)
    raise explained from (None if explained is telling else telling)


def _specs(inputs: Any, shapes: Any, kinds: list[str]) -> Any:
    found: list[tuple[int, ...]] = []
    arguments.map_shapes(found.append, shapes)
    return with_leaves(inputs, [TensorSpec(*info) for info in zip(found, kinds)])


def _compared(layer: Any, outputs: Any, others: Any) -> Any:
    """Placeholders for the outputs of two calls: None where their lengths differ."""
    pairs = list(zip(leaves(outputs), leaves(others)))
    is_same = len(pairs) == len(leaves(outputs)) == len(leaves(others))
    if not is_same or any(_rank(one) != _rank(other) for one, other in pairs):
        raise ValueError(
            f"Layer {layer.name!r}: how many outputs it has, or how many axes these have, depends "
            "on lengths that are free"
        )
    return with_leaves(outputs, [_placeholder(layer, *pair) for pair in pairs])


def _confirmed(layer: Any, found: Any, called: Callable, shapes: Any) -> Any:
    """What was found, with None for a length that is 1 only because strides are long: there one
    more call decides."""
    farthest = free_lengths.farthest(shapes)
    if farthest is None or not any(1 in getattr(x, "shape", ()) for x in leaves(found)):
        return found
    try:
        return _compared(layer, found, called(farthest))
    except _MISFITS:
        return found


def _rank(x: Any) -> int:
    return len(getattr(x, "shape", ()))


def _placeholder(layer: Any, one: Any, other: Any) -> Any:
    """The placeholder for an output; other objects than tensors stay as they are."""
    if not hasattr(one, "shape"):
        return one
    shape = tuple(a if a == b else None for a, b in zip(one.shape, other.shape))
    return KerasTensor(shape, str(one.dtype), name=layer.name)
