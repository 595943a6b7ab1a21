"""A stack of cells that acts as one cell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pylego import ops, registry
from pylego.core.tensor import Tensor
from pylego.layers.layer import Layer


class StackedRNNCells(Layer):
    """Let cells act as one: each gets what the one before puts out, at every step.

    Its states are a list of the states of each cell.

    Args:
        cells: the cells, the one that gets the inputs first.
        **kwargs: see `Layer`.

    Raises:
        ValueError: for a cell without `call` or `state_size`.

    >>> from pylego.layers import RNN, LSTMCell
    >>> RNN(StackedRNNCells([LSTMCell(4), LSTMCell(2)])).compute_output_shape((None, 10, 3))
    (None, 2)
    """

    def __init__(self, cells: Sequence[Any], **kwargs: Any):
        super().__init__(**kwargs)
        for cell in cells:
            check_cell(type(self).__name__, cell)
        self.cells = list(cells)

    @property
    def state_size(self) -> list[Any]:
        """The lengths of the states of each cell."""
        return [cell.state_size for cell in self.cells]

    @property
    def output_size(self) -> Any:
        """How long the outputs are: as long as those of the last cell."""
        return output_size(self.cells[-1])

    def get_initial_state(self, batch_size: int | None = None) -> list[Any]:
        """Return the states of each cell before the first step."""
        return [self._initial_state(cell, batch_size) for cell in self.cells]

    def _initial_state(self, cell: Any, batch_size: int | None) -> Any:
        if hasattr(cell, "get_initial_state"):
            return cell.get_initial_state(batch_size=batch_size)
        if isinstance(cell.state_size, int):
            return ops.zeros((batch_size, cell.state_size), self.compute_dtype)
        return [ops.zeros((batch_size, size), self.compute_dtype) for size in cell.state_size]

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        for cell in self.cells:
            if isinstance(cell, Layer) and not cell.built:
                cell.build(input_shape)
                cell.built = True
            input_shape = (input_shape[0], output_size(cell))

    def call(  # type: ignore[override]
        self, inputs: Tensor, states: Any, training: bool = False, **kwargs: Any
    ) -> tuple[Tensor, list[Any]]:
        """Compute one step of each cell.

        Args:
            inputs: of shape (batch, n).
            states: of each cell: a tensor, or a list of them.
            training: passed on to the cells that take it.
            **kwargs: passed on.
        """
        following = []
        for cell, own in zip(self.cells, states):
            is_listed = isinstance(own, (list, tuple))
            takes_training = isinstance(cell, Layer) and "training" in cell._call_names
            extra = {**kwargs, "training": training} if takes_training else kwargs
            step = cell if callable(cell) else cell.call
            inputs, new = step(inputs, list(own) if is_listed else [own], **extra)
            is_single = not is_listed and isinstance(new, (list, tuple)) and len(new) == 1
            following.append(new[0] if is_single else new)
        return inputs, following

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "cells": [registry.serialize(cell) for cell in self.cells]}

    @classmethod
    def from_config(
        cls, config: dict[str, Any], custom_objects: Mapping[str, Any] | None = None
    ) -> StackedRNNCells:
        """Make a stack, and its cells, from what `get_config` returned."""
        cells = [registry.deserialize(cell, custom_objects) for cell in config["cells"]]
        return cls(**(config | {"cells": cells}))


def check_cell(owner: str, cell: Any) -> None:
    """Refuse what cannot be run step by step.

    Raises:
        ValueError: for an object without `call` or `state_size`.
    """
    for name in ("call", "state_size"):
        if name not in dir(cell):
            raise ValueError(
                f"{owner}: a cell has call(inputs, states), which returns an output and the next "
                f"states, and state_size, their lengths. {cell!r} has no {name}"
            )


def output_size(cell: Any) -> Any:
    """Return how long the outputs of a cell are: its `output_size`, or the first `state_size`."""
    size = getattr(cell, "output_size", None)
    if size is not None:
        return size
    return cell.state_size[0] if isinstance(cell.state_size, (list, tuple)) else cell.state_size
