"""Tensors: blocks of numbers that remember how they were computed.

`apply` puts bricks on them: every function of `pylego.ops` goes through it. It is written in C
(csrc/calls.c), which leaves here what is neither a tensor nor a plain number beside one.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from pylego import comparisons, engine
from pylego.core import bfloat16, dtypes, indexing, recording
from pylego.core.array_like import array_of, handed_out, numbers_of
from pylego.core.operators import Operators, or_deferred
from pylego.core.placeholder import PlaceholderError
from pylego.core.tree import leaves, map_leaves

_NUMBERS = (bool, int, float)  # Python's, which are weak: they take the dtype of tensors

_IN_REVERSE = [tuple(range(rank))[::-1] for rank in range(engine.MAX_RANK + 1)]  # axes by rank


class Tensor(engine.Holder, Operators):
    """An immutable block of numbers: dtype, shape, values.

    Tensors come out of `pylego.ops`, out of layers, and out of `ops.convert_to_tensor`. They take
    Python's operators with NumPy's broadcasting, and hand their numbers to NumPy without a copy.
    `copy` and `pickle` carry the numbers, not how they were computed: no gradient flows through.

    >>> from pylego import ops
    >>> x = ops.convert_to_tensor([[1.0, 2.0], [3.0, 4.0]])
    >>> print(x * 10 + 1)
    Tensor(shape=(2, 2), dtype=float32,
    [[11. 21.]
     [31. 41.]])
    """

    __slots__ = ()
    __array_priority__ = 1000.0  # ndarray + tensor is our business

    # What follows are slots of Holder, which has shape, dtype, ndim, size and x[key] as well.
    _handle: engine.Handle
    # "sigmoid" or "softmax", and what it made this of. Through a probability that is 0 or 1 in
    # float32 no gradient comes back, so the cross-entropies compute from what was before.
    logits: tuple[str, Tensor] | None
    _keras_mask: Any  # which steps count, where a layer says so: see layers/masks.py
    _carried: tuple[str, ...] = ("_keras_mask", "logits")  # by copies, beside the numbers

    def __init__(self, handle: engine.Handle):
        if not isinstance(handle, engine.Handle):
            raise TypeError("Tensors are made by ops.convert_to_tensor(numbers)")
        self._handle = handle

    @property
    def T(self) -> Tensor:  # noqa: N802 - NumPy's name
        """The tensor with its axes in reverse order."""
        return apply("transpose", (self,), axes=_IN_REVERSE[self.ndim])

    def numpy(self) -> np.ndarray:
        """Look at the numbers as a read-only NumPy array; nothing is copied.

        NumPy has no bfloat16: such numbers come as the bfloat16 of ml_dtypes where that package is
        installed, else as a copy in float32, which holds them all.

        Raises:
            TypeError: if it is symbolic, as tensors of a recording are (see `pylego.function`).
        """
        return handed_out(self)

    def _check_numbers(self) -> None:
        if engine.is_symbolic(self._handle):
            raise recording.refusal(f"a tensor of shape {self.shape}")

    def item(self) -> bool | int | float:
        """Return the only element as a Python number.

        Raises:
            ValueError: when there is not exactly one element.
        """
        if self.size != 1:
            raise ValueError(f"only a tensor of one element is a number; this has {self.shape}")
        number = self._handle.item()
        if number is None:
            self._check_numbers()  # raises: it is symbolic
        return number  # type: ignore[return-value]

    def astype(self, dtype: Any) -> Tensor:
        """Return it in another dtype."""
        return cast(self, dtype)

    def reshape(self, *shape: Any) -> Tensor:
        """Return the same elements in another shape; one length may be -1."""
        is_one = len(shape) == 1 and isinstance(shape[0], (list, tuple))
        return apply("reshape", (self,), shape=shape[0] if is_one else shape)

    @property
    def requires_grad(self) -> bool:
        """Whether gradients can reach it: it was asked for, or depends on what was."""
        return engine.is_watched(self._handle)

    @requires_grad.setter
    def requires_grad(self, value: bool) -> None:
        engine.watch(self._handle, bool(value))

    @property
    def grad(self) -> Tensor | None:
        """The gradient that `backward()` left here, added up over calls; None before."""
        handle = engine.gradient_of(self._handle)
        return None if handle is None else Tensor(handle)

    @grad.setter
    def grad(self, value: None) -> None:
        if value is not None:
            raise ValueError("grad can only be set to None, which forgets it")
        engine.forget_gradient(self._handle)

    def backward(self, gradient: Any = None, create_graph: bool = False) -> None:
        """Compute the gradients of this tensor and add them to `grad` of what it depends on.

        That is every tensor whose `requires_grad` was set, and every trainable variable that was
        used while a `GradientTape` was open.

        Args:
            gradient: what flows in, of this tensor's shape; ones by default.
            create_graph: whether the gradients can be differentiated again.

        Raises:
            ValueError: when it depends on nothing whose gradient was asked for.
            TypeError: while it is recorded: gradients that are left behind outlive a recording.

        >>> x = convert_to_tensor([1.0, 2.0, 3.0])
        >>> x.requires_grad = True
        >>> (x * x).backward()
        >>> x.grad.numpy().tolist()
        [2.0, 4.0, 6.0]
        """
        if engine.is_recording():
            recording.note_look()
            raise TypeError(
                "backward() leaves gradients at tensors, which a recording cannot do: take them "
                "from a GradientTape, or do not record: compile(run_eagerly=True)"
            )
        seed = None if gradient is None else convert_to_tensor(gradient, self.dtype)._handle
        engine.backward(self._handle, seed, create_graph)

    def tape(self) -> Any:
        """Return what the tape keeps of this tensor, to be printed: a line for each brick that its
        gradient passes through, in the order of the backward pass.

        >>> a = convert_to_tensor([3.0])
        >>> a.requires_grad = True
        >>> b = a + a
        >>> print((b * b).tape())
        2 nodes, 1 leaf
            brick             y  keeps  formula
        %2  multiply(%1, %1)  1  %1     y = a b
        %1  add(a, a)         1         y = a + b
        """
        from pylego.inspection.tape import Tape

        return Tape(engine.history(self._handle))

    def detach(self) -> Tensor:
        """Return the same numbers without their history: no gradient flows through."""
        return Tensor(engine.detach(self._handle))

    def __reduce__(self) -> tuple:
        """Return what `copy` and `pickle` make it of again: its numbers, not their history.

        Raises:
            TypeError: if it is symbolic.
        """
        self._check_numbers()
        slots = {name: getattr(self, name) for name in self._carried if hasattr(self, name)}
        state = getattr(self, "__dict__", None), slots
        handle = self._handle
        return _made_of, (type(self), engine.array_over(handle), handle.dtype), state

    def _take(self, numbers: np.ndarray, dtype: str) -> None:
        """Begin as a copy: of these numbers, which nobody else writes."""
        Tensor.__init__(self, engine.tensor_around(numbers, dtype))

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        array = numbers_of(self)
        if dtype is not None and array.dtype != dtype:
            return array.astype(dtype)
        return array.copy() if copy else array

    def __dlpack__(self, **options: Any) -> Any:
        self._check_numbers()
        # DLPack's older form has no word for read-only memory, so the window is a writable one.
        memory = engine.array_over(self._handle, is_writable=True)
        if self._handle.dtype == bfloat16.NAME:
            return bfloat16.capsule_of(memory, **options)
        return memory.__dlpack__(**options)

    def __dlpack_device__(self) -> tuple[int, int]:
        return (1, 0)  # the first CPU

    def __buffer__(self, options: int) -> memoryview:
        return numbers_of(self).data

    def __bool__(self) -> bool:
        return bool(self.item())

    def __int__(self) -> int:
        return int(self.item())

    def __float__(self) -> float:
        return float(self.item())

    def __index__(self) -> int:
        if not dtypes.is_integer(self.dtype):
            raise TypeError(f"only an integer tensor can be an index; this one is {self.dtype}")
        return int(self.item())

    def __format__(self, spec: str) -> str:
        return format(self.item(), spec) if spec else str(self)

    def __len__(self) -> int:
        if not self.shape:
            raise TypeError("a tensor without axes has no len()")
        return self.shape[0]

    def __iter__(self) -> Iterator[Tensor]:
        return (self[index] for index in range(len(self)))

    def __repr__(self) -> str:
        if engine.is_symbolic(self._handle):
            return f"{type(self).__name__}(shape={self.shape}, dtype={self.dtype}, symbolic)"
        values = np.array2string(numbers_of(self), threshold=100, edgeitems=3)
        separator = "\n" if "\n" in values else " "
        return f"{type(self).__name__}(shape={self.shape}, dtype={self.dtype},{separator}{values})"

    def __setitem__(self, key: Any, value: Any) -> None:
        raise TypeError(
            "tensors are not written in place: make a new one with ops.where or "
            "ops.slice_update, or keep the numbers in a Variable and assign to it"
        )

    __hash__ = object.__hash__  # by identity: == makes a tensor


def _made_of(kind: type[Tensor], numbers: np.ndarray, dtype: str | None = None) -> Tensor:
    """Make a tensor or a variable again of what its `__reduce__` said."""
    made = kind.__new__(kind)
    made._take(numbers, dtype or numbers.dtype.name)
    return made


# ---- applying bricks ------------------------------------------------------------------------


apply, apply_all = engine.apply, engine.apply_all


def compare(name: str, operands: tuple[Any, Any]) -> Tensor:
    """Apply a brick that compares; a number beside a tensor may be any at all."""
    a, b = operands
    if isinstance(a, Tensor) and isinstance(b, Tensor):
        return apply(name, operands)
    a = int(a) if isinstance(a, np.integer) else a
    b = int(b) if isinstance(b, np.integer) else b
    if isinstance(a, _NUMBERS):
        if isinstance(b, _NUMBERS):
            return convert_to_tensor(bool(comparisons.PYTHON[name](a, b)))
        name, a, b = comparisons.MIRRORED[name], b, a
    if isinstance(b, _NUMBERS):
        a = operand(a)
        name, b = comparisons.within(name, b, a.dtype)
    return apply(name, (a, b))


def _handles(name: str, inputs: Sequence[Any]) -> list[engine.Handle]:
    try:
        return _mixed_handles(name, inputs)
    except PlaceholderError:  # the op is deferred
        raise
    except (TypeError, ValueError) as error:
        kind = TypeError if isinstance(error, TypeError) else ValueError
        raise kind(f"{name}: {error}") from error


def _mixed_handles(name: str, inputs: Sequence[Any]) -> list[engine.Handle]:
    handles: list[Any] = []
    numbers = []  # the places of Python's numbers
    common = None  # the tensors' common dtype, once there is a tensor
    for place, x in enumerate(inputs):
        if not isinstance(x, Tensor):
            if isinstance(x, _NUMBERS):
                numbers.append(place)
                handles.append(x)
                continue
            x = _read(x, name in _VIEWS or _keeps(inputs))
        handle = x._input
        dtype = handle.dtype
        common = dtype if common is None or common == dtype else dtypes.common(common, dtype)
        handles.append(handle)
    for place in numbers:
        handles[place] = _number(dtypes.number_for(name, handles[place]), common)
    return handles


def _number(value: bool | int | float, common: str | None) -> engine.Handle:
    dtype = dtypes.scalar_dtype(value, common)
    try:
        return engine.number(value, dtype)
    except OverflowError as error:
        raise ValueError(f"{dtype} cannot hold {value}") from error


# ---- conversion to tensors ------------------------------------------------------------------

# A tensor never changes, but NumPy's memory does. So what outlives the call that is given an array
# is made of a copy; a brick that runs at once reads the array where it lies.

# What comes out of these bricks lies over the memory of what goes in.
_VIEWS = frozenset({"broadcast_to", "reshape", "slice", "split", "transpose"})


def _keeps(inputs: Sequence[Any]) -> bool:
    """Whether a program or a tape keeps what a brick reads now."""
    return engine.is_recording() or any(map(_may_be_watched, inputs))


def _may_be_watched(x: Any) -> bool:
    if isinstance(x, Tensor):
        return engine.is_watched(x._handle)
    return isinstance(x, (list, tuple)) and _holds_tensors(x)


def operand(x: Any, *others: Any) -> Tensor:
    """Read x for bricks that run before the caller returns, and whose results are not views of it:
    an array is not copied, unless a tape keeps it for the sake of the others."""
    return x if isinstance(x, Tensor) else _read(x, _keeps(others))


_FEW = 16


def _read(x: Any, is_kept: bool = True) -> Tensor:
    if isinstance(x, (list, tuple)) and _holds_tensors(x):
        return _put_together(x)
    bits = bfloat16.bits_of(x)
    if bits is not None:
        if is_kept and not engine.never_changes(bits):
            bits = bits.copy(order="K")
        return Tensor(engine.tensor_around(bits, bfloat16.NAME))
    array = array_of(x)
    if not is_kept:
        return Tensor(engine.tensor_around(array))
    is_few = array.size <= _FEW and isinstance(x, (list, tuple))  # the engine that records knows it
    if not is_few and engine.never_changes(array):
        return Tensor(engine.tensor_around(array))
    if array.flags.c_contiguous:  # vectors are read faster from the engine's memory than NumPy's
        return Tensor(engine.tensor_from(array))
    return Tensor(engine.tensor_around(array.copy(order="K")))


# ---- tensors in nested lists ----------------------------------------------------------------


def _holds_tensors(x: Sequence) -> bool:
    kinds = set(map(type, x))  # most lists hold numbers alone, and many of them
    if any(issubclass(kind, Tensor) for kind in kinds):
        return True
    lists = (list, tuple)
    return any(issubclass(kind, lists) for kind in kinds) and any(
        isinstance(item, lists) and _holds_tensors(item) for item in x
    )


def _put_together(x: Sequence) -> Tensor:
    """Stack what lies in nested lists with bricks, so that gradients pass; Python numbers take the
    dtype of the tensors."""
    table = map_leaves(lambda leaf: leaf if isinstance(leaf, _NUMBERS) else operand(leaf, *x), x)
    tensors = [leaf for leaf in leaves(table) if isinstance(leaf, Tensor)]
    return _stack(table, dtypes.common(*(tensor.dtype for tensor in tensors)))


def _stack(table: Any, common: str) -> Tensor:
    if isinstance(table, Tensor):
        return table
    if isinstance(table, _NUMBERS):
        return Tensor(_number(table, common))
    if not _holds_tensors(table):
        return _numbers_beside(table, common)
    rows = [_stack(row, common) for row in table]
    if len({row.shape for row in rows}) > 1:
        raise ValueError(
            "this is not a table of numbers, its rows are of unequal length: their shapes are "
            + ", ".join(str(row.shape) for row in rows)
        )
    return apply("stack", rows, axis=0)


def _numbers_beside(x: Sequence, common: str) -> Tensor:
    """Nested lists of Python numbers alone, beside tensors."""
    plain = _read(x)  # or the reason why not
    if not dtypes.is_float(common):
        return plain
    return cast(Tensor(engine.tensor_around(np.array(x, np.float64))), common)


# ---- the few functions that tensors themselves need ------------------------------------------


def convert_to_tensor(x: Any, dtype: Any = None) -> Tensor:
    """Make a tensor of numbers, lists, NumPy arrays, or whatever NumPy or DLPack reads.

    A tensor never changes: the numbers of an array that can be written are copied, those of one
    that nobody can write are not. Python numbers become float32 (`config.floatx()`), int32 or bool;
    arrays keep their dtype; uint64 becomes int64, and what is wider than float64 is rounded to it.
    Lists may hold tensors at any depth, and gradients reach these.

    Args:
        x: the numbers. A tensor comes back as it is.
        dtype: to which they are converted; by default their own.

    Raises:
        TypeError: for objects, text and complex numbers.
        ValueError: for lists whose rows are of unequal length.
    """
    if isinstance(x, Tensor):
        return x if dtype is None else cast(x, dtype)
    wish = None if dtype is None else dtypes.standardize_dtype(dtype)
    is_number = isinstance(x, _NUMBERS)
    if is_number and wish == "bool":
        x = bool(x)  # beside bools an int is none, but here it is asked for
    if is_number and (wish is None or not isinstance(x, float) or dtypes.is_float(wish)):
        return Tensor(engine.detach(_number(x, wish)))  # its own, for it may be watched
    if wish is None:
        return _read(x)
    is_list = isinstance(x, (list, tuple))
    if is_list and wish == "float64" and not _holds_tensors(x):  # float32 has fewer digits
        return _numbers_beside(x, wish)
    tensor = operand(x)  # read where it lies, if only to be cast
    if tensor.dtype != wish:
        return cast(tensor, wish)
    return tensor if is_list else _read(x)


def cast(x: Any, dtype: Any) -> Tensor:
    """Return x in another dtype. Floats become integers toward zero; NaN becomes 0."""
    number = dtypes.number_of(dtype)
    y = engine.in_dtype(x, number)
    if y is not None:
        return y
    if not isinstance(x, _NUMBERS):
        return convert_to_tensor(x, engine.DTYPES[number])
    return cast(convert_to_tensor(x), engine.DTYPES[number])  # 300 becomes uint8 as its tensor does


def matmul(a: Any, b: Any) -> Tensor:
    """Multiply matrices, or stacks of them; a tensor of one axis is a row on the left, a column
    on the right.

    Shapes: (..., m, k) and (..., k, n) give (..., m, n). Of int8 comes int32, of bools a bool.

    Raises:
        ValueError: when the inner lengths differ, or an operand has no axes.
    """
    if not (isinstance(a, Tensor) and isinstance(b, Tensor)):
        a, b = operand(a, b), operand(b, a)
    if a.dtype == b.dtype == "bool":
        return cast(matmul(cast(a, "int32"), cast(b, "int32")), "bool")
    if a.dtype == b.dtype == "int8":  # sums of their products have room, as in Keras
        a, b = cast(a, "int32"), cast(b, "int32")
    if a.ndim > 1 and b.ndim > 1:
        return apply("matmul", (a, b), transpose_a=0, transpose_b=0)
    if a.ndim == 0 or b.ndim == 0:
        raise ValueError(f"matmul needs at least one axis on both sides: {a.shape} and {b.shape}")
    rows = a if a.ndim > 1 else a.reshape(1, *a.shape)
    columns = b if b.ndim > 1 else b.reshape(*b.shape, 1)
    if rows.shape[-1] != columns.shape[-2]:
        raise ValueError(
            f"matmul: shapes {a.shape} and {b.shape} do not fit: the inner lengths "
            f"{rows.shape[-1]} and {columns.shape[-2]} differ"
        )
    product = apply("matmul", (rows, columns), transpose_a=0, transpose_b=0)
    shape = product.shape[:-2]
    shape += (product.shape[-2],) if a.ndim > 1 else ()
    shape += (product.shape[-1],) if b.ndim > 1 else ()
    return product.reshape(shape)


engine.connect_tensors(Tensor, _handles, functools.partial(indexing.read, apply))
Tensor._apply = staticmethod(or_deferred(apply, "_apply"))
Tensor._compare = staticmethod(or_deferred(compare, "_compare"))
Tensor._matmul = staticmethod(or_deferred(matmul, "_matmul"))
