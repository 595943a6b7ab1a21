"""OptimizerMap: which optimizer a variable gets, by the path of the variable."""

from __future__ import annotations

import re
from collections.abc import Iterator, MutableMapping
from typing import Any

from pylego import registry
from pylego.construction import Constructed
from pylego.core.variable import Variable
from pylego.optimizers.loss_scale_optimizer import LossScaleOptimizer
from pylego.optimizers.optimizer import Optimizer


class OptimizerMap(Constructed, MutableMapping):
    """Optimizers by the paths of variables, for `MultiOptimizer`.

    A key is a path, or a regular expression that fits a path as a whole. Paths of a model's
    variables begin with its name, `sequential/encoder/kernel`: all of a layer is `".*/encoder/.*"`.

    Args:
        default_optimizer: for the variables that no key fits.
        optimizer_map: a dictionary of keys and optimizers; `map[key] = optimizer` adds others.

    Raises:
        TypeError: for a default that is not an optimizer, or something else than a dictionary.
        ValueError: for a key that is there already, or is not a regular expression, and for values
            that are not optimizers of variables.

    >>> from pylego.optimizers import SGD, Adam
    >>> of_path = OptimizerMap(SGD(), {".*/encoder/.*": Adam()})
    >>> type(of_path["model/encoder/kernel"]).__name__, type(of_path["model/head/bias"]).__name__
    ('Adam', 'SGD')
    """

    def __init__(
        self, default_optimizer: Optimizer, optimizer_map: dict[str, Optimizer] | None = None
    ):
        if not isinstance(default_optimizer, Optimizer):
            raise TypeError(
                "OptimizerMap: default_optimizer must be an optimizer: OptimizerMap(SGD(), ...). "
                f"Received: default_optimizer={default_optimizer!r}"
            )
        if not isinstance(optimizer_map, (dict, type(None))):
            raise TypeError(
                "OptimizerMap: optimizer_map must be a dictionary of paths and optimizers. "
                f"Received: optimizer_map={optimizer_map!r}"
            )
        self._default_optimizer = checked_part("OptimizerMap: default_optimizer", default_optimizer)
        self._optimizer_map: dict[str, Optimizer] = {}
        self.update(optimizer_map or {})

    @property
    def default_optimizer(self) -> Optimizer:
        """The optimizer of all variables that no key fits."""
        return self._default_optimizer

    def __getitem__(self, key: str) -> Optimizer:
        """Return the optimizer of a path: of that key itself, or of the one expression that fits.

        Raises:
            ValueError: when several expressions fit.
        """
        if key in self._optimizer_map:
            return self._optimizer_map[key]
        fitting = [pattern for pattern in self._optimizer_map if re.fullmatch(pattern, key)]
        if len(fitting) > 1:
            raise ValueError(
                f"OptimizerMap: several optimizers are meant for the variable {key!r}: those of "
                f"{' and '.join(map(repr, fitting))}"
            )
        return self._optimizer_map[fitting[0]] if fitting else self._default_optimizer

    def __setitem__(self, key: str, optimizer: Optimizer) -> None:
        if not isinstance(key, str):
            raise ValueError(f"OptimizerMap: a key must be a string. Received: {key!r}")
        if key in self._optimizer_map:
            raise ValueError(
                f"OptimizerMap: {key!r} is there already, with {self._optimizer_map[key].name!r}: "
                "delete it first, or use another key"
            )
        try:
            re.compile(key)
        except re.error as error:
            raise ValueError(
                f"OptimizerMap: the key {key!r} is not a regular expression ({error}): write "
                f"{re.escape(key)!r} for this path"
            ) from None
        self._optimizer_map[key] = checked_part(f"OptimizerMap: {key!r}", optimizer)

    def __delitem__(self, key: str) -> None:
        del self._optimizer_map[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._optimizer_map)

    def __len__(self) -> int:
        return len(self._optimizer_map)

    def __call__(self, variable: Variable) -> Optimizer:
        """Return the optimizer of a variable."""
        return self[variable.path]

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make this map again."""
        return {
            "default_optimizer": registry.serialize(self._default_optimizer),
            "optimizer_map": registry.serialize(self._optimizer_map),
        }

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> OptimizerMap:
        """Make a map of what `get_config` returned."""
        return cls(**registry.read_parts(config))


def checked_part(place: str, optimizer: Any) -> Optimizer:
    """Return what changes some of the variables: an optimizer of its own.

    Raises:
        ValueError: for anything else, and for optimizers of optimizers.
    """
    is_composed = isinstance(optimizer, LossScaleOptimizer) or hasattr(optimizer, "optimizers")
    if not isinstance(optimizer, Optimizer) or is_composed:
        kind = f", not {type(optimizer).__name__}" if is_composed else ""
        raise ValueError(
            f"{place} must have an optimizer of variables{kind}. Received: {optimizer!r}"
        )
    return optimizer
