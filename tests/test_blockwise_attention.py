"""Attention without a stored matrix of scores gives what the matrix gives, and is what layers take.

What the two bricks compute is told by the laws (tests/laws/attention.py)."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from recorded import Recorded, bits, bricks

from pylego import Model, config, layers, ops
from pylego.autograd import GradientTape
from pylego.core.tensor import Tensor, apply_all
from pylego.testing import check_gradients

RNG = np.random.default_rng(7)
LENGTHS = (1, 2, 63, 64, 65, 129, 255, 257, 300)  # blocks have up to 128 queries and 256 keys
STATUS = Path("/proc/self/status")


@pytest.fixture
def _same_settings_afterwards() -> Any:
    count, isa = config.num_threads(), config.isa()
    yield
    config.set_num_threads(count)
    config.set_isa(isa)


@pytest.fixture
def _by_matrix() -> Any:
    config.disable_flash_attention()
    yield
    config.enable_flash_attention()


def numbers(*shape: int, dtype: str = "float64") -> Tensor:
    return ops.convert_to_tensor(RNG.normal(size=shape).astype(dtype))


def with_gradients(f: Callable[..., Tensor], xs: list[Tensor]) -> list[np.ndarray]:
    with GradientTape() as tape:
        tape.watch(xs)
        y = f(*xs)
        loss = ops.sum(ops.sin(y))
    return [y.numpy(), *(g.numpy() for g in tape.gradient(loss, xs))]


def expect_same(xs: list[Tensor], has_bias: bool, **options: Any) -> None:
    """By blocks and by the matrix, values and gradients agree in float64."""
    found, wanted = (
        with_gradients(
            lambda q, k, v, *rest, way=way: ops.dot_product_attention(
                *(q, k, v), bias=rest[0] if has_bias else None, flash_attention=way, **options
            ),
            xs,
        )
        for way in (True, False)
    )
    for ours, theirs in zip(found, wanted):
        np.testing.assert_allclose(ours, theirs, rtol=1e-9, atol=1e-11)


# ---- values and gradients -------------------------------------------------------------------


@given(data=st.data())
@settings(max_examples=25)
def test_blocks_give_what_the_matrix_gives(data: Any) -> None:
    steps, others = (data.draw(st.sampled_from(LENGTHS), label=name) for name in ("q", "k"))
    groups, per_group = data.draw(st.sampled_from([(1, 1), (2, 1), (1, 3), (2, 2)]))
    size, value_size = data.draw(st.sampled_from([(1, 1), (5, 3), (16, 17)]))
    heads, batch = groups * per_group, data.draw(st.sampled_from([1, 2]))
    scores = (batch, heads, steps, others)
    narrow = st.tuples(*(st.sampled_from([1, n]) for n in scores))
    xs = [
        numbers(batch, steps, heads, size),
        numbers(batch, others, groups, size),
        numbers(batch, others, groups, value_size),
    ]
    has_bias, has_mask = data.draw(st.booleans()), data.draw(st.booleans())
    if has_bias:
        xs.append(numbers(*data.draw(narrow)))
    mask = RNG.random(data.draw(narrow)) < data.draw(st.sampled_from([0.0, 0.3, 0.9]))
    expect_same(
        *(xs, has_bias),
        mask=mask if has_mask else None,
        is_causal=data.draw(st.booleans()),
        attn_logits_soft_cap=data.draw(st.sampled_from([None, 1.5])),
    )


def test_slopes_are_differences() -> None:
    xs = [RNG.normal(size=shape) for shape in ((2, 3, 4, 2), (2, 5, 2, 2), (2, 5, 2, 3))]
    mask = RNG.random((2, 1, 3, 5)) < 0.7
    check_gradients(
        lambda q, k, v, b: ops.dot_product_attention(q, k, v, bias=b, mask=mask),
        [*xs, RNG.normal(size=(4, 1, 5))],
    )


@pytest.mark.parametrize("steps", [3, 200])
@pytest.mark.parametrize("is_causal", [False, True])
def test_a_query_that_sees_nothing_gets_the_mean_of_all(steps: int, is_causal: bool) -> None:
    """Also of the keys behind it, which a causal mask hides."""
    xs = [numbers(1, n, 1, 4) for n in (steps, 2 * steps, 2 * steps)]
    mask = np.ones((1, 1, 1, 2 * steps), bool)
    mask[..., :2] = False
    y = ops.dot_product_attention(*xs, mask=mask, is_causal=is_causal).numpy()
    if is_causal:
        mean = np.broadcast_to(xs[2].numpy().mean((0, 1, 2)), (2, 4))
        np.testing.assert_allclose(y[0, :2, 0], mean, rtol=1e-12)
    expect_same(xs, False, mask=mask, is_causal=is_causal)
    expect_same(xs, False, mask=np.zeros(1, bool), is_causal=is_causal)


def test_infinite_biases_hide_keys() -> None:
    """All of the first block of keys, so that nothing is known after it."""
    xs = [numbers(1, n, 1, 4) for n in (3, 300, 300)]
    bias = np.zeros((1, 1, 1, 300))
    bias[..., :260] = -math.inf
    y = ops.dot_product_attention(*xs, bias=bias).numpy()
    rest = [xs[0], xs[1][:, 260:], xs[2][:, 260:]]
    np.testing.assert_allclose(y, ops.dot_product_attention(*rest), rtol=1e-12)
    assert np.isnan(ops.dot_product_attention(*xs, bias=np.full((1,), -math.inf))).all()


def test_nan_stays_in_its_row() -> None:
    query = RNG.normal(size=(1, 5, 1, 4))
    query[0, 2] = math.nan
    y = ops.dot_product_attention(query, *(numbers(1, 300, 1, 4) for _ in range(2))).numpy()
    assert np.isnan(y[0, 2]).all()
    assert np.isfinite(np.delete(y, 2, axis=1)).all()


@pytest.mark.parametrize(("steps", "others"), [(0, 3), (3, 0), (0, 0)])
def test_no_steps(steps: int, others: int) -> None:
    xs = [numbers(2, n, 1, 4) for n in (steps, others, others)]
    expect_same(xs, False, is_causal=True)


def test_large_scores_do_not_overflow() -> None:
    directions = RNG.normal(size=(1, 70, 1, 8))
    x = (300 * directions / np.linalg.norm(directions, axis=-1, keepdims=True)).astype("float32")
    y = ops.dot_product_attention(x, x, x, scale=1.0)
    np.testing.assert_allclose(y, x, rtol=1e-6)


# ---- bits -----------------------------------------------------------------------------------


def outputs_and_gradients(dtype: str, **options: Any) -> list[bytes]:
    rng = np.random.default_rng(3)
    mask = rng.random((1, 1, 1, 700)) < 0.8
    shapes = [(1, 150, 2, 9), (1, 700, 1, 9), (1, 700, 1, 5), (2, 1, 700)]
    xs = [ops.convert_to_tensor(rng.normal(size=shape).astype(dtype)) for shape in shapes]
    draw = np.array([3, 4], np.int64)

    def attend(q: Tensor, k: Tensor, v: Tensor, b: Tensor) -> Tensor:
        inputs = (q, k, v, mask, b, draw)
        return apply_all("attention", inputs, 3, scale=0.4, soft_cap=3.0, **options)[0]

    return bits(with_gradients(attend, xs))


@pytest.mark.usefixtures("_same_settings_afterwards")
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_bits_depend_on_neither_threads_nor_vectors(dtype: str) -> None:
    """Sets with a fused multiply-add give the same bits; so do all without one."""
    seen = {}
    for isa in config.isas():
        config.set_isa(isa)
        for count in (1, 2, 3):
            config.set_num_threads(count)
            found = outputs_and_gradients(dtype, is_causal=1, rate=0.3)
            assert seen.setdefault(isa == "generic", found) == found


# ---- memory ---------------------------------------------------------------------------------


def resident(field: str) -> int:
    lines = dict(line.split(":", 1) for line in STATUS.read_text().splitlines())
    return int(lines[field].split()[0]) * 1024


@pytest.mark.skipif(not STATUS.exists(), reason="Linux tells the peak of memory")
def test_memory_grows_with_length_and_not_with_its_square() -> None:
    """The matrix of scores of 8,192 steps would take 256 MB, and its gradient as much."""
    xs = [numbers(1, 8192, 1, 8, dtype="float32") for _ in range(3)]
    mask = np.arange(8192) < 8000
    Path("/proc/self/clear_refs").write_text("5")
    before = resident("VmRSS")
    with_gradients(lambda *qkv: ops.dot_product_attention(*qkv, mask=mask), xs)
    assert resident("VmHWM") - before < 24e6


def test_a_program_keeps_no_matrix() -> None:
    def step(*xs: Tensor) -> list[Tensor]:
        with GradientTape() as tape:
            tape.watch(xs)
            loss = ops.sum(ops.square(ops.dot_product_attention(*xs, is_causal=True)))
        return tape.gradient(loss, list(xs))

    recorded = Recorded(step, [numbers(1, 500, 2, 4) for _ in range(3)])
    names = [name for group in bricks(recorded) for name in group]
    assert {"attention", "attention_gradient"} <= set(names)
    assert not {"matmul", "softmax"} & set(names)


# ---- layers ---------------------------------------------------------------------------------

X = RNG.normal(size=(3, 6, 8)).astype("float32")
LAYERS: dict[str, Callable[..., layers.Layer]] = {
    "heads": lambda **options: layers.MultiHeadAttention(2, 4, **options),
    "groups": lambda **options: layers.GroupQueryAttention(4, 4, 2, **options),
    "dot": lambda **options: layers.Attention(use_scale=True, **options),
}


def called(kind: str, layer: layers.Layer, x: Any, **options: Any) -> Any:
    return layer([x, x], **options) if kind == "dot" else layer(x, x, **options)


@pytest.mark.parametrize("kind", LAYERS)
@pytest.mark.parametrize("training", [False, True])
def test_layers_store_no_scores(kind: str, training: bool) -> None:
    layer = LAYERS[kind](dropout=0.5, seed=1)
    called(kind, layer, X)

    def names(**options: Any) -> set[str]:
        def run(x: Tensor) -> list[Tensor]:
            y = called(kind, layer, x, training=training, **options)
            return list(y) if isinstance(y, tuple) else [y]

        recorded = Recorded(run, [ops.convert_to_tensor(X)])
        return {name for group in bricks(recorded) for name in group}

    assert "attention" in names(use_causal_mask=True)
    assert "softmax" not in names(use_causal_mask=True)
    assert "attention" not in names(return_attention_scores=True)


@pytest.mark.parametrize("kind", LAYERS)
def test_dropout_drops_the_same_shares_either_way(kind: str) -> None:
    outputs = []
    for switch in (config.disable_flash_attention, config.enable_flash_attention):
        switch()
        layer = LAYERS[kind](dropout=0.4, seed=5)
        called(kind, layer, X)
        rng = np.random.default_rng(0)
        layer.set_weights(
            [rng.normal(size=np.shape(w)) if w.ndim else w for w in layer.get_weights()]
        )
        outputs.append([called(kind, layer, X, training=True).numpy() for _ in range(2)])
    np.testing.assert_allclose(*outputs, rtol=1e-4, atol=1e-5)
    assert (outputs[0][0] != outputs[0][1]).any()


@pytest.mark.usefixtures("_by_matrix")
def test_flash_attention_is_a_setting() -> None:
    assert not config.is_flash_attention_enabled()
    layer = layers.MultiHeadAttention(1, 2)
    inputs = layers.Input((4, 8))
    assert "softmax" in str(Model(inputs, layer(inputs, inputs)).program(batch_size=2))
    config.enable_flash_attention()
    assert "softmax" not in str(Model(inputs, layer(inputs, inputs)).program(batch_size=2))
    own = layers.MultiHeadAttention(1, 2, flash_attention=False)
    assert "softmax" in str(Model(inputs, own(inputs, inputs)).program(batch_size=2))


# ---- refusals -------------------------------------------------------------------------------


def second_gradient(x: Tensor, flash_attention: bool | None) -> Tensor:
    with GradientTape() as outer:
        outer.watch(x)
        with GradientTape() as inner:
            inner.watch(x)
            y = ops.sum(ops.dot_product_attention(x, x, x, flash_attention=flash_attention))
        slope = ops.sum(ops.square(inner.gradient(y, x)))
    return outer.gradient(slope, x)


def test_second_gradients_are_by_the_matrix() -> None:
    x = numbers(1, 5, 1, 3)
    with pytest.raises(ValueError, match="flash_attention=False"):
        second_gradient(x, None)
    assert np.isfinite(second_gradient(x, False)).all()
    check_gradients(
        lambda x: ops.dot_product_attention(x, x, x, flash_attention=False), [x.numpy()], order=2
    )


def test_masks_and_biases_that_do_not_fit_are_named() -> None:
    x = numbers(2, 5, 1, 3)
    with pytest.raises(ValueError, match=r"the mask of shape \(2, 5\) does not broadcast"):
        ops.dot_product_attention(x, x, x, mask=np.ones((2, 5), bool))
    with pytest.raises(ValueError, match=r"the bias of shape \(3, 1, 5, 5\)"):
        ops.dot_product_attention(x, x, x, bias=np.ones((3, 1, 5, 5)))
