"""How the inputs and attributes of bricks are drawn, one function for each kind of brick."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pooling
from strategies import Case, Drawer

FLOAT32, FLOAT64 = 4, 5  # attributes hold dtypes by number, see engine.dtype_number


def unary(low: float = -3.0, high: float = 3.0) -> Callable[[Drawer], Case]:
    return lambda d: Case([d.numbers(d.shape(), low, high)])


def pair(d: Drawer, low: float = -3.0, high: float = 3.0) -> Case:
    a, b = d.broadcasting(2)
    return Case([d.numbers(a), d.numbers(b, low, high, dtype=d.beside())])


def divided(d: Drawer) -> Case:
    """No integer is divided by 0, whose result is nobody's business."""
    case = pair(d, 0.5, 3.0)
    divisor = case.inputs[1]
    if divisor.dtype.kind in "biu":
        divisor[divisor == 0] = 1
    return case


def shifted(d: Drawer) -> Case:
    """By no bits, by some, by all of them and more."""
    case = pair(d)
    bits = case.inputs[1]
    bits[...] = d.integers(bits.shape, 0, 70, bits.dtype)
    return case


def bent(d: Drawer) -> Case:
    """The other number is a slope or a limit, which is finite and not 0."""
    a, b = d.broadcasting(2)
    return Case([d.numbers(a), d.numbers(b, 0.2, 3.0, specials=False, dtype=d.dtype)])


def raised(d: Drawer) -> Case:
    """Integers have no negative powers."""
    a, b = d.broadcasting(2)
    exponent = d.numbers(b, 0.0, 1.5, specials=False, dtype=d.dtype)
    return Case([d.numbers(a, 0.2, 2.0, specials=False), exponent])


def chosen(d: Drawer) -> Case:
    condition, a, b = d.broadcasting(3)
    truth = np.asarray(d.generator.random(condition) < 0.5)
    return Case([truth, d.numbers(a), d.numbers(b, dtype=d.beside())])


def clipped(d: Drawer) -> Case:
    x, low, high = d.broadcasting(3)
    return Case([d.numbers(x), d.numbers(low, -3.0, 0.0), d.numbers(high, -1.0, 3.0)])


# ---- making ---------------------------------------------------------------------------------


def filled(d: Drawer) -> Case:
    dtype = d.choose(range(6))
    return Case([], {"shape": d.shape(), "value": d.choose((0, 1, 2.5, 7)), "dtype": dtype})


def counted(d: Drawer) -> Case:
    dtype = d.choose(range(2, 6))
    steps = {"start": d.choose((0, -3, 2.0)), "step": d.choose((1, -2, 3))}
    return Case([], {**steps, "count": d.length(), "dtype": dtype})


def converted(d: Drawer) -> Case:
    """Only numbers that the other dtype can hold have one meaning."""
    x = np.abs(d.numbers(d.shape(), specials=False))
    return Case([np.asarray(x, d.dtype)], {"dtype": 5 if d.is_smooth else d.choose(range(6))})


def assigned(d: Drawer) -> Case:
    shape = d.shape()
    return Case([d.numbers(shape), d.numbers(shape)])


# ---- reductions -----------------------------------------------------------------------------


def _over_axes(d: Drawer, x: np.ndarray) -> Case:
    return Case([x], {"axes": d.axes(x.ndim), "keepdims": d.flag()})


def reduced(d: Drawer) -> Case:
    return _over_axes(d, d.numbers(d.shape()))


def reduced_few(d: Drawer) -> Case:
    return _over_axes(d, d.numbers(d.shape(max_rank=3), 0.5, 1.5, specials=False))


def compared(d: Drawer) -> Case:
    return _over_axes(d, d.distinct(d.shape(lowest=1)))


def found(d: Drawer) -> Case:
    x = d.distinct(d.shape(min_rank=1, lowest=1))
    return Case([x], {"axis": d.axis(x.ndim), "keepdims": d.flag()})


def summed_to(d: Drawer) -> Case:
    shape = d.shape()
    return Case([d.numbers(shape)], {"shape": d.narrowed(shape)})


def scanned(d: Drawer) -> Case:
    x = d.numbers(d.shape(min_rank=1))
    return Case([x], {"axis": d.axis(x.ndim), "reverse": d.flag()})


def sorted_along(d: Drawer) -> Case:
    x = d.distinct(d.shape(min_rank=1))
    axis = d.axis(x.ndim)
    count = d.choose(range(x.shape[axis] + 1))
    return Case([x], {"axis": axis, "descending": d.flag(), "count": count})


def summed_along(d: Drawer) -> Case:
    x = d.numbers(d.shape(min_rank=1, lowest=1), specials=False)
    return Case([x], {"axis": d.axis(x.ndim), "keepdims": d.flag()})


def along_axis(d: Drawer) -> Case:
    x = d.numbers(d.shape(min_rank=1), specials=False)
    return Case([x], {"axis": d.axis(x.ndim)})


# ---- layout and assembly --------------------------------------------------------------------


def reshaped(d: Drawer) -> Case:
    x = d.numbers(d.shape())
    shapes = [x.shape[::-1], (*x.shape, 1), (x.size,)]
    shapes += [(-1,), (*x.shape[:1], -1)] if x.size else []
    return Case([x], {"shape": d.choose(shapes)})


def transposed(d: Drawer) -> Case:
    x = d.numbers(d.shape())
    order = d.generator.permutation(x.ndim)
    return Case([x], {"axes": tuple(int(axis) - x.ndim * d.flag() for axis in order)})


def _window(d: Drawer, length: int) -> tuple[int, int, int]:
    step = d.choose((1, 1, 2, -1, -2))
    begin = d.choose(range(length)) if length else 0
    room = len(range(begin, length if step > 0 else -1, step)) if length else 0
    return begin, d.choose(range(room + 1)), step


def sliced(d: Drawer) -> Case:
    x = d.numbers(d.shape())
    windows = [_window(d, length) for length in x.shape]
    begin, shape, step = map(tuple, zip(*windows)) if windows else ((), (), ())
    return Case([x], {"begin": begin, "shape": shape, "step": step})


def unsliced(d: Drawer) -> Case:
    shape = d.shape()
    windows = [_window(d, length) for length in shape]
    begin, lengths, step = map(tuple, zip(*windows)) if windows else ((), (), ())
    return Case([d.numbers(lengths)], {"shape": shape, "begin": begin, "step": step})


def spread(d: Drawer) -> Case:
    shape = d.shape()
    return Case([d.numbers(d.narrowed(shape))], {"shape": shape})


def joined(d: Drawer) -> Case:
    shape = d.shape(min_rank=1)
    axis = d.axis(len(shape))
    parts = []
    for _ in range(d.choose((1, 2, 3))):
        lengths = list(shape)
        lengths[axis] = d.length()
        parts.append(d.numbers(lengths, dtype=d.beside()))
    return Case(parts, {"axis": axis})


def stacked(d: Drawer) -> Case:
    shape = d.shape()
    parts = [d.numbers(shape, dtype=d.beside()) for _ in range(d.choose((1, 2, 3)))]
    return Case(parts, {"axis": d.axis(len(shape) + 1)})


def parted(d: Drawer) -> Case:
    shape = list(d.shape(min_rank=1))
    axis = d.axis(len(shape))
    sections = d.choose((1, 2, 3))
    shape[axis] *= sections
    return Case([d.numbers(shape)], {"sections": sections, "axis": axis})


def padded(d: Drawer) -> Case:
    x = d.numbers(d.shape())
    before = tuple(d.choose((0, 1, 2)) for _ in x.shape)
    after = tuple(d.choose((0, 1, 2)) for _ in x.shape)
    return Case([x], {"before": before, "after": after, "value": d.choose((0, 1))})


def repeated(d: Drawer) -> Case:
    repeats = d.choose((0, 1, 2, 3, 5))
    d.room //= max(1, repeats)
    x = d.numbers(d.shape(min_rank=1))
    return Case([x], {"repeats": repeats, "axis": d.axis(x.ndim)})


def tiled(d: Drawer) -> Case:
    x = d.numbers(d.shape())
    room = 2 if d.is_large else 10**9
    counts = []
    for _ in x.shape:
        counts.append(d.choose([n for n in (0, 1, 2, 3, 4) if n <= max(1, room)]))
        room //= max(1, counts[-1])
    return Case([x], {"repeats": tuple(counts)})


def rolled(d: Drawer) -> Case:
    x = d.numbers(d.shape())
    return Case([x], {"shifts": tuple(d.choose((0, 0, 1, 2, -1, -7, 300)) for _ in x.shape)})


def triangular(d: Drawer) -> Case:
    return Case([d.numbers(d.shape(min_rank=2))], {"k": d.choose((0, 0, 1, -1, 2, -2, 7, -7))})


def on_a_diagonal(d: Drawer) -> Case:
    sizes = {"rows": d.length(), "columns": d.length(), "k": d.choose((0, 1, -1, 3, -3))}
    return Case([], {**sizes, "dtype": d.choose(range(6))})


def updated(d: Drawer) -> Case:
    x = d.numbers(d.shape())
    lengths = [d.choose(range(min(length, 4) + 1)) for length in x.shape]
    begin = tuple(d.choose(range(n - part + 1)) for n, part in zip(x.shape, lengths))
    return Case([x, d.numbers(lengths)], {"begin": begin})


# ---- selection ------------------------------------------------------------------------------


def taken(d: Drawer) -> Case:
    x = d.numbers(d.shape(min_rank=1, max_rank=3, lowest=1))
    axis = d.axis(x.ndim)
    length = x.shape[axis]
    dtype = d.choose(("int32", "int64"))
    return Case([x, d.integers(d.shape(0, 2), -length, length, dtype)], {"axis": axis})


def scattered_to(d: Drawer) -> Case:
    places = d.shape(0, 2)
    others = d.shape(0, 2)
    size = d.length(lowest=1)
    axis = d.choose(range(len(others) + 1))
    updates = d.numbers((*others[:axis], *places, *others[axis:]))
    axis -= (len(others) + 1) * d.flag()
    indices = d.integers(places, -size, size, d.choose(("int32", "int64")))
    return Case([indices, updates], {"axis": axis, "size": size})


def subtracted_from(d: Drawer) -> Case:
    rows, others, places = d.length(lowest=1), d.shape(0, 2), d.shape(0, 2)
    table = (rows, *others)
    indices = d.integers(places, -rows, rows, d.choose(("int32", "int64")))
    rate = d.numbers(d.choose(((), (1,))))
    return Case([d.numbers(table), d.numbers(table), rate, indices, d.numbers((*places, *others))])


def _along(d: Drawer) -> tuple[list[int], int, np.ndarray]:
    """A shape, an axis, and indices into it that have the shape but for another length of it."""
    shape = list(d.shape(min_rank=1, lowest=1))
    axis = d.axis(len(shape))
    places = list(shape)
    places[axis] = d.length()
    dtype = d.choose(("int32", "int64"))
    return shape, axis, d.integers(places, -shape[axis], shape[axis], dtype)


def taken_along(d: Drawer) -> Case:
    shape, axis, indices = _along(d)
    return Case([d.numbers(shape), indices], {"axis": axis})


def added_along(d: Drawer) -> Case:
    shape, axis, indices = _along(d)
    return Case([indices, d.numbers(indices.shape)], {"axis": axis, "size": shape[axis]})


def labelled(d: Drawer) -> Case:
    labels = d.integers(d.shape(), -1 if d.dtype.kind == "i" else 0, 5)
    return Case([labels], {"classes": d.choose((0, 1, 3)), "dtype": d.choose(range(6))})


# ---- products and losses --------------------------------------------------------------------


def multiplied(d: Drawer) -> Case:
    rows, inner, columns = (d.choose(d.lengths) for _ in range(3))
    transpose_a, transpose_b = d.flag(), d.flag()
    stack = d.shape(max_rank=0 if d.is_large else 2)
    a = (*d.narrowed(stack), *((inner, rows) if transpose_a else (rows, inner)))
    b = (*stack, *((columns, inner) if transpose_b else (inner, columns)))
    matrices = [d.numbers(a, specials=False), d.numbers(b, specials=False, dtype=d.beside())]
    return Case(matrices, {"transpose_a": transpose_a, "transpose_b": transpose_b})


def _outputs(d: Drawer, shape: tuple[int, ...], from_logits: int) -> np.ndarray:
    low, high = (-4.0, 4.0) if from_logits else (0.05, 0.95)
    return d.numbers(shape, low, high, specials=False)


def binary(d: Drawer) -> Case:
    shape, from_logits = d.shape(), d.flag()
    target = d.numbers(shape, 0.0, 1.0, specials=False)
    return Case([target, _outputs(d, shape, from_logits)], {"from_logits": from_logits})


def categorical(d: Drawer) -> Case:
    shape, from_logits = d.shape(min_rank=1, lowest=1), d.flag()
    target = d.numbers(shape, 0.0, 1.0, specials=False)
    attributes = {"from_logits": from_logits, "axis": d.axis(len(shape))}
    return Case([target, _outputs(d, shape, from_logits)], attributes)


def sparse(d: Drawer) -> Case:
    shape, from_logits = d.shape(min_rank=1, lowest=1), d.flag()
    axis = d.axis(len(shape))
    rest = tuple(np.delete(shape, axis).tolist())
    labels = d.integers(rest, 0, shape[axis], "int32")
    return Case(
        [labels, _outputs(d, shape, from_logits)], {"from_logits": from_logits, "axis": axis}
    )


# ---- convolutions ---------------------------------------------------------------------------


@dataclass
class Convolved:
    """The shapes and the window of one convolution."""

    x: tuple[int, ...]
    kernel: tuple[int, ...]
    y: tuple[int, ...]
    window: dict[str, Any]


def _axis(d: Drawer) -> tuple[int, ...]:
    """An input's length, the kernel's, the stride, dilation and padding, and the output's."""
    taps, stride, rate = d.choose((1, 2, 3, 3, 9)), d.choose((1, 1, 2, 3)), d.choose((1, 1, 2))
    before, after = d.choose((0, 0, 1, 2, -1)), d.choose((0, 0, 1, 3, -1))
    extent = (taps - 1) * rate + 1
    length = max(d.length(lowest=1), extent - before - after, 1)
    return (
        length,
        taps,
        stride,
        rate,
        before,
        after,
        (length + before + after - extent) // stride + 1,
    )


def _filters(d: Drawer) -> tuple[int, int, int]:
    """Channels and filters of a group, and groups; each channel on its own, with a filter or
    several, has kernels that only many channels fill."""
    if d.choose((False, False, True)):
        return 1, d.choose((1, 1, 2, 3, 4, 5, 8)), d.choose((3, 7, 70))
    return d.choose((1, 2, 5, 19)), d.choose((1, 3, 17, 40)), d.choose((1, 1, 2, 3))


def _axis_of_tiles(d: Drawer) -> tuple[int, ...]:
    """The same for three taps next to each other, and lengths that tiles fill or do not fill."""
    before, after = d.choose((0, 1, 2, 3, -1)), d.choose((0, 1, 2, 3, -1))
    length = max(d.choose((4, 5, 8, 11)) + 2 - before - after, 4)
    return length, 3, 1, 1, before, after, length + before + after - 2


def _convolution(d: Drawer) -> Convolved:
    batch = d.choose((0, 1, 2, 3))
    if d.choose((False, False, False, True)):
        channels, filters, groups = d.choose((16, 32)), d.choose((16, 48)), 1
        axes = [_axis_of_tiles(d), _axis_of_tiles(d)]
    else:
        channels, filters, groups = _filters(d)
        axes = [_axis(d) for _ in range(d.choose((1, 2) if d.is_large else (1, 2, 3)))]
    lengths, taps, strides, dilation, before, after, outputs = map(tuple, zip(*axes))
    window = {"strides": strides, "dilation": dilation, "before": before, "after": after}
    return Convolved(
        (batch, *lengths, groups * channels),
        (*taps, channels, groups * filters),
        (batch, *outputs, groups * filters),
        {**window, "groups": groups},
    )


def _met(d: Drawer, a: tuple[int, ...], b: tuple[int, ...], attributes: dict) -> Case:
    both = [d.numbers(a, specials=False), d.numbers(b, specials=False, dtype=d.beside())]
    return Case(both, attributes)


def convolved(d: Drawer) -> Case:
    c = _convolution(d)
    return _met(d, c.x, c.kernel, c.window)


def convolved_back_to_input(d: Drawer) -> Case:
    c = _convolution(d)
    return _met(d, c.y, c.kernel, {**c.window, "lengths": c.x[1:-1]})


def convolved_back_to_kernel(d: Drawer) -> Case:
    c = _convolution(d)
    return _met(d, c.x, c.y, {**c.window, "lengths": c.kernel[:-2]})


# ---- chance ---------------------------------------------------------------------------------


def _key(d: Drawer) -> np.ndarray:
    return d.integers((2,), 0, 2**62, np.int64)


def drawn_evenly(d: Drawer) -> Case:
    attributes = {"shape": d.shape(), "low": d.choose((0.0, -2.0)), "high": 1.5}
    return Case([_key(d)], {**attributes, "dtype": d.choose((FLOAT32, FLOAT64))})


def drawn_normally(d: Drawer) -> Case:
    attributes = {"shape": d.shape(), "mean": d.choose((0.0, 1.5)), "stddev": d.choose((1.0, 0.1))}
    return Case([_key(d)], {**attributes, "dtype": d.choose((FLOAT32, FLOAT64))})


def drawn_whole(d: Drawer) -> Case:
    attributes = {"shape": d.shape(), "low": d.choose((0, 5)), "high": d.choose((6, 200))}
    return Case([_key(d)], {**attributes, "dtype": d.choose((1, 2, 3))})


def dropped(d: Drawer) -> Case:
    x = d.numbers(d.shape(), specials=False)
    noise_shape = d.choose(((), d.narrowed(x.shape)))
    return Case([x, _key(d)], {"rate": d.choose((0.0, 0.3, 1.0)), "noise_shape": noise_shape})


def drawn_by_rows(d: Drawer) -> Case:
    keys = d.integers((d.length(), 2), 0, 2**62, np.int64)
    columns = min(d.length(), 700)
    return Case([keys], {"columns": columns, "dtype": d.choose((FLOAT32, FLOAT64))})


# ---- images ---------------------------------------------------------------------------------


def _matrices(d: Drawer, images: int) -> np.ndarray:
    """Some turn and scale; some only shift, by whole pixels or by parts."""
    numbers = d.generator.uniform(-2, 2, (images, 2, 3)) * (1, 1, 3)
    numbers[d.generator.random(images) < 0.3, :, :2] = np.eye(2)
    is_whole = d.generator.random((images, 2, 3)) < 0.3
    return (np.where(is_whole, np.round(numbers), numbers) * 2**32).astype(np.int64)


def _sampled(d: Drawer, from_sizes: bool) -> Case:
    lowest = d.choose((0, 1, 1, 1))
    images, height, width, rows, columns, channels = (min(d.length(lowest), 40) for _ in range(6))
    shape = (height, width) if from_sizes else (rows, columns)
    x = d.numbers((images, *shape, channels), specials=False)
    size = (rows, columns) if from_sizes else (height, width)
    attributes = {"size": size, "is_bilinear": d.flag(), "fill_mode": d.choose(range(6))}
    return Case([x, _matrices(d, images)], attributes)


def sampled(d: Drawer) -> Case:
    case = _sampled(d, True)
    return Case(case.inputs, {**case.attributes, "fill_value": d.choose((0.0, 1.5))})


def unsampled(d: Drawer) -> Case:
    return _sampled(d, False)


# ---- pooling and resizing -------------------------------------------------------------------


def _windows(d: Drawer) -> tuple[tuple[int, ...], tuple[int, ...], dict[str, tuple]]:
    """The shape of images, that of what pooling makes of them, and windows that fit."""
    images, channels = d.length(), d.length()
    lengths, counts, windows = [], [], []
    for _ in range(d.choose((1, 1, 2, 2, 3))):
        length, size, stride = d.length(lowest=1), d.choose((1, 2, 3)), d.choose((1, 2, 3))
        before, after = d.choose(range(size)), d.choose(range(size))
        size = min(size, length + before + after)
        before, after = min(before, size - 1), min(after, size - 1)
        lengths.append(length)
        counts.append((length + before + after - size) // stride + 1)
        windows.append((size, stride, before, after))
    attributes = dict(zip(("size", "strides", "before", "after"), zip(*windows)))
    return (images, *lengths, channels), (images, *counts, channels), attributes


def pooled(d: Drawer) -> Case:
    x, _, windows = _windows(d)
    return Case([d.distinct(x)], windows)


def _found(d: Drawer, x: tuple[int, ...], windows: dict[str, tuple]) -> np.ndarray:
    """Where the largest of some numbers lie."""
    return pooling.max_pool(d.distinct(x), **windows)[1]


def pooled_back(d: Drawer) -> Case:
    x, y, windows = _windows(d)
    dy = d.numbers(y, specials=False)
    return Case([_found(d, x, windows), dy], {"shape": x, **windows})


def pooled_alike(d: Drawer) -> Case:
    x, _, windows = _windows(d)
    return Case([_found(d, x, windows), d.numbers(x, specials=False)], windows)


def averaged(d: Drawer) -> Case:
    x, _, windows = _windows(d)
    return Case([d.numbers(x)], windows)


def averaged_back(d: Drawer) -> Case:
    x, y, windows = _windows(d)
    return Case([d.numbers(y)], {"shape": x, **windows})


def resized(d: Drawer) -> Case:
    """Only floats have numbers in between."""
    return _resized(d, range(5) if d.dtype.kind == "f" else (0,))


def resized_back(d: Drawer) -> Case:
    return _resized(d, range(5))


def _resized(d: Drawer, methods: Sequence[int]) -> Case:
    method = d.choose(methods)
    # Where Lanczos' curves are 0, the sign of a rounding error would decide that of an infinity.
    x = d.numbers(d.shape(min_rank=1, lowest=1), specials=method < 3)
    sizes = {"axis": d.axis(x.ndim), "size": d.choose(range(1, 12))}
    return Case([x], {**sizes, "method": method, "antialias": d.flag()})


# ---- normalization --------------------------------------------------------------------------


def _kept(d: Drawer, shape: tuple[int, ...]) -> tuple[int, ...]:
    """The shape with a length of 1 along some axes."""
    return tuple(1 if d.flag() else length for length in shape)


def normalized(d: Drawer) -> Case:
    shape = d.shape()
    kept = _kept(d, shape)
    return Case([d.numbers(shape), *(d.numbers(kept) for _ in range(3))])


def summed_about(d: Drawer) -> Case:
    shape = d.shape()
    return Case([d.numbers(shape), d.numbers(shape), d.numbers(_kept(d, shape))])


def normalized_lines(d: Drawer) -> Case:
    shape = d.shape(min_rank=1, lowest=1)
    axis = d.axis(len(shape))
    place = shape[axis % len(shape) :]
    inputs = [
        d.numbers(lengths) for lengths in (shape, d.choose((place, ())), d.choose((place, ())))
    ]
    return Case(inputs, {"axis": axis, "is_centered": d.flag(), "epsilon": 0.1})


def normalized_back(d: Drawer) -> Case:
    shape = d.shape(min_rank=1, lowest=1)
    axis = d.axis(len(shape))
    first = axis % len(shape)
    kept = shape[:first] + (1,) * (len(shape) - first)
    inputs = [d.numbers(one) for one in (shape, shape, d.choose((shape[first:], ())), kept, kept)]
    return Case(inputs, {"axis": axis, "is_centered": d.flag()})


def measured(d: Drawer) -> Case:
    x = d.numbers(d.shape())
    return Case([x], {"axes": d.axes(x.ndim)})
