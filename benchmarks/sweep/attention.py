"""Attention, forward and backward: of a step of training, of long sequences, of one new query."""

from __future__ import annotations

import math
from collections.abc import Iterator

from sweep.case import Array, Case, Way, case, named
from sweep.draws import drawer, odd

FAMILY = "attention"
DOWN = "_scaled_dot_product_flash_attention_for_cpu"


def by_heads(*names: str) -> str:
    """PyTorch wants the heads before the steps."""
    return ", ".join(f"{name}.transpose(1, 2)" for name in names)


def forward(x: Array, others: int, *, is_causal: bool = False) -> Case:
    batch, _, heads, size = x.shape
    keys = Array((batch, others, heads, size), x.dtype)
    words = "causal" if is_causal else ""
    return case(
        FAMILY, named("dot_product_attention", (x, keys), words), "attention", (x, keys, keys),
        f"ops.dot_product_attention(a, b, c, is_causal={is_causal})",
        f"F.scaled_dot_product_attention({by_heads(*'abc')}, is_causal={is_causal})"
        ".transpose(1, 2)",
        result=x, operations=4 * others * math.prod(x.shape),
    )  # fmt: skip


def backward(x: Array, others: int, *, is_causal: bool = False) -> Case:
    """With the outputs of attention computed before; d is their gradient."""
    batch, _, heads, size = x.shape
    keys = Array((batch, others, heads, size), x.dtype)
    options = f"scale={size**-0.5}, soft_cap=float('inf'), is_causal={int(is_causal)}, rate=0.0"
    beside = "ops.convert_to_tensor(True), ops.zeros(()), ops.zeros((2,), 'int64')"
    ours = Way(
        "apply_all('attention_gradient', (*x, *y, d), 4, **options)",
        f"x = (a, b, c, {beside}); options = dict({options}); "
        "y = apply_all('attention', x, 3, **options); options['has_dscores'] = 0",
    )
    theirs = Way(
        f"torch.ops.aten.{DOWN}_backward(g, *x, *y, 0.0, {is_causal})",
        f"x = ({by_heads(*'abc')}); g = d.transpose(1, 2); "
        f"y = torch.ops.aten.{DOWN}(*x, 0.0, {is_causal})",
    )
    return case(
        FAMILY, named("gradient of attention", (x, keys), "causal" if is_causal else ""),
        "attention attention_gradient", (x, keys, keys, x), ours, theirs,
        result=x.bytes + 2 * keys.bytes, operations=10 * others * math.prod(x.shape),
    )  # fmt: skip


def cases() -> Iterator[Case]:
    draw = drawer("attention")
    drawn = (odd(draw, 5), odd(draw, 90), 3, odd(draw, 20))
    for shape, others in (
        ((2, 10, 2, 4), 10), ((8, 200, 4, 32), 200), ((4, 100, 8, 64), 100), (drawn, drawn[1]),
        ((1, 1500, 4, 32), 1500),
    ):  # fmt: skip
        for of in (forward, backward):
            yield of(Array(shape), others)
            yield of(Array(shape), others, is_causal=True)
    yield forward(Array((2, 64, 2, 16), "float64"), 64)
    for batch, others in ((1, 256), (32, 1000)):
        yield forward(Array((batch, 1, 4, 32)), others)
