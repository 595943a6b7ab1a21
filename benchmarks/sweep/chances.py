"""Random numbers, losses, and writing to variables."""

from __future__ import annotations

from collections.abc import Iterator

from sweep.case import Array, Case, case, named
from sweep.draws import L2, L3, SMALL, drawer, matrix

RANDOM, LOSSES, UPDATES = "random", "losses", "updates"

# operation -> (its brick, ours, PyTorch's, NumPy's) of {0}, a shape
DRAWS = {
    "uniform": (
        "random_uniform", "pylego.random.uniform({0})", "torch.rand({0})",
        "random.random({0}, np.float32)",
    ),
    "normal": (
        "random_normal", "pylego.random.normal({0})", "torch.randn({0})",
        "random.standard_normal({0}, np.float32)",
    ),
    "truncated_normal": (
        "truncated_normal", "pylego.random.truncated_normal({0})",
        "torch.nn.init.trunc_normal_(torch.empty({0}))", None,
    ),
    "randint": (
        "random_integers", "pylego.random.randint({0}, 0, 99)",
        "torch.randint(0, 99, {0}, dtype=torch.int32)", "random.integers(0, 99, {0}, np.int32)",
    ),
}  # fmt: skip


def draws() -> Iterator[Case]:
    for size in (7, SMALL, L2, L3):
        result = Array((size,))
        for name, (brick, *statements) in DRAWS.items():
            written = [s and s.format((size,)) for s in statements]
            yield case(RANDOM, f"{name} {size}", brick, (), *written, result=result)
        yield case(
            RANDOM, named("dropout", (result,)), "dropout", (result,),
            "pylego.random.dropout(a, 0.3)", "F.dropout(a, 0.3)",
        )  # fmt: skip
    for rows, columns in ((7, 3), (1000, 50)):
        keys = Array((rows, 2), "int64", low=0, high=2**31)
        yield case(
            RANDOM, f"uniform_rows {rows}x{columns}", "uniform_rows", (keys,),
            f"pylego.random.uniform_rows(a, {columns})", f"torch.rand({rows}, {columns})",
            result=4 * rows * columns,
        )  # fmt: skip


def losses() -> Iterator[Case]:
    draw = drawer("losses")
    for rows, classes in ((4, 3), (32, 10), (128, 10), (1000, 101), matrix(draw, L2)):
        targets, outputs = Array((rows, classes), low=0, high=1), Array((rows, classes))
        labels, truths = Array((rows,), "int64", low=0, high=classes), Array((rows,), low=0, high=1)
        yield case(
            LOSSES, named("categorical_crossentropy", (targets, outputs)),
            "categorical_crossentropy", (targets, outputs),
            "ops.categorical_crossentropy(a, b, from_logits=True)",
            "F.cross_entropy(b, a, reduction='none')", result=4 * rows,
        )  # fmt: skip
        yield case(
            LOSSES, named("sparse_categorical_crossentropy", (labels, outputs)),
            "sparse_categorical_crossentropy", (labels, outputs),
            "ops.sparse_categorical_crossentropy(a, b, from_logits=True)",
            "F.cross_entropy(b, a, reduction='none')", result=4 * rows,
        )  # fmt: skip
        for logits, torch in ((True, "_with_logits"), (False, "")):
            yield case(
                LOSSES, named("binary_crossentropy", (targets,), "of logits" * logits),
                "binary_crossentropy", (targets, targets),
                f"ops.binary_crossentropy(a, b, from_logits={logits})",
                f"F.binary_cross_entropy{torch}(b, a, reduction='none')",
            )  # fmt: skip
        yield case(
            LOSSES, named("mean squared error", (truths,)), "subtract square mean",
            (truths, truths), "ops.mean(ops.square(ops.subtract(a, b)))", "F.mse_loss(a, b)",
            "np.mean(np.square(np.subtract(a, b)))", result=4,
        )  # fmt: skip


def updates() -> Iterator[Case]:
    for size in (7, SMALL, L2, L3):
        variable, x = Array((size,), view="variable"), Array((size,))
        yield case(
            UPDATES, f"assign {size}", "assign", (variable, x), "a.assign(b)", "a.copy_(b)",
            "np.copyto(a, b)", reads=x.bytes,
        )  # fmt: skip
        yield case(
            UPDATES, f"assign_add {size}", "add assign", (variable, x), "a.assign_add(b)",
            "a.add_(b)", "np.add(a, b, out=a)",
        )  # fmt: skip


def cases() -> Iterator[Case]:
    yield from draws()
    yield from losses()
    yield from updates()
