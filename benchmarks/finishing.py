"""Print how long programs of thousands of ops take to record and to finish, by their shape.

    python benchmarks/finishing.py [ops]

Near linear means that twice the ops take about twice the time: each shape has a second row with
half as many. Read differences under 20 % as ties.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable

import numpy as np

from pylego import Variable, engine, ops
from pylego.core.tensor import Tensor

PASSES = sum(engine.PASSES.values())
Make = Callable[[Tensor, list[Variable], int], list[Tensor]]


def chain(x: Tensor, w: list[Variable], count: int) -> list[Tensor]:
    for _ in range(count):
        x = ops.tanh(x)
    return [x]


def dense_layers(x: Tensor, w: list[Variable], count: int) -> list[Tensor]:
    for i in range(count // 3):
        x = ops.relu(ops.matmul(x, w[i % len(w)]) + 1.5)
    return [x]


def tree(x: Tensor, w: list[Variable], count: int) -> list[Tensor]:
    level = [x * float(i + 1) for i in range(count // 2)]
    while len(level) > 1:
        odd = level[-1:] if len(level) % 2 else []
        level = [a + b for a, b in zip(level[::2], level[1::2])] + odd
    return level


def assignments(x: Tensor, w: list[Variable], count: int) -> list[Tensor]:
    for i in range(count // 2):
        w[i % len(w)].assign(w[i % len(w)] + x)
    return [x]


def seconds(make: Make, count: int) -> tuple[float, float]:
    """Of recording and of finishing a program of so many ops."""
    x = ops.ones((64, 64))
    weights = [Variable(np.ones((64, 64), "float32")) for _ in range(8)]
    program = engine.new_program(None)
    symbolic = Tensor(engine.program_input(program, x._handle))
    former = engine.record(program)
    began = time.perf_counter()
    try:
        outputs = make(symbolic, weights, count)
    finally:
        engine.record(former)
    recorded = time.perf_counter()
    engine.finish_program(program, [y._handle for y in outputs], PASSES)
    return recorded - began, time.perf_counter() - recorded


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 5000
    print(f"{'shape':14}{'ops':>7}{'record':>12}{'finish':>12}")
    for make in (chain, dense_layers, tree, assignments):
        for size in (count, count // 2):
            record, finish = (
                min(column) for column in zip(*(seconds(make, size) for _ in range(3)))
            )
            print(f"{make.__name__:14}{size:7}{1e3 * record:9.1f} ms{1e3 * finish:9.1f} ms")


if __name__ == "__main__":
    main()
