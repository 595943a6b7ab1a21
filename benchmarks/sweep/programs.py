"""Recorded programs beside torch.compile: chains, reductions of rows, epilogues, gradients."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from sweep.case import Array, Case, Shape, Way, case, named
from sweep.draws import drawer, matrix, odd

FAMILY = "programs"
ARGUMENTS = "x, w, b, g, c"  # x and a square matrix; two rows and a column that broadcast to x
NUMBER_OF_BYTES = {"float32": 4, "float64": 8}


class Written(NamedTuple):
    """A program: its bricks, and what each library computes of the arguments."""

    bricks: str
    ours: str
    torch: str


class Kind(NamedTuple):
    """Programs of one kind, and what they run on."""

    programs: dict[str, Written]
    is_product: bool = False
    is_gradient: bool = False


CHAINS = {
    "2 x + 1": Written("multiply add", "x * 2.0 + 1.0", "x * 2.0 + 1.0"),
    "tanh(2 x + 1) - x": Written(
        "multiply add tanh subtract", "ops.tanh(x * 2.0 + 1.0) - x", "torch.tanh(x * 2.0 + 1.0) - x"
    ),
    "gelu(x + b) g": Written(
        "add multiply tanh_gelu", "ops.gelu(x + b) * g",
        "F.gelu(x + b, approximate='tanh') * g",
    ),
    "sigmoid(x) exp(-x x)": Written(
        "sigmoid multiply negative exp", "ops.sigmoid(x) * ops.exp(-(x * x))",
        "torch.sigmoid(x) * torch.exp(-(x * x))",
    ),
    "(x - c) g + b": Written("subtract multiply add", "(x - c) * g + b", "(x - c) * g + b"),
    "max(x g + b, 0.1 (x - c))": Written(
        "subtract multiply add maximum", "ops.maximum(x * g + b, (x - c) * 0.1)",
        "torch.maximum(x * g + b, (x - c) * 0.1)",
    ),
    "ten bricks": Written(
        "multiply add subtract square maximum sqrt divide absolute",
        "abs((ops.sqrt(ops.square(x * 2.0 + b) + 1.0) - x * g) / (ops.maximum(x, 0.5) + 1.0)) - b",
        "torch.abs((torch.sqrt(torch.square(x * 2.0 + b) + 1.0) - x * g)"
        " / (torch.clamp_min(x, 0.5) + 1.0)) - b",
    ),
}  # fmt: skip
OF_ROWS = {
    "softmax(x + b)": Written("add softmax", "ops.softmax(x + b)", "torch.softmax(x + b, -1)"),
    "softmax by hand": Written(
        "max subtract exp sum divide",
        "(e := ops.exp(x - ops.max(x, axis=-1, keepdims=True)))"
        " / ops.sum(e, axis=-1, keepdims=True)",
        "(e := torch.exp(x - x.amax(-1, keepdim=True))) / e.sum(-1, keepdim=True)",
    ),
    "x - mean of rows": Written(
        "mean subtract", "x - ops.mean(x, axis=-1, keepdims=True)", "x - x.mean(-1, keepdim=True)"
    ),
    "layer normalization": Written(
        "moments normalize multiply add", "ops.layer_normalization(x, g, b)",
        "F.layer_norm(x, g.shape, g, b, 1e-7)",
    ),
    "layer normalization by hand": Written(
        "mean subtract square add rsqrt multiply",
        "(d := x - ops.mean(x, axis=-1, keepdims=True))"
        " * ops.rsqrt(ops.mean(ops.square(d), axis=-1, keepdims=True) + 1e-5) * g + b",
        "(d := x - x.mean(-1, keepdim=True))"
        " * torch.rsqrt(torch.square(d).mean(-1, keepdim=True) + 1e-5) * g + b",
    ),
    "rows of length 1": Written(
        "square sum sqrt divide",
        "x / ops.sqrt(ops.sum(ops.square(x), axis=-1, keepdims=True) + 1e-6)",
        "x / torch.sqrt(torch.square(x).sum(-1, keepdim=True) + 1e-6)",
    ),
    "sum of x g over columns": Written(
        "multiply sum", "ops.sum(x * g, axis=-1)", "torch.sum(x * g, dim=-1)"
    ),
    "max of |x - b| over columns": Written(
        "subtract absolute max", "ops.max(abs(x - b), axis=-1)",
        "torch.amax(torch.abs(x - b), dim=-1)",
    ),
    "sum of exp(x) over rows": Written(
        "exp sum", "ops.sum(ops.exp(x), axis=0)", "torch.sum(torch.exp(x), dim=0)"
    ),
    "mean of (x - b)^2": Written(
        "subtract square mean", "ops.mean(ops.square(x - b))", "torch.mean(torch.square(x - b))"
    ),
    "mean of (x - c)^2": Written(
        "subtract square mean", "ops.mean(ops.square(x - c))", "torch.mean(torch.square(x - c))"
    ),
}  # fmt: skip
EPILOGUES = {
    "relu(x w + b)": Written(
        "matmul add relu", "ops.relu(ops.matmul(x, w) + b)", "torch.relu(torch.matmul(x, w) + b)"
    ),
    "gelu(x w + b) + x": Written(
        "matmul add tanh_gelu", "ops.gelu(ops.matmul(x, w) + b) + x",
        "F.gelu(torch.matmul(x, w) + b, approximate='tanh') + x",
    ),
}  # fmt: skip
LOSSES = {
    "of softmax by hand": Written(
        "max subtract exp sum divide",
        "ops.sum((e := ops.exp(x + b - c)) / ops.sum(e, axis=-1, keepdims=True) * g)",
        "torch.sum((e := torch.exp(x + b - c)) / e.sum(-1, keepdim=True) * g)",
    ),
    "of rows of length 1": Written(
        "square sum sqrt divide",
        "ops.sum(x / ops.sqrt(ops.sum(ops.square(x), axis=-1, keepdims=True) + 1e-6) * g)",
        "torch.sum(x / torch.sqrt(torch.square(x).sum(-1, keepdim=True) + 1e-6) * g)",
    ),
    "of gelu(x + b) g": Written(
        "add multiply tanh_gelu", "ops.sum(ops.gelu(x + b) * g)",
        "torch.sum(F.gelu(x + b, approximate='tanh') * g)",
    ),
}  # fmt: skip
KINDS = (
    Kind(CHAINS),
    Kind(OF_ROWS),
    Kind(EPILOGUES, is_product=True),
    Kind(LOSSES, is_gradient=True),
)


def result_of(name: str, x: Array) -> int:
    """The bytes that remain."""
    rows, columns = x.shape
    number = NUMBER_OF_BYTES[x.dtype]
    if name.startswith("mean of"):
        return number
    for words, numbers in ((" over columns", rows), (" over rows", columns)):
        if name.endswith(words):
            return number * numbers
    return x.bytes


def program(kind: Kind, name: str, x: Array, *, is_named: bool) -> Case:
    written = kind.programs[name]
    rows, columns = x.shape
    side = columns if kind.is_product else 1
    shapes: tuple[Shape, ...] = ((side, side), (columns,), (columns,), (rows, 1))
    ours, torch = (f"lambda {ARGUMENTS}: {formula}" for formula in (written.ours, written.torch))
    if kind.is_gradient:
        ours, torch = f"pylego.grad({ours})", f"torch.func.grad({torch})"
    return case(
        FAMILY, named(f"gradient {name}" if kind.is_gradient else name, (x,)), written.bricks,
        (x, *(Array(shape, x.dtype) for shape in shapes)),
        Way("f(a, b, c, d, e)", f"f = pylego.function({ours})"),
        Way("f(a, b, c, d, e)", f"f = torch.compile({torch}, dynamic=False)"),
        result=result_of(name, x), operations=2 * rows * columns**2 if kind.is_product else 0,
        is_named=is_named,
    )  # fmt: skip


def operands(kind: Kind, name: str) -> Iterator[tuple[Array, bool]]:
    """From seven numbers to four million; the short form has the second one."""
    draw = drawer(name)
    yield Array((1, 7)), False
    yield Array((1000, 37)), True
    if kind.is_product:
        yield Array((odd(draw, 300), odd(draw, 300))), False
        return
    yield Array(matrix(draw, 4000)), False
    yield Array((odd(draw, 300), odd(draw, 300)), "float64"), False
    yield Array((odd(draw, 1000), odd(draw, 1000))), False
    yield Array((odd(draw, 2000), odd(draw, 2000))), False


def cases() -> Iterator[Case]:
    for kind in KINDS:
        for name in kind.programs:
            for x, is_named in operands(kind, name):
                yield program(kind, name, x, is_named=is_named)
