"""How a model is told the shape of its inputs: `Input` and the layer behind it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pylego.construction import explained
from pylego.core.tensor import Tensor
from pylego.graph import KerasTensor, Node
from pylego.layers import arguments
from pylego.layers.layer import Layer

Shape = Sequence[int | None]


class InputLayer(Layer):
    """Hold the shape and the dtype of a model's inputs, and pass them on.

    Args:
        shape: of one sample, without the batch axis; None where a length is free.
        batch_size: the length of the batch axis where it is fixed.
        dtype: of the inputs; by default `config.floatx()`.
        batch_shape: (batch_size, *shape), instead of both.
        input_shape: the name that `shape` had in Keras 2.
        name: by default 'input_layer', 'input_layer_1', ...

    Raises:
        ValueError: without a shape, with two, or with negative lengths.

    >>> InputLayer((28, 28)).batch_shape
    (None, 28, 28)
    """

    def __init__(
        self,
        shape: Shape | None = None,
        batch_size: int | None = None,
        dtype: Any = None,
        batch_shape: Shape | None = None,
        input_shape: Shape | None = None,
        name: str | None = None,
    ):
        super().__init__(dtype=dtype, name=name)
        if shape is None:
            shape = input_shape
        self.batch_shape = _read_batch_shape(shape, batch_size, batch_shape)
        self.batch_input_shape = self.batch_shape
        self.built = True
        self._add_output()

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Take over the attributes of the layer that this one is a copy of."""
        vars(self).update(state)
        self._add_output()

    def _add_output(self) -> None:
        Node(self, (), {}, KerasTensor(self.batch_shape, self.dtype, name=self.name))

    def call(self, inputs: Tensor) -> Tensor:
        return inputs

    def compute_output_shape(self, input_shape: Shape) -> tuple[int | None, ...]:
        return self.batch_shape

    def get_config(self) -> dict[str, Any]:
        return {"batch_shape": self.batch_shape, "dtype": self.dtype, "name": self.name}


@explained
def Input(  # noqa: N802 - Keras's name
    shape: Shape | None = None,
    batch_size: int | None = None,
    dtype: Any = None,
    name: str | None = None,
    batch_shape: Shape | None = None,
) -> KerasTensor:
    """Say the shape of a model's inputs: what Model(inputs, outputs) or a Sequential begins with.

    Args:
        shape: of one sample, without the batch axis; None where a length is free.
        batch_size: the length of the batch axis where it is fixed.
        dtype: of the inputs; by default `config.floatx()`.
        name: of the input layer.
        batch_shape: (batch_size, *shape), instead of both.

    Returns:
        A placeholder without numbers, which layers and functions of `ops` take.

    Raises:
        ValueError: without a shape, with two, or with negative lengths.

    >>> Input((784,)).shape
    (None, 784)
    """
    return InputLayer(shape, batch_size, dtype, batch_shape, name=name).output


def _read_batch_shape(
    shape: Shape | None, batch_size: int | None, batch_shape: Shape | None
) -> tuple[int | None, ...]:
    if (shape is None) == (batch_shape is None):
        raise ValueError(
            "An input needs the shape of one sample, such as Input(shape=(28, 28)), or a "
            f"batch_shape, and not both. Received: shape={shape}, batch_shape={batch_shape}"
        )
    if batch_shape is not None and batch_size is not None:
        raise ValueError(
            "An input takes batch_size or batch_shape, and not both. Received: "
            f"batch_size={batch_size}, batch_shape={batch_shape}"
        )
    if isinstance(shape, int):
        raise ValueError(f"A shape is a tuple: Input(shape=({shape},)). Received: shape={shape}")
    return arguments.batch_shape(
        (batch_size, *shape) if batch_shape is None else batch_shape  # type: ignore[misc]
    )
