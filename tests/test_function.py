"""`pylego.function`: what is recorded runs as the Python function does."""

from __future__ import annotations

import gc
import weakref
from typing import Any

import numpy as np
import pytest

import pylego
from pylego import GradientTape, Variable, engine, layers, ops, optimizers
from pylego.programs.cache import LEAST_PROGRAMS, MOST_PROGRAMS, LRUCache

ONES = np.ones(3, np.float32)


def same(a: Any, b: Any) -> bool:
    return np.asarray(a).tobytes() == np.asarray(b).tobytes()


# ---- what it computes -----------------------------------------------------------------------


def test_outputs_keep_their_structure() -> None:
    v = Variable([1.0, 2.0, 3.0])

    @pylego.function
    def f(x: Any, more: dict) -> dict:
        return {"sum": x + more["y"], "list": [v, None, 3], "pair": (x, "name")}

    for _ in range(2):
        found = f(ONES, {"y": ONES * 2})
        assert same(found["sum"], ONES * 3)
        assert same(found["list"][0], v.numpy())
        assert found["list"][1:] == [None, 3]
        assert same(found["pair"][0], ONES)
        assert found["pair"][1] == "name"
    assert len(f.programs) == 1


def test_a_training_step_is_that_of_python() -> None:
    def weights_after(steps: int, decorate: Any) -> list:
        pylego.utils.set_random_seed(3)
        model = pylego.Sequential([layers.Input((3,)), layers.Dense(4, "tanh"), layers.Dense(1)])
        adam = optimizers.Adam(0.01, clipnorm=0.5)

        @decorate
        def step(x: Any, y: Any) -> Any:
            with GradientTape() as tape:
                loss = ops.mean(ops.square(model(x, training=True) - y))
            weights = model.trainable_variables
            adam.apply_gradients(zip(tape.gradient(loss, weights), weights))
            return loss

        rng = np.random.default_rng(0)
        losses = []
        for _ in range(steps):
            x = rng.normal(size=(5, 3)).astype(np.float32)
            losses.append(step(x, x[:, :1]).item())
        return [losses, *model.get_weights()]

    for eager, recorded in zip(weights_after(6, lambda f: f), weights_after(6, pylego.function)):
        assert same(eager, recorded)


def test_tensors_that_come_out_know_their_logits() -> None:
    @pylego.function
    def f(x: Any) -> Any:
        return ops.sigmoid(x * 2)

    y = f(ONES)
    assert y.logits is not None
    assert y.logits[0] == "sigmoid"
    assert same(y.logits[1], ONES * 2)


def test_functions_inside_are_part_of_what_is_recorded() -> None:
    @pylego.function
    def inner(x: Any) -> Any:
        return x * 2

    @pylego.function
    def outer(x: Any) -> Any:
        return inner(x) + 1

    assert same(outer(ONES), ONES * 3)
    assert len(inner.programs) == 0
    with pytest.raises(ValueError, match="before the function is called"):
        _ = inner.program


# ---- signatures -----------------------------------------------------------------------------


def test_each_signature_has_its_program() -> None:
    recorded = []

    @pylego.function()
    def f(x: Any, training: bool = False) -> Any:
        recorded.append(1)
        return x * 2 if training else x

    calls: list[Any] = [
        (ONES,), (ONES * 3,), (np.ones(4, np.float32),), (ONES, True), (ONES, 1),
        (np.ones((6,), np.float32)[::2],), (ONES.astype(np.float64),),
    ]  # fmt: skip
    for arguments in calls:
        wanted = arguments[0] * (2 if len(arguments) > 1 else 1)
        assert same(f(*arguments), wanted)
    assert len(recorded) == len(f.programs) == 6
    assert f.program is f.programs[-1]


def test_a_thousand_shapes_leave_no_memory_behind() -> None:
    @pylego.function
    def f(x: Any) -> Any:
        return x * 2 + 1

    def call(lengths: range) -> None:
        for length in lengths:
            f(np.ones(length, np.float32))

    call(range(1, MOST_PROGRAMS + 100))
    gc.collect()
    used = engine.memory_used()
    call(range(1, 2 * MOST_PROGRAMS))
    gc.collect()
    assert len(f.programs) == MOST_PROGRAMS
    assert engine.memory_used() < used + 1_000_000


def test_a_hundred_shapes_in_turn_are_recorded_once_each() -> None:
    recorded: list[int] = []

    @pylego.function
    def f(x: Any) -> Any:
        recorded.append(x.shape[0])
        return x * 2 + 1

    for _ in range(3):
        for length in range(1, 101):
            f(np.ones(length, np.float32))
    assert recorded == list(range(1, 101))


def test_programs_that_take_much_memory_are_few(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pylego.programs.cache.MOST_BYTES", 1 << 20)

    @pylego.function
    def f(x: Any) -> Any:
        return ops.sum(ops.matmul(ops.exp(x), ops.transpose(x)))

    gc.collect()
    used = engine.memory_used()
    for more in range(LEAST_PROGRAMS + 8):  # each works with 250 KB of its own
        f(np.zeros((250 + more, 1), np.float32))
    assert len(f.programs) == LEAST_PROGRAMS
    assert engine.memory_used() < used + (LEAST_PROGRAMS + 2) * 350_000


def test_objects_among_the_arguments_are_not_kept_for_long() -> None:
    class Setting:
        factor = 2.0

    kept: list[weakref.ref] = []

    @pylego.function
    def f(x: Any, setting: Setting) -> Any:
        return x * setting.factor

    for _ in range(100):
        setting = Setting()
        kept.append(weakref.ref(setting))
        f(np.ones(3, np.float32), setting)
    gc.collect()
    assert sum(one() is not None for one in kept) <= LEAST_PROGRAMS + 1


def test_methods_have_programs_per_instance_and_keep_none_alive() -> None:
    class Scaled:
        def __init__(self, factor: float):
            self.factor = factor

        @pylego.function
        def times(self, x: Any) -> Any:
            return x * self.factor

    two, three = Scaled(2.0), Scaled(3.0)
    assert same(two.times(ONES), ONES * 2)
    assert same(three.times(ONES), ONES * 3)
    assert same(two.times(ONES), ONES * 2)
    assert len(two.times.programs) == 1
    seen = weakref.ref(two)
    del two
    assert seen() is None
    assert len(Scaled.times._of_instances) == 1


# ---- variables and tapes --------------------------------------------------------------------


def test_variables_are_made_in_the_first_call_only() -> None:
    kept: list[Variable] = []

    @pylego.function
    def counts(x: Any) -> Any:
        if not kept:
            kept.append(Variable(0.0, name="count"))
        kept[0].assign_add(1.0)
        return x + kept[0]

    assert same(counts(ONES), ONES * 2)
    assert same(counts(ONES), ONES * 3)

    @pylego.function
    def makes(x: Any) -> Any:
        return x * Variable(2.0, name="each_time")

    with pytest.raises(ValueError, match=r"Variable\(2.0.*makes the variable 'each_time' each"):
        makes(ONES)


def test_gradients_flow_through_a_function() -> None:
    w = Variable([1.0, 2.0, 3.0])

    @pylego.function
    def f(x: Any) -> Any:
        return ops.sum(w * x * x)

    f(ONES)
    with GradientTape() as tape:
        y = f(ONES)
    assert same(tape.gradient(y, w), ONES)
    x = ops.convert_to_tensor(ONES * 2)
    with GradientTape() as tape:
        tape.watch(x)
        y = f(x)
    by_w, by_x = tape.gradient(y, [w, x])
    assert same(by_w, ONES * 4)
    assert same(by_x, 2 * 2 * w.numpy())


def test_recording_knows_no_tape_around_it() -> None:
    v, seen = Variable(1.0), []
    with GradientTape():
        pylego.function(lambda x: seen.append((v * x).requires_grad))(ONES)
    assert seen == [False, True]  # recorded, and then run, for the tape wants the history


def test_an_open_tape_is_left_alone() -> None:
    v = Variable(1.0)
    with GradientTape() as tape:
        y = v * 3.0
        pylego.function(lambda x: x + 1)(ONES)
    assert tape.gradient(y, v).item() == 3.0


# ---- numbers that are not there yet ---------------------------------------------------------


LOOKS = {
    "if": lambda x: 1 if x[0] > 0 else 2,
    "float": lambda x: float(x[0]),
    "int": lambda x: int(x[0]),
    "item": lambda x: x[0].item(),
    "numpy": lambda x: x.numpy(),
    "array": lambda x: np.asarray(x),
    "mean": lambda x: np.mean(x),
    "range": lambda x: range(ops.cast(x[0], "int32")),
    "format": lambda x: f"{x[0]:.2f}",
    "dlpack": lambda x: np.from_dlpack(x),
    "in": lambda x: 3 in x,
}


@pytest.mark.parametrize("look", LOOKS.values(), ids=LOOKS)
def test_looking_at_numbers_names_the_line(look: Any) -> None:
    with pytest.raises(
        TypeError, match=r"test_function.py:\d+, `.*lambda x: .*looks at.*ops.where"
    ):
        pylego.function(look)(ONES)
    assert not engine.is_recording()
    assert same(ops.add(ONES, ONES), ONES * 2)


def test_a_variable_is_not_frozen_silently() -> None:
    v = Variable([2.0], name="rate")
    with pytest.raises(TypeError, match="numbers of the variable 'rate' while the function"):
        pylego.function(lambda x: x * v.numpy())(ONES)


def test_what_needs_no_numbers_works_while_recording() -> None:
    seen = []
    v = Variable([2.0], name="rate")

    @pylego.function
    def f(x: Any) -> Any:
        seen.append((len(x), x.shape, x.ndim, x.dtype, repr(x), str(x), repr(v), f"{x}"))
        first, *_ = x
        return first

    f(ONES)
    assert seen[0][:4] == (3, (3,), 1, "float32")
    assert "symbolic" in seen[0][4]
    assert "rate" in seen[0][6]


def test_a_symbolic_tensor_is_of_no_use_after_the_recording() -> None:
    kept: list = []
    pylego.function(lambda x: kept.append(x * 2))(ONES)
    with pytest.raises(TypeError, match="it stands for a value of a recording"):
        kept[0].numpy()
    with pytest.raises(ValueError, match="has no numbers"):
        _ = kept[0] + 1
    assert "symbolic" in repr(kept[0])


def test_backward_is_refused() -> None:
    v = Variable(2.0)

    @pylego.function
    def f(x: Any) -> None:
        ops.sum(v * x).backward()

    with pytest.raises(TypeError, match="GradientTape"):
        f(ONES)


def test_functions_can_be_run_eagerly() -> None:
    pylego.config.run_functions_eagerly(True)
    try:
        assert pylego.function(lambda x: float(x[0]))(ops.convert_to_tensor(ONES)) == 1.0
    finally:
        pylego.config.run_functions_eagerly(False)


def test_an_error_inside_leaves_nothing_behind() -> None:
    v = Variable([1.0, 2.0, 3.0])

    @pylego.function
    def f(x: Any) -> Any:
        v.assign_add(x)
        raise KeyError("mine")

    for _ in range(2):
        with pytest.raises(KeyError, match="mine"):
            f(ONES)
    assert v.numpy().tolist() == [1.0, 2.0, 3.0]
    assert len(f.programs) == 0
    assert not engine.is_recording()


def test_what_is_no_function_is_refused() -> None:
    with pytest.raises(TypeError, match="Received: 3"):
        pylego.function(3)


def test_what_was_used_last_stays_in_the_table() -> None:
    table: LRUCache[int] = LRUCache(2)
    table["a"], table["b"] = 1, 2
    assert table.get("a") == 1
    table["c"] = 3
    assert (table.get("a"), table.get("b"), table.get("c")) == (1, None, 3)
    assert list(table) == [1, 3]


# ---- arithmetic of shapes --------------------------------------------------------------------


def causal_mask(x: Any) -> Any:
    """As public programs make one: of shapes, by ops."""
    batch, steps = ops.shape(x)[:2]
    mask = ops.reshape(ops.arange(steps)[:, None] >= ops.arange(steps), (1, steps, steps))
    sizes = ops.concatenate([ops.expand_dims(batch, -1), ops.convert_to_tensor([1, 1])], 0)
    return ops.tile(mask, sizes)


def test_whole_numbers_made_of_shapes_are_known_while_code_is_recorded():
    x = ops.zeros((2, 3))
    expected = np.broadcast_to(np.tri(3, dtype=bool), (2, 3, 3))
    np.testing.assert_array_equal(causal_mask(x), expected)
    np.testing.assert_array_equal(pylego.function(causal_mask)(x), expected)
    lengths = pylego.function(lambda x: ops.reshape(x, ops.convert_to_tensor([3, 1]) * [1, 2]))
    assert lengths(x).shape == (3, 2)


def test_whole_numbers_made_of_inputs_and_variables_are_not():
    count = Variable(3, dtype="int32")
    for read in (lambda n: int(n + 1), lambda n: int(count + 1)):
        with pytest.raises(TypeError, match="recorded"):
            pylego.function(read)(ops.convert_to_tensor([2])[0])
