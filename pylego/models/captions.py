"""What layers and operations are called where people read it: summaries, pictures, figures."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from pylego.graph.operation import FunctionOperation, class_name
from pylego.layers import Layer
from pylego.models.graph_model import GraphModel

# A colour of `drawing.palette` for each folder of `pylego.layers`.
LOOKS = {
    "core": "blue",
    "convolutional": "indigo",
    "pooling": "teal",
    "normalization": "amber",
    "activations": "rose",
    "regularization": "stone",
    "reshaping": "purple",
    "merging": "green",
    "rnn": "orange",
    "attention": "orange",
    "preprocessing": "stone",
}
MODEL_MODULE = "pylego.models.model"
OTHER_LOOK, FUNCTION_LOOK = "grey", "green"


def class_of(operation: Any) -> str:
    """Return the name of an operation's class, as Keras has it.

    >>> from pylego.layers import Dense, Input
    >>> from pylego.models import Model
    >>> x = Input((2,))
    >>> [class_of(one) for one in (Dense(2), Model(x, x * 2))]
    ['Dense', 'Functional']
    """
    if isinstance(operation, FunctionOperation):
        return class_name(operation.function.__name__)
    kind = type(operation)
    is_functional = kind.__module__ == MODEL_MODULE and is_functional_model(operation)
    return "Functional" if is_functional else kind.__name__


def has_graph(operation: Any) -> bool:
    """Return whether it is a model of which the graph is known."""
    return isinstance(operation, GraphModel) and operation._function is not None


def is_functional_model(operation: Any) -> bool:
    """Return whether it was made of inputs and outputs; a `Sequential` was not."""
    return has_graph(operation) and bool(operation._graph_layers)


def look_of(operation: Any) -> str:
    """Return the colour of a layer's family; a layer of a user has that of its base."""
    if isinstance(operation, FunctionOperation):
        return FUNCTION_LOOK
    if type(operation).__name__ == "InputLayer" or isinstance(operation, GraphModel):
        return OTHER_LOOK
    for base in type(operation).__mro__:
        package, _, rest = base.__module__.partition(".layers.")
        if package == "pylego" and rest.partition(".")[0] in LOOKS:
            return LOOKS[rest.partition(".")[0]]
    return OTHER_LOOK


def activation_of(layer: Any) -> str:
    """Return the name of a layer's activation; '' where it has none, or one that does nothing."""
    activation = getattr(layer, "activation", None)
    if activation is None or not callable(activation):
        return ""
    name = getattr(activation, "__name__", None) or getattr(activation, "name", None)
    name = name or type(activation).__name__
    return "" if name == "linear" else name


def lacks_weights(operation: Any) -> bool:
    """Return whether an operation will have weights, which are not there yet."""
    return not operation.built and operation._defines_build


def count_params(operation: Any) -> int:
    """Return how many numbers a layer learns or keeps; 0 before it is built."""
    return operation.count_params() if isinstance(operation, Layer) and operation.built else 0


def shapes_text(shapes: Sequence[Any]) -> str:
    """Return shapes as a text, which is that of the shape itself where there is only one."""
    texts = [str(tuple(shape)) for shape in shapes]
    return texts[0] if len(texts) == 1 else f"[{', '.join(texts)}]"


def distinct(items: Iterable[Any]) -> list[Any]:
    """Return each item once, in order."""
    return list(dict.fromkeys(items))
