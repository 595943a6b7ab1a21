"""Dtype policies: in which dtype layers compute, and in which they keep their weights.

`layers.Dense(8, dtype="mixed_float16")` computes in float16 and keeps its weights in float32;
`config.set_dtype_policy("mixed_float16")` sets that for all layers to come.
"""

from __future__ import annotations

from pylego import lazy

__getattr__, __dir__, __all__ = lazy.public(__name__)
