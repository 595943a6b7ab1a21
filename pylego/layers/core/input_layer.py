"""How a model is told the shape of its inputs: `Input` and the layer behind it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pylego.construction import explained
from pylego.core import dtypes
from pylego.core.tensor import Tensor
from pylego.core.text_array import TEXT
from pylego.graph import KerasTensor, Node
from pylego.layers import arguments
from pylego.layers.layer import Layer

Shape = Sequence[int | None]


class InputLayer(Layer):
    """Hold the shape and the dtype of a model's inputs, and pass them on.

    Args:
        shape: of one sample, without the batch axis; None where a length is free.
        batch_size: the length of the batch axis where it is fixed.
        dtype: of the inputs; by default `config.floatx()`; 'string' for texts.
        sparse: only False.
        ragged: only False.
        batch_shape: (batch_size, *shape), instead of both.
        input_tensor: a placeholder that becomes the output; other arguments may only agree with it.
        optional: whether a model may be given None in its place, which layers are then called with.
        name: by default 'input_layer', 'input_layer_1', ...
        input_shape: the name that `shape` had in Keras 2.
        batch_input_shape: the name that `batch_shape` had in Keras 2.

    Raises:
        ValueError: without a shape, with two, or with negative lengths; for a shape or dtype that
            differs from those of input_tensor; for sparse and ragged inputs.

    >>> InputLayer((28, 28)).batch_shape
    (None, 28, 28)
    """

    def __init__(
        self,
        shape: Shape | None = None,
        batch_size: int | None = None,
        dtype: Any = None,
        sparse: bool | None = None,
        ragged: bool | None = None,
        batch_shape: Shape | None = None,
        input_tensor: KerasTensor | None = None,
        optional: bool = False,
        name: str | None = None,
        input_shape: Shape | None = None,
        batch_input_shape: Shape | None = None,
    ):
        shape = input_shape if shape is None else shape
        batch_shape = batch_input_shape if batch_shape is None else batch_shape
        if input_tensor is not None:
            _check_agreement(input_tensor, shape, batch_size, dtype, batch_shape)
            shape, batch_size, batch_shape = None, None, input_tensor.shape
            dtype = input_tensor.dtype
        self._holds_texts = dtype == TEXT
        super().__init__(dtype=None if self._holds_texts else dtype, name=name)
        _refuse_kinds(self.name, sparse, ragged)
        self.optional = bool(optional)
        self._batch_shape = _read_batch_shape(shape, batch_size, batch_shape)
        self.batch_input_shape = self._batch_shape
        self.built = True
        self._add_output(input_tensor)

    @property
    def dtype(self) -> str:
        """The dtype of the inputs."""
        return TEXT if self._holds_texts else super().dtype

    @property
    def input(self) -> KerasTensor:
        """Its placeholder, where a graph begins: as in Keras 1 and 2, and of use."""
        return self.output

    @property
    def batch_shape(self) -> tuple[int | None, ...]:
        """(batch_size, *shape), fixed when it is made."""
        return self._batch_shape

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Take over the attributes of the layer that this one is a copy of."""
        vars(self).update(state)
        self._add_output()

    def _add_output(self, x: KerasTensor | None = None) -> None:
        if x is None:
            x = KerasTensor(self.batch_shape, self.dtype, name=self.name)
        Node(self, (), {}, x)

    def call(self, inputs: Tensor) -> Tensor:
        return inputs

    def compute_output_shape(self, input_shape: Shape) -> tuple[int | None, ...]:
        return self.batch_shape

    def get_config(self) -> dict[str, Any]:
        kinds = {"sparse": False, "ragged": False, "optional": self.optional}
        return {"batch_shape": self.batch_shape, "dtype": self.dtype, **kinds, "name": self.name}


@explained
def Input(  # noqa: N802 - Keras's name
    shape: Shape | None = None,
    batch_size: int | None = None,
    dtype: Any = None,
    sparse: bool | None = None,
    ragged: bool | None = None,
    batch_shape: Shape | None = None,
    name: str | None = None,
    tensor: KerasTensor | None = None,
    optional: bool = False,
) -> KerasTensor:
    """Say the shape of a model's inputs: what Model(inputs, outputs) or a Sequential begins with.

    Args:
        shape: of one sample, without the batch axis; None where a length is free.
        batch_size: the length of the batch axis where it is fixed.
        dtype: of the inputs; by default `config.floatx()`; 'string' for texts, which layers such as
            `TextVectorization` take.
        sparse: only False.
        ragged: only False.
        batch_shape: (batch_size, *shape), instead of both.
        name: of the input layer.
        tensor: a placeholder that is returned, as an input: a graph may begin with what came out of
            a layer. Other arguments may only agree with it.
        optional: whether a model may be given None in its place, which layers are then called with.

    Returns:
        A placeholder without numbers, which layers and functions of `ops` take.

    Raises:
        ValueError: without a shape, with two, or with negative lengths; for a shape or dtype that
            differs from those of tensor; for sparse and ragged inputs.

    >>> Input((784,)).shape
    (None, 784)
    """
    layer = InputLayer(
        shape, batch_size, dtype, sparse, ragged, batch_shape, tensor, optional, name
    )
    return layer.output


def _check_agreement(
    x: Any, shape: Shape | None, batch_size: int | None, dtype: Any, batch_shape: Shape | None
) -> None:
    """Refuse a placeholder that is none, and arguments that do not agree with it."""
    if not isinstance(x, KerasTensor):
        raise ValueError(
            "The tensor of an input is a placeholder, as Input(...) and layers return. "
            f"Received: {x!r}"
        )
    given = {
        "shape": (shape and tuple(shape), x.shape[1:]),
        "batch_size": (batch_size, x.shape[:1] and x.shape[0]),
        "batch_shape": (batch_shape and tuple(batch_shape), x.shape),
        "dtype": (dtype and _standardized(dtype), x.dtype),
    }
    for name, (wanted, found) in given.items():
        if wanted is not None and wanted != found:
            raise ValueError(
                f"An input with tensor={x!r} cannot have another {name}. Received: {name}={wanted}"
            )


def _standardized(dtype: Any) -> str:
    return TEXT if dtype == TEXT else dtypes.standardize_dtype(dtype)


def _refuse_kinds(name: str, sparse: bool | None, ragged: bool | None) -> None:
    for kind, is_wanted in (("sparse", sparse), ("ragged", ragged)):
        if is_wanted:
            raise ValueError(f"Input {name!r}: there are no {kind} tensors. Leave {kind} out")


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
