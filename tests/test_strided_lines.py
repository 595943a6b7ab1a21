"""Long lines whose numbers are not adjacent are reduced in blocks: to the bits of a dense copy."""

from __future__ import annotations

import numpy as np
import pytest

from pylego import ops


@pytest.mark.parametrize("dtype", ["uint8", "int32", "int64", "float32", "float64"])
@pytest.mark.parametrize("reduction", ["sum", "prod", "max", "min", "count_nonzero"])
@pytest.mark.parametrize("length", [1025, 8192 + 33, 20_001])
def test_a_strided_line_has_the_bits_of_its_copy(dtype: str, reduction: str, length: int) -> None:
    random = np.random.default_rng(length)
    low, high = (0.99, 1.01) if dtype.startswith("float") else (0, 100)
    x = random.uniform(low, high, (length, 3)).astype(dtype)
    reduce = getattr(ops, reduction)
    strided = reduce(ops.convert_to_tensor(x)[:, 1]).numpy()
    dense = reduce(ops.convert_to_tensor(x[:, 1].copy())).numpy()
    assert strided.tobytes() == dense.tobytes()
    if reduction in ("max", "min", "count_nonzero"):
        assert strided == getattr(np, reduction)(x[:, 1])
