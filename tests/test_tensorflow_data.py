"""The stand-in for TensorFlow: tables, sound, mixed datasets, assertions and summaries."""

from __future__ import annotations

import importlib
import io
import warnings
import wave
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import pylego


@pytest.fixture
def tf() -> Iterator[Any]:
    with pylego.as_keras():
        yield importlib.import_module("tensorflow")


# ---- tables ---------------------------------------------------------------------------------


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "table.csv"
    path.write_text('size,town,price,class\n1,Seoul,0.5,0\n2,"Busan, sea",,1\n3,,2.5,0\n')
    return path


def listed(batch: Any) -> Any:
    return {key: np.asarray(column).tolist() for key, column in batch.items()}


def test_a_csv_file_comes_in_batches(tf: Any, table: Path) -> None:
    rows = tf.data.experimental.make_csv_dataset(
        str(table), 2, label_name="class", num_epochs=1, shuffle=False
    )
    (first, labels), (last, _) = rows
    assert listed(first) == {"size": [1, 2], "town": ["Seoul", "Busan, sea"], "price": [0.5, 0.0]}
    assert listed(last) == {"size": [3], "town": [""], "price": [2.5]}
    assert labels.numpy().tolist() == [0, 1]
    assert (first["size"].dtype, first["price"].dtype) == ("int32", "float32")


def test_defaults_and_chosen_columns_of_a_csv_file(tf: Any, table: Path) -> None:
    rows = tf.data.experimental.make_csv_dataset(
        [table],
        3,
        column_names=["a", "b", "c", "d"],
        select_columns=["c", "b"],
        column_defaults=[[-1.0], ["none"]],
        num_epochs=1,
        shuffle=False,
    )
    assert [listed(batch) for batch in rows] == [
        {"c": [0.5, -1.0, 2.5], "b": ["Seoul", "Busan, sea", "none"]}
    ]
    endless = tf.data.experimental.make_csv_dataset(str(table), 2, shuffle_seed=1)
    sizes = {tuple(batch["size"].numpy()) for batch in endless.take(20)}
    assert len(sizes) > 2, "rows come in random order"
    with pytest.raises(ValueError, match="label_name is one of"):
        tf.data.experimental.make_csv_dataset(str(table), 2, label_name="klass")
    with pytest.raises(ValueError, match="there is no file"):
        tf.data.experimental.make_csv_dataset("none.csv", 2)
    with pytest.raises(ValueError, match="without a default has an empty field"):
        list(
            tf.data.experimental.make_csv_dataset(
                str(table), 3, select_columns=["price"], column_defaults=[tf.float32], num_epochs=1
            )
        )


def test_lines_of_a_csv_file_are_decoded(tf: Any) -> None:
    size, town, price = tf.io.decode_csv(["1,a,2.5", "3,,4"], [[0], ["none"], tf.float32])
    assert (size.numpy().tolist(), size.dtype) == ([1, 3], "int32")
    assert town.tolist() == ["a", "none"]
    assert price.numpy().tolist() == [2.5, 4.0]
    (alone,) = tf.io.decode_csv("7;8", [tf.constant([], tf.int64)], ";", select_cols=[1])
    assert (alone.item(), alone.dtype, alone.shape) == (8, "int64", ())
    with pytest.raises(ValueError, match=r"a line has 2 fields\. Received: 3"):
        tf.io.decode_csv("1,2,3", [[0], [0]])


# ---- sound ----------------------------------------------------------------------------------


def test_sound_is_decoded(tf: Any) -> None:
    file = io.BytesIO()
    with wave.open(file, "wb") as writer:
        writer.setparams((1, 2, 8000, 0, "NONE", ""))
        writer.writeframes(np.array([0, 16384, -32768], "<i2").tobytes())
    samples, rate = tf.audio.decode_wav(file.getvalue())
    assert samples.numpy().tolist() == [[0.0], [0.5], [-1.0]]
    assert (rate.item(), rate.dtype) == (8000, "int32")
    assert tf.audio.decode_wav(file.getvalue(), 2, 4)[0].numpy()[:, 1].tolist() == [0, 0.5, -1, 0]


# ---- datasets -------------------------------------------------------------------------------


def test_datasets_are_interleaved(tf: Any) -> None:
    """The order that TensorFlow's documentation shows."""

    def repeated(x: Any) -> Any:
        return tf.data.Dataset.from_tensors(x).repeat(6)

    numbers = tf.data.Dataset.range(1, 6).interleave(repeated, cycle_length=2, block_length=4)
    expected = "111122221122333344443344555555"
    assert "".join(str(int(x)) for x in numbers) == expected


def test_datasets_are_mixed(tf: Any) -> None:
    zeros, ones = (tf.data.Dataset.from_tensors(n).repeat() for n in (0, 1))
    tf.random.set_seed(1)
    mixed = tf.data.Dataset.sample_from_datasets([zeros, ones], weights=[0.25, 0.75])
    drawn = [int(x) for x in mixed.take(2000)]
    assert np.mean(drawn) == pytest.approx(0.75, abs=0.05)
    tf.random.set_seed(1)
    assert [int(x) for x in mixed.take(50)] == drawn[:50]
    some = tf.data.Dataset.range(2)
    assert sorted(int(x) for x in tf.data.Dataset.sample_from_datasets([some, some])) == [
        0,
        0,
        1,
        1,
    ]
    choice = tf.data.Dataset.from_tensor_slices([0, 1, 1, 1, 0])
    chosen = tf.data.experimental.choose_from_datasets([zeros, some], choice)
    assert [int(x) for x in chosen] == [0, 0, 1]


def test_a_step_of_ones_own_reads_parts_of_different_lengths(tf: Any) -> None:
    class Both(pylego.Model):
        def __init__(self) -> None:
            super().__init__()
            self.inner = pylego.layers.Dense(1)

        def train_step(self, data: Any) -> Any:
            (unlabelled, _), (labelled, _) = data
            return {"rows": tf.shape(unlabelled)[0] + 10 * tf.shape(labelled)[0]}

    def pairs(count: int) -> Any:
        return tf.data.Dataset.from_tensor_slices((np.ones((count, 2)), np.ones(count)))

    data = tf.data.Dataset.zip((pairs(8).batch(4), pairs(4).batch(2)))
    model = Both()
    model.compile("sgd")
    assert model.fit(data, verbose=0).history["rows"] == [24]


# ---- shapes ---------------------------------------------------------------------------------


def test_lengths_are_numbers_to_compute_with(tf: Any) -> None:
    x = tf.zeros((2, 3))
    assert (tf.shape(x) * 2, 1 + tf.shape(x), tf.shape(x)[1:] - 1) == ((4, 6), (3, 4), (2,))
    assert tf.shape(x).numpy().tolist() == [2, 3]
    assert tf.reshape(x, (tf.shape(x)[0], -1, 1)).shape == (2, 3, 1)
    assert (tf.size(x).numpy(), tf.size(x, out_type=tf.int64).dtype) == (6, "int64")


# ---- assertions and summaries ---------------------------------------------------------------

HOLDS: list[Callable[[Any], Any]] = [
    lambda tf: tf.debugging.assert_equal(tf.constant([1, 2]), [1, 2]),
    lambda tf: tf.debugging.assert_near([1.0], [1.0 + 1e-7]),
    lambda tf: tf.debugging.assert_shapes([(tf.zeros((2, 3)), ("N", 3)), (tf.zeros(2), ("N",))]),
    lambda tf: tf.debugging.assert_integer(tf.constant([1])),
    lambda tf: tf.debugging.assert_rank_at_least(tf.zeros((2, 3)), 1),
    lambda tf: tf.debugging.check_numerics(tf.constant([1.0]), "a number"),
    lambda tf: tf.debugging.Assert(True, [1]),
]
FAILS: list[tuple[Callable[[Any], Any], type[Exception], str]] = [
    (lambda tf: tf.debugging.assert_equal([1, 2], [1, 3], message="rows"), ValueError, "^rows: "),
    (lambda tf: tf.assert_less(tf.constant([1.0, 3.0]), 2.0), ValueError, "assert_less"),
    (lambda tf: tf.debugging.assert_non_negative([-1.0]), ValueError, "assert_non_negative"),
    (lambda tf: tf.debugging.assert_rank(tf.zeros((2, 3)), 3), ValueError, "has 3 axes"),
    (lambda tf: tf.debugging.assert_type(tf.zeros(2), tf.int32), TypeError, "int32"),
    (lambda tf: tf.debugging.assert_integer(tf.zeros(2)), TypeError, "integers"),
    (lambda tf: tf.debugging.check_numerics(tf.constant([np.nan]), "bad"), ValueError, "^bad"),
    (lambda tf: tf.debugging.Assert(False, ["x"]), ValueError, "x"),
    (
        lambda tf: tf.debugging.assert_shapes([(tf.zeros(2), ("N",)), (tf.zeros(3), ("N",))]),
        ValueError,
        "'N': 2",
    ),
]


@pytest.mark.parametrize("call", HOLDS)
def test_assertions_that_hold_say_nothing(tf: Any, call: Callable) -> None:
    call(tf)


@pytest.mark.parametrize(("call", "error", "words"), FAILS)
def test_assertions_that_fail_raise(
    tf: Any, call: Callable, error: type[Exception], words: str
) -> None:
    with pytest.raises(error, match=words):
        call(tf)


def test_an_assertion_in_a_recorded_step_says_that_it_checks_nothing(tf: Any) -> None:
    @tf.function
    def doubled(x: Any) -> Any:
        tf.debugging.assert_positive(x)
        return 2 * x

    with pytest.warns(UserWarning, match="assert_positive checks nothing while a step is recorded"):
        assert doubled(tf.constant([-1.0])).item() == -2.0


def test_a_function_that_decides_by_numbers_runs_in_python(tf: Any) -> None:
    """TensorFlow's AutoGraph makes parts of a graph of such an if."""

    class Boxes:
        @tf.function
        def at_least_one(self, height: Any) -> Any:
            if height == 0:
                height += 1
            return height

    boxes, recorded = Boxes(), tf.function(lambda x: x + 1)
    with pytest.warns(UserWarning, match="decides by numbers: the function runs in Python"):
        assert int(boxes.at_least_one(tf.constant(0))) == 1
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert int(boxes.at_least_one(tf.constant(3))) == 3
        assert int(recorded(tf.constant(1))) == 2
    assert len(recorded.programs) == 1


def test_summaries_are_written(tf: Any, tmp_path: Path) -> None:
    pytest.importorskip("tensorboard")
    loader = importlib.import_module("tensorboard.backend.event_processing.event_accumulator")
    assert not tf.summary.scalar("nowhere", 1.0, step=0), "there is no writer"
    with tf.summary.create_file_writer(str(tmp_path)).as_default():
        for step in range(3):
            assert tf.summary.scalar("loss", tf.constant(0.5) * step, step=step)
        tf.summary.histogram("weights", np.arange(5.0), step=0)
        tf.summary.image("pictures", np.ones((1, 4, 5, 3)), step=0)
        with pytest.raises(ValueError, match="needs a step"):
            tf.summary.scalar("loss", 1.0)
    events = loader.EventAccumulator(str(tmp_path))
    events.Reload()
    assert sorted(events.Tags()["tensors"]) == ["loss", "pictures", "weights"]
    found = [event.tensor_proto.float_val[0] for event in events.Tensors("loss")]
    assert found == [0.0, 0.5, 1.0]
