"""Single operations in PyTorch: MKL's products, oneDNN's convolutions in their faster layout."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from typing import Any

import torch
from operations import Convolution, Product

Run = Callable[[], Any]


def prepare(operation: Product | Convolution) -> Run:
    with torch.inference_mode():
        run = (product if isinstance(operation, Product) else convolution)(operation)
    return torch.inference_mode()(run)


def product(p: Product) -> Run:
    a, b = map(torch.from_numpy, p.data())
    a = a.T if p.form == "aTb" else a
    b = b.T if p.form == "abT" else b
    y = torch.empty(p.rows, p.columns)
    return lambda: torch.mm(a, b, out=y)


def convolution(c: Convolution) -> Run:
    layouts = (torch.channels_last, torch.contiguous_format)
    runs = [in_layout(c, layout) for layout in layouts]
    return min(runs, key=least_seconds)


def in_layout(c: Convolution, layout: Any) -> Run:
    """Uneven padding is not PyTorch's: it gets the larger of both sides, and no more work."""
    x, kernel, dy = map(torch.from_numpy, c.data())
    x = x.permute(0, 3, 1, 2).contiguous(memory_format=layout)
    kernel = kernel.permute(3, 2, 0, 1).contiguous(memory_format=layout)
    dy = dy.permute(0, 3, 1, 2).contiguous(memory_format=layout)
    padding = max(c.padded)
    if c.what == "forward":
        convolve = torch.nn.functional.conv2d
        return partial(convolve, x, kernel, None, c.stride, padding, 1, c.groups)
    wanted = [c.what == "by input", c.what == "by kernel", False]
    both = ([c.stride] * 2, [padding] * 2, [1] * 2)
    back = torch.ops.aten.convolution_backward
    return lambda: back(dy, x, kernel, None, *both, False, [0] * 2, c.groups, wanted)


def least_seconds(run: Run) -> float:
    def seconds() -> float:
        began = time.perf_counter()
        run()
        return time.perf_counter() - began

    return min(seconds() for _ in range(5))
