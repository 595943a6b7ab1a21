"""Packed kernels of convolutions that programs keep: the same bits, never those of old weights."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

import pylego
from pylego import config, engine, layers, ops
from pylego.core.tensor import Tensor
from pylego.models import Sequential

RNG = np.random.default_rng(0)

# The shape of a kernel, and the arguments of its convolution: one for each algorithm that packs.
KERNELS = {
    "pointwise": ((1, 1, 24, 40), {}),
    "winograd": ((3, 3, 64, 64), {"padding": "same"}),
    "winograd, whose tasks share the kernel": ((3, 3, 48, 544), {"padding": "same"}),
    "winograd, whose tasks read all of it": ((3, 3, 80, 256), {"padding": "same"}),
    "direct": ((3, 3, 20, 300), {"strides": 2}),
    "dots": ((3, 3, 32, 2), {}),
    "groups": ((3, 3, 8, 96), {"padding": "same"}),
}


@pytest.fixture(autouse=True)
def settings() -> Iterator[None]:
    former = config.isa(), config.winograd(), config.num_threads()
    yield
    config.set_isa(former[0])
    config.set_winograd(former[1])
    config.set_num_threads(former[2])


def image_for(name: str, dtype: str = "float32") -> Tensor:
    channels = KERNELS[name][0][2] * (4 if name == "groups" else 1)
    return ops.convert_to_tensor(RNG.normal(size=(2, 9, 9, channels)).astype(dtype))


def kernel_for(name: str, dtype: str = "float32") -> pylego.Variable:
    return pylego.Variable(RNG.normal(size=KERNELS[name][0]).astype(dtype))


def step_with(kernel: pylego.Variable, name: str) -> Callable:
    """A program of the convolution, bias and relu: the fused loop is its epilogue."""
    shift = pylego.Variable(RNG.normal(size=kernel.shape[-1:]), dtype=kernel.dtype)

    def convolve(x: Tensor) -> Tensor:
        return ops.relu(ops.conv(x, kernel, **KERNELS[name][1]) + shift)

    convolve.recorded = pylego.function(convolve)
    return convolve


@pytest.mark.parametrize("isa", config.isas())
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", KERNELS)
def test_bits_are_those_of_a_kernel_packed_for_one_call(name: str, dtype: str, isa: str) -> None:
    config.set_isa(isa)
    x, kernel = image_for(name, dtype), kernel_for(name, dtype)
    step = step_with(kernel, name)
    for _ in range(4):
        np.testing.assert_array_equal(step.recorded(x), step(x))


@pytest.mark.parametrize("name", KERNELS)
def test_new_weights_are_noticed(name: str) -> None:
    x, kernel = image_for(name), kernel_for(name)
    step = step_with(kernel, name)
    for runs in (1, 2, 3, 1, 1):
        for _ in range(runs):
            np.testing.assert_array_equal(step.recorded(x), step(x))
        kernel.assign(RNG.normal(size=kernel.shape))
    np.testing.assert_array_equal(step.recorded(x), step(x))


def test_weights_that_a_program_trains_are_noticed() -> None:
    x, y = RNG.normal(size=(8, 9, 9, 24)), RNG.normal(size=(8, 9, 9, 40))
    model = Sequential([layers.Conv2D(40, 1, input_shape=(9, 9, 24))])
    model.compile("sgd", "mse")
    for _ in range(3):
        for _ in range(3):
            np.testing.assert_array_equal(model.predict(x, verbose=0), model(x))
        model.fit(x, y, epochs=1, verbose=0)


def test_one_kernel_for_several_convolutions() -> None:
    kernel = pylego.Variable(RNG.normal(size=(3, 3, 64, 64)).astype("float32"))
    x = ops.convert_to_tensor(RNG.normal(size=(1, 12, 12, 64)).astype("float32"))
    options = [{}, {"strides": 2}, {"dilation_rate": 2}]
    steps = [lambda x, own=own: ops.conv(x, kernel, padding="same", **own) for own in options]
    programs = [pylego.function(step) for step in steps]
    for tile in (2, 4, 0, 2):
        config.set_winograd(tile)
        for _ in range(3):
            for step, program in zip(steps, programs):
                np.testing.assert_array_equal(program(x), step(x))


def test_threads_share_a_kernel() -> None:
    x, kernel = image_for("winograd"), kernel_for("winograd")
    steps = [step_with(kernel, "winograd") for _ in range(4)]
    expected = [np.asarray(step(x)) for step in steps]
    with ThreadPoolExecutor(4) as pool:
        runs = [(i, pool.submit(steps[i].recorded, x)) for _ in range(20) for i in range(4)]
        for i, run in runs:
            np.testing.assert_array_equal(run.result(), expected[i])


def test_memory_is_taken_by_the_second_call_and_given_back() -> None:
    x, kernel = image_for("winograd"), kernel_for("winograd")
    step = step_with(kernel, "winograd")
    packed = 16 * 64 * 64 * 4  # the transformed kernel: 16 points for 9 taps
    step.recorded(x)
    once = engine.memory_used()
    step.recorded(x)
    twice = engine.memory_used()
    assert packed <= twice - once < 2 * packed
    step.recorded(x)
    assert engine.memory_used() == twice
    kernel.assign(kernel.numpy())
    step.recorded(x)
    assert engine.memory_used() < once + packed
    step.recorded(x)
    del step, kernel
    gc.collect()
    assert engine.memory_used() < once
