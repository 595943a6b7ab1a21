"""The functions of pylego.ops that convolve: Keras's numbers, layouts, and refusals."""

from __future__ import annotations

from typing import Any

import goldens
import numpy as np
import pytest
from recorded import Recorded, bits
from recordings import finished

from pylego import config, ops
from pylego.autograd import GradientTape
from pylego.inspection import read_program
from pylego.inspection.text import program_text

CALLS = goldens.load("convolution")["calls"]
ACCEPTED = [facts for facts in CALLS if "value" in facts]
LAYOUTS = ["channels_last", "channels_first"]


def name_of(facts: dict[str, Any]) -> str:
    return f"{facts['op']}-{np.shape(facts['inputs'][0])}-{facts['arguments']}"


def run(facts: dict[str, Any], inputs: list[Any], data_format: str = "channels_last") -> Any:
    operation = getattr(ops, facts["op"])
    if data_format == "channels_first":
        inputs = [ops.moveaxis(inputs[0], -1, 1), *inputs[1:]]
    y = operation(*inputs, data_format=data_format, **facts["arguments"])
    return ops.moveaxis(y, 1, -1) if data_format == "channels_first" else y


@pytest.mark.parametrize("data_format", LAYOUTS)
@pytest.mark.parametrize("facts", ACCEPTED, ids=name_of)
def test_values_and_gradients_are_those_of_keras(facts: dict[str, Any], data_format: str) -> None:
    inputs = [ops.convert_to_tensor(goldens.array(x)) for x in facts["inputs"]]
    with GradientTape() as tape:
        tape.watch(inputs)
        y = run(facts, inputs, data_format)
        total = ops.sum(y * y)
    assert facts["channels_first_is_the_same"]
    goldens.expect_close(y, facts["value"], rtol=1e-5, atol=1e-5)
    for ours, expected in zip(tape.gradient(total, inputs), facts["gradients"], strict=True):
        goldens.expect_close(ours, expected, rtol=1e-5, atol=1e-4)


@pytest.mark.parametrize("facts", [f for f in CALLS if "raises" in f], ids=name_of)
def test_what_keras_refuses_is_refused_by_name(facts: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="conv"):
        run(facts, [goldens.array(x) for x in facts["inputs"]])


def test_the_layout_is_that_of_the_settings_by_default() -> None:
    x, kernel = np.ones((1, 2, 5), "float32"), np.ones((3, 2, 4), "float32")
    config.set_image_data_format("channels_first")
    try:
        assert ops.conv(x, kernel).shape == (1, 4, 3)
        assert ops.conv_transpose(x, np.ones((3, 4, 2))).shape == (1, 4, 7)
    finally:
        config.set_image_data_format("channels_last")


def test_padding_can_be_given_for_each_side() -> None:
    """How a causal convolution sees nothing of what comes later."""
    x = ops.reshape(ops.arange(1.0, 5.0), (1, 4, 1))
    y = ops.conv(x, np.ones((3, 1, 1), "float32"), padding=[(2, 0)])
    assert y.numpy().ravel().tolist() == [1, 3, 6, 9]


FEW_CHANNELS = [(1, 3, 1), (1, 5, 1), (3, 3, 2), (3, 7, 2), (4, 2, 3)]


def windows_of(x: np.ndarray, taps: int, stride: int) -> np.ndarray:
    """What each output sees, (batch, rows, columns, channels, taps, taps): "same", in float64."""
    missing = [max((-(-n // stride) - 1) * stride + taps - n, 0) for n in x.shape[1:3]]
    sides = [(0, 0), *[(m // 2, m - m // 2) for m in missing], (0, 0)]
    padded = np.pad(x.astype("float64"), sides)
    windows = np.lib.stride_tricks.sliding_window_view(padded, (taps, taps), axis=(1, 2))
    return windows[:, ::stride, ::stride]


def windows_times_kernel(x: np.ndarray, kernel: np.ndarray, stride: int) -> np.ndarray:
    """Convolve in NumPy, by the formula."""
    return np.einsum("bijcuv,uvcf->bijf", windows_of(x, kernel.shape[0], stride), kernel)


@pytest.mark.parametrize(("channels", "taps", "stride"), FEW_CHANNELS)
def test_first_layers_of_networks_convolve_by_the_formula(
    channels: int, taps: int, stride: int
) -> None:
    """Rows of 31 places: tiles and blocks of places begin and end anywhere in them."""
    draw = np.random.default_rng(taps)
    x = draw.normal(size=(3, 29, 31, channels)).astype("float32")
    kernel = draw.normal(size=(taps, taps, channels, 40)).astype("float32")
    y = ops.conv(x, kernel, strides=stride, padding="same").numpy()
    np.testing.assert_allclose(y, windows_times_kernel(x, kernel, stride), rtol=0, atol=1e-4)


FEW_COLUMNS = [(1, 16, 3, 1), (2, 37, 3, 1), (3, 30, 5, 2), (4, 24, 1, 1), (5, 24, 3, 1)]


def gradients(x: np.ndarray, kernel: np.ndarray, dy: np.ndarray, stride: int) -> list[np.ndarray]:
    """Of a convolution, by the input and by the kernel."""
    inputs = [ops.convert_to_tensor(x), ops.convert_to_tensor(kernel)]
    with GradientTape() as tape:
        tape.watch(inputs)
        y = ops.conv(*inputs, strides=stride, padding="same")
    return [d.numpy() for d in tape.gradient(y, inputs, output_gradients=dy)]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(("few", "many", "taps", "stride"), FEW_COLUMNS)
def test_few_filters_and_few_channels_by_the_formula(
    few: int, many: int, taps: int, stride: int, dtype: str
) -> None:
    """What fills no vector: forward and the gradient by the kernel, and backward to a picture."""
    draw = np.random.default_rng(many)
    x = draw.normal(size=(2, 9, 11, many)).astype(dtype)
    kernel = draw.normal(size=(taps, taps, many, few)).astype(dtype)
    y = ops.conv(x, kernel, strides=stride, padding="same").numpy()
    np.testing.assert_allclose(y, windows_times_kernel(x, kernel, stride), rtol=0, atol=1e-4)
    dy = draw.normal(size=y.shape).astype(dtype)
    _, dkernel = gradients(x, kernel, dy, stride)
    expected = np.einsum("bijcuv,bijf->uvcf", windows_of(x, taps, stride), dy)
    np.testing.assert_allclose(dkernel, expected, rtol=0, atol=1e-4)
    picture = draw.normal(size=(2, 9, 11, few)).astype(dtype)
    back = np.ascontiguousarray(np.swapaxes(kernel, 2, 3))
    out = windows_times_kernel(picture, back, stride)
    dy = draw.normal(size=out.shape).astype(dtype)
    dx, _ = gradients(picture, back, dy, stride)
    np.testing.assert_allclose((dx * picture).sum(), (out * dy).sum(), rtol=1e-4)
    assert np.abs(dx[:, 0]).max() > 0


def test_a_sum_along_the_depth_keeps_infinities() -> None:
    """What a lane reads twice counts once: 37 channels are not whole vectors."""
    x, kernel = np.ones((1, 4, 4, 37), "float32"), np.ones((1, 1, 37, 2), "float32")
    x[0, 0, 0, 35], kernel[0, 0, 25, 1] = np.inf, np.inf
    y = ops.conv(np.pad(x, [(0, 0), (0, 1), (0, 0), (0, 0)]), kernel, strides=2).numpy()
    assert y[0, 0, 0].tolist() == [np.inf, np.inf]
    assert y[0, 1, 1].tolist() == [37, np.inf]


# Channels, columns of the picture, taps, stride: rows that are whole tiles, and others.
SIDE_BY_SIDE = [
    (16, 20, 5, 1),
    (35, 20, 5, 1),
    (35, 7, 3, 1),
    (40, 14, 3, 1),
    (100, 15, 3, 2),
    (300, 9, 3, 1),
    (37, 31, 5, 2),
    (33, 300, 3, 1),
    (32, 6, 3, 1),
]


@pytest.mark.parametrize(("channels", "columns", "taps", "stride"), SIDE_BY_SIDE)
def test_depthwise_taps_side_by_side_by_the_formula(
    channels: int, columns: int, taps: int, stride: int
) -> None:
    """Forward and backward; taps at the edges that are outside of the picture are left out."""
    draw = np.random.default_rng(channels)
    x = draw.normal(size=(2, 9, columns, channels)).astype("float32")
    kernel = draw.normal(size=(taps, taps, channels, 1)).astype("float32")
    with GradientTape() as tape:
        inputs = ops.convert_to_tensor(x)
        tape.watch(inputs)
        y = ops.depthwise_conv(inputs, kernel, strides=stride, padding="same")
    windows = windows_of(x, taps, stride)
    expected = np.einsum("bijcuv,uvc->bijc", windows, kernel[..., 0])
    np.testing.assert_allclose(y.numpy(), expected, rtol=0, atol=1e-4)
    dy = draw.normal(size=y.shape).astype("float32")
    dx = tape.gradient(y, inputs, output_gradients=dy)
    shifted = draw.normal(size=x.shape).astype("float32")
    out = np.einsum("bijcuv,uvc->bijc", windows_of(shifted, taps, stride), kernel[..., 0])
    by_channel = np.einsum("bijc,bijc->c", dx.numpy(), shifted)
    np.testing.assert_allclose(by_channel, np.einsum("bijc,bijc->c", dy, out), rtol=0, atol=1e-2)


@pytest.mark.parametrize("dilation", [1, 2])
def test_depthwise_taps_outside_do_not_touch_infinities(dilation: int) -> None:
    """What is outside of a picture is not 0 times a tap of the kernel."""
    x, kernel = np.ones((1, 8, 14, 64), "float32"), np.ones((3, 3, 64, 1), "float32")
    kernel[0, 0] = np.inf
    y = ops.depthwise_conv(x, kernel, padding="same", dilation_rate=dilation).numpy()
    assert np.isfinite(y[0, :dilation]).all()
    assert np.isfinite(y[0, :, :dilation]).all()
    assert np.isinf(y[0, dilation:, dilation:]).all()


# Channels and filters of a group, groups, size of the picture, taps, stride.
GROUPS = [
    (4, 4, 5, (6, 60), 3, 1),
    (8, 8, 3, (9, 13), 3, 2),
    (5, 7, 4, (7, 7), 5, 1),
    (16, 10, 2, (15, 31), 3, 1),
    (3, 20, 2, (8, 8), 2, 3),
    (24, 40, 3, (5, 26), (1, 3), 1),
    (4, 4, 2, (17, 9), 9, 1),
    (1, 1, 16, (20, 3), 3, 1),
    (1, 1, 35, (14, 11), 9, 1),
    (1, 2, 8, (30, 2), 3, 1),
    (1, 3, 5, (16, 9), 5, 2),
]


def groups_of(x: np.ndarray, count: int) -> list[np.ndarray]:
    return [np.ascontiguousarray(part) for part in np.split(x, count, axis=-1)]


@pytest.mark.parametrize("isa", config.isas())
@pytest.mark.parametrize(("channels", "filters", "groups", "size", "taps", "stride"), GROUPS)
def test_groups_are_convolutions_side_by_side(
    channels: int, filters: int, groups: int, size: tuple, taps: Any, stride: int, isa: str
) -> None:
    """The law of a group, forward and backward: slices that overlap, high and low pictures."""
    draw = np.random.default_rng(channels)
    lengths = (taps, taps) if isinstance(taps, int) else taps
    x = draw.normal(size=(3, *size, groups * channels)).astype("float32")
    kernel = draw.normal(size=(*lengths, channels, groups * filters)).astype("float32")
    former = config.isa()
    config.set_isa(isa)
    try:
        y = ops.conv(x, kernel, strides=stride, padding="same").numpy()
        dy = draw.normal(size=y.shape).astype("float32")
        dx, dkernel = gradients(x, kernel, dy, stride)
    finally:
        config.set_isa(former)
    wide = [groups_of(a.astype("float64"), groups) for a in (x, kernel, dy)]
    alone = [ops.conv(a, b, strides=stride, padding="same").numpy() for a, b, _ in zip(*wide)]
    back = [gradients(a, b, c, stride) for a, b, c in zip(*wide)]
    for ours, parts in ((y, alone), (dx, [b[0] for b in back]), (dkernel, [b[1] for b in back])):
        np.testing.assert_allclose(ours, np.concatenate(parts, -1), rtol=0, atol=2e-4)


@pytest.mark.parametrize(("channels", "filters", "groups", "size", "taps", "stride"), GROUPS)
def test_bits_of_groups_depend_neither_on_threads_nor_on_the_length_of_vectors(
    channels: int, filters: int, groups: int, size: tuple, taps: Any, stride: int
) -> None:
    draw = np.random.default_rng(filters)
    lengths = (taps, taps) if isinstance(taps, int) else taps
    x = draw.normal(size=(5, *size, groups * channels)).astype("float32")
    kernel = draw.normal(size=(*lengths, channels, groups * filters)).astype("float32")
    dy = np.ones_like(ops.conv(x, kernel, strides=stride, padding="same").numpy()) / 3

    def results() -> list[bytes]:
        y = ops.conv(x, kernel, strides=stride, padding="same")
        return [bits(a) for a in (y, *gradients(x, kernel, dy, stride))]

    before, former = config.num_threads(), config.isa()
    fused = [isa for isa in config.isas() if isa != "generic"]
    try:
        found = {}
        for isa in config.isas():
            config.set_isa(isa)
            for threads in (1, 2, 3):
                config.set_num_threads(threads)
                found[isa, threads] = results()
    finally:
        config.set_num_threads(before)
        config.set_isa(former)
    for isa in config.isas():
        assert found[isa, 1] == found[isa, 2] == found[isa, 3], isa
    assert all(found[isa, 1] == found[fused[0], 1] for isa in fused)


def test_what_a_picture_gives_does_not_depend_on_those_beside_it() -> None:
    draw = np.random.default_rng(0)
    x, kernel = draw.normal(size=(3, 29, 31, 3)), draw.normal(size=(5, 5, 3, 40))
    together = ops.conv(x, kernel, padding="same").numpy()
    alone = [ops.conv(x[i : i + 1], kernel, padding="same").numpy() for i in range(len(x))]
    assert bits(together) == bits(np.concatenate(alone))


def test_an_empty_batch_has_no_outputs_and_no_gradient_of_its_kernel() -> None:
    x, kernel = ops.zeros((0, 5, 5, 2)), ops.ones((3, 3, 2, 4))
    with GradientTape() as tape:
        tape.watch([x, kernel])
        y = ops.conv(x, kernel)
    dx, dkernel = tape.gradient(y, [x, kernel])
    assert y.shape == (0, 3, 3, 4)
    assert dx.shape == x.shape
    assert dkernel.numpy().tolist() == np.zeros((3, 3, 2, 4)).tolist()


REFUSED = [
    ((1, 4, 2), (5, 2, 3), {}, r"kernel \(5, 2, 3\).*more elements.*input \(1, 4, 2\).*same"),
    ((1, 4, 2), (2, 3, 3), {}, r"input \(1, 4, 2\) has 2 channels and the kernel \(2, 3, 3\)"),
    ((1, 4, 4), (2, 2, 3), {}, r"3 filters, of shape \(2, 2, 3\), do not divide into 2 groups"),
    ((1, 4), (2, 2, 3), {}, r"\(1, 4\) and a kernel \(2, 2, 3\) do not fit"),
    ((1, 4, 4, 2), (2, 2, 3), {}, "the same number of them"),
    ((1, 4, 2), (2, 2, 3), {"strides": 0}, "strides"),
    ((1, 4, 2), (2, 2, 3), {"strides": (1, 1)}, "one for each of 1 spatial axes"),
    ((1, 4, 2), (2, 2, 3), {"dilation_rate": 4}, "dilation 4"),
    ((1, 4, 2), (2, 2, 3), {"padding": "sane"}, "Did you mean 'same'"),
    ((1, 4, 2), (2, 2, 3), {"padding": (1, 1)}, "pair"),
    ((1, 4, 2), (2, 2, 3), {"data_format": "channels_lost"}, "channels_last"),
    ((1, 4, 2), (0, 2, 3), {}, "no elements along spatial axis 0"),
]


@pytest.mark.parametrize(("x", "kernel", "arguments", "message"), REFUSED)
def test_a_misfit_says_what_would_mend_it(
    x: tuple, kernel: tuple, arguments: dict, message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        ops.conv(np.ones(x, "float32"), np.ones(kernel, "float32"), **arguments)


@pytest.mark.parametrize(
    ("attributes", "message"),
    [
        ({"strides": (2**40,)}, "the stride of spatial axis 0 must be from 1 to"),
        ({"before": (2**62,)}, "the padding before"),
        ({"groups": 0}, "groups must be 1 or more"),
        ({"lengths": (2**31 - 1,)}, "give outputs"),
        ({"lengths": (5, 5)}, "a number for each of 1 spatial axes"),
    ],
)
def test_attributes_are_checked_by_the_bricks(attributes: dict, message: str) -> None:
    window = {"strides": (1,), "dilation": (1,), "before": (0,), "after": (0,), "groups": 1}
    dy, kernel = np.ones((1, 4, 3), "float32"), np.ones((2, 2, 3), "float32")
    with pytest.raises(ValueError, match=message):
        ops.core._tensor.apply(
            "conv_input_gradient", (dy, kernel), **{"lengths": (5,), **window, **attributes}
        )


def test_the_bricks_count_their_operations() -> None:
    x, kernel = np.ones((2, 5, 6, 4), "float32"), np.ones((3, 2, 2, 6), "float32")
    lengths = {"strides": 2, "padding": "same"}
    program = finished(lambda x, kernel: ops.conv(x, kernel, **lengths), [x, kernel], 0)
    (only,) = read_program(program, "conv", {}).instructions
    assert only.operations == 2 * (2 * 3 * 3 * 6) * (3 * 2 * 2)


# ---- what lies outside ------------------------------------------------------------------------


@pytest.mark.parametrize("channels", [2, 16, 48])
def test_the_gradient_by_the_kernel_leaves_out_what_lies_outside(channels: int) -> None:
    """An infinite dy at the first output reaches no tap that sees zeros there: 0 inf would be NaN.

    2 and 16 channels are read as lines, 48 are gathered. A tile with rows of two lines of taps
    takes all outputs of a row of the image that one of them sees.
    """
    x = np.ones((1, 14, 14, channels), "float32")
    dy = np.zeros((1, 14, 14, 8), "float32")
    dy[0, 0, 0] = np.inf
    window = {"strides": (1, 1), "dilation": (1, 1), "before": (5, 5), "after": (5, 5), "groups": 1}
    dk = ops.core._tensor.apply("conv_kernel_gradient", (x, dy), lengths=(11, 11), **window)
    found = dk.numpy()
    assert np.isinf(found[5:, 5:]).all()
    assert not found[:4].any()
    if channels > 2:
        assert not found[5:, 1:4].any()


# ---- the table of algorithms ------------------------------------------------------------------


POINTWISE = [
    ((2, 9, 9, 8), (1, 1, 8, 5), {}),
    ((2, 9, 5), (1, 5, 3), {}),
    ((2, 4, 5, 6, 3), (1, 1, 1, 3, 2), {"dilation": 3}),
    ((2, 9, 9, 1), (1, 1, 1, 1), {}),
]
DEPTHWISE = [
    ((2, 9, 9, 8), (3, 3, 1, 8), {"groups": 8}),
    ((2, 9, 9, 8), (3, 3, 1, 24), {"groups": 8, "strides": 2}),
    ((2, 9, 8), (3, 1, 8), {"groups": 8, "dilation": 2}),
    ((2, 9, 9, 8), (1, 1, 1, 8), {"groups": 8}),
    ((2, 9, 9, 1), (3, 3, 1, 1), {}),
]
WINOGRAD = [
    ((2, 8, 8, 64), (3, 3, 64, 64), {"before": 1, "after": 1}),
    ((2, 6, 6, 48), (3, 3, 48, 48), {}),
    ((2, 3, 8, 8, 48), (1, 3, 3, 48, 48), {}),
    ((2, 7, 7, 128), (3, 3, 128, 128), {"before": 1, "after": 1}),
    ((2, 7, 7, 256), (3, 3, 256, 256), {}),
    ((2, 8, 8, 16), (3, 3, 16, 32), {}),
    ((2, 8, 8, 32), (3, 3, 32, 16), {}),
    ((2, 7, 7, 512), (3, 3, 512, 512), {"before": 1, "after": 1}),
]
DIRECT = [
    ((2, 9, 9, 8), (1, 1, 8, 5), {"strides": 2}),
    ((2, 9, 9, 8), (1, 1, 8, 5), {"before": 1}),
    ((2, 9, 9, 100), (3, 3, 50, 98), {"groups": 2}),
    ((2, 9, 9, 1), (3, 3, 1, 4), {}),
    ((2, 8, 8, 16), (3, 3, 16, 16), {"strides": 2}),
    ((2, 9, 9, 16), (3, 3, 16, 16), {"dilation": 2}),
    ((2, 8, 8, 15), (3, 3, 15, 16), {}),
    ((2, 8, 8, 16), (3, 3, 16, 17), {}),
    ((2, 5, 5, 16), (3, 3, 16, 16), {}),
    ((2, 8, 8, 16), (5, 5, 16, 16), {}),
    ((2, 8, 16), (3, 16, 16), {}),
    ((2, 8, 8, 16), (3, 3, 16, 16), {}),
    ((2, 5, 5, 512), (3, 3, 512, 512), {"before": 1, "after": 1}),
]
GROUPED = [
    ((2, 9, 9, 8), (3, 3, 4, 8), {"groups": 2}),
    ((2, 9, 9, 256), (3, 3, 8, 256), {"groups": 32, "strides": 2}),
    ((2, 20, 15), (5, 5, 12), {"groups": 3, "dilation": 2}),
    ((2, 4, 9, 14, 32), (1, 3, 3, 16, 32), {"groups": 2}),
    ((2, 9, 9, 16), (3, 3, 2, 16), {"groups": 8}),
    ((2, 9, 9, 12), (3, 3, 3, 8), {"groups": 4}),
]
UNIFORM = {
    "pointwise": POINTWISE,
    "depthwise": DEPTHWISE,
    "grouped": GROUPED,
    "winograd": WINOGRAD,
    "direct": DIRECT,
}
TAKEN = [
    *((case, [name] * 3) for name, cases in UNIFORM.items() for case in cases),
    (((2, 9, 9, 37), (3, 3, 37, 3), {}), ["direct", "direct", "narrow"]),
    (((2, 9, 9, 16), (1, 1, 16, 3), {}), ["direct", "pointwise", "narrow"]),
    (((2, 9, 9, 3), (1, 1, 3, 16), {}), ["pointwise", "direct", "pointwise"]),
    (((2, 9, 9, 32), (3, 3, 16, 32), {"groups": 2}), ["direct", "direct", "grouped"]),
    (((2, 9, 9, 8), (3, 3, 4, 2), {"groups": 2}), ["direct", "grouped", "direct"]),
]


def algorithms_of(x: tuple, kernel: tuple, settings: dict) -> list[str | None]:
    """What a program says of a convolution and its two gradients."""
    axes = len(x) - 2
    defaults = {"strides": 1, "dilation": 1, "before": 0, "after": 0, "groups": 1} | settings
    window: dict[str, Any] = {name: (value,) * axes for name, value in defaults.items()}
    window["groups"] = defaults["groups"]

    def step(x: Any, kernel: Any) -> list[Any]:
        with GradientTape() as tape:
            tape.watch([x, kernel])
            y = ops.core._tensor.apply("conv", (x, kernel), **window)
        return [y, *tape.gradient(y, [x, kernel])]

    inputs = [np.ones(shape, "float32") for shape in (x, kernel)]
    program = read_program(finished(step, inputs), "conv", {})
    found = {
        op.brick.name: op.algorithm
        for instruction in program.instructions
        for op in instruction.ops
        if op.brick.name.startswith("conv")
    }
    return [found[name] for name in ("conv", "conv_input_gradient", "conv_kernel_gradient")]


@pytest.mark.parametrize(("case", "taken"), TAKEN)
def test_each_geometry_takes_the_algorithms_that_are_made_for_it(case: tuple, taken: list) -> None:
    assert algorithms_of(*case) == taken
    x, kernel, settings = case
    assert algorithms_of((1, *x[1:]), kernel, settings) == taken, "the batch has no say"


@pytest.mark.parametrize("case", WINOGRAD)
def test_without_winograd_the_sum_is_direct(case: tuple) -> None:
    config.set_winograd(0)
    try:
        assert algorithms_of(*case) == ["direct"] * 3
    finally:
        config.set_winograd(2)


def test_a_program_prints_the_algorithm() -> None:
    inputs = [np.ones(shape, "float32") for shape in ((1, 4, 2), (1, 2, 3))]
    program = finished(lambda x, kernel: [ops.conv(x, kernel)], inputs)
    assert ") by pointwise" in program_text(read_program(program, "conv", {}))


# ---- epilogues of convolutions in programs --------------------------------------------------


def convolve_add_relu(x: Any, kernel: Any, bias: Any) -> list[Any]:
    return [ops.relu(ops.conv(x, kernel, padding="same") + bias)]


def convolve_and_keep(x: Any, kernel: Any, bias: Any) -> list[Any]:
    y = ops.conv(x, kernel, padding="same")
    return [ops.relu(y + bias), ops.sum(y, axis=0)]


def convolve_residual(x: Any, kernel: Any, bias: Any) -> list[Any]:
    """The input that is added is also what the kernel still reads around the next places."""
    x = ops.tanh(x)
    return [ops.relu(ops.conv(x, kernel, padding="same") + bias + ops.sum(x, -1, keepdims=True))]


WITH_EPILOGUE = [
    ((2, 9, 11, 3), (3, 3, 3, 5)),
    ((3, 20, 20, 4), (3, 3, 4, 40)),
    ((2, 7, 9, 5), (1, 1, 5, 6)),
    ((2, 12, 9, 24), (3, 3, 1, 24)),
    ((2, 12, 9, 12), (3, 3, 1, 36)),
    ((2, 12, 9, 4), (3, 2, 2, 6)),
    ((2, 12, 30, 16), (3, 3, 4, 24)),
    ((1, 30, 6), (3, 6, 600)),
    ((2, 4, 5, 3, 2), (2, 2, 2, 2, 3)),
]


@pytest.mark.parametrize("isa", config.isas())
@pytest.mark.parametrize("make", [convolve_add_relu, convolve_and_keep, convolve_residual])
@pytest.mark.parametrize(("x", "kernel"), WITH_EPILOGUE)
def test_an_epilogue_of_a_convolution_gives_the_same_bits(
    x: tuple, kernel: tuple, make: Any, isa: str
) -> None:
    generator = np.random.default_rng(0)
    shapes = (x, kernel, kernel[-1:])
    inputs = [ops.convert_to_tensor(generator.normal(size=s).astype("float32")) for s in shapes]
    before, former = config.num_threads(), config.isa()
    config.set_isa(isa)
    try:
        wanted = bits(make(*inputs))
        for threads in (1, 2, 3):
            config.set_num_threads(threads)
            assert bits(Recorded(make, inputs)(*inputs)) == wanted
    finally:
        config.set_num_threads(before)
        config.set_isa(former)


def test_bias_and_activation_become_the_epilogue_of_a_convolution() -> None:
    shapes = ((2, 9, 11, 3), (3, 3, 3, 5), (5,))
    inputs = [np.ones(shape, "float32") for shape in shapes]
    program = finished(lambda *inputs: convolve_add_relu(*inputs)[0], inputs)
    (only,) = read_program(program, "conv", {}).instructions
    assert [op.brick.name for op in only.ops] == ["conv", "add", "relu"]
