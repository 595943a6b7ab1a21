"""Every brick gives the same bits now and recorded, with each set of passes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest
from graphs import tensor_like
from hypothesis import given, settings, strategies as st
from recorded import ALL, CHOICES, WRITING, Recorded, bits
from references import ROWS
from strategies import Case, Drawer, scattered

from pylego import config, engine
from pylego.autograd import GradientTape
from pylego.core import dtypes
from pylego.core.tensor import Tensor, apply, apply_all
from pylego.core.variable import Variable

RUNS = 2
DRAWS = ("random_uniform", "random_normal", "truncated_normal", "random_integers", "dropout")

every_brick = pytest.mark.parametrize("name", engine.BRICKS)


@pytest.fixture
def _same_threads_afterwards():
    count = config.num_threads()
    yield
    config.set_num_threads(count)


class Applied:
    """A brick over inputs of which each is given anew, constant, or a variable."""

    def __init__(self, name: str, case: Case, kinds: Sequence[str], has_gradients: bool):
        self.name = name
        self.case = case
        self.kinds = kinds
        self.has_gradients = has_gradients

    def inputs(self, run: int) -> list[Tensor]:
        """Other numbers in each run."""
        pairs = zip(self.kinds, self.case.inputs)
        return [tensor_like(x, run) for kind, x in pairs if kind == "input"]

    def variables(self) -> list[Variable]:
        pairs = zip(self.kinds, self.case.inputs)
        return [Variable(x) for kind, x in pairs if kind == "variable"]

    def function(self, variables: Sequence[Variable]) -> Callable[..., list[Tensor]]:
        pairs = zip(self.kinds, self.case.inputs)
        constants = [apply("copy", (x,)) for kind, x in pairs if kind == "constant"]

        def run(*inputs: Tensor) -> list[Tensor]:
            left = {"input": iter(inputs), "constant": iter(constants), "variable": iter(variables)}
            return self._run([next(left[kind]) for kind in self.kinds])

        return run

    def _run(self, inputs: Sequence[Any]) -> list[Tensor]:
        sources = [x for x in inputs if self.has_gradients and dtypes.is_float(x.dtype)]
        with GradientTape() as tape:
            tape.watch(sources)
            outputs = self._outputs(inputs)
        targets = [y for y in outputs[: ROWS[self.name].targets] if dtypes.is_float(y.dtype)]
        if self.name in WRITING or not targets:
            return outputs
        return [*outputs, *tape.gradient(targets, sources, unconnected_gradients="zero")]

    def _outputs(self, inputs: Sequence[Any]) -> list[Tensor]:
        attributes = self.case.attributes
        outputs = engine.BRICKS[self.name].outputs
        if outputs != 1:
            room = attributes.get("sections", outputs)
            return apply_all(self.name, inputs, room, **attributes)
        return [apply(self.name, inputs, **attributes)]

    def seen_now(self) -> list[list[bytes]]:
        variables = self.variables()
        function = self.function(variables)
        return [bits([*function(*self.inputs(run)), *variables]) for run in range(RUNS)]

    def seen_recorded(self, passes: int) -> list[list[bytes]]:
        variables = self.variables()
        recorded = Recorded(self.function(variables), self.inputs(0), passes)
        return [bits([*recorded(*self.inputs(run)), *variables]) for run in range(RUNS)]


def drawn(name: str, data: Any, is_large: bool) -> Applied:
    row = ROWS[name]
    first = data.draw(st.sampled_from(row.dtypes), label="dtype")
    case = row.case(Drawer(data.draw, (first, *row.dtypes), is_large=is_large))
    kinds = [data.draw(st.sampled_from(("input", "variable", "constant"))) for _ in case.inputs]
    if name in WRITING:
        kinds[0] = "variable"
    case.inputs = [
        scattered(data.draw, np.asarray(x)) if kind == "input" else np.asarray(x)
        for kind, x in zip(kinds, case.inputs)
    ]
    return Applied(name, case, kinds, has_gradients=row.order > 0)


@every_brick
@given(data=st.data())
@settings(max_examples=max(4, settings().max_examples // 2))
def test_recorded_is_now(name: str, data: Any) -> None:
    applied = drawn(name, data, is_large=False)
    wanted = applied.seen_now()
    for choice, passes in CHOICES.items():
        assert applied.seen_recorded(passes) == wanted, choice


@every_brick
@pytest.mark.usefixtures("_same_threads_afterwards")
@given(data=st.data())
@settings(max_examples=max(2, settings().max_examples // 6))
def test_recorded_is_now_for_any_number_of_threads(name: str, data: Any) -> None:
    applied = drawn(name, data, is_large=True)
    config.set_num_threads(1)
    wanted = applied.seen_now()
    for count in (1, 2):
        config.set_num_threads(count)
        assert applied.seen_recorded(ALL) == wanted
        assert applied.seen_recorded(0) == wanted


@pytest.mark.parametrize("name", DRAWS)
@given(data=st.data())
@settings(max_examples=4)
def test_each_run_draws_anew_when_the_key_is_a_variable(name: str, data: Any) -> None:
    case = ROWS[name].case(Drawer(data.draw, ("float32",)))
    others, attributes = case.inputs[:-1], {**case.attributes}
    if name != "dropout":
        attributes.update(shape=(5,), high=attributes.get("high", 0) and 99)
        attributes = {key: attributes[key] for key in case.attributes}

    def function(key: Variable) -> Callable[[], list[Tensor]]:
        def draw() -> list[Tensor]:
            own = apply("copy", (key,))
            key.assign(own + np.array([0, 1]))
            return [apply(name, [*others, own], **attributes)]

        return draw

    now = function(Variable(case.inputs[-1]))
    wanted = [bits(now()) for _ in range(3)]
    for passes in (0, ALL):
        recorded = Recorded(function(Variable(case.inputs[-1])), (), passes)
        assert [bits(recorded()) for _ in range(3)] == wanted
    assert name == "dropout" or wanted[0] != wanted[1]
