"""What is stored in a narrow dtype is computed in a wider one and rounded once: for every brick the
numbers, the gradients and the programs are those of casts around it."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import assume, given, settings, strategies as st
from recorded import WRITING
from references import ROWS
from strategies import Case, Drawer
from test_laws import REFUSALS, row_of, run

import pylego
from pylego import engine
from pylego.autograd import GradientTape
from pylego.core import dtypes
from pylego.core.tensor import Tensor, cast, convert_to_tensor

WIDER = {
    "float16": "float32", "bfloat16": "float32", "int8": "int32", "int16": "int32",
    "uint16": "int32", "uint32": "int64",
}  # fmt: skip
HALVES = ("float16", "bfloat16")


def narrow_dtypes(name: str) -> list[str]:
    """Those that a brick takes in the place of a dtype of its row."""
    if name == "subtract_rows":  # which programs make of bricks, and for wide numbers only
        return []
    takes_numbers = engine.BRICKS[name].inputs and set(row_of(name).types) != {"i"}
    return [k for k in WIDER if takes_numbers and WIDER[k] in row_of(name).dtypes]


each_brick = pytest.mark.parametrize("name", [name for name in ROWS if narrow_dtypes(name)])
each_slope = pytest.mark.parametrize(
    "name", [n for n in ROWS if ROWS[n].order and set(HALVES) & set(narrow_dtypes(n))]
)


def drawn(name: str, data: Any, narrow: str) -> tuple[Case, list[Tensor]]:
    """A case whose numbers are of the wider dtype, and the inputs as the narrow one holds them."""
    wide = WIDER[narrow]
    case = row_of(name).case(Drawer(data.draw, (wide,)))
    keys = [place for place, letter in enumerate(row_of(name).types) if letter == "i"]
    held = [
        cast(x, narrow) if x.dtype.name == wide and place not in keys else convert_to_tensor(x)
        for place, x in enumerate(case.inputs)
    ]
    assume(any(x.dtype == narrow for x in held))
    return case, held


def bits_of(tensors: list[Tensor]) -> list[tuple[str, bytes]]:
    return [(y.dtype, engine.array_over(y._handle).tobytes()) for y in tensors]


def widened(held: list[Tensor], narrow: str) -> list[Tensor]:
    return [cast(x, WIDER[narrow]) if x.dtype == narrow else x for x in held]


@each_brick
@given(data=st.data())
@settings(max_examples=12)
def test_a_narrow_dtype_is_computed_in_a_wider_one(name: str, data: Any) -> None:
    narrow = data.draw(st.sampled_from(narrow_dtypes(name)), label="dtype")
    case, held = drawn(name, data, narrow)
    try:
        wide = run(name, case, widened(held, narrow))
    except REFUSALS:
        with pytest.raises(REFUSALS):
            run(name, case, held)
        return
    found = run(name, case, held)
    assert bits_of(found) == bits_of([cast(y, x.dtype) for x, y in zip(found, wide)])
    if narrow in HALVES and "attribute" not in row_of(name).result:
        assert [x.dtype for x in found] == [
            narrow if y.dtype == WIDER[narrow] else y.dtype for y in wide
        ]


@each_slope
@given(data=st.data())
@settings(max_examples=6)
def test_its_gradients_are_rounded_once(name: str, data: Any) -> None:
    row = row_of(name)
    narrow = data.draw(st.sampled_from(HALVES), label="dtype")
    case, held = drawn(name, data, narrow)
    both = []
    for inputs in (held, widened(held, narrow)):
        watched = [x for x in inputs if dtypes.is_float(x.dtype)]
        with GradientTape() as tape:
            tape.watch(watched)
            outputs = run(name, case, inputs)
        floats = [y for y in outputs[: row.targets] if dtypes.is_float(y.dtype)]
        both.append(tape.gradient(floats, watched, unconnected_gradients="zero"))
    assert bits_of(both[0]) == bits_of([cast(y, x.dtype) for x, y in zip(*both)])


@each_brick
@given(data=st.data())
@settings(max_examples=6)
def test_a_program_gives_the_bits_of_now(name: str, data: Any) -> None:
    if name in WRITING:
        return
    narrow = data.draw(st.sampled_from(narrow_dtypes(name)), label="dtype")
    case, held = drawn(name, data, narrow)
    try:
        now = run(name, case, held)
    except REFUSALS:
        return
    recorded = pylego.function(lambda *inputs: run(name, case, inputs))(*held)
    assert bits_of(recorded) == bits_of(now)
