"""The laws that every brick of the registry keeps; what each computes is told by references.py."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings, strategies as st
from recorded import WRITING, bits
from references import ALL, ROWS, Row
from strategies import Case, Drawer, scattered

from pylego import config, engine
from pylego.autograd import GradientTape
from pylego.core import dtypes
from pylego.core.tensor import Tensor, apply, apply_all
from pylego.core.variable import Variable
from pylego.testing import check_gradients

TOLERANCES = {"float32": {"rtol": 2e-5, "atol": 1e-5}, "float64": {"rtol": 1e-11, "atol": 1e-12}}
INITIAL = {0: 1, 1: 1.0, 2: ()}  # for attributes of each kind: a whole number, a number, a tuple
# Bricks with a fused multiply-add, where the instruction set has one: see test_products.py.
FUSED = (
    *("matmul", "conv", "conv_input_gradient", "conv_kernel_gradient"),
    *("attention", "attention_gradient"),
    *("sin", "cos", "tan", "arcsin", "arccos", "arctan", "arctan2"),
    *("power", "expm1", "erf", "normal_cdf", "gelu", "gelu_slope", "elu", "celu", "selu"),
    *("sinh", "cosh", "arcsinh", "arccosh", "arctanh"),
    *("exp", "exp2", "log", "log2", "log10", "log1p", "tanh", "sigmoid", "softplus", "logaddexp"),
    *("log_sigmoid", "silu", "silu_slope", "mish", "mish_slope", "tanh_gelu", "tanh_gelu_slope"),
    *("tanh_normal_cdf", "softmax", "log_softmax", "logsumexp"),
    *("categorical_crossentropy", "sparse_categorical_crossentropy", "binary_crossentropy"),
    *("random_normal", "truncated_normal"),  # by sin and cos, and by exp and erf
    *("simple_rnn", "gru", "gru_reset_before", "lstm"),
    *("simple_rnn_gradient", "gru_gradient", "gru_reset_before_gradient", "lstm_gradient"),
)
SUMS = {"bool": "int32", "uint8": "uint32"}  # of sums and products; else the numbers' own
REFUSALS = (ValueError, TypeError, IndexError, MemoryError)

every_brick = pytest.mark.parametrize("name", engine.BRICKS)
every_slope = pytest.mark.parametrize("name", [name for name in ROWS if ROWS[name].order])


@pytest.fixture(autouse=True)
def _same_settings_afterwards() -> Iterator[None]:
    count, isa = config.num_threads(), config.isa()
    yield
    config.set_num_threads(count)
    config.set_isa(isa)


def each_set() -> Iterator[str]:
    """Every instruction set of this machine, in use while its turn lasts."""
    for isa in config.isas():
        config.set_isa(isa)
        yield isa


def row_of(name: str) -> Row:
    if name not in ROWS:
        pytest.fail(f"the brick {name} has no row in tests/laws/references.py")
    return ROWS[name]


def run(name: str, case: Case, inputs: Sequence[Any] | None = None) -> list[Tensor]:
    inputs = case.inputs if inputs is None else inputs
    if name in WRITING:
        inputs = [Variable(inputs[0]), *inputs[1:]]
    outputs = engine.BRICKS[name].outputs
    if outputs != 1:
        room = case.attributes.get("sections", outputs)
        return apply_all(name, inputs, room, **case.attributes)
    return [apply(name, inputs, **case.attributes)]


# ---- values ---------------------------------------------------------------------------------


def letters_of(row: Row, inputs: Sequence[Any]) -> list[str]:
    return [row.types[min(i, len(row.types) - 1)] for i in range(len(inputs))]


def brought_together(row: Row, inputs: Sequence[np.ndarray]) -> list[np.ndarray]:
    """The inputs in the dtypes that the brick computes with."""
    letters = letters_of(row, inputs)
    pairs = list(zip(letters, inputs))
    numbers = [ALL.index(x.dtype.name) for letter, x in pairs if letter in "pwf"]
    common = ALL[max([*numbers, ALL.index("float32") if "f" in letters else 0])]
    number = "int32" if common == "bool" else common
    dtypes = {"p": common, "w": number, "f": common, "b": "bool", "i": "int64"}
    return [x if letter == "." else x.astype(dtypes[letter]) for letter, x in pairs]


def result_dtype(row: Row, word: str, case: Case, inputs: Sequence[np.ndarray]) -> str:
    if word == "attribute":
        return ALL[case.attributes["dtype"]]
    if word not in ("same", "sum"):
        return word
    pairs = list(zip(letters_of(row, inputs), inputs))
    like = [x for letters in ("pwf", ".") for letter, x in pairs if letter in letters]
    same = like[0].dtype.name
    return SUMS.get(same, same) if word == "sum" else same


def result_dtypes(row: Row, case: Case, inputs: Sequence[np.ndarray], count: int) -> list[str]:
    words = row.result.split()
    words = words * count if len(words) == 1 else words
    return [result_dtype(row, word, case, inputs) for word in words]


def expected_outputs(row: Row, case: Case) -> list[np.ndarray]:
    inputs = brought_together(row, case.inputs)
    numbers = inputs
    if row.is_wide:
        numbers = [x.astype("float64") if x.dtype == "float32" else x for x in inputs]
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        outputs = row.reference(*numbers, **case.attributes)
        outputs = outputs if isinstance(outputs, list) else [outputs]
        kinds = result_dtypes(row, case, inputs, len(outputs))
        return [np.asarray(y).astype(kind) for y, kind in zip(outputs, kinds)]


def tolerance_for(expected: np.ndarray) -> dict[str, float]:
    """What rounding may do. Where large terms of a sum cancel, their error is that of the terms,
    which are about as large as the largest sums beside it."""
    tolerance = TOLERANCES.get(expected.dtype.name)
    if tolerance is None:
        return {"rtol": 0}
    numbers = np.abs(expected[np.isfinite(expected)])
    largest = min(float(numbers.max(initial=0.0)), 1e3)  # more than sums of drawn numbers are
    return {**tolerance, "atol": tolerance["atol"] * (1 + largest / 10)}


@every_brick
@given(data=st.data())
def test_values_are_numpys(name: str, data: Any) -> None:
    row = row_of(name)
    first = data.draw(st.sampled_from(row.dtypes), label="dtype")
    case = row.case(Drawer(data.draw, (first, *row.dtypes)))
    views = [scattered(data.draw, x) for x in case.inputs]
    before = [x.copy() for x in views]
    wanted = expected_outputs(row, case)
    for isa in each_set():
        outputs = run(name, case, views)
        assert len(outputs) == len(wanted)
        for y, expected in zip(outputs, wanted):
            assert y.dtype == expected.dtype.name
            assert y.shape == expected.shape
            np.testing.assert_allclose(y.numpy(), expected, **tolerance_for(expected), err_msg=isa)
        if not row.follows_memory:
            assert bits(outputs) == bits(run(name, case)), "a view gives other bits than its copy"
    for x, kept in zip(views, before):
        assert x.tobytes() == kept.tobytes(), "an input was written"


# ---- gradients ------------------------------------------------------------------------------


@every_slope
@given(data=st.data())
def test_gradients_are_slopes(name: str, data: Any) -> None:
    row = ROWS[name]
    case = row.case(Drawer(data.draw, ("float64",), is_smooth=True))
    assume(row.is_smooth(*case.inputs, **case.attributes))
    check_gradients(
        lambda *inputs: run(name, case, inputs)[: row.targets], case.inputs, order=row.order
    )


@every_brick
def test_rows_agree_with_the_registry_on_gradients(name: str) -> None:
    assert engine.BRICKS[name].has_gradient or not row_of(name).order


@pytest.mark.parametrize("name", [b.name for b in engine.BRICKS.values() if not b.has_gradient])
@given(data=st.data())
@settings(max_examples=3)
def test_no_gradient_flows_where_there_is_none(name: str, data: Any) -> None:
    case = row_of(name).case(Drawer(data.draw, ("float32",)))
    x = Tensor(engine.tensor_around(case.inputs[0]))
    x.requires_grad = True
    y = run(name, case, [x, *case.inputs[1:]])[0]
    assert not y.requires_grad


# ---- bits: threads and instruction sets -----------------------------------------------------


def outputs_and_gradients(name: str, case: Case, order: int) -> list[bytes]:
    inputs = [Tensor(engine.tensor_around(x)) for x in case.inputs]
    watched = [x for x in inputs if order and dtypes.is_float(x.dtype)]
    with GradientTape() as tape:
        tape.watch(watched)
        outputs = run(name, case, inputs)
    floats = [y for y in outputs[: ROWS[name].targets] if dtypes.is_float(y.dtype)]
    gradients = tape.gradient(floats, watched, unconnected_gradients="zero")
    return bits(outputs) + bits(gradients)


@every_brick
@given(data=st.data())
@settings(max_examples=4)
def test_bits_depend_on_neither_threads_nor_the_instruction_set(name: str, data: Any) -> None:
    row = row_of(name)
    # float64 shows what float32 hides: its totals are doubles, rounded at the end.
    dtype = data.draw(st.sampled_from(row.dtypes[-2:]), label="dtype")
    case = row.case(Drawer(data.draw, (dtype,), is_large=True))
    seen = {}
    for isa in each_set():
        found = []
        for count in (1, 2, 3):
            config.set_num_threads(count)
            found.append(outputs_and_gradients(name, case, row.order))
        assert found[0] == found[1] == found[2]
        seen[isa] = found[0]
    if name in FUSED:
        seen.pop("generic")
    assert len({tuple(found) for found in seen.values()}) <= 1


# ---- refusals -------------------------------------------------------------------------------


@every_brick
def test_a_misfit_is_refused_by_name(name: str) -> None:
    misfit = row_of(name).misfit
    if misfit is not None:
        with pytest.raises(REFUSALS, match=name):
            run(name, misfit)


@pytest.mark.parametrize(
    "name", [name for name, row in ROWS.items() if row.types == "p" and "bool" not in row.dtypes]
)
@given(data=st.data())
@settings(max_examples=2)
def test_bools_are_refused_by_name(name: str, data: Any) -> None:
    case = ROWS[name].case(Drawer(data.draw, ("bool",)))
    with pytest.raises(TypeError, match=f"{name} does not work on bool"):
        run(name, case)


@every_brick
def test_a_wrong_number_of_inputs_is_refused_by_name(name: str) -> None:
    brick = engine.BRICKS[name]
    attributes = {attribute: INITIAL[kind] for attribute, kind in brick.attributes}
    count = brick.inputs + 1 if brick.inputs >= 0 else 0
    with pytest.raises(ValueError, match=f"{name} takes"):
        run(name, Case([np.ones(2, np.float32)] * count, attributes))


def test_the_table_has_no_rows_of_bricks_that_are_gone() -> None:
    assert set(ROWS) <= set(engine.BRICKS)
