"""Batch normalization and the activation behind it are one loop, with the same bits."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from test_updates import patterns_in

import pylego as keras
from pylego import engine, layers, ops


def conv(x: Any, use_bias: bool = False) -> Any:
    size = 3 if x.shape[-1] < 100 else 1
    return layers.Conv2D(
        x.shape[-1], size, padding="same", use_bias=use_bias, bias_initializer="random_normal"
    )(x)


def norm(x: Any, axis: int = -1) -> Any:
    return layers.BatchNormalization(axis)(x)


def relu(x: Any) -> Any:
    return layers.Activation("relu")(x)


def read_twice(x: Any) -> Any:
    y = norm(conv(x))
    return layers.Multiply()([relu(y), y])


# What stands behind convolutions, and the pattern that it is.
ENDS: dict[str, Callable[[Any], Any]] = {
    "normalization_relu": lambda x: relu(norm(conv(x))),
    "normalization_relu6": lambda x: layers.ReLU(max_value=6.0)(norm(conv(x))),
    "normalization_silu": lambda x: layers.Activation("silu")(norm(conv(x))),
    "normalization_bias_relu": lambda x: relu(norm(conv(x, use_bias=True))),
    "normalization_bias": lambda x: norm(conv(x, use_bias=True)),
    "normalization_add_relu": lambda x: relu(layers.Add()([x, norm(conv(x))])),
    "normalization_bias_add_relu": lambda x: relu(layers.Add()([norm(conv(x, True)), x])),
    "normalization_add": lambda x: layers.Add()([x, norm(conv(x))]),
    "bias_relu6": lambda x: layers.ReLU(max_value=6.0)(conv(x, use_bias=True)),
    "bias_add_relu": lambda x: relu(layers.Add()([conv(x, True), x])),
}

FLOAT32_ALONE = {"normalization_silu"}

# Close to a pattern, and none: another op reads what the loop would not store; the channels are not
# the last axis; another activation.
OTHERS: dict[str, Callable[[Any], Any]] = {
    "read twice": read_twice,
    "channels first": lambda x: relu(norm(conv(x), axis=1)),
    "sigmoid": lambda x: layers.Activation("sigmoid")(norm(conv(x))),
    "leaky": lambda x: layers.LeakyReLU()(norm(conv(x))),
}


@pytest.fixture(params=["float32", "float64"])
def dtype(request: pytest.FixtureRequest) -> Iterator[str]:
    """The dtype of all that the test makes."""
    former = keras.config.floatx()
    keras.config.set_floatx(request.param)
    yield request.param
    keras.config.set_floatx(former)


def model_of(graph: Callable[[Any], Any], channels: int = 6) -> keras.Model:
    """A network whose averages, scales and offsets are not round numbers."""
    keras.utils.set_random_seed(1)
    inputs = keras.Input((7, 5, channels))
    model = keras.Model(inputs, graph(inputs))
    rng = np.random.default_rng(2)
    for variable in model.variables:
        if "normalization" in variable.path:
            variable.assign(rng.uniform(0.5, 2.0, variable.shape))
    return model


def predicted(model: keras.Model, x: np.ndarray, **settings: Any) -> bytes:
    model.compile(**settings)
    return np.asarray(model.predict(x, verbose=0)).tobytes()


def images(shape: tuple[int, ...]) -> np.ndarray:
    """A batch, with a number that is none and one that is infinite."""
    x = np.random.default_rng(0).normal(size=(3, *shape)).astype(keras.config.floatx())
    x[0, 0, 0, 0], x[1, 0, 0, 0] = np.nan, np.inf
    return x


def patterns_of(model: keras.Model) -> Counter[str]:
    return patterns_in(model.program("predict").info.instructions)


# Rows that share a tile, and rows that are cut; blocks that are taken as they are.
@pytest.mark.parametrize("channels", [6, 300, 40, 264])
@pytest.mark.parametrize("pattern", ENDS)
def test_what_stands_behind_a_convolution_is_one_loop_with_the_same_bits(
    pattern: str, channels: int, dtype: str
) -> None:
    if dtype == "float64" and pattern in FLOAT32_ALONE:
        pytest.skip("no loop for float64")
    model = model_of(ENDS[pattern], channels)
    x = images((7, 5, channels))
    in_one_loop = predicted(model, x)
    assert patterns_of(model) == {pattern: 1}
    (instruction,) = [
        i for i in model.program("predict").info.instructions if i.ops[0].brick.name == "conv"
    ]
    assert instruction.ops[-1].pattern == pattern  # the loop is the convolution's epilogue
    assert in_one_loop == predicted(model, x, jit_compile=False)
    assert in_one_loop == predicted(model, x, run_eagerly=True)


@pytest.mark.parametrize("activation", ["relu6", "silu"])
@pytest.mark.parametrize("channels", [36, 72, 300])
def test_depthwise_blocks_of_some_channels_have_the_same_bits(
    channels: int, activation: str, dtype: str
) -> None:
    """Blocks of rows have some of the channels where the loop behind them takes such blocks."""
    keras.utils.set_random_seed(1)
    inputs = keras.Input((17, 30, channels))
    y = norm(layers.DepthwiseConv2D(3, padding="same", use_bias=False)(inputs))
    model = keras.Model(inputs, layers.Activation(activation)(y))
    x = images((17, 30, channels))
    recorded = predicted(model, x)
    assert recorded == predicted(model, x, jit_compile=False)
    assert recorded == predicted(model, x, run_eagerly=True)


@pytest.mark.parametrize("most", [6.0, 0.0, -1.0, np.inf, np.nan])
def test_any_number_may_be_the_limit_of_relu6(most: float, dtype: str) -> None:
    def graph(x: Any) -> Any:
        return layers.Lambda(lambda y: ops.minimum(y, ops.cast(most, dtype)))(relu(norm(conv(x))))

    model = model_of(graph, 40)
    x = images((7, 5, 40))
    recorded = predicted(model, x)
    assert patterns_of(model) == {"normalization_relu6": 1}
    assert recorded == predicted(model, x, run_eagerly=True)


@pytest.mark.parametrize("channels", [6, 40])
def test_normalization_alone_has_the_same_bits_behind_any_convolution(channels: int) -> None:
    def graph(x: Any) -> Any:
        y = norm(layers.DepthwiseConv2D(3, 2, use_bias=False)(x))
        y = layers.ReLU(max_value=6.0)(norm(layers.DepthwiseConv2D(2, use_bias=False)(y)))
        return norm(conv(norm(layers.Conv2D(channels, 1, use_bias=False)(y))))

    model = model_of(graph, channels)
    x = images((7, 5, channels))
    fused = predicted(model, x)
    assert fused == predicted(model, x, run_eagerly=True)


def test_what_goes_past_may_be_the_variable_that_is_assigned() -> None:
    """The convolution's result must not lie in it before it was read."""
    rng = np.random.default_rng(3)
    kernel, x = rng.normal(size=(3, 3, 4, 8)), rng.normal(size=(2, 6, 5, 4))
    numbers = [rng.uniform(0.5, 2.0, 8).astype("float32") for _ in range(4)]

    def sums(decorate: Callable[[Any], Any]) -> np.ndarray:
        total = keras.Variable(np.ones((2, 6, 5, 8), "float32"))

        @decorate
        def step(x: Any) -> Any:
            y = keras.ops.conv(x, kernel.astype("float32"), padding="same")
            return total.assign_add(
                keras.ops.batch_normalization(y, *numbers[:2], -1, *numbers[2:])
            )

        for _ in range(3):
            step(x.astype("float32"))
        return total.numpy()

    assert sums(keras.function).tobytes() == sums(lambda step: step).tobytes()


@pytest.mark.parametrize("limit", [np.inf, 0.5])
def test_any_limit_of_relu_is_kept(limit: float) -> None:
    def graph(x: Any) -> Any:
        return layers.ReLU(max_value=limit)(norm(conv(x)))

    model = model_of(graph, 8)
    x = images((7, 5, 8))
    assert predicted(model, x) == predicted(model, x, run_eagerly=True)


@pytest.mark.parametrize("name", OTHERS)
def test_what_is_close_to_a_pattern_is_none(name: str) -> None:
    model = model_of(OTHERS[name])
    x = images((7, 5, 6))
    as_ever = predicted(model, x)
    assert not patterns_of(model)
    assert as_ever == predicted(model, x, run_eagerly=True)


def test_every_pattern_of_normalization_has_a_network_here() -> None:
    names = {name for name in engine.PATTERNS if name.startswith(("normalization", "bias_"))}
    assert names == set(ENDS)


# x scale + shift, by hand: what it is part of, and how often it is one loop.
BY_HAND: dict[str, tuple[Callable[..., Any], int]] = {
    "the shift first": (lambda x, g, b, c: b + g * x, 1),
    "behind a mean": (lambda x, g, b, c: (x - ops.mean(x, axis=-1, keepdims=True)) * g + b, 1),
    "beside another": (lambda x, g, b, c: ops.maximum(x * g + b, (x - c) * 0.1), 1),
    "of a product": (lambda x, g, b, c: x * ops.tanh(x) + b, 1),
    "summed": (lambda x, g, b, c: ops.sum(x * g + b), 1),
    "summed over rows": (lambda x, g, b, c: ops.sum(x * g + b, axis=0), 1),
    "for each row": (lambda x, g, b, c: x * c + c, 0),
    "for each number": (lambda x, g, b, c: x * g + x, 0),
    "by one number": (lambda x, g, b, c: x * 2.0 + b, 0),
}


@pytest.mark.parametrize("shape", [(9, 6), (40, 77), (3, 1500), (1, 6)])
@pytest.mark.parametrize("name", BY_HAND)
def test_a_scale_and_a_shift_are_one_loop_with_the_same_bits(
    name: str, shape: tuple[int, int], dtype: str
) -> None:
    formula, count = BY_HAND[name]
    rng = np.random.default_rng(3)
    shapes = (shape, shape[1:], shape[1:], (shape[0], 1))
    given = [ops.convert_to_tensor(rng.normal(size=s).astype(dtype)) for s in shapes]
    function = keras.function(formula)
    found = function(*given)
    if shape[0] > 1:  # one row has as many numbers as a row is long
        patterns = patterns_in(function.program.view().info.instructions)
        assert patterns == ({"scale_and_shift": count} if count else {})
    assert found.numpy().tobytes() == formula(*given).numpy().tobytes()


# What stands behind a convolution, and operands that only look like numbers of channels.
BEHIND: dict[str, Callable[..., Any]] = {
    "scaled": lambda y, a, c: y * a + c,
    "shifted": lambda y, a, c: y * c + a,
    "normalized": lambda y, a, c: (y - a) * c + c,
    "normalized, relu": lambda y, a, c: ops.relu((y - c) * a + c),
    "normalized, relu6": lambda y, a, c: ops.minimum(ops.relu((y - c) * c + a), 6.0),
    "biased, relu": lambda y, a, c: ops.relu(y + a + c),
}


@pytest.mark.parametrize("shape", [(3, 4, 5, 8), (4, 5, 8), (5, 8), (8,), (1, 1, 1, 8)])
@pytest.mark.parametrize("batch", [1, 3])
@pytest.mark.parametrize("name", BEHIND)
def test_numbers_for_each_element_are_not_taken_for_those_of_channels(
    name: str, batch: int, shape: tuple[int, ...]
) -> None:
    rng = np.random.default_rng(5)
    shapes = (
        (batch, 4, 5, 3),
        (3, 3, 3, 8),
        (batch, *shape[1:]) if len(shape) > 3 else shape,
        (8,),
    )
    given = [ops.convert_to_tensor(rng.normal(size=s).astype("float32")) for s in shapes]

    def formula(x: Any, kernel: Any, a: Any, c: Any) -> Any:
        return BEHIND[name](ops.conv(x, kernel, padding="same"), a, c)

    found = keras.function(formula)(*given)
    assert found.numpy().tobytes() == formula(*given).numpy().tobytes()


def residual_block(x: Any) -> Any:
    """The product that the sum stands behind does not read what is added, and nothing else does."""
    inner = relu(norm(conv(x, True)))
    return relu(layers.Add()([x, norm(conv(inner, True))]))


def block_with_shortcut(x: Any) -> Any:
    return relu(layers.Add()([norm(conv(x, True)), norm(conv(relu(x), True))]))


# Products in memory of their own, and such that others lie in: the sum takes the residual's place.
@pytest.mark.parametrize("channels", [6, 40, 264])
@pytest.mark.parametrize("rows", [1, 3])
def test_residual_blocks_one_after_another_have_the_same_bits(channels: int, rows: int) -> None:
    model = model_of(lambda x: residual_block(residual_block(residual_block(x))), channels)
    x = images((7, 5, channels))[-rows:]
    assert predicted(model, x) == predicted(model, x, jit_compile=False)
    info = model.program("predict").info
    sums = [
        info.buffers[i.ops[-1].outputs[0].buffer].offset
        for i in info.instructions
        if i.ops[-1].pattern == "normalization_bias_add_relu"
    ]
    assert len(sums) == 3
    assert sums[0] == sums[1]


@pytest.mark.parametrize("channels", [6, 40, 264])
def test_two_convolutions_that_meet_have_a_loop_each(channels: int) -> None:
    model = model_of(block_with_shortcut, channels)
    x = images((7, 5, channels))
    assert predicted(model, x) == predicted(model, x, jit_compile=False)
    ends = [
        [op.brick.name for op in i.ops]
        for i in model.program("predict").info.instructions
        if i.ops[0].brick.name == "conv"
    ]
    assert ends == [
        ["conv", "add", "normalize"],
        ["conv", "add", "normalize", "add", "relu"],
    ]


@pytest.mark.parametrize(
    ("name", "patterns"),
    [
        (
            "ResNet50",
            {
                "normalization_bias_relu": 33,
                "normalization_bias": 4,
                "normalization_bias_add_relu": 16,
            },
        ),
        ("MobileNetV2", {"normalization_relu6": 35, "normalization_add": 10}),
    ],
)
def test_pretrained_networks_predict_with_them(name: str, patterns: dict[str, int]) -> None:
    network = getattr(keras.applications, name)
    model = network(weights=None, input_shape=(32, 32, 3), include_top=False)
    predicted(model, images((32, 32, 3)))
    assert patterns_of(model) == patterns
