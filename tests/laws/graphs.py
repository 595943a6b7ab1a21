"""Random small programs: which bricks are applied to what, and what comes out.

A graph is drawn once and played often: now or under a recording, on any set of variables.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from hypothesis import strategies as st
from strategies import scattered

from pylego import GradientTape, engine
from pylego.core.tensor import Tensor, apply, apply_all
from pylego.core.variable import Variable

ROWS, COLUMNS = (3, 1, 2, 5, 40), (4, 1, 7, 300, 1100)
MOST_ELEMENTS = 100_000
LEAF_DTYPES = ("float32", "float32", "float32", "float64", "int32", "bool")

UNARY = ("exp", "tanh", "negative", "square", "relu", "sigmoid", "absolute", "copy", "isfinite")
BINARY = ("add", "subtract", "multiply", "maximum", "divide", "greater", "equal", "logical_and")
REDUCTIONS = ("sum", "mean", "max", "min", "any")


@dataclass
class Leaf:
    """What a graph begins with: an input, a constant, or a variable, and how it lies in memory."""

    kind: str
    numbers: np.ndarray


@dataclass
class Step:
    """One brick, applied to values by their numbers; its outputs are the next values."""

    brick: str
    operands: list[int]
    attributes: dict[str, Any] = field(default_factory=dict)


@dataclass
class Graph:
    leaves: list[Leaf] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)
    outputs: list[int] = field(default_factory=list)
    has_gradients: bool = False

    def of_kind(self, kind: str) -> list[np.ndarray]:
        return [leaf.numbers for leaf in self.leaves if leaf.kind == kind]

    def variables(self) -> list[Variable]:
        return [Variable(numbers) for numbers in self.of_kind("variable")]

    def inputs(self, run: int) -> list[Tensor]:
        """The inputs of one run: other numbers in each, laid out alike."""
        return [tensor_like(numbers, run) for numbers in self.of_kind("input")]

    def function(self, variables: Sequence[Variable]) -> Callable[..., list[Tensor]]:
        """The graph as a function of its inputs, over these variables."""
        constants = [apply("copy", (numbers,)) for numbers in self.of_kind("constant")]

        def play(*inputs: Tensor) -> list[Tensor]:
            if not self.has_gradients:
                return self._play(inputs, constants, variables)
            with GradientTape() as tape:
                watched = [x for x in inputs if x.dtype.startswith("float")]
                tape.watch(watched)
                outputs = self._play(inputs, constants, variables)
            targets = [y for y in outputs if y.requires_grad]
            slopes = tape.gradient(targets, watched) if targets else []
            return [*outputs, *(slope for slope in slopes if slope is not None)]

        return play

    def _play(self, inputs: Sequence, constants: Sequence, variables: Sequence) -> list[Tensor]:
        left = {"input": iter(inputs), "constant": iter(constants), "variable": iter(variables)}
        values = [next(left[leaf.kind]) for leaf in self.leaves]
        for step in self.steps:
            values += apply_step(step, values)
        return [as_tensor(values[index]) for index in self.outputs]


def as_tensor(value: Any) -> Tensor:
    return value.value if isinstance(value, Variable) else value


def tensor_like(numbers: np.ndarray, run: int) -> Tensor:
    """The numbers shifted by some places, over memory of the same strides."""
    storage = numbers if numbers.base is None else numbers.base
    copy = storage.copy()
    view = np.lib.stride_tricks.as_strided(copy, numbers.shape, numbers.strides)
    if numbers.base is not None and numbers.size:
        offset = numbers.ctypes.data - storage.ctypes.data
        view = np.ndarray(numbers.shape, numbers.dtype, copy, offset, numbers.strides)
    view[...] = np.roll(numbers.reshape(-1), run).reshape(numbers.shape)
    return Tensor(engine.tensor_around(view))


def apply_step(step: Step, values: Sequence[Any]) -> list[Any]:
    operands = [values[index] for index in step.operands]
    if step.brick == "split":
        return apply_all("split", operands, step.attributes["sections"], **step.attributes)
    result = apply(step.brick, operands, **step.attributes)
    return [] if step.brick == "assign" else [result]


# ---- drawing --------------------------------------------------------------------------------


class Drawing:
    """A graph while it is drawn, with the values that it has so far."""

    def __init__(self, draw: Callable):
        self.draw = draw
        self.graph = Graph()
        self.values: list[Any] = []
        self.rows, self.columns = self.choose(ROWS), self.choose(COLUMNS)
        self.generator = np.random.default_rng(draw(st.integers(0, 2**16)))

    def choose(self, options: Sequence[Any]) -> Any:
        return self.draw(st.sampled_from(options))

    def add_leaf(self) -> None:
        r, c = self.rows, self.columns
        shape = self.choose([(r, c), (c,), (r, 1), (), (1, c), (r,), (c, r), (1,), (2, r, c)])
        dtype = self.choose(LEAF_DTYPES)
        numbers = np.asarray(self.generator.integers(-8, 9, shape) / 4.0).astype(dtype)
        kind = self.choose(("input", "variable", "variable", "constant"))
        if kind == "input":
            numbers = scattered(self.draw, numbers)
        self.graph.leaves.append(Leaf(kind, numbers))
        self.values.append(Variable(numbers) if kind == "variable" else Tensor(
            engine.tensor_around(numbers)))  # fmt: skip

    def add(self, brick: str, operands: Sequence[int], **attributes: Any) -> int:
        """One more step; the number of its first result."""
        step = Step(brick, list(operands), attributes)
        self.graph.steps.append(step)
        self.values += apply_step(step, self.values)
        return len(self.values) - 1

    def any_value(self) -> int:
        """Rather a late one: chains are what is interesting."""
        count = len(self.values)
        return count - 1 - self.draw(st.integers(0, count - 1))

    def dtype(self, index: int) -> str:
        return self.values[index].dtype

    def shape(self, index: int) -> tuple[int, ...]:
        return tuple(self.values[index].shape)

    def unread(self) -> list[int]:
        """What no step reads: as outputs they keep all that was computed alive."""
        read = {index for step in self.graph.steps for index in step.operands}
        return [i for i in range(len(self.graph.leaves), len(self.values)) if i not in read]

    def beside(self, index: int, into: bool = False) -> int:
        """A value that broadcasts with this one (or into its shape)."""
        fits = [i for i in range(len(self.values)) if self._fits(i, index, into)]
        return fits[-1 - self.draw(st.integers(0, len(fits) - 1))]

    def _fits(self, index: int, other: int, into: bool) -> bool:
        try:
            shape = np.broadcast_shapes(self.shape(index), self.shape(other))
        except ValueError:
            return False
        is_small = math.prod(shape) <= MOST_ELEMENTS or index == other
        return is_small and (not into or shape == self.shape(other))


def add_unary(d: Drawing) -> None:
    d.add(d.choose(UNARY), [number_like(d, d.any_value())])


def number_like(d: Drawing, index: int) -> int:
    """The value, as floats where it is bools: most bricks take none."""
    return d.add("cast", [index], dtype=4) if d.dtype(index) == "bool" else index


def add_binary(d: Drawing) -> None:
    a = number_like(d, d.any_value())
    d.add(d.choose(BINARY), [a, number_like(d, d.beside(a))])


def add_choice(d: Drawing) -> None:
    a = d.any_value()
    d.add("where", [d.beside(a), a, d.beside(a, into=True)])


def add_cast(d: Drawing) -> None:
    """Not from fractions to whole numbers: of what is not a number or too large there is no law."""
    index = d.any_value()
    dtypes = (0, 4, 5) if d.dtype(index).startswith("float") else (0, 2, 4, 5)
    d.add("cast", [index], dtype=d.choose(dtypes))


def add_view(d: Drawing) -> None:
    x = d.any_value()
    shape = d.shape(x)
    kind = d.choose(("transpose", "reshape", "slice", "broadcast_to", "split"))
    if kind == "transpose":
        d.add(kind, [x], axes=tuple(d.draw(st.permutations(range(len(shape))))))
    elif kind == "reshape":
        d.add(kind, [x], shape=d.choose([shape[::-1], (math.prod(shape),), (1, *shape)]))
    elif kind == "slice":
        windows = [d.choose([(0, n, 1), (0, 1, 1), (n - 1, n, -1), (n // 2, n - n // 2, 1)])
                   for n in shape]  # fmt: skip
        begin, lengths, step = map(tuple, zip(*windows)) if windows else ((), (), ())
        d.add(kind, [x], begin=begin, shape=lengths, step=step)
    elif kind == "broadcast_to":
        other = d.any_value()
        d.add(kind, [d.beside(other, into=True)], shape=d.shape(other))
    elif shape and shape[0] % 2 == 0:
        d.add(kind, [x], sections=2, axis=0)


def add_reduction(d: Drawing) -> None:
    x = d.any_value()
    axes = d.draw(st.sets(st.sampled_from(range(len(d.shape(x)))))) if d.shape(x) else set()
    name = d.choose(REDUCTIONS)
    d.add(name, [x], axes=tuple(sorted(axes)), keepdims=int(d.draw(st.booleans())))


def add_product(d: Drawing) -> None:
    matrices = [i for i in range(len(d.values)) if len(d.shape(i)) == 2 and d.dtype(i) != "bool"]
    if matrices:
        a = d.choose(matrices)
        partners = [(b, ta, tb) for b in matrices for ta in (0, 1) for tb in (0, 1)
                    if d.shape(a)[1 - ta] == d.shape(b)[tb]
                    and d.shape(a)[ta] * d.shape(b)[1 - tb] <= MOST_ELEMENTS]  # fmt: skip
        if partners:
            b, ta, tb = d.choose(partners)
            d.add("matmul", [a, b], transpose_a=ta, transpose_b=tb)


def add_rows(d: Drawing) -> None:
    """What is computed along an axis, and what is put together."""
    x = number_like(d, d.any_value())
    kind = d.choose(("softmax", "cumsum", "concatenate", "stack", "argmax"))
    if kind in ("concatenate", "stack"):
        if d.shape(x) and 2 * math.prod(d.shape(x)) <= MOST_ELEMENTS:
            d.add(kind, [x, x], axis=0)
    elif kind == "argmax" and d.shape(x):
        d.add(kind, [x], axis=-1, keepdims=0)
    elif kind == "softmax" and d.shape(x):
        d.add(kind, [x], axis=-1)
    elif d.shape(x):
        d.add("cumsum", [x], axis=0, reverse=1)


def variables_of(d: Drawing) -> list[int]:
    return [i for i, leaf in enumerate(d.graph.leaves) if leaf.kind == "variable"]


def add_reading(d: Drawing) -> None:
    """The numbers of a variable now: the same as before, or others behind an assignment."""
    if variables := variables_of(d):
        d.add("copy", [d.choose(variables)])


def add_assignment(d: Drawing) -> None:
    """Some value, brought to the variable's dtype and broadcast to its shape."""
    if variables := variables_of(d):
        variable = d.choose(variables)
        value = d.beside(variable, into=True)
        dtype = d.dtype(variable)
        if d.dtype(value) != dtype and (dtype != "int32" or d.dtype(value) == "bool"):
            value = d.add("cast", [value], dtype=engine.dtype_number(dtype))
        if d.shape(value) != d.shape(variable):
            value = d.add("broadcast_to", [value], shape=d.shape(variable))
        if d.dtype(value) == dtype:
            d.add("assign", [variable, value])


def add_full(d: Drawing) -> None:
    like = d.any_value()
    dtype = d.choose((2, 4, 5))
    d.add("full", [], shape=d.shape(like), value=d.choose((0, 1, 3)), dtype=dtype)


def add_repetition(d: Drawing) -> None:
    if d.graph.steps:
        step = d.choose(d.graph.steps)
        d.add(step.brick, step.operands, **step.attributes)


KINDS = (
    add_unary, add_binary, add_assignment, add_binary, add_assignment, add_view, add_unary,
    add_reduction, add_choice, add_cast, add_repetition, add_reading, add_reading, add_product,
    add_product, add_full, add_rows,
)  # fmt: skip


@st.composite
def graphs(draw: Callable) -> Graph:
    """Graphs of up to 25 steps (some of which need a second one)."""
    d = Drawing(draw)
    for _ in range(draw(st.integers(1, 6))):
        d.add_leaf()
    for _ in range(draw(st.integers(2, 25))):
        d.choose(KINDS)(d)
    some = draw(st.lists(st.integers(0, len(d.values) - 1), max_size=4))
    d.graph.outputs = [*some, *(d.unread() if draw(st.booleans()) else ()), len(d.values) - 1]
    d.graph.has_gradients = draw(st.booleans())
    return d.graph
