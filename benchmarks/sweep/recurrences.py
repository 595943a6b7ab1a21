"""Recurrent cells over whole sequences, forward and with their gradients."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from sweep.case import Array, Case, Way, case

FORWARD, GRADIENTS = "recurrent cells", "gradients of recurrent cells"


class Cell(NamedTuple):
    """A kind of cell: its gates, and what each library calls it."""

    gates: int
    ours: str
    torch: str


CELLS = {
    "simple_rnn": Cell(1, "recurrent.simple_rnn({x}, c, h)", "torch.rnn_tanh"),
    "gru": Cell(3, "recurrent.gru({x}, c, d, h)", "torch.gru"),
    "gru_reset_before": Cell(3, "recurrent.gru_reset_before({x}, c, h)", "torch.gru"),
    "lstm": Cell(4, "recurrent.lstm({x}, c, h, h)", "torch.lstm"),
}


class Size(NamedTuple):
    """How much a cell runs over."""

    batch: int
    steps: int
    features: int
    units: int
    dtype: str = "float32"


SIZES = (
    Size(3, 5, 4, 7),
    Size(1, 1, 8, 32),
    Size(8, 12, 1, 32),
    Size(16, 50, 16, 33, "float64"),
    Size(3, 300, 8, 1),
    Size(32, 200, 128, 64),
    Size(64, 100, 128, 128),
    Size(32, 20, 128, 512),
)


def operands(cell: Cell, size: Size) -> tuple[Array, ...]:
    """Sequences, both kernels, the bias."""
    width = cell.gates * size.units
    shapes = (
        (size.batch, size.steps, size.features), (size.features, width), (size.units, width),
        (width,),
    )  # fmt: skip
    return tuple(Array(shape, size.dtype, low=-0.3, high=0.3) for shape in shapes)


def statements(name: str, size: Size) -> tuple[str, str, str, str]:
    """Ours and its setup, PyTorch's and its setup: outputs of (a, b, c, d).

    PyTorch's kernels are transposed, and its GRU has the gates in another order, which does not
    matter for the time; it resets after the product only.
    """
    cell, state = CELLS[name], (size.batch, size.units)
    ours = cell.ours.format(x="ops.matmul(a, b) + d") + "[0]"
    setup = f"from pylego.ops import recurrent; h = ops.zeros({state}, '{size.dtype}')"
    first = "(z, z)" if name == "lstm" else "z"
    torch = f"{cell.torch}(a, {first}, [p, q, d, d], True, 1, 0.0, False, False, True)[0]"
    z = f"z = torch.zeros({(1, *state)}, dtype=a.dtype)"
    return ours, setup, torch, f"p = b.T.contiguous(); q = c.T.contiguous(); {z}"


def operations(name: str, size: Size) -> int:
    width = CELLS[name].gates * size.units
    return 2 * size.batch * size.steps * width * (size.features + size.units)


def forward(name: str, size: Size) -> Case:
    ours, setup, torch, torch_setup = statements(name, size)
    return case(
        FORWARD, f"{name} {size_words(size)}", f"matmul add {name}", operands(CELLS[name], size),
        Way(ours, setup), Way(torch, torch_setup),
        result=Array((size.batch, size.steps, size.units), size.dtype),
        operations=operations(name, size), is_named=size.batch == 8,
    )  # fmt: skip


def gradients(name: str, size: Size) -> Case:
    """Of the sum of the outputs, by the inputs and both kernels."""
    ours, setup, torch, torch_setup = statements(name, size)
    x, kernel, recurrent_kernel, bias = operands(CELLS[name], size)
    by = "argnums=(0, 1, 2)"
    return case(
        GRADIENTS, f"gradients of {name} {size_words(size)}", f"matmul add {name} {name}_gradient",
        (x, kernel, recurrent_kernel, bias),
        Way("f(a, b, c)", f"{setup}; f = pylego.grad(lambda a, b, c: ops.sum({ours}), {by})"),
        Way("f(a, p, q)",
            f"{torch_setup}; f = torch.func.grad(lambda a, p, q: {torch}.sum(), {by})"),
        result=x.bytes + kernel.bytes + recurrent_kernel.bytes,
        operations=3 * operations(name, size), is_named=size.batch == 8,
    )  # fmt: skip


def size_words(size: Size) -> str:
    words = f"{size.batch}x{size.steps}x{size.features} to {size.units}"
    return words + size.dtype.replace("float32", "").replace("float64", " float64")


def cases() -> Iterator[Case]:
    for name in CELLS:
        for size in SIZES:
            yield forward(name, size)
            yield gradients(name, size)
