"""The engine called from Python: backward, shared memory, sizes that are too large."""

from __future__ import annotations

import gc
import os
import subprocess
import sys
import threading
import weakref

import numpy as np
import pytest

from pylego import GradientTape, Variable, config, engine, ops
from pylego.core.tensor import Tensor, apply


def asked(values: object, dtype: str = "float64") -> Tensor:
    x = ops.convert_to_tensor(np.array(values, dtype))
    x.requires_grad = True
    return x


# ---- backward -------------------------------------------------------------------------------


def test_a_result_used_twice_passes_both_gradients() -> None:
    a = asked(1.0)
    b = a + a
    c = b + b
    c.backward()
    assert a.grad.item() == 4.0


def test_backward_through_100000_bricks_and_their_release() -> None:
    x = asked(1.0)
    y = x
    for _ in range(100_000):
        y = y + 1.0
    y.backward()
    assert x.grad.item() == 1.0


def test_backward_visits_each_node_once() -> None:
    x = asked(1.0)
    y = x
    for _ in range(1000):
        y = y + y
    y.backward()
    assert x.grad.item() == 2.0**1000


def test_backward_adds_up_until_it_is_forgotten() -> None:
    x = asked([1.0, 2.0])
    for _ in range(2):
        ops.sum(x * x).backward()
    assert x.grad.numpy().tolist() == [4.0, 8.0]
    x.grad = None
    assert x.grad is None
    with pytest.raises(ValueError, match="None"):
        x.grad = x


def test_backward_takes_what_flows_in_and_can_be_differentiated_again() -> None:
    x = asked([1.0, 2.0])
    (x * x * x).backward([1.0, 10.0], create_graph=True)
    assert x.grad.numpy().tolist() == [3.0, 120.0]
    assert x.grad.requires_grad


def test_backward_needs_something_to_reach() -> None:
    with pytest.raises(ValueError, match="depends on nothing"):
        ops.convert_to_tensor(1.0).backward()


def test_gradients_that_flow_in_must_look_like_the_target() -> None:
    x = asked([1.0, 2.0])
    with pytest.raises(ValueError, match=r"\(2,\)"):
        (x * x).backward([1.0, 2.0, 3.0])


def test_a_variable_written_after_use_is_refused() -> None:
    v = Variable([1.0, 2.0])
    with GradientTape() as tape:
        loss = ops.sum(v * v)
        v.assign([5.0, 5.0])
    with pytest.raises(ValueError, match="assigned to after it had been used"):
        tape.gradient(loss, v)


def test_numbers_that_no_gradient_needs_may_be_written() -> None:
    v = Variable([1.0, 2.0])
    with GradientTape() as tape:
        loss = ops.sum(v + 1.0)
        v.assign([5.0, 5.0])
    assert tape.gradient(loss, v).numpy().tolist() == [1.0, 1.0]


def test_integers_have_no_gradient() -> None:
    with pytest.raises(TypeError, match="cast it to float32"):
        ops.convert_to_tensor([1, 2]).requires_grad = True


def test_gradients_pass_a_change_of_dtype_in_the_source_s_dtype() -> None:
    x = asked([1.5, 2.5], "float32")
    ops.sum(ops.cast(x, "float64") * 2.0).backward()
    assert x.grad.dtype == "float32"
    assert x.grad.numpy().tolist() == [2.0, 2.0]


def test_each_thread_has_a_tape_of_its_own() -> None:
    seen = []
    v = Variable([1.0])
    with GradientTape():
        thread = threading.Thread(target=lambda: seen.append((v * 2.0).requires_grad))
        thread.start()
        thread.join()
        assert (v * 2.0).requires_grad
    assert seen == [False]


# ---- memory ---------------------------------------------------------------------------------


def test_arrays_come_in_without_a_copy_and_stay_alive() -> None:
    array = np.arange(4.0)
    array.flags.writeable = False  # what can be written would be copied
    address = array.ctypes.data
    x = ops.convert_to_tensor(array)
    assert x.numpy().ctypes.data == address
    gone = weakref.ref(array)
    del array
    y = x[1:]
    del x
    gc.collect()
    assert gone() is not None
    assert y.numpy().tolist() == [1.0, 2.0, 3.0]
    del y
    assert gone() is None


def test_tensors_go_out_without_a_copy_and_stay_alive() -> None:
    x = ops.convert_to_tensor(np.arange(4.0)) * 2.0
    array = x.numpy()
    assert not array.flags.writeable
    del x
    gc.collect()
    apply("full", (), shape=(4,), value=9.0, dtype=5)  # would take the memory if it were free
    assert array.tolist() == [0.0, 2.0, 4.0, 6.0]


LAYOUTS = {
    "transposed": np.arange(12.0).reshape(3, 4).T,
    "fortran": np.asfortranarray(np.arange(12.0).reshape(3, 4)),
    "backwards": np.arange(12.0)[::-2],
    "repeated": np.broadcast_to(np.arange(3.0), (4, 3)),
    "big-endian": np.arange(3, dtype=">f8"),
    "read-only": np.frombuffer(np.arange(3.0).tobytes()),
    "unaligned": np.frombuffer(b"\0" + np.arange(3.0).tobytes(), offset=1),
    "empty": np.ones((2, 0, 3)),
    "rank 0": np.array(1.5),
    "float16": np.arange(3, dtype=np.float16),
    "int8": np.arange(-2, 2, dtype=np.int8),
    "uint32": np.arange(3, dtype=np.uint32),
}


@pytest.mark.parametrize("name", LAYOUTS)
def test_every_layout_of_an_array_is_accepted(name: str) -> None:
    array = LAYOUTS[name]
    x = ops.convert_to_tensor(array)
    np.testing.assert_array_equal(x.numpy(), array)
    np.testing.assert_array_equal((x + x).numpy(), array + array)


def test_what_is_dropped_is_given_back() -> None:
    gc.collect()
    before = engine.memory_used()
    x = asked(np.ones((100, 100)))
    y = ops.sum(ops.tanh(x) * x)
    y.backward()
    del x, y
    gc.collect()
    assert engine.memory_used() == before


# ---- sizes ----------------------------------------------------------------------------------


def test_more_than_eight_axes_are_refused() -> None:
    with pytest.raises(ValueError, match="at most 8 axes"):
        ops.convert_to_tensor(np.ones((1,) * 9))
    with pytest.raises(ValueError, match=r"reshape.*at most 8 axes"):
        ops.reshape([1.0], (1,) * 9)
    with pytest.raises(ValueError, match="stack"):
        ops.stack([np.ones((1,) * 8)])


def test_sizes_that_overflow_and_memory_that_is_not_there_are_refused() -> None:
    with pytest.raises(MemoryError, match="overflows 64 bits"):
        ops.zeros((2**40, 2**40))
    with pytest.raises(MemoryError, match="no memory"):
        ops.zeros((2**50,))
    with pytest.raises(ValueError, match="negative"):
        ops.zeros((-1,))
    assert ops.zeros((0, 2**40)).size == 0


def test_a_view_may_be_larger_than_all_memory() -> None:
    x = ops.broadcast_to(1.0, (2**40,))
    assert x.shape == (2**40,)
    assert x[-1].item() == 1.0


# ---- bricks by name -------------------------------------------------------------------------


def test_attributes_must_be_the_brick_s_own() -> None:
    with pytest.raises(TypeError, match="transpose has the attributes axes"):
        apply("transpose", ([[1.0]],), order=(1, 0))


def test_instruction_sets_are_chosen_by_name() -> None:
    former = config.isa()
    assert former in config.isas()
    assert config.isas()[0] == "generic"
    for isa in config.isas():
        config.set_isa(isa)
        assert config.isa() == isa
        pointers = {brick.pointer for brick in engine.BRICKS.values()}
        assert pointers == {engine.lib.lego_brick_at(i) for i in range(len(pointers))}
    config.set_isa(former)
    with pytest.raises(ValueError, match='instruction set "avx1024"'):
        config.set_isa("avx1024")
    with pytest.raises(TypeError, match="name=2"):
        config.set_isa(2)
    assert config.isa() == former


@pytest.mark.parametrize(("wish", "is_there"), [("generic", True), ("avx1024", False)])
def test_the_environment_names_an_instruction_set(wish: str, is_there: bool) -> None:
    program = "from pylego import config; print(config.isa())"
    environment = {**os.environ, "PYLEGO_ISA": wish}
    done = subprocess.run(
        [sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == (wish if is_there else config.isas()[-1])
    assert ("PYLEGO_ISA='avx1024' is none of" in done.stderr) == (not is_there)


def test_threads_are_counted() -> None:
    former = config.num_threads()
    config.set_num_threads(1)
    assert config.num_threads() == 1
    config.set_num_threads(former)
    with pytest.raises(ValueError, match="1"):
        config.set_num_threads(0)


# ---- handles ----------------------------------------------------------------------------------


def test_a_handle_is_released_with_its_last_reference() -> None:
    before = engine.memory_used()
    x = ops.ones((100, 100))
    kept = x._handle
    del x
    assert engine.memory_used() >= before + 40_000
    assert kept.shape == (100, 100)
    del kept
    assert engine.memory_used() == before


def test_handles_are_made_by_the_engine_alone() -> None:
    with pytest.raises(TypeError, match="Handle"):
        engine.Handle()
    with pytest.raises(TypeError, match=r"ops\.convert_to_tensor"):
        Tensor(3)  # type: ignore[arg-type]


def test_handles_are_inputs_as_tensors_are() -> None:
    one = ops.ones(3)
    assert engine.apply("add", [one, one._handle]).numpy().tolist() == [2.0] * 3
    assert engine.apply("add", (one, 2.0)).numpy().tolist() == [3.0] * 3
    with pytest.raises(TypeError, match="below Holder"):
        engine.connect_tensors(int, print, print)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("dtype", "number", "is_taken"),
    [
        ("float32", 2**70, "float32"), ("float32", 0.1, "float32"), ("float32", True, "float32"),
        ("float32", -0.0, "float32"), ("float32", float("nan"), "float32"),
        ("float64", 0.1, "float64"), ("int32", 0.5, "float32"), ("int32", -(2**31), "int32"),
        ("int64", 2**62, "int64"), ("uint8", 255, "uint8"), ("bool", 1, "int32"),
        ("bool", 1.5, "float32"), ("bool", True, "bool"),
    ],
)  # fmt: skip
def test_numbers_take_the_dtype_beside_them(dtype: str, number: float, is_taken: str) -> None:
    zeros = ops.zeros(2, dtype)
    for y in (engine.apply("maximum", (number, zeros)), engine.apply("add", (zeros, number))):
        assert y.dtype == is_taken
    expected = np.zeros(2, is_taken) + np.array(number, is_taken)
    assert engine.apply("add", (zeros, number)).numpy().tobytes() == expected.tobytes()


@pytest.mark.parametrize(("dtype", "number"), [("uint8", 256), ("uint8", -1), ("int32", 2**31)])
def test_numbers_that_a_dtype_does_not_hold_are_refused(dtype: str, number: int) -> None:
    with pytest.raises(ValueError, match=f"add: {dtype} cannot hold {number}"):
        engine.apply("add", (ops.zeros(2, dtype), number))


def test_many_inputs_and_outputs() -> None:
    parts = ops.split(ops.arange(30), 30)
    assert ops.concatenate(parts).numpy().tolist() == list(range(30))


@pytest.mark.parametrize(
    ("attributes", "error", "sentence"),
    [
        (
            {"axes": (0.5,), "keepdims": 0},
            TypeError,
            r"sum: axes must be a whole number.*0\.5",
        ),
        (
            {"axes": (0,) * 9, "keepdims": 0},
            ValueError,
            "sum: a tensor has at most 8 axes",
        ),
        ({"axes": (2**63,), "keepdims": 0}, ValueError, "sum: axes does not fit into 64 bits"),
        ({"axes": 3, "keepdims": 0}, TypeError, "iterable"),
        (
            {"axes": (), "keep": 0},
            TypeError,
            "sum has the attributes axes, keepdims; got",
        ),
        ({"axes": ()}, TypeError, "sum has the attributes axes, keepdims; got"),
        ({"axes": (), "keepdims": 0, "x": 1}, TypeError, "sum has the attributes axes, keepdims"),
    ],
)
def test_attributes_are_checked(attributes: dict, error: type, sentence: str) -> None:
    with pytest.raises(error, match=sentence):
        engine.apply("sum", [ops.ones((2, 2))], **attributes)


def test_attributes_may_be_numbers_of_numpy() -> None:
    axes, kept = (np.int64(1),), np.True_
    assert engine.apply("sum", [ops.ones((2, 3))], axes=axes, keepdims=kept).shape == (2, 1)
    assert engine.apply("sum", [ops.ones((2, 3))], keepdims=0, axes=[1]).shape == (2,)
    filled = {"shape": (1,), "value": np.float32(0.5), "dtype": 4}
    assert engine.apply("full", [], **filled).item() == 0.5
    with pytest.raises(TypeError, match="full: value must be a number"):
        engine.apply("full", [], **filled | {"value": "a"})


@pytest.mark.parametrize("value", [True, 200, -7, 2**40, 0.5])
def test_the_only_number_of_a_tensor(value: float) -> None:
    for x in (ops.convert_to_tensor(value), ops.convert_to_tensor([[value]])):
        assert x.item() == value
        assert type(x.item()) is type(value)
    assert ops.convert_to_tensor(np.uint8(200)).item() == 200
    assert ops.ones(2)._handle.item() is None
