"""Connectionist temporal classification: Keras's numbers, all paths counted, and training."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest
from goldens import array, expect_close, load

import pylego
from pylego import GradientTape, layers, losses, ops

GOLDEN = load("ctc")
CASES = pytest.mark.parametrize("case", GOLDEN["cases"], ids=lambda case: str(case["mask_index"]))


def inputs_of(case: dict[str, Any]) -> dict[str, np.ndarray]:
    return {name: array(values) for name, values in case["inputs"].items()}


def losses_and_gradient(inputs: dict[str, Any], mask_index: int) -> tuple[Any, Any]:
    output = ops.convert_to_tensor(inputs["output"])
    with GradientTape() as tape:
        tape.watch(output)
        found = ops.ctc_loss(**inputs | {"output": output}, mask_index=mask_index)
        total = ops.sum(found)
    return found, tape.gradient(total, output)


@CASES
def test_losses_and_gradients_are_keras_s(case: dict[str, Any]) -> None:
    found, gradient = losses_and_gradient(inputs_of(case), case["mask_index"])
    expect_close(found, case["losses"], rtol=1e-5, atol=1e-5)
    possible = array(case["losses"]) < 1e4  # float32 has steps of 0.01 at a forbidden path
    assert 0 < possible.sum() < len(possible)
    expect_close(gradient.numpy()[possible], array(case["gradient"])[possible], atol=2e-5)
    expect_close(gradient.numpy()[~possible], array(case["gradient"])[~possible], atol=2e-2)


@CASES
def test_what_is_decoded_is_keras_s(case: dict[str, Any]) -> None:
    inputs = inputs_of(case)
    for decoded in case["decoded"]:
        labels, scores = decoded["found"]
        count = len(labels[0])
        few = inputs["output"][:count], inputs["output_length"][:count]
        ours = ops.ctc_decode(*few, *decoded["arguments"])
        assert (ours[0].dtype, ours[0].numpy().tolist()) == ("int32", labels)
        expect_close(ours[1], scores, rtol=1e-5, atol=1e-5)


def reading_of(path: tuple[int, ...]) -> tuple[int, ...]:
    """Merge repeated classes, then drop blanks."""
    return tuple(label for label, _ in itertools.groupby(path) if label)


def probabilities(output: np.ndarray) -> dict[tuple[int, ...], float]:
    """The probability of each reading, from all paths."""
    p = np.exp(output) / np.exp(output).sum(axis=-1, keepdims=True)
    found: dict[tuple[int, ...], float] = {}
    for path in itertools.product(range(output.shape[1]), repeat=len(output)):
        reading = reading_of(path)
        found[reading] = found.get(reading, 0.0) + np.prod(p[np.arange(len(path)), path])
    return found


def test_losses_and_beams_count_all_paths() -> None:
    output = np.random.default_rng(3).normal(size=(5, 3))
    by_reading = probabilities(output)
    for reading, p in by_reading.items():
        target = [[*reading, *[0] * (5 - len(reading))]]
        found = ops.ctc_loss(target, output[None], [len(reading)], [5])
        assert found.dtype == "float64"
        np.testing.assert_allclose(found, [-np.log(p)], rtol=1e-12)
    best = sorted(by_reading, key=by_reading.get, reverse=True)
    labels, scores = ops.ctc_decode(output[None], [5], "beam_search", 1000, len(best) + 1)
    found = [tuple(row[row >= 0].tolist()) for row in labels.numpy()[:, 0]]
    assert found == [*best, ()]
    np.testing.assert_allclose(np.exp(scores.numpy()[0, :-1]), [by_reading[one] for one in best])
    assert scores.numpy()[0, -1] == -np.inf


def test_a_program_has_the_bits_of_eager_calls() -> None:
    case = GOLDEN["cases"][0]
    names, values = zip(*inputs_of(case).items())
    recorded = pylego.function(lambda *x: losses_and_gradient(dict(zip(names, x)), 0))
    for ours, again in zip(losses_and_gradient(dict(zip(names, values)), 0), recorded(*values)):
        assert ours.numpy().tobytes() == again.numpy().tobytes()


def test_the_gradient_is_that_of_finite_differences() -> None:
    inputs = inputs_of(GOLDEN["cases"][0])
    rows = [0, *range(2, 12)]
    inputs = {name: value[rows] for name, value in inputs.items()}
    inputs["output"] = inputs["output"].astype(np.float64)
    direction = np.random.default_rng(0).normal(size=inputs["output"].shape)
    _, gradient = losses_and_gradient(inputs, 0)
    ends = [
        ops.sum(ops.ctc_loss(**inputs | {"output": inputs["output"] + side * direction})).item()
        for side in (1e-6, -1e-6)
    ]
    slope = np.sum(gradient.numpy() * direction)
    np.testing.assert_allclose((ends[0] - ends[1]) / 2e-6, slope, rtol=1e-6)


def test_logits_that_rule_classes_out_leave_no_nan() -> None:
    output = np.zeros((1, 4, 3), np.float32)
    output[..., 2] = -np.inf
    inputs = {"target": [[1]], "output": output, "target_length": [1], "output_length": [4]}
    found, gradient = losses_and_gradient(inputs, 0)
    np.testing.assert_allclose(found, [-np.log(10 / 16)], rtol=1e-6)  # 10 of the 16 paths read 1
    assert np.isfinite(gradient.numpy()).all()
    assert not gradient.numpy()[..., 2].any()


@pytest.mark.parametrize(("count", "steps"), [(0, 3), (2, 0), (0, 0)])
def test_sequences_without_labels_or_steps(count: int, steps: int) -> None:
    target = np.ones((2, count), np.int32)
    output = np.zeros((2, steps, 4))
    found = ops.ctc_loss(target, output, [count] * 2, [steps] * 2)
    np.testing.assert_allclose(found, [1e5 - np.log(2) if count else steps * np.log(4)] * 2)
    for strategy in ("greedy", "beam_search"):
        labels, scores = ops.ctc_decode(output, [0, 0], strategy)
        assert labels.shape == (1, 2, steps)
        assert (labels.numpy() == -1).all()
        assert scores.numpy().tolist() == [[0.0], [0.0]]


@pytest.mark.parametrize("label", [-1, 4])
def test_labels_that_count_are_classes(label: int) -> None:
    output = np.zeros((1, 5, 4), np.float32)
    with pytest.raises(IndexError, match="4"):
        ops.ctc_loss([[1, label]], output, [2], [5])
    behind = ops.ctc_loss([[1, label]], output, [1], [5])
    assert behind.numpy() == ops.ctc_loss([[1]], output, [1], [5]).numpy()
    with pytest.raises(IndexError, match="4"):
        losses.ctc([[1, label]], output)


def test_misfits_are_refused() -> None:
    output = np.zeros((2, 5, 4), np.float32)
    with pytest.raises(ValueError, match=r"ctc_loss: .*\(3, 2\), \(2, 5, 4\)"):
        ops.ctc_loss(np.ones((3, 2), np.int32), output, [1, 1, 1], [5, 5])
    with pytest.raises(ValueError, match="mask_index=4 is not a class"):
        ops.ctc_loss(np.ones((2, 2), np.int32), output, [1, 1], [5, 5], mask_index=4)
    with pytest.raises(ValueError, match="Did you mean 'greedy'"):
        ops.ctc_decode(output, [5, 5], "gready")
    with pytest.raises(ValueError, match=r"ctc_decode: .*\(2, 5, 4\) and \(1,\)"):
        ops.ctc_decode(output, [5])
    with pytest.raises(ValueError, match=r"ctc: .*\(2,\).*\(2, 5, 4\)"):
        losses.ctc([1, 2], output)


def test_the_loss_comes_round_and_trains() -> None:
    loss = losses.CTC()
    assert loss.get_config() == GOLDEN["config"]
    assert losses.deserialize(losses.serialize(loss)).get_config() == loss.get_config()
    pylego.utils.set_random_seed(0)
    classes = np.array([[0, 1, 1, 0, 2, 2, 0, 3], [3, 3, 0, 3, 0, 0, 1, 1]])
    x, y = np.eye(4, dtype=np.float32)[classes], np.array([[1, 2, 3], [3, 3, 1]])
    model = pylego.Sequential([layers.LSTM(16, return_sequences=True), layers.Dense(4)])
    model.compile(pylego.optimizers.Adam(0.02), "ctc")
    history = model.fit(x, y, epochs=150, verbose=0).history["loss"]
    assert history[-1] < 0.1 < history[0]
    labels, _ = ops.ctc_decode(model.predict(x, verbose=0), [8, 8])
    assert labels.numpy()[0, :, :3].tolist() == y.tolist()
