"""Dtypes: the names that are understood, and what plain Python numbers become."""

from __future__ import annotations

import numbers
from functools import reduce
from typing import Any

import numpy as np

from pylego import config, engine
from pylego.core import bfloat16

# What the engine does not hold itself becomes the next that it does; only what is wider than
# float64 loses digits. (Tensors have bfloat16, but arrays of NumPy do not: core/bfloat16.py.)
_NEXT = {
    "bfloat16": "float32",
    "uint64": "int64",
    np.dtype(np.longdouble).name: "float64",
}
_NAMES = frozenset(engine.DTYPES)
_NUMBERS = engine.DTYPE_NUMBERS
_READY = frozenset(engine.MEMORY_DTYPES.values())
_TEXTS_OUTSIDE = (
    "TextVectorization and StringLookup make numbers of texts, in front of a model, "
    "model.fit(layer(texts), y), or as its first layer"
)
_PYTHON = {"int": "int32", "bool": "bool", "half": "float16", "double": "float64"}


def standardize_dtype(dtype: Any) -> str:
    """Return the name of the dtype; None and `float` mean `config.floatx()`.

    Raises:
        TypeError: for dtypes that pylego does not have.

    >>> import numpy as np
    >>> standardize_dtype(None), standardize_dtype(np.int64), standardize_dtype(bool)
    ('float32', 'int64', 'bool')
    """
    if type(dtype) is str and dtype in _NAMES:
        return dtype
    if dtype is None or dtype is float or dtype == "float":
        return config.floatx()
    name = _name_of(dtype)
    name = _PYTHON.get(name, name)
    if name not in _NAMES:
        raise TypeError(
            f"pylego has the dtypes {', '.join(engine.DTYPES)}. Received: dtype={dtype!r}"
            + (f": {_TEXTS_OUTSIDE}" if name in ("string", "str") else "")
        )
    return name


def array_dtype(dtype: Any = None) -> str:
    """Return what `standardize_dtype` does, but float32 for bfloat16, which NumPy does not have."""
    name = standardize_dtype(dtype)
    return _NEXT.get(name, name)


def number_of(dtype: Any) -> int:
    """Return the engine's number of a dtype that `standardize_dtype` understands.

    >>> number_of("float32") == number_of(None)
    True
    """
    try:
        return _NUMBERS[dtype]
    except (KeyError, TypeError):  # no name of a dtype, or nothing that can be looked up
        return _NUMBERS[standardize_dtype(dtype)]


def _name_of(dtype: Any) -> str:
    if isinstance(dtype, str):
        return dtype
    if isinstance(dtype, type) and dtype in (int, bool):
        return dtype.__name__
    try:
        return np.dtype(dtype).name
    except (TypeError, ValueError):
        return str(getattr(dtype, "name", dtype)).removeprefix("torch.")


def common(*names: str) -> str:
    """Return the dtype that tensors of these dtypes are promoted to, as in Keras.

    >>> common("int64", "float32"), common("uint8", "bool")
    ('float32', 'uint8')
    """
    numbers = map(engine.dtype_number, names)
    return engine.DTYPES[reduce(lambda a, b: engine.COMMON[a][b], numbers)]


def result_type(*dtypes: Any) -> str:
    """Return the dtype that operands of these dtypes are promoted to, as in Keras.

    `int` and `float`, Python's own, are weak: they stand for a number, which takes the dtype of the
    tensor beside it. None is `config.floatx()`, and so is no operand at all. 64 bits stay, which
    Keras cuts to 32.

    >>> result_type("int8", "uint8"), result_type("float16", "bfloat16"), result_type("int8", int)
    ('int16', 'float32', 'int8')
    >>> result_type("int8", float), result_type(int, float), result_type("bool", int)
    ('float32', 'float32', 'int32')
    """
    weak = [dtype for dtype in dtypes if dtype is int or dtype is float]
    strong = [
        standardize_dtype(dtype) for dtype in dtypes if dtype is not int and dtype is not float
    ]
    found = common(*strong) if strong else None
    for kind in weak:
        found = scalar_dtype(kind(), found)
    return found or config.floatx()


def is_float(dtype: str) -> bool:
    """Return whether the dtype holds fractions (and so can have gradients)."""
    return dtype in engine.FLOATS


def is_integer(dtype: str) -> bool:
    """Return whether the dtype holds whole numbers."""
    return dtype in engine.INTEGERS


_MAKE_FLOATS = frozenset({"arctan2", "divide", "logaddexp"})


def number_for(brick: str, value: bool | int | float) -> bool | int | float:
    """Return a number of Python as a brick takes it: a float where the brick makes floats of whole
    numbers, so that bytes can be divided by 300.

    >>> number_for("divide", 300), number_for("add", 300)
    (300.0, 300)
    """
    return float(value) if brick in _MAKE_FLOATS else value


def scalar_dtype(value: bool | int | float, common: str | None) -> str:
    """Return the dtype of a Python number beside tensors whose common dtype is `common`.

    A Python number is weak: it takes the tensor's dtype, unless it is of a higher kind (a float
    beside integers). Without a tensor: bool, int32 (int64 where it must be), `config.floatx()`.
    """
    if isinstance(value, float):
        return common if common and is_float(common) else config.floatx()
    if isinstance(value, bool):
        return common or "bool"
    if common and common != "bool":
        return common
    return "int32" if -(2**31) <= value < 2**31 else "int64"


def holds(dtype: str, value: Any) -> bool:
    """Return whether a tensor of that dtype can hold this number; floats round what they hold.

    >>> holds("uint8", -1), holds("int32", 2.5), holds("float32", 0.1), holds("bool", 1)
    (False, False, True, True)
    """
    if is_float(dtype):
        return True
    number = float(value)
    if not number.is_integer():  # inf and NaN are none either
        return False
    if dtype == "bool":
        return number in (0, 1)
    ends = np.iinfo(dtype)
    return bool(ends.min <= number <= ends.max)


def limits(dtype: str) -> tuple[Any, Any]:
    """Return the lowest and the largest number of a dtype of numbers that is finite.

    >>> limits("int8"), limits("bfloat16")
    ((-128, 127), (-3.3895313892515355e+38, 3.3895313892515355e+38))
    """
    if not is_float(dtype):
        whole = np.iinfo(dtype)
        return int(whole.min), int(whole.max)
    most = bfloat16.LARGEST if dtype == bfloat16.NAME else float(np.finfo(dtype).max)
    return -most, most


def all_ones(dtype: str) -> int:
    """Return the number whose bits are all 1.

    >>> all_ones("int32"), all_ones("uint8")
    (-1, 255)
    """
    if dtype == "bool":
        return True
    least, most = limits(dtype) if is_integer(dtype) else (-1, 0)
    return -1 if least < 0 else most


def spacing(dtype: str) -> float:
    """Return by how much the number after 1 is larger than 1, in a dtype of floats.

    >>> spacing("bfloat16")
    0.0078125
    """
    return 2.0**-7 if dtype == bfloat16.NAME else float(np.finfo(dtype).eps)


def ready_array(array: np.ndarray) -> np.ndarray:
    """Return the array in a dtype and byte order that the engine reads; often itself.

    uint64 and bfloat16 are widened, so that no value changes; long doubles are rounded to float64.
    The bytes of bools become 0 and 1: views of other memory may hold more.

    Raises:
        TypeError: for arrays of objects, text, complex numbers, dates.
        ValueError: for uint64 numbers that int64 cannot hold.
    """
    if array.dtype in _READY:
        return _of_zeros_and_ones(array) if array.dtype == np.bool_ else array
    native = array.dtype.newbyteorder("=")
    name = native.name
    if name in engine.DTYPES:
        return array.astype(native)
    if name not in _NEXT:
        raise TypeError(_why_not(array))
    if name == "uint64" and array.size and int(array.max()) > np.iinfo(np.int64).max:
        raise ValueError(f"int64 cannot hold {array.max()}, the largest number of the uint64 array")
    return array.astype(_NEXT[name])


def _of_zeros_and_ones(array: np.ndarray) -> np.ndarray:
    """An array of bools, whose bytes the engine counts on."""
    numbers = array.view(np.uint8)
    return array if numbers.max(initial=0) <= 1 else numbers != 0


def as_numpy(memory: np.ndarray, dtype: str) -> np.ndarray:
    """Return the numbers of a tensor's memory, as `engine.array_over` and others see that."""
    return bfloat16.as_numpy(memory) if dtype == bfloat16.NAME else memory


def _why_not(array: np.ndarray) -> str:
    first = next(iter(array.flat), None)
    if array.dtype.kind in "US" or (array.ndim and isinstance(first, (str, bytes))):
        return f"A tensor cannot hold text, such as {str(first)!r}: {_TEXTS_OUTSIDE}"
    if array.dtype != object:
        return (
            f"A tensor cannot hold {array.dtype} values; pylego has the dtypes "
            f"{', '.join(engine.DTYPES)}"
        )
    if array.ndim == 0:
        received = f"Received: {first!r} of type {type(first).__name__}"
        advice = ". Call it first, y = layer(x): what it returns is a tensor"
        return f"A tensor holds numbers. {received}{advice if callable(first) else ''}"
    if first is None:
        return f"None stands where a number or an input is wanted, in an array of {array.shape}"
    return (
        f"A tensor cannot hold Python objects. The array of shape {array.shape} has dtype object: "
        f"{_first_object(array)}"
    )


def _first_object(array: np.ndarray) -> str:
    """Say where the first element lies that is not a number, and what mends it."""
    for position, x in np.ndenumerate(array):
        if isinstance(x, (numbers.Number, np.bool_)):
            continue
        kind = "None" if x is None else f"of type {type(x).__name__}"
        where = f"its element {list(position)} is {kind}. "
        if isinstance(x, (str, bytes)):
            return f"{where}{_TEXTS_OUTSIDE}"
        if isinstance(x, (list, tuple, np.ndarray)):
            return f"{where}Rows of unequal length become equal by utils.pad_sequences"
        return f"{where}Drop such rows, or put numbers in its place"
    return "all its elements are numbers, so x.astype('float32') mends it"
