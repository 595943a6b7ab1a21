"""Mixed precision under the names that TensorFlow's Keras had for it: see `dtype_policies`.

>>> set_global_policy("mixed_bfloat16")
>>> global_policy()
<DTypePolicy "mixed_bfloat16">
>>> set_global_policy(None)
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pylego import lazy
from pylego.config import dtype_policy, set_dtype_policy
from pylego.dtype_policies import DTypePolicy
from pylego.optimizers import LossScaleOptimizer

Policy = DTypePolicy
global_policy, set_global_policy = dtype_policy, set_dtype_policy

__all__ = [
    "DTypePolicy",
    "LossScaleOptimizer",
    "Policy",
    "dtype_policy",
    "global_policy",
    "set_dtype_policy",
    "set_global_policy",
]

if not TYPE_CHECKING:
    __getattr__ = lazy.refuse_others(__name__)
