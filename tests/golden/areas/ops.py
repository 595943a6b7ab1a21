"""Result dtypes of keras.ops and their values and gradients at awkward points."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import Any
from unittest import mock

import jax
import jax.numpy as jnp
import keras
import numpy as np
from keras.src.backend.common import dtypes

from areas.encoding import answer, encode, outcome

DTYPES = (
    "bool", "uint8", "int32", "int64", "float32", "float64", "int8", "int16", "uint16", "uint32",
    "float16", "bfloat16",
)  # fmt: skip
SCALARS = {"int": 2, "float": 2.5}

UNARY: dict[str, dict[str, Any]] = {
    "exp": {}, "log": {}, "sqrt": {}, "square": {}, "absolute": {}, "negative": {}, "sign": {},
    "round": {}, "floor": {}, "ceil": {}, "sum": {}, "mean": {}, "prod": {}, "max": {}, "min": {},
    "cumsum": {}, "argmax": {}, "any": {}, "logical_not": {}, "isnan": {}, "sigmoid": {},
    "relu": {}, "softmax": {}, "var": {}, "std": {}, "sin": {}, "tanh": {}, "reciprocal": {},
    "rsqrt": {}, "clip": {"x_min": 0, "x_max": 1},
}  # fmt: skip

BINARY = (
    "add", "subtract", "multiply", "divide", "power", "maximum", "minimum", "mod",
    "floor_divide", "equal", "less", "logical_and", "matmul", "concatenate", "where",
)  # fmt: skip

INF, NAN = float("inf"), float("nan")

# (operation, inputs, keyword arguments): values, and gradients for every float32 input
AWKWARD: list[tuple[str, list[Any], dict[str, Any]]] = [
    ("maximum", [[1.0, 2.0, 3.0, 0.0], [1.0, 3.0, 2.0, -0.0]], {}),
    ("minimum", [[1.0, 2.0, 3.0, 0.0], [1.0, 3.0, 2.0, -0.0]], {}),
    ("maximum", [[NAN, 1.0], [1.0, NAN]], {}),
    ("minimum", [[NAN, 1.0], [1.0, NAN]], {}),
    ("max", [[1.0, 3.0, 3.0, 2.0]], {}),
    ("min", [[1.0, 3.0, 1.0, 1.0]], {}),
    ("max", [[[1.0, 3.0], [3.0, 3.0], [0.0, 0.0]]], {"axis": 1}),
    ("max", [[1.0, NAN, 3.0]], {}),
    ("min", [[1.0, NAN, 3.0]], {}),
    ("max", [[-INF, -INF]], {}),
    ("relu", [[-1.0, -0.0, 0.0, 1.0, NAN]], {}),
    ("absolute", [[-2.0, -0.0, 0.0, 2.0, NAN]], {}),
    ("sign", [[-2.0, -0.0, 0.0, 3.0, NAN, INF, -INF]], {}),
    ("sign", [[-2, 0, 5]], {}),
    ("sqrt", [[0.0, 4.0, -1.0, INF]], {}),
    ("rsqrt", [[0.0, 4.0, -1.0, INF]], {}),
    ("reciprocal", [[0.0, -0.0, 4.0, INF]], {}),
    ("log", [[0.0, -0.0, 1.0, -1.0, INF]], {}),
    ("log1p", [[-1.0, 0.0, 1e-8, -2.0]], {}),
    ("expm1", [[1e-8, -1e-8, 0.0, 100.0, -100.0]], {}),
    ("square", [[-2.0, 0.0, INF]], {}),
    ("power", [[0.0, 0.0, 0.0, 0.0, 0.0], [0.0, 1.0, 2.0, 0.5, -1.0]], {}),
    ("power", [[-2.0, -2.0, -2.0, 1.0, 2.0], [2.0, 3.0, 0.5, NAN, 0.0]], {}),
    ("power", [[2, 3, 0], [3, 0, 0]], {}),
    ("clip", [[-1.0, 0.0, 0.5, 1.0, 2.0, NAN]], {"x_min": 0.0, "x_max": 1.0}),
    ("prod", [[2.0, 3.0, 4.0]], {}),
    ("prod", [[2.0, 0.0, 4.0]], {}),
    ("prod", [[0.0, 0.0, 4.0]], {}),
    ("prod", [[[2.0, 0.0], [3.0, 4.0]]], {"axis": 0}),
    ("round", [[0.5, 1.5, 2.5, -0.5, -1.5, 0.49999997, 2.4999998]], {}),
    ("round", [[0.25, 0.35, -0.25, 1.005]], {"decimals": 1}),
    ("floor", [[-1.5, -0.0, 1.5]], {}),
    ("ceil", [[-1.5, -0.5, 1.5]], {}),
    ("argmax", [[1.0, 3.0, 3.0]], {}),
    ("argmax", [[1.0, NAN, 3.0, NAN]], {}),
    ("argmax", [[[1, 2], [2, 1]]], {"axis": 0}),
    ("argmin", [[1.0, 1.0, 3.0]], {}),
    ("argmin", [[1.0, NAN, 0.0]], {}),
    ("divide", [[1.0, 0.0, -1.0, INF], [0.0, 0.0, 0.0, INF]], {}),
    ("divide", [[1, -7, 0], [2, 2, 5]], {}),
    ("divide_no_nan", [[1.0, 0.0, 3.0], [0.0, 0.0, 2.0]], {}),
    ("floor_divide", [[7.0, -7.0, 7.0, -7.0], [2.0, 2.0, -2.0, -2.0]], {}),
    ("floor_divide", [[7, -7, 7, -7], [2, 2, -2, -2]], {}),
    ("mod", [[7.0, -7.0, 7.0, -7.0], [3.0, 3.0, -3.0, -3.0]], {}),
    ("mod", [[7, -7, 7, -7], [3, 3, -3, -3]], {}),
    ("logsumexp", [[-INF, -INF]], {}),
    ("logsumexp", [[1e4, 1e4]], {}),
    ("norm", [[0.0, 0.0]], {}),
    ("norm", [[3.0, 4.0]], {}),
    ("sum", [[]], {}),
    ("prod", [[]], {}),
    ("mean", [[]], {}),
    ("max", [[]], {}),
    ("argmax", [[]], {}),
    ("cumsum", [[1.0, NAN, 2.0]], {}),
    ("mean", [[1, 2, 4]], {}),
    ("std", [[1.0, 1.0, 1.0]], {}),
    ("var", [[1.0, 2.0, 4.0]], {}),
    ("where", [[True, False], [1.0, NAN], [NAN, 2.0]], {}),
    ("sum", [[True, True, False]], {}),
    ("add", [[True, True, False], [True, False, False]], {}),
    ("subtract", [[True], [True]], {}),
    ("multiply", [[True, True], [True, False]], {}),
    ("negative", [[True]], {}),
    ("one_hot", [[0, 2, 3, -1], 3], {}),
    ("take", [[10.0, 20.0, 30.0], [2, 0, 0, -1]], {}),
    ("isnan", [[NAN, 1.0, INF]], {}),
    ("isfinite", [[NAN, 1.0, INF]], {}),
    ("equal", [[NAN, 0.0], [NAN, -0.0]], {}),
    ("erf", [[0.0, 1.0, -10.0, NAN]], {}),
    ("sort", [[3.0, NAN, 1.0]], {}),
]

# (from dtype, values, to dtype)
CASTS: list[tuple[str, list[Any], str]] = [
    ("float32", [1.9, -1.9, 0.5, -0.5], "int32"),
    ("float32", [0.0, -0.0, 0.3, float("nan")], "bool"),
    ("int32", [-1, 0, 256, 300], "uint8"),
    ("int32", [16777217, -3], "float32"),
    ("bool", [True, False], "float32"),
    ("uint8", [250, 0], "int32"),
    ("float32", [1.9, -1.9, 300.0, -300.0, INF, -INF, NAN], "int8"),
    ("float32", [1.9, -1.9, 70000.0, INF, NAN], "uint16"),
    ("float32", [4294967040.0, 1e10, -1.0, NAN], "uint32"),
    ("float16", [1.9, -1.9, 65504.0], "int16"),
    ("bfloat16", [1.5, -1e30, 1e30], "int32"),
    ("int32", [-1, 255, 256, 70000], "int8"),
    ("int32", [-1, 65535, 70000], "uint16"),
    ("uint32", [4294967295, 7], "int32"),
    ("int16", [-1, 300], "uint8"),
    ("float32", [65519.0, 65520.0, 1e-8, -1e-8, 2049.0, 2051.0], "float16"),
    ("float32", [3.3895314e38, 3.4e38, 1.00390625, 1.01171875], "bfloat16"),
    ("int32", [16777217, -255], "bfloat16"),
    ("bfloat16", [1.0, -0.5], "float16"),
]


@contextlib.contextmanager
def with_64_bits() -> Iterator[None]:
    """Switch off the folding of 64-bit results to 32 bits, as on a backend that has them."""
    with mock.patch.object(dtypes, "BIT64_TO_BIT32_DTYPE", {}):
        yield


def promotion() -> list[list[str]]:
    """Return result_type as a table: row = left dtype, column = right dtype or Python scalar."""
    right = [*DTYPES, int, float]
    return [[dtypes.result_type(a, b) for b in right] for a in DTYPES]


def symbolic(dtype: str) -> keras.KerasTensor:
    """Return a square symbolic matrix: its dtype rules need no backend support."""
    return keras.KerasTensor((2, 2), dtype)


def unary_dtypes(name: str, arguments: dict[str, Any]) -> list[str]:
    """Return the result dtype for each input dtype."""
    operation = getattr(keras.ops, name)
    return [dtype_of(lambda x: operation(x, **arguments), symbolic(dtype)) for dtype in DTYPES]


def binary_dtypes(name: str) -> list[list[str]]:
    """Return the table of result dtypes, with the two Python scalars as last columns."""
    scalars = [] if name in ("matmul", "concatenate") else list(SCALARS.values())
    return [
        [dtype_of(apply, name, symbolic(a), b) for b in [*map(symbolic, DTYPES), *scalars]]
        for a in DTYPES
    ]


def binary_tables() -> list[dict[str, Any]]:
    """Return each distinct table once, with the operations that share it."""
    groups: list[dict[str, Any]] = []
    for name in BINARY:
        table = binary_dtypes(name)
        same = [group for group in groups if group["table"] == table]
        if same:
            same[0]["ops"].append(name)
        else:
            groups.append({"ops": [name], "table": table})
    return groups


def eager_differences() -> dict[str, dict[str, str]]:
    """Return where a real array gives another dtype than the symbolic table (32 bits only)."""
    differences: dict[str, dict[str, str]] = {}
    narrow = [dtype for dtype in DTYPES if not dtype.endswith("64")]
    for name, arguments in UNARY.items():
        table = dict(zip(DTYPES, unary_dtypes(name, arguments), strict=True))
        real = {dtype: real_dtype(name, arguments, dtype) for dtype in narrow}
        different = {dtype: real[dtype] for dtype in narrow if real[dtype] != table[dtype]}
        if different:
            differences[name] = different
    return differences


def real_dtype(name: str, arguments: dict[str, Any], dtype: str) -> str:
    """Return the dtype that an operation gives for a real array."""
    return dtype_of(lambda x: getattr(keras.ops, name)(x, **arguments), jnp.ones((2, 2), dtype))


def apply(name: str, a: Any, b: Any) -> Any:
    """Apply a binary operation; where gets a condition, concatenate a list."""
    if name == "where":
        return keras.ops.where(symbolic("bool"), a, b)
    if name == "concatenate":
        return keras.ops.concatenate([a, b])
    return getattr(keras.ops, name)(a, b)


def dtype_of(call: Callable[..., Any], *inputs: Any) -> str:
    """Return the dtype of a result, or the exception type."""
    return answer(lambda: keras.backend.standardize_dtype(call(*inputs).dtype))


def as_inputs(values: list[Any]) -> list[Any]:
    """Return arrays of bool, int32 or float32; plain numbers stay as they are."""
    kinds = {"b": "bool", "i": "int32", "f": "float32"}
    return [
        jnp.asarray(np.asarray(value), kinds[np.asarray(value).dtype.kind])
        if isinstance(value, list)
        else value
        for value in values
    ]


def awkward(name: str, values: list[Any], arguments: dict[str, Any]) -> dict[str, Any]:
    """Return value, dtype and the gradients of sum(value) for every float32 input."""
    operation = getattr(keras.ops, name)
    inputs = as_inputs(values)
    facts = {"op": name, "inputs": values, "arguments": arguments}
    facts |= outcome(lambda: operation(*inputs, **arguments))
    if "raises" in facts:
        return facts
    facts["dtype"] = dtype_of(lambda: operation(*inputs, **arguments))
    floats = [i for i, x in enumerate(inputs) if getattr(x, "dtype", None) == "float32"]
    if facts["dtype"] == "float32" and floats:
        total = jax.grad(lambda *xs: jnp.sum(operation(*xs, **arguments)), argnums=floats)
        facts["gradients"] = dict(zip(map(str, floats), encode(total(*inputs)), strict=True))
    return facts


def casts() -> list[dict[str, Any]]:
    """Return what cast does with fractions, signs and overflow."""
    return [
        {
            "from": source,
            "values": values,
            "to": target,
            "result": encode(keras.ops.cast(jnp.asarray(values, source), target)),
        }
        for source, values, target in CASTS
    ]


def facts() -> dict[str, Any]:
    """Return the content of ops.json."""
    folded = promotion()
    with with_64_bits():
        return {
            "about": "tables: row = dtypes[i], column = dtypes[j], then Python int, Python float",
            "dtypes": list(DTYPES),
            "result_type": promotion(),
            "result_type_with_64_bits_folded_to_32": folded,
            "unary": {name: unary_dtypes(name, arguments) for name, arguments in UNARY.items()},
            "unary_of_real_arrays_where_different": eager_differences(),
            "binary": binary_tables(),
            "awkward": [awkward(*row) for row in AWKWARD],
            "casts": casts(),
        }
