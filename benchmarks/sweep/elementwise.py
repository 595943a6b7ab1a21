"""One number after another: functions, arithmetic, comparisons, casts."""

from __future__ import annotations

import random
from collections.abc import Iterator

import numpy as np

from sweep.case import Array, Case, case, named
from sweep.draws import BEYOND, L2, L3, SMALL, drawer, matrix, odd, spread

FAMILY = "elementwise"

# operation -> (its bricks, PyTorch's function or statement, NumPy's, the least and largest number)
UNARY: dict[str, tuple[str, str | None, str | None, float, float]] = {
    "negative": ("negative", "torch.neg", "np.negative", -3, 3),
    "absolute": ("absolute", "torch.abs", "np.absolute", -3, 3),
    "sign": ("sign", "torch.sign", "np.sign", -3, 3),
    "square": ("square", "torch.square", "np.square", -3, 3),
    "sqrt": ("sqrt", "torch.sqrt", "np.sqrt", 0, 9),
    "rsqrt": ("rsqrt", "torch.rsqrt", None, 0.1, 9),
    "reciprocal": ("reciprocal", "torch.reciprocal", "np.reciprocal", 0.1, 9),
    "exp": ("exp", "torch.exp", "np.exp", -10, 10),
    "exp2": ("exp2", "torch.exp2", "np.exp2", -10, 10),
    "expm1": ("expm1", "torch.expm1", "np.expm1", -10, 10),
    "log": ("log", "torch.log", "np.log", 0.01, 100),
    "log2": ("log2", "torch.log2", "np.log2", 0.01, 100),
    "log10": ("log10", "torch.log10", "np.log10", 0.01, 100),
    "log1p": ("log1p", "torch.log1p", "np.log1p", -0.9, 100),
    "sin": ("sin", "torch.sin", "np.sin", -10, 10),
    "cos": ("cos", "torch.cos", "np.cos", -10, 10),
    "tan": ("tan", "torch.tan", "np.tan", -10, 10),
    "arcsin": ("arcsin", "torch.asin", "np.arcsin", -1, 1),
    "arccos": ("arccos", "torch.acos", "np.arccos", -1, 1),
    "arctan": ("arctan", "torch.atan", "np.arctan", -10, 10),
    "sinh": ("sinh", "torch.sinh", "np.sinh", -10, 10),
    "cosh": ("cosh", "torch.cosh", "np.cosh", -10, 10),
    "arcsinh": ("arcsinh", "torch.asinh", "np.arcsinh", -10, 10),
    "arccosh": ("arccosh", "torch.acosh", "np.arccosh", 1, 10),
    "arctanh": ("arctanh", "torch.atanh", "np.arctanh", -0.99, 0.99),
    "tanh": ("tanh", "torch.tanh", "np.tanh", -5, 5),
    "erf": ("erf", "torch.erf", None, -4, 4),
    "normal_cdf": ("normal_cdf", "torch.special.ndtr", None, -5, 5),
    "tanh_normal_cdf": ("tanh_normal_cdf", None, None, -5, 5),
    "floor": ("floor", "torch.floor", "np.floor", -9, 9),
    "ceil": ("ceil", "torch.ceil", "np.ceil", -9, 9),
    "round": ("round", "torch.round", "np.rint", -9, 9),
    "relu": ("relu", "torch.relu", None, -3, 3),
    "relu6": ("relu6", "F.relu6", None, -9, 9),
    "sigmoid": ("sigmoid", "torch.sigmoid", None, -9, 9),
    "softplus": ("softplus", "F.softplus", None, -9, 9),
    "softsign": ("softsign", "F.softsign", None, -9, 9),
    "silu": ("silu", "F.silu", None, -9, 9),
    "mish": ("mish", "F.mish", None, -9, 9),
    "elu": ("elu", "F.elu", None, -3, 3),
    "celu": ("celu", "F.celu", None, -3, 3),
    "selu": ("selu", "F.selu", None, -3, 3),
    "leaky_relu": ("leaky_relu", "F.leaky_relu(a, 0.2)", None, -3, 3),
    "hard_sigmoid": ("hard_sigmoid", "F.hardsigmoid", None, -5, 5),
    "hard_silu": ("hard_silu", "F.hardswish", None, -5, 5),
    "log_sigmoid": ("log_sigmoid", "F.logsigmoid", None, -9, 9),
    "logical_not": ("logical_not", "torch.logical_not", "np.logical_not", 0, 2),
    "isnan": ("isnan", "torch.isnan", "np.isnan", -3, 3),
    "isinf": ("isinf", "torch.isinf", "np.isinf", -3, 3),
    "isfinite": ("isfinite", "torch.isfinite", "np.isfinite", -3, 3),
}
SLOPES = ("gelu_slope", "tanh_gelu_slope", "silu_slope", "mish_slope", "hard_silu_slope")
TO_BOOL = ("logical_not", "isnan", "isinf", "isfinite")

# operation -> (PyTorch's function, NumPy's); each is the brick of its own name
BINARY: dict[str, tuple[str, str]] = {
    "add": ("torch.add", "np.add"),
    "subtract": ("torch.sub", "np.subtract"),
    "multiply": ("torch.mul", "np.multiply"),
    "divide": ("torch.div", "np.divide"),
    "power": ("torch.pow", "np.power"),
    "maximum": ("torch.maximum", "np.maximum"),
    "minimum": ("torch.minimum", "np.minimum"),
    "floor_divide": ("torch.floor_divide", "np.floor_divide"),
    "mod": ("torch.remainder", "np.mod"),
    "logaddexp": ("torch.logaddexp", "np.logaddexp"),
    "arctan2": ("torch.atan2", "np.arctan2"),
    "equal": ("torch.eq", "np.equal"),
    "not_equal": ("torch.ne", "np.not_equal"),
    "greater": ("torch.gt", "np.greater"),
    "greater_equal": ("torch.ge", "np.greater_equal"),
    "less": ("torch.lt", "np.less"),
    "less_equal": ("torch.le", "np.less_equal"),
    "logical_and": ("torch.logical_and", "np.logical_and"),
    "logical_or": ("torch.logical_or", "np.logical_or"),
    "logical_xor": ("torch.logical_xor", "np.logical_xor"),
    "bitwise_and": ("torch.bitwise_and", "np.bitwise_and"),
    "bitwise_or": ("torch.bitwise_or", "np.bitwise_or"),
    "bitwise_xor": ("torch.bitwise_xor", "np.bitwise_xor"),
    "left_shift": ("torch.bitwise_left_shift", "np.left_shift"),
    "right_shift": ("torch.bitwise_right_shift", "np.right_shift"),
}
LOGICAL = ("logical_and", "logical_or", "logical_xor")
BITWISE = ("bitwise_and", "bitwise_or", "bitwise_xor", "left_shift", "right_shift")
COMPARISONS = (*list(BINARY)[list(BINARY).index("equal") : -len(BITWISE + LOGICAL)], *LOGICAL)

EXPONENTS = (2.0, 3.0, 4.0, 0.5, 1.5, -0.5, -1.0, 2.7)
CASTS = (
    ("float32", "float64"),
    ("float64", "float32"),
    ("float32", "int32"),
    ("int32", "float32"),
    ("float32", "bool"),
    ("bool", "float32"),
    ("int64", "int32"),
    ("uint8", "float32"),
)


def unary_case(name: str, x: Array, *, is_named: bool = False, words: str = "") -> Case:
    bricks, torch, numpy, _, _ = UNARY[name]
    return case(
        FAMILY, named(name, (x,), words), bricks, (x,), f"ops.{name}(a)",
        torch if torch is None or "(" in torch else f"{torch}(a)", numpy and f"{numpy}(a)",
        result=Array(x.shape, "bool" if name in TO_BOOL else x.dtype), is_named=is_named,
    )  # fmt: skip


def binary_case(name: str, x: Array, y: Array, *, is_named: bool = False) -> Case:
    torch, numpy = BINARY[name]
    shape = np.broadcast_shapes(x.shape, y.shape)
    return case(
        FAMILY, named(name, (x, y)), name, (x, y), f"ops.{name}(a, b)", f"{torch}(a, b)",
        f"{numpy}(a, b)", result=Array(shape, "bool" if name in COMPARISONS else x.dtype),
        is_named=is_named,
    )  # fmt: skip


def unary() -> Iterator[Case]:
    for name, (_, _, _, low, high) in UNARY.items():
        draw = drawer(name)
        dtype = "bool" if name == "logical_not" else "float32"
        for x in spread(draw, dtype, low=low, high=high):
            yield unary_case(name, x)
    for name in ("negative", "relu", "exp"):
        yield unary_case(name, Array((BEYOND,)))
    for name in ("sin", "cos", "tan"):
        for dtype in ("float32", "float64"):
            x = Array((L2,), dtype, low=-3e4, high=3e4)
            yield unary_case(name, x, words="up to 30,000")
            yield unary_case(name, Array((100_000,), dtype, low=-10, high=10), is_named=True)
    for size in (200_000, SMALL):
        yield unary_case("sigmoid", Array((size,), low=-9, high=9), is_named=True)


def operands(draw: random.Random, low: float, dtype: str) -> Iterator[tuple[Array, Array]]:
    """Two of a size, of every size and layout; rows, columns and single numbers."""
    for x in spread(draw, dtype, low=low, high=3):
        yield x, Array(x.shape, x.dtype, low=low, high=3)
    rows, columns = matrix(draw, L2)

    def array(shape: tuple[int, ...], dtype: str = dtype) -> Array:
        return Array(shape, dtype, low=low, high=3)

    yield array((rows, columns)), array((columns,))
    yield array((rows, columns)), array((rows, 1))
    yield array((rows, 1)), array((columns,))
    yield array((rows, columns)), array(())
    yield array((13, 17, 5)), array((17, 1))


def binary() -> Iterator[Case]:
    for name in BINARY:
        draw = drawer(name)
        low = 0.5 if name in ("divide", "power", "floor_divide", "mod") else -3.0
        low = 0.0 if name in BITWISE else low
        dtype = "bool" if name in LOGICAL else "int32" if name in BITWISE else "float32"
        for x, y in operands(draw, low, dtype):
            yield binary_case(name, x, y)
    for name in ("add", "multiply"):
        row = Array((2000, 100)), Array((100,))
        yield binary_case(name, *row, is_named=name == "add")
        yield binary_case(name, Array((BEYOND,)), Array((BEYOND,)))
        yield binary_case(name, Array((L3,)), Array((L3,)), is_named=True)
        for dtype in ("int32", "int64"):
            whole = Array((odd(drawer(name), L2),), dtype, low=-99, high=99)
            yield binary_case(name, whole, whole)


def powers() -> Iterator[Case]:
    for size in (7, SMALL, L2, L3):
        for exponent in EXPONENTS:
            for dtype in ("float32", "float64"):
                x = Array((size,), dtype, low=0.1, high=3)
                yield case(
                    FAMILY, named(f"power {exponent:g} of", (x,)), "power", (x,),
                    f"ops.power(a, {exponent})", f"torch.pow(a, {exponent})",
                    f"np.power(a, {exponent})", is_named=exponent == 3 and size == L3,
                )  # fmt: skip


def casts() -> Iterator[Case]:
    for before, after in CASTS:
        draw = drawer(f"{before} to {after}")
        for x in (Array((s,), before, low=0, high=99) for s in (7, SMALL, odd(draw, L2), L3)):
            yield case(
                FAMILY, named(f"cast to {after}", (x,)), "cast", (x,), f"ops.cast(a, '{after}')",
                f"a.to(torch.{after})", f"a.astype(np.{after})",
                result=Array(x.shape, after),
                is_named=before == "float32" and after != "bool" and x.shape == (L3,),
            )  # fmt: skip


def others() -> Iterator[Case]:
    for x in spread(drawer("others")):
        twin = Array(x.shape, x.dtype)
        truth = Array(x.shape, "bool")
        yield case(
            FAMILY, named("where", (truth, x, twin)), "where", (truth, x, twin),
            "ops.where(a, b, c)", "torch.where(a, b, c)", "np.where(a, b, c)", result=twin,
        )  # fmt: skip
        yield case(
            FAMILY, named("clip", (x,)), "clip", (x,), "ops.clip(a, -0.5, 0.5)",
            "torch.clamp(a, -0.5, 0.5)", "np.clip(a, -0.5, 0.5)",
        )  # fmt: skip
        yield case(
            FAMILY, named("lerp", (x, twin, twin)), "lerp", (x, twin, twin),
            "ops.lerp(a, b, c)", "torch.lerp(a, b, c)",
        )  # fmt: skip
        yield case(
            FAMILY, named("add 2.5 to", (x,)), "add", (x,), "ops.add(a, 2.5)",
            "torch.add(a, 2.5)", "np.add(a, 2.5)",
        )  # fmt: skip
        for words, brick in (("tanh", "tanh_gelu"), ("exact", "gelu")):
            is_near = words == "tanh"
            torch = "F.gelu(a, approximate='tanh')" if is_near else "F.gelu(a)"
            yield case(
                FAMILY, named(f"gelu {words}", (x,)), brick, (x,),
                f"ops.gelu(a, approximate={is_near})", torch, is_named=not is_near and x.view == "",
            )  # fmt: skip
        for name in SLOPES:
            yield case(FAMILY, named(name, (x,)), name, (x,), f"apply('{name}', (a,))")


def cases() -> Iterator[Case]:
    yield from unary()
    yield from binary()
    yield from powers()
    yield from casts()
    yield from others()
