from pylego.dtype_policies.dtype_policy import (
    DTypePolicy as DTypePolicy,
    FloatDTypePolicy as FloatDTypePolicy,
    get as get,
)
from pylego.dtype_policies.dtype_policy_map import DTypePolicyMap as DTypePolicyMap
from pylego.dtype_policies.serialization import deserialize as deserialize, serialize as serialize
