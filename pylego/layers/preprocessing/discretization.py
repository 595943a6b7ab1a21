"""The layer that puts numbers into bins."""

from __future__ import annotations

from typing import Any

import numpy as np

from pylego import checks, config
from pylego.core import dtypes
from pylego.core.tensor import Tensor, cast
from pylego.graph import KerasTensor
from pylego.layers.layer import Layer
from pylego.layers.preprocessing.batches import batches_of
from pylego.layers.preprocessing.encoding import encode, encoded_shape, output_mode, refuse_sparse
from pylego.layers.preprocessing.quantiles import boundaries, merge, summarize
from pylego.layers.preprocessing.search import count_up_to


class Discretization(Layer):
    """Replace numbers by the number of the range that they lie in.

    The boundaries 0 and 1 make three bins: below 0, from 0 to below 1, from 1 on. They are given,
    or `adapt` finds them, so that about as many numbers of the data lie in each bin.

    Shapes: 'int' keeps the shape; the other modes: see `CategoryEncoding`.

    Args:
        bin_boundaries: numbers in ascending order.
        num_bins: how many bins `adapt` makes.
        epsilon: how exact the boundaries are, as a share of the data: less takes more memory.
        output_mode: 'int', 'one_hot', 'multi_hot' or 'count'.
        sparse: only False.
        dtype: of rows; indices are int32.
        name: see `Layer`.
        **kwargs: see `Layer`.

    Raises:
        ValueError: for both or neither of boundaries and a number of bins, for boundaries that do
            not ascend, and for a call before `adapt`.

    >>> layer = Discretization(bin_boundaries=[0.0, 1.0, 2.0])
    >>> layer([[-1.5, 1.0, 3.4, 0.5]]).numpy().tolist()
    [[0, 2, 3, 1]]
    """

    summary: np.ndarray

    def __init__(
        self,
        bin_boundaries: Any = None,
        num_bins: int | None = None,
        epsilon: float = 0.01,
        output_mode: str = "int",
        sparse: bool = False,
        dtype: Any = None,
        name: str | None = None,
        **kwargs: Any,
    ):
        super().__init__(dtype=dtype, name=name, **kwargs)
        if (bin_boundaries is None) == (num_bins is None):
            raise ValueError(
                "Discretization takes bin_boundaries, or num_bins and then adapt(data). Received: "
                f"bin_boundaries={bin_boundaries}, num_bins={num_bins}"
            )
        self.bin_boundaries = None if bin_boundaries is None else _ascending(bin_boundaries)
        if num_bins is not None:
            num_bins = checks.whole_number("num_bins", num_bins, 0, "Discretization")
        self.num_bins = num_bins
        self.epsilon = checks.real_number("epsilon", epsilon, 0, 1, "Discretization")
        self.output_mode = _mode(output_mode)
        refuse_sparse(sparse)
        self.sparse = False
        self.reset_state()

    def adapt(self, data: Any, steps: int | None = None) -> None:
        """Find boundaries between which about as many numbers lie each.

        Args:
            data: an array or a list, or something that yields batches.
            steps: how many batches are read; all by default.

        Raises:
            ValueError: for a layer that was made with boundaries, and without data.
        """
        if self.num_bins is None:
            raise ValueError(
                f"Layer {self.name!r} was made with bin_boundaries, so it does not look for any: "
                "give num_bins instead"
            )
        self.reset_state()
        for batch in batches_of(data, steps):
            self.update_state(batch)
        if not self.summary.size:
            raise ValueError(f"Layer {self.name!r} cannot adapt to no numbers")
        self.finalize_state()

    def update_state(self, data: Any) -> None:
        """Take the numbers of a batch into account."""
        numbers = np.asarray(data).astype("float32")
        self.summary = merge(summarize(numbers, self.epsilon), self.summary, self.epsilon)

    def finalize_state(self) -> None:
        """Make the boundaries of what was seen."""
        if self.num_bins is not None:
            self.bin_boundaries = boundaries(self.summary, self.num_bins).tolist()

    def reset_state(self) -> None:
        """Forget what was seen."""
        self.summary = np.zeros((2, 0), dtype="float32")

    def call(self, inputs: Tensor) -> Tensor:
        if self.bin_boundaries is None:
            raise ValueError(
                f"Layer {self.name!r} has no boundaries yet: adapt it to data, or give "
                "bin_boundaries"
            )
        x = cast(inputs, config.floatx())
        found = count_up_to(np.array(self.bin_boundaries, dtype=dtypes.array_dtype()), x)
        return encode(found, self.output_mode, self._depth(), self.output_dtype)

    def _depth(self) -> int:
        if self.bin_boundaries is None:
            return self.num_bins or 0
        return len(self.bin_boundaries) + 1

    @property
    def output_dtype(self) -> str:
        """The dtype of what comes out."""
        return "int32" if self.output_mode == "int" else self.compute_dtype

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        return encoded_shape(input_shape, self.output_mode, self._depth())

    def compute_output_spec(self, inputs: Any, *args: Any, **kwargs: Any) -> KerasTensor:
        """Return the placeholder of what comes out for a placeholder."""
        return KerasTensor(self.compute_output_shape(inputs.shape), self.output_dtype)

    def get_config(self) -> dict[str, Any]:
        config = super().get_config()
        del config["trainable"]  # Keras's Discretization does not take it
        return {
            **config,
            "bin_boundaries": self.bin_boundaries,
            "num_bins": self.num_bins,
            "epsilon": self.epsilon,
            "output_mode": self.output_mode,
            "sparse": self.sparse,
        }

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Discretization:
        """Make a layer from what `get_config` returned; one that was adapted has both settings."""
        if config.get("num_bins") is None or config.get("bin_boundaries") is None:
            return cls(**config)
        layer = cls(**{**config, "bin_boundaries": None})
        layer.bin_boundaries = _ascending(config["bin_boundaries"])
        return layer


def _mode(mode: str) -> str:
    return output_mode(mode, ("int", "one_hot", "multi_hot", "count"))


def _ascending(numbers: Any) -> list[float]:
    found = np.asarray(numbers, dtype=np.float64)
    if found.ndim != 1 or (np.diff(found) < 0).any() or np.isnan(found).any():
        raise ValueError(
            "Discretization: bin_boundaries are numbers in ascending order. Received: "
            f"bin_boundaries={numbers}"
        )
    return found.tolist()
