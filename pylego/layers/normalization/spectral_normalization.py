"""A wrapper that divides a layer's kernel by its largest singular value."""

from __future__ import annotations

from typing import Any

from pylego import checks, initializers, ops
from pylego.core.tensor import Tensor
from pylego.layers.core.wrapper import Wrapper


class SpectralNormalization(Wrapper):
    """Keep the largest singular value of a layer's kernel near 1, by power iteration.

    In training, before each call: v = normalize(u W^T), u = normalize(v W), and W becomes
    W / (v W u^T). W is the kernel as a matrix whose columns are its last axis; u is kept. A kernel
    of zeros stays as it is.

    Args:
        layer: with a `kernel` or `embeddings`.
        power_iterations: how often u and v are computed anew in each call.
        **kwargs: see `Layer`.

    Raises:
        AttributeError: for a layer without such a weight.
        ValueError: when power_iterations is less than 1.

    Source: Miyato et al., Spectral Normalization for GANs (arXiv:1802.05957).

    >>> import numpy as np
    >>> from pylego.layers import Dense
    >>> layer = SpectralNormalization(Dense(2, kernel_initializer="ones"), power_iterations=2)
    >>> _ = layer(np.ones((1, 2)), training=True)
    >>> bool(np.allclose(np.linalg.norm(layer.layer.kernel, 2), 1, atol=1e-5))
    True
    """

    def __init__(self, layer: Any, power_iterations: int = 1, **kwargs: Any):
        super().__init__(layer, **kwargs)
        self.power_iterations = checks.whole_number(
            "power_iterations", power_iterations, 1, "SpectralNormalization"
        )

    def build(self, input_shape: Any = None) -> None:
        super().build(input_shape)
        self.kernel: Any = getattr(self.layer, "kernel", None)
        if self.kernel is None:
            self.kernel = getattr(self.layer, "embeddings", None)
        if self.kernel is None:
            raise AttributeError(
                f"SpectralNormalization: {self.layer.name!r} ({type(self.layer).__name__}) has "
                "neither a kernel nor embeddings to normalize"
            )
        self.vector_u = self.add_weight(
            (1, self.kernel.shape[-1]),
            initializers.TruncatedNormal(stddev=0.02),
            trainable=False,
            name="vector_u",
        )

    def call(self, inputs: Tensor, training: bool = False) -> Tensor:
        if training:
            vector, kernel = self.normalized_weights()
            self.vector_u.assign(vector)
            self.kernel.assign(kernel)
        return self.layer(inputs)

    def normalized_weights(self) -> tuple[Tensor, Tensor]:
        """Return the vector u after the iterations, and the kernel over its largest singular value.

        Both have the shapes of the weights. A kernel of zeros, and the u beside it, are returned as
        they are: no number would make its largest singular value 1.
        """
        weights = ops.reshape(self.kernel, (-1, self.kernel.shape[-1]))
        u: Any = self.vector_u
        v = u
        for _ in range(self.power_iterations):
            v = _of_length_1(ops.matmul(u, ops.transpose(weights)))
            u = _of_length_1(ops.matmul(v, weights))
        u, v = ops.stop_gradient(u), ops.stop_gradient(v)
        largest = ops.reshape(ops.matmul(ops.matmul(v, weights), ops.transpose(u)), ())
        is_zero = ops.all(ops.equal(self.kernel, 0))
        kernel = self.kernel / ops.where(is_zero, 1.0, largest)
        return ops.where(is_zero, self.vector_u, u), kernel

    def compute_output_shape(self, input_shape: Any) -> Any:
        return self.layer.compute_output_shape(input_shape)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "power_iterations": self.power_iterations}


def _of_length_1(x: Tensor) -> Tensor:
    return x * ops.rsqrt(ops.maximum(ops.sum(ops.square(x)), 1e-12))
