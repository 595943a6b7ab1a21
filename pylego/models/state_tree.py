"""The numbers of a model as nested dictionaries, by the paths of its variables."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from pylego import names
from pylego.construction import explained
from pylego.core.tensor import Tensor, cast
from pylego.core.variable import Variable

_FORMATS: dict[str, Callable[[Variable], Any]] = {
    "backend_tensor": lambda variable: variable.value,
    "numpy_array": lambda variable: variable.numpy(),
}


class StateTrees:
    """The part of `Model` that hands out all its numbers, and takes them."""

    @explained
    def get_state_tree(self, value_format: str = "backend_tensor") -> dict[str, dict[str, Any]]:
        """Return the values of all variables: weights, and those of the optimizer and the metrics.

        Args:
            value_format: 'backend_tensor' or 'numpy_array': what the leaves are.

        Returns:
            Dictionaries 'trainable_variables', 'non_trainable_variables', 'optimizer_variables' and
            'metrics_variables'. In each lie dictionaries along the paths of the variables.

        Raises:
            ValueError: for another format, and when two variables have one path.

        >>> from pylego.layers import Dense, Input
        >>> from pylego.models import Sequential
        >>> model = Sequential([Input((2,)), Dense(1, name="line")], name="model")
        >>> tree = model.get_state_tree("numpy_array")
        >>> tree["trainable_variables"]["model"]["line"]["bias"].tolist()
        [0.0]
        """
        if value_format not in _FORMATS:
            raise names.unknown("value_format", value_format, _FORMATS)
        value = _FORMATS[value_format]
        return {key: _nested(found, value) for key, found in _groups(self).items()}

    @explained
    def set_state_tree(self, state_tree: Mapping[str, Any]) -> None:
        """Assign values to variables, all or none.

        Args:
            state_tree: as `get_state_tree` returns it; it may leave variables out.

        Raises:
            ValueError: for a group or a path that the model does not have, and for a value that
                does not fit its variable.

        >>> from pylego.layers import Dense, Input
        >>> from pylego.models import Sequential
        >>> model = Sequential([Input((2,)), Dense(1, name="line")], name="model")
        >>> model.set_state_tree({"trainable_variables": {"model": {"line": {"bias": [3.0]}}}})
        >>> model.get_weights()[1].tolist()
        [3.0]
        """
        known = _groups(self)
        found: list[tuple[Variable, Any]] = []
        for key, tree in state_tree.items():
            if key not in known:
                raise names.unknown("group of variables", str(key), known)
            by_path = {variable.path: variable for variable in known[key]}
            for path, value in _flat(tree):
                if path not in by_path:
                    raise names.unknown(f"variable in {key}", path, by_path)
                found.append((by_path[path], _fitting(value, by_path[path])))
        for variable, value in found:
            variable.assign(value)


def _fitting(value: Any, variable: Variable) -> Tensor:
    tensor = cast(value, variable.dtype)
    if tensor.shape != variable.shape:
        raise ValueError(
            f"The variable {variable.path!r} has shape {variable.shape}. Received: a value of "
            f"shape {tensor.shape}"
        )
    return tensor


def _groups(model: Any) -> dict[str, list[Variable]]:
    optimizer = getattr(model, "optimizer", None) if model.compiled else None
    return {
        "trainable_variables": model.trainable_variables,
        "non_trainable_variables": model.non_trainable_variables,
        "optimizer_variables": [] if optimizer is None else optimizer.variables,
        "metrics_variables": model.metrics_variables,
    }


def _nested(variables: list[Variable], value: Callable[[Variable], Any]) -> dict[str, Any]:
    by_path: dict[str, Variable] = {}
    for variable in variables:
        if by_path.setdefault(variable.path, variable) is not variable:
            raise ValueError(
                f"Two variables have the path {variable.path!r}: give layers and metrics names of "
                "their own"
            )
    tree: dict[str, Any] = {}
    for path, variable in by_path.items():
        *folders, name = path.split("/")
        inner = tree
        for folder in folders:
            inner = inner.setdefault(folder, {})
        inner[name] = value(variable)
    return tree


def _flat(tree: Mapping[str, Any], path: str = "") -> Iterator[tuple[str, Any]]:
    for key, value in tree.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{path}{key}/")
        else:
            yield f"{path}{key}", value
