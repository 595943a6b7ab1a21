"""`tf.debugging`: assertions on tensors, which raise a ValueError where they do not hold.

While a step is recorded there are no numbers: then shapes, ranks and dtypes are checked, and for
the rest a warning says what would check them.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

from pylego import ops
from pylego.core.tensor import convert_to_tensor
from pylego.programs.symbolic import is_symbolic

__all__ = [
    "Assert", "assert_all_finite", "assert_equal", "assert_greater", "assert_greater_equal",
    "assert_integer", "assert_less", "assert_less_equal", "assert_near", "assert_negative",
    "assert_non_negative", "assert_non_positive", "assert_none_equal", "assert_positive",
    "assert_rank", "assert_rank_at_least", "assert_shapes", "assert_type", "check_numerics",
]  # fmt: skip


def _check(name: str, message: Any, holds: Callable[..., Any], *tensors: Any) -> None:
    """Raise where a relation of tensors does not hold everywhere."""
    if any(map(is_symbolic, tensors)):
        warnings.warn(
            f"tf.debugging.{name} checks nothing while a step is recorded: "
            "compile(run_eagerly=True), or tf.config.run_functions_eagerly(True), does",
            stacklevel=3,
        )
        return
    given = [np.asarray(x) for x in tensors]
    if not np.all(holds(*given)):
        values = ", ".join(str(x) for x in given)
        raise ValueError(f"{message or name}: it does not hold for {values}")


def _of_two(name: str, holds: Callable[..., Any]) -> Callable[..., None]:
    def check(x: Any, y: Any, message: Any = None, summarize: Any = None, name: Any = None) -> None:
        _check(words, message, holds, x, y)

    words = name
    return _named(check, name, "Raise a ValueError unless it holds for all numbers of x and y.")


def _of_one(name: str, holds: Callable[..., Any]) -> Callable[..., None]:
    def check(x: Any, message: Any = None, summarize: Any = None, name: Any = None) -> None:
        _check(words, message, holds, x)

    words = name
    return _named(check, name, "Raise a ValueError unless it holds for all numbers of x.")


def _named(check: Callable[..., None], name: str, text: str) -> Callable[..., None]:
    check.__name__ = check.__qualname__ = name
    check.__doc__ = text
    return check


assert_equal = _of_two("assert_equal", np.equal)
assert_greater = _of_two("assert_greater", np.greater)
assert_greater_equal = _of_two("assert_greater_equal", np.greater_equal)
assert_less = _of_two("assert_less", np.less)
assert_less_equal = _of_two("assert_less_equal", np.less_equal)
assert_none_equal = _of_two("assert_none_equal", np.not_equal)
assert_negative = _of_one("assert_negative", lambda x: x < 0)
assert_non_negative = _of_one("assert_non_negative", lambda x: x >= 0)
assert_non_positive = _of_one("assert_non_positive", lambda x: x <= 0)
assert_positive = _of_one("assert_positive", lambda x: x > 0)


def Assert(  # noqa: N802 - TensorFlow's name
    condition: Any, data: Any, summarize: Any = None, name: Any = None
) -> None:
    """Raise a ValueError with the data, unless the condition is true."""
    _check("Assert", f"Assert {data}", lambda x: x, condition)


def assert_near(
    x: Any, y: Any, rtol: float = 1e-6, atol: float = 1e-6, message: Any = None, **options: Any
) -> None:
    """Raise a ValueError unless |x - y| <= atol + rtol |y| everywhere."""
    _check("assert_near", message, lambda a, b: np.abs(a - b) <= atol + rtol * np.abs(b), x, y)


def assert_all_finite(x: Any, message: str, name: Any = None) -> Any:
    """Return x; raise a ValueError when it holds NaN or an infinite number."""
    _check("assert_all_finite", message, np.isfinite, x)
    return convert_to_tensor(x)


def check_numerics(tensor: Any, message: str, name: Any = None) -> Any:
    """Return the tensor; raise a ValueError when it holds NaN or an infinite number."""
    return assert_all_finite(tensor, message)


# ---- what is known without numbers ----


def assert_rank(x: Any, rank: int, message: Any = None, name: Any = None) -> None:
    """Raise a ValueError unless x has so many axes."""
    _expect(ops.ndim(x) == int(rank), message, f"a tensor has {rank} axes", ops.shape(x))


def assert_rank_at_least(x: Any, rank: int, message: Any = None, name: Any = None) -> None:
    """Raise a ValueError unless x has so many axes, or more."""
    _expect(ops.ndim(x) >= int(rank), message, f"a tensor has {rank} axes or more", ops.shape(x))


def assert_type(tensor: Any, tf_type: Any, message: Any = None, name: Any = None) -> None:
    """Raise a TypeError unless the tensor has the dtype."""
    _expect(
        str(tensor.dtype) == tf_type, message, f"a tensor has {tf_type}", tensor.dtype, TypeError
    )


def assert_integer(x: Any, message: Any = None, name: Any = None) -> None:
    """Raise a TypeError unless the tensor holds integers."""
    kind = str(convert_to_tensor(x).dtype)
    _expect("int" in kind, message, "a tensor holds integers", kind, TypeError)


def assert_shapes(shapes: Any, data: Any = None, message: Any = None, **options: Any) -> None:
    """Raise a ValueError unless tensors have the shapes beside them.

    Args:
        shapes: pairs of a tensor and a shape. Where a letter stands for a length, it is the same
            everywhere; None is any length.
        data: says nothing here.
        message: begins that of the error.
        **options: say nothing here.
    """
    known: dict[str, int] = {}
    for x, wanted in shapes.items() if isinstance(shapes, dict) else shapes:
        shape = tuple(ops.shape(x))
        lengths = tuple(wanted)
        is_so = len(shape) == len(lengths) and all(
            length is None
            or n == (known.setdefault(length, n) if isinstance(length, str) else length)
            for n, length in zip(shape, lengths)
        )
        _expect(is_so, message, f"a tensor has the shape {lengths}, with {known}", shape)


def _expect(
    holds: bool, message: Any, what: str, found: Any, error: type[Exception] = ValueError
) -> None:
    if not holds:
        raise error(f"{f'{message}: ' if message else ''}{what}. Received: {found}")
