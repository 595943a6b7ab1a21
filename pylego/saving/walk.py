"""Which objects of a model have state of their own, and where in a file each is: as Keras has it.

A path is made of the names of attributes, and inside lists and dictionaries of class names in snake
case, numbered: `layers/dense_1`, `blocks/container/block`. Names that users give to layers are not
in it, so two models that were made by the same code fit the same file.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from pylego.core.stored_variables import StoresVariables
from pylego.models import Model, Sequential
from pylego.names import snake_case

# Attributes in which pylego keeps what is found in another way, or begins anew with each epoch.
_NOT_SAVED = frozenset(
    {
        "_init_arguments", "_added_weights", "_frozen", "_losses", "_input", "_layers", "_specs",
        "_graph_layers", "_compile_arguments", "_compile_loss", "_compile_metrics", "_loss_tracker",
    }
)  # fmt: skip


# What Keras's own code calls classes that it offers under another name.
_NAMES_IN_FILES = {"GroupQueryAttention": "GroupedQueryAttention"}


def objects_with_state(root: Any, skip: Iterable[Any] = ()) -> Iterator[tuple[str, Any]]:
    """Go through an object and all inside it: pairs of path and object, each object once.

    Args:
        root: a model; its path is "".
        skip: objects that are left out, with what is inside them.
    """
    yield from _from_object(root, "", {id(one) for one in skip})


def _from_object(found: Any, path: str, seen: set[int]) -> Iterator[tuple[str, Any]]:
    if id(found) in seen:
        return
    seen.add(id(found))
    yield path, found
    for name, value in _attributes(found):
        inner = f"{path}/{name}" if path else name
        if isinstance(value, StoresVariables):
            yield from _from_object(value, inner, seen)
        elif isinstance(value, (list, tuple, dict)):
            yield from _from_container(value, inner, seen, set())


def _from_container(
    container: Any, path: str, seen: set[int], around: set[int]
) -> Iterator[tuple[str, Any]]:
    if id(container) in around:
        return
    around.add(id(container))
    counts: dict[str, int] = {}
    for item in [*(container.values() if isinstance(container, dict) else container)]:
        if isinstance(item, StoresVariables):
            inner = f"{path}/{_numbered(_class_name(item), counts)}"
            yield from _from_object(item, inner, seen)
        elif isinstance(item, (list, tuple, dict)):
            inner = f"{path}/{_numbered('container', counts)}"
            yield from _from_container(item, inner, seen, around)


def _numbered(name: str, counts: dict[str, int]) -> str:
    number = counts.get(name, 0)
    counts[name] = number + 1
    return f"{name}_{number}" if number else name


def _class_name(found: Any) -> str:
    # What Keras makes of Model(inputs, outputs) is of a class of its own.
    if type(found) is Model:
        return "functional"
    name = type(found).__name__
    return snake_case(_NAMES_IN_FILES.get(name, name))


def _attributes(holder: Any) -> Iterator[tuple[str, Any]]:
    """The attributes that may hold something, in Keras's order: by name, private ones last."""
    names = {*vars(holder), *_names_of_user_classes(type(holder))} - _NOT_SAVED
    if isinstance(holder, Model):
        names.add("layers")
        if is_graph(holder):  # these are first, whatever else is called
            names.remove("layers")
            yield "layers", holder.layers
    for name in sorted(names, key=lambda name: f"~{name}" if name.startswith("_") else name):
        yield name, _value(holder, name)


def _value(holder: Any, name: str) -> Any:
    try:
        return getattr(holder, name)
    except Exception:  # a property of the user's that is not to be had now
        return None


def is_graph(model: Model) -> bool:
    """Return whether the model is made of layers alone, without code of the user's."""
    return isinstance(model, Sequential) or getattr(model, "_function", None) is not None


def _names_of_user_classes(kind: type) -> set[str]:
    """Attributes of classes, such as properties, which may give layers as well."""
    return {
        name
        for one in kind.__mro__[:-1]
        if one.__module__.partition(".")[0] != "pylego"
        for name in vars(one)
        if not name.startswith("__")
    }
