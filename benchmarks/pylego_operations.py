"""Single operations in pylego: programs of one brick, from array to array."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from operations import Convolution, Product
from workloads import NoFigureError

from pylego import ops
from pylego.core.tensor import apply
from pylego.programs.program import Program

Run = Callable[[], Any]


def prepare(operation: Product | Convolution) -> Run:
    return (product if isinstance(operation, Product) else convolution)(operation)


def run_on(function: Callable, x: np.ndarray) -> Run:
    """The function of one array as a program that writes its result to the same memory again."""
    program = Program.record(function, [ops.convert_to_tensor(x)])
    x, y = aligned(x.shape, x.dtype, x), aligned(*program.outputs()[0])
    return lambda: program.run_on(x, y)


def aligned(shape: tuple[int, ...], dtype: Any, like: Any = 0) -> np.ndarray:
    """An array that begins at a line of the cache, as the peers' tensors do.

    NumPy's own begin in the middle of one, and each store of a whole line would meet two.
    """
    line = 64
    size = math.prod(shape) * np.dtype(dtype).itemsize
    memory = np.empty(size + line, np.uint8)
    begin = -memory.ctypes.data % line
    array = memory[begin : begin + size].view(dtype).reshape(shape)
    array[...] = like
    return array


def product(p: Product) -> Run:
    a, b = p.data()
    b = ops.convert_to_tensor(b)
    transposed = {"transpose_a": int(p.form == "aTb"), "transpose_b": int(p.form == "abT")}
    return run_on(lambda a: apply("matmul", (a, b), **transposed), a)


def convolution(c: Convolution) -> Run:
    if not hasattr(ops, "conv"):
        raise NoFigureError("not there yet")
    x, kernel, dy = c.data()
    same = {
        "strides": (c.stride,) * 2,
        "dilation": (1, 1),
        "before": (c.padded[0],) * 2,
        "after": (c.padded[1],) * 2,
        "groups": c.groups,
    }
    kernel_shape, image_shape = kernel.shape[:2], x.shape[1:3]
    if c.what == "forward":
        kernel = ops.convert_to_tensor(kernel)
        return run_on(lambda x: apply("conv", (x, kernel), **same), x)
    if c.what == "by input":
        kernel = ops.convert_to_tensor(kernel)
        return run_on(
            lambda dy: apply("conv_input_gradient", (dy, kernel), lengths=image_shape, **same), dy
        )
    x = ops.convert_to_tensor(x)
    return run_on(
        lambda dy: apply("conv_kernel_gradient", (x, dy), lengths=kernel_shape, **same), dy
    )
