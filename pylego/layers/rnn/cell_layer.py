"""The base of the layers that run a cell of their own kind, and are made with its arguments."""

from __future__ import annotations

from typing import Any

from pylego import registry
from pylego.layers.rnn.rnn import RNN


def of_cell(name: str) -> property:
    """Make a property that reads an attribute of the cell."""
    return property(lambda layer: getattr(layer.cell, name), doc=f"The cell's `{name}`.")


def cell_arguments(kwargs: dict[str, Any], name: str) -> dict[str, Any]:
    """Return what a cell has in common with its layer; Keras's `implementation` is taken out."""
    shared: dict[str, Any] = {key: kwargs[key] for key in ("dtype", "trainable") if key in kwargs}
    return {"name": name, "implementation": kwargs.pop("implementation", 2), **shared}


class CellLayer(RNN):
    """A layer whose arguments are those of its cell, and those of `RNN`."""

    units = of_cell("units")
    activation = of_cell("activation")
    use_bias = of_cell("use_bias")
    kernel_initializer = of_cell("kernel_initializer")
    recurrent_initializer = of_cell("recurrent_initializer")
    bias_initializer = of_cell("bias_initializer")
    kernel_regularizer = of_cell("kernel_regularizer")
    recurrent_regularizer = of_cell("recurrent_regularizer")
    bias_regularizer = of_cell("bias_regularizer")
    kernel_constraint = of_cell("kernel_constraint")
    recurrent_constraint = of_cell("recurrent_constraint")
    bias_constraint = of_cell("bias_constraint")
    dropout = of_cell("dropout")
    recurrent_dropout = of_cell("recurrent_dropout")
    implementation = of_cell("implementation")
    seed = of_cell("seed")

    def get_config(self) -> dict[str, Any]:
        config = {**super().get_config(), **self.cell.cell_config()}
        del config["cell"]
        return {
            **config,
            "activity_regularizer": registry.serialize(self.activity_regularizer),
        }
