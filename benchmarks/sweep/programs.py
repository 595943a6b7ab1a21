"""Recorded programs beside torch.compile: chains, reductions of rows, epilogues of products."""

from __future__ import annotations

from collections.abc import Iterator

from sweep.case import Array, Case, Shape, Way, case, named
from sweep.draws import drawer, matrix, odd

FAMILY = "programs"

# program -> (its bricks, ours, PyTorch's), of x; w is a matrix, b and g are rows
CHAINS = {
    "tanh(2 x + 1) - x": (
        "multiply add tanh subtract", "ops.tanh(x * 2.0 + 1.0) - x", "torch.tanh(x * 2.0 + 1.0) - x"
    ),
    "gelu(x + b) g": (
        "add multiply tanh_gelu", "ops.gelu(x + b) * g",
        "F.gelu(x + b, approximate='tanh') * g",
    ),
    "sigmoid(x) exp(-x x)": (
        "sigmoid multiply negative exp", "ops.sigmoid(x) * ops.exp(-(x * x))",
        "torch.sigmoid(x) * torch.exp(-(x * x))",
    ),
}  # fmt: skip
OF_ROWS = {
    "softmax(x + b)": ("add softmax", "ops.softmax(x + b)", "torch.softmax(x + b, -1)"),
    "x - mean of rows": (
        "mean subtract", "x - ops.mean(x, axis=-1, keepdims=True)", "x - x.mean(-1, keepdim=True)"
    ),
    "layer normalization": (
        "moments normalize multiply add", "ops.layer_normalization(x, g, b)",
        "F.layer_norm(x, g.shape, g, b, 1e-7)",
    ),
    "sum of exp(x) over rows": (
        "exp sum", "ops.sum(ops.exp(x), axis=0)", "torch.sum(torch.exp(x), dim=0)"
    ),
    "mean of (x - b)^2": (
        "subtract square mean", "ops.mean(ops.square(x - b))", "torch.mean(torch.square(x - b))"
    ),
}  # fmt: skip
EPILOGUES = {
    "relu(x w + b)": (
        "matmul add relu", "ops.relu(ops.matmul(x, w) + b)", "torch.relu(torch.matmul(x, w) + b)"
    ),
    "gelu(x w + b) + x": (
        "matmul add tanh_gelu", "ops.gelu(ops.matmul(x, w) + b) + x",
        "F.gelu(torch.matmul(x, w) + b, approximate='tanh') + x",
    ),
}  # fmt: skip


def program(name: str, written: tuple[str, str, str], x: Array, *, is_named: bool) -> Case:
    bricks, ours, torch = written
    rows, columns = x.shape
    row, square = Array((columns,)), Array((columns, columns))
    product = "matmul" in bricks
    return case(
        FAMILY, named(name, (x,)), bricks, (x, square, row, row) if product else (x, row, row, row),
        Way("f(a, b, c, d)", f"f = pylego.function(lambda x, w, b, g: {ours})"),
        Way("f(a, b, c, d)", f"f = torch.compile(lambda x, w, b, g: {torch}, dynamic=False)"),
        result=result_of(name, x), operations=2 * rows * columns**2 if product else 0,
        is_named=is_named,
    )  # fmt: skip


def result_of(name: str, x: Array) -> int:
    """The bytes that remain."""
    numbers = {"sum of exp(x) over rows": x.shape[-1], "mean of (x - b)^2": 1}
    return 4 * numbers[name] if name in numbers else x.bytes


def shapes(name: str, is_product: bool) -> Iterator[tuple[Shape, bool]]:
    draw = drawer(name)
    yield (32, odd(draw, 33)), False
    yield (1000, 37), True
    if is_product:
        yield (odd(draw, 300), odd(draw, 300)), False
    else:
        yield matrix(draw, 4000), False
        yield (odd(draw, 1000), odd(draw, 1000)), False


def cases() -> Iterator[Case]:
    for table in (CHAINS, OF_ROWS, EPILOGUES):
        for name, written in table.items():
            for shape, is_named in shapes(name, table is EPILOGUES):
                yield program(name, written, Array(shape), is_named=is_named)
