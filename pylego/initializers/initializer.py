"""The base of all initializers: functions of (shape, dtype) that make a weight's first numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pylego import registry
from pylego.construction import Constructed
from pylego.core.tensor import Tensor
from pylego.random import SeedGenerator


class Initializer(Constructed):
    """Define `__call__(shape, dtype=None)`, which returns the numbers, and `get_config`.

    >>> from pylego import ops
    >>> class Countdown(Initializer):
    ...     def __call__(self, shape, dtype=None):
    ...         return ops.arange(shape[0], 0, -1, dtype=dtype)
    >>> Countdown()((3,), "float32").numpy().tolist()
    [3.0, 2.0, 1.0]
    """

    def __call__(self, shape: Sequence[int], dtype: Any = None) -> Tensor:
        """Make the first numbers of a weight of that shape."""
        raise NotImplementedError(f"{type(self).__name__} has no __call__(self, shape, dtype=None)")

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make it again."""
        return registry.completed(self, {})

    def clone(self) -> Initializer:
        """Return another one, made of the same arguments."""
        return type(self).from_config(self.get_config())

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Initializer:
        """Make an initializer from what `get_config` returned."""
        return cls(**registry.read_arguments(cls, config))


class RandomInitializer(Initializer):
    """The base of initializers that draw numbers.

    Args:
        seed: an integer gives the same numbers on every call; a `SeedGenerator` or None (the global
            generator, see `utils.set_random_seed`) gives others on every call.

    Raises:
        ValueError: for any other seed.
    """

    def __init__(self, seed: int | SeedGenerator | None = None):
        if isinstance(seed, Mapping):
            seed = registry.deserialize(seed, kind="seed generator")
        is_number = isinstance(seed, int) and not isinstance(seed, bool)
        if not (seed is None or is_number or isinstance(seed, SeedGenerator)):
            raise ValueError(
                f"{type(self).__name__} takes an integer, a SeedGenerator or None as seed. "
                f"Received: seed={seed!r}"
            )
        self.seed = seed

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make it again."""
        return {**super().get_config(), "seed": registry.serialize(self.seed)}
