"""Which of pylego's own classes and functions a description can name, and what Keras calls them.

A description says `"module": "keras.layers", "class_name": "Dense"`. Neither is imported or looked
up as it stands: the module only says which of the tables below the name is looked for in.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from functools import cache
from importlib import import_module
from types import FunctionType
from typing import Any

from pylego import lazy

PACKAGE = __name__.partition(".")[0]

# Packages whose classes can be described, with what one of them is called in messages.
FAMILIES = {
    "layers": "layer",
    "models": "model",
    "initializers": "initializer",
    "regularizers": "regularizer",
    "constraints": "constraint",
    "losses": "loss",
    "metrics": "metric",
    "optimizers": "optimizer",
    "optimizers.schedules": "learning rate schedule",
    "random": "seed generator",
    "dtype_policies": "dtype policy",
    "utils": "utility",
}
# Packages whose functions can be.
_FUNCTIONS = ("activations", "losses", "metrics", "ops")
_NO_PARTS = ("deserialize", "get", "serialize")

# What Keras calls differently than by the package that offers it.
_IN_KERAS = (
    "DTypePolicy",
    "Initializer",
    "Layer",
    "Loss",
    "Metric",
    "Model",
    "Optimizer",
    "Regularizer",
)
_MODULES = {"Sequential": "keras", **dict.fromkeys(_IN_KERAS, "keras")}

# Classes of Keras that others stand for here.
_STAND_INS = {"Functional": "Model"}

# Keras's packages, under the names that it has had.
_ROOTS = ("keras", "tf_keras", "tensorflow", "keras_core", PACKAGE)


def keras_module(cls: type) -> str | None:
    """Return the module that Keras's descriptions name for one of pylego's public classes.

    >>> from pylego.layers import Dense
    >>> keras_module(Dense), keras_module(int)
    ('keras.layers', None)
    """
    root, _, path = cls.__module__.partition(".")
    if root != PACKAGE:
        return None
    family = path.partition(".")[0]
    inner = f"{family}.{path.split('.')[1]}" if "." in path else family
    for package in (family, inner, "utils"):
        if package in FAMILIES and _offered(package).get(cls.__name__) is cls:
            return _MODULES.get(cls.__name__, f"keras.{package}")
    return None


def is_of_keras(module: Any) -> bool:
    """Return whether a module's name is one of Keras's, or of ours."""
    return isinstance(module, str) and module.partition(".")[0] in _ROOTS


def find_class(module: str | None, name: str) -> type | None:
    """Return the public class that a description names, or None.

    Args:
        module: the module that it names; None where it names none.
        name: of the class.
    """
    for family in _families_of(module):
        found = _offered(family).get(_STAND_INS.get(name, name))
        if isinstance(found, type) and hasattr(found, "from_config"):
            return found
    return None


def find_function(name: str) -> Any:
    """Return the public function of that name, or None."""
    if name[:1] == "_" or name in _NO_PARTS:
        return None
    for package in _FUNCTIONS:
        found = _offered(package).get(name)
        if isinstance(found, FunctionType) and found.__module__.startswith(f"{PACKAGE}."):
            return found
    return None


def kind_of(module: str | None) -> str:
    """Say what a class of that module is: a layer, a loss."""
    families = _families_of(module)
    return FAMILIES[families[0]] if len(families) == 1 else "class"


def class_names(module: str | None) -> Iterator[str]:
    """Go through the names of the classes that a description with that module may mean."""
    for family in _families_of(module):
        yield from (name for name in _offered(family) if name[0].isupper())


def _families_of(module: str | None) -> list[str]:
    """The families that a module's name speaks of; all of them where it speaks of none."""
    parts = module.split(".") if isinstance(module, str) else []
    named = [family for family in FAMILIES if family.rpartition(".")[2] in parts]
    return named[-1:] if "schedules" in parts else named or [*FAMILIES]


@cache
def _offered(package: str) -> Mapping[str, Any]:
    """The public names of a package; empty where pylego has no such package."""
    path = f"{PACKAGE}.{package}"
    try:
        module = import_module(path)
    except ModuleNotFoundError:
        return {}
    return lazy.Names(path) if "__all__" in vars(module) else vars(sys.modules[path])
