"""The stand-in for TensorFlow: what programs for Keras use around it."""

from __future__ import annotations

import importlib
import logging
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import pylego
from pylego.scripts.modules import TENSORFLOW
from pylego.scripts.tensorflow import names, tables

RNG = np.random.default_rng(0)
X = RNG.normal(size=(2, 3)).astype("float32")
IMAGE = RNG.uniform(size=(1, 4, 6, 3)).astype("float32")


@pytest.fixture
def tf() -> Iterator[Any]:
    with pylego.as_keras():
        yield importlib.import_module("tensorflow")


def softmax(x: np.ndarray) -> np.ndarray:
    return np.exp(x) / np.exp(x).sum(-1, keepdims=True)


CASES: dict[str, tuple[Callable, Any]] = {
    "argmax": (lambda tf: tf.argmax(X), X.argmax(0)),
    "cast": (lambda tf: tf.cast([1.7, 2.0], tf.int32), [1, 2]),
    "clip_by_value": (lambda tf: tf.clip_by_value(X, -0.5, 0.5), X.clip(-0.5, 0.5)),
    "concat": (lambda tf: tf.concat([X, X], axis=1), np.concatenate([X, X], 1)),
    "confusion_matrix": (
        lambda tf: tf.math.confusion_matrix([0, 1, 1], [0, 0, 1]), [[1, 0], [1, 1]],
    ),
    "constant": (lambda tf: tf.constant([1, 2, 3, 4], shape=(2, 2)), [[1, 2], [3, 4]]),
    "cross-entropy of logits": (
        lambda tf: tf.nn.softmax_cross_entropy_with_logits(labels=[[0.0, 1, 0]] * 2, logits=X),
        -np.log(softmax(X)[:, 1]),
    ),
    "expand_dims": (lambda tf: tf.expand_dims(X, 0), X[None]),
    "fill": (lambda tf: tf.fill((2, 2), 7.0), np.full((2, 2), 7.0)),
    "gather": (lambda tf: tf.gather(X, [1, 0]), X[[1, 0]]),
    "image.central_crop": (lambda tf: tf.image.central_crop(IMAGE[0], 0.5), IMAGE[0, 1:3, 1:5]),
    "image.convert_image_dtype": (
        lambda tf: tf.image.convert_image_dtype(np.uint8([0, 255]), tf.float32), [0, 1],
    ),
    "image.flip_left_right": (lambda tf: tf.image.flip_left_right(IMAGE), IMAGE[:, :, ::-1]),
    "image.resize": (
        lambda tf: tf.image.resize(IMAGE, (2, 3), method="nearest"), IMAGE[:, 1::2, 1::2],
    ),
    "atan2": (lambda tf: tf.atan2(X, 2.0), np.arctan2(X, 2.0)),
    "image.crop_to_bounding_box": (
        lambda tf: tf.image.crop_to_bounding_box(IMAGE, 1, 2, 2, 3), IMAGE[:, 1:3, 2:5],
    ),
    "image.adjust_contrast": (
        lambda tf: tf.image.adjust_contrast(IMAGE, 2.0),
        IMAGE * 2 - IMAGE.mean((1, 2), keepdims=True),
    ),
    "image.random_crop": (lambda tf: tf.image.random_crop(IMAGE, IMAGE.shape, 3), IMAGE),
    "image.random_contrast": (lambda tf: tf.image.random_contrast(IMAGE, 1.0, 1.0), IMAGE),
    "image.rot90": (lambda tf: tf.image.rot90(IMAGE), np.rot90(IMAGE, 1, (1, 2))),
    "math.cumprod": (lambda tf: tf.math.cumprod(X), X.cumprod(0)),
    "image.total_variation": (
        lambda tf: tf.image.total_variation(IMAGE),
        np.abs(np.diff(IMAGE, axis=1)).sum((1, 2, 3)) + np.abs(np.diff(IMAGE, axis=2)).sum(
            (1, 2, 3)
        ),
    ),
    "linalg.det": (lambda tf: tf.linalg.det(np.diag([2.0, 3.0])), 6),
    "linalg.inv": (lambda tf: tf.linalg.inv(np.diag([2.0, 4.0])), np.diag([0.5, 0.25])),
    "linalg.trace": (lambda tf: tf.linalg.trace(np.diag([2.0, 4.0])), 6),
    "linalg.band_part": (
        lambda tf: 1 - tf.linalg.band_part(tf.ones((3, 3)), -1, 0), np.triu(np.ones((3, 3)), 1),
    ),
    "sequence_mask": (lambda tf: tf.sequence_mask([1, 3]), [[1, 0, 0], [1, 1, 1]]),
    "add_n": (lambda tf: tf.add_n([X, X, X]), 3 * X),
    "clip_by_norm": (lambda tf: tf.clip_by_norm(X, 0.5), X * 0.5 / np.linalg.norm(X)),
    "linspace": (lambda tf: tf.linspace(0.0, 1.0, 3), [0, 0.5, 1]),
    "math.segment_sum": (lambda tf: tf.math.segment_sum([1, 2, 3], [0, 0, 1]), [3, 3]),
    "math.top_k": (lambda tf: tf.math.top_k(X, k=1).indices[:, 0], X.argmax(1)),
    "nn.top_k": (lambda tf: tf.nn.top_k(X)[0][:, 0], X.max(1)),
    "linalg.norm": (lambda tf: tf.linalg.norm(X, axis=1), np.linalg.norm(X, axis=1)),
    "math.log": (lambda tf: tf.math.log(np.exp(X)), X),
    "math.reduce_std": (lambda tf: tf.math.reduce_std(X, axis=0), X.std(0)),
    "matmul": (lambda tf: tf.matmul(X, X, transpose_b=True), X @ X.T),
    "nn.avg_pool2d": (
        lambda tf: tf.nn.avg_pool2d(IMAGE, 2, 2, "VALID"),
        IMAGE.reshape(1, 2, 2, 3, 2, 3).mean((2, 4)),
    ),
    "nn.conv2d": (
        lambda tf: tf.nn.conv2d(IMAGE, np.ones((1, 1, 3, 1), "float32"), [1, 1, 1, 1], "SAME"),
        IMAGE.sum(-1, keepdims=True),
    ),
    "nn.l2_loss": (lambda tf: tf.nn.l2_loss(X), (X**2).sum() / 2),
    "nn.leaky_relu": (lambda tf: tf.nn.leaky_relu(X), np.where(X > 0, X, 0.2 * X)),
    "nn.softmax": (lambda tf: tf.nn.softmax(X), softmax(X)),
    "norm": (lambda tf: tf.norm(X, ord=1, axis=1), np.abs(X).sum(1)),
    "one_hot": (lambda tf: tf.one_hot([0, 2], depth=3), np.eye(3)[[0, 2]]),
    "pad": (lambda tf: tf.pad(X, [[0, 1], [2, 0]], constant_values=1), np.pad(
        X, ((0, 1), (2, 0)), constant_values=1,
    )),
    "range": (lambda tf: tf.range(2, 8, delta=2), [2, 4, 6]),
    "reduce_mean": (lambda tf: tf.reduce_mean(input_tensor=X, axis=1, name="mean"), X.mean(1)),
    "reshape": (lambda tf: tf.reshape(X, [3, -1]), X.reshape(3, 2)),
    "shape": (lambda tf: tf.shape(X), [2, 3]),
    "split": (lambda tf: tf.split(X, [1, 2], axis=1)[1], X[:, 1:]),
    "stack": (lambda tf: tf.stack([X, X]), np.stack([X, X])),
    "tile": (lambda tf: tf.tile(X, [2, 1]), np.tile(X, (2, 1))),
    "transpose": (lambda tf: tf.transpose(X), X.T),
    "cumsum": (
        lambda tf: tf.cumsum(X, axis=1, exclusive=True, reverse=True),
        X[:, ::-1].cumsum(1)[:, ::-1] - X,
    ),
    "cumsum of unlike numbers": (
        lambda tf: tf.cumsum(np.float32([1, 1e20, 3]), exclusive=True), [0, 1, 1e20]
    ),
    "dynamic_partition": (lambda tf: tf.dynamic_partition(X, [1, 0], 2)[1], X[:1]),
    "nn.ctc_loss": (
        lambda tf: tf.nn.ctc_loss(np.int32([[1]]), np.zeros((2, 1, 3), "float32"), [1], [2]),
        [np.log(3)],  # two steps of three letters, and three ways: 01, 10, 11
    ),
    "unique": (lambda tf: tf.unique([3, 1, 3]).idx, [0, 1, 0]),
    "where of one condition": (lambda tf: tf.where(X > 0), np.argwhere(X > 0)),
    "where": (lambda tf: tf.where(X > 0, X, tf.zeros_like(X)), np.maximum(X, 0)),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_numbers_are_those_of_numpy(name: str, tf: Any) -> None:
    compute, expected = CASES[name]
    assert np.allclose(np.asarray(compute(tf)), expected, atol=1e-5)


def test_all_that_is_offered_is_there(tf: Any) -> None:
    for inside in TENSORFLOW:
        module = importlib.import_module(f"tensorflow.{inside}".rstrip("."))
        for name in dir(module):
            found = getattr(module, name)
            assert found is not None or name == "newaxis", (inside, name)
    assert set(names.NAMES) | set(tables.TABLES) <= TENSORFLOW


def test_variables_tapes_and_functions(tf: Any) -> None:
    w = tf.Variable(tf.random.normal((3, 1)), name="w", trainable=True)
    assert isinstance(w, tf.Variable)
    assert not isinstance(X, tf.Variable)
    assert tf.Variable(lambda: tf.zeros(2), trainable=False).trainable is False
    with tf.GradientTape() as tape:
        loss = tf.reduce_sum(tf.matmul(X, w))
    assert np.allclose(tape.gradient(loss, w), X.sum(0)[:, None], atol=1e-5)

    @tf.function(input_signature=None)
    def double(x: Any) -> Any:
        return x * 2

    assert double(tf.ones((2,))).numpy().tolist() == [2.0, 2.0]
    assert tf.executing_eagerly()
    assert tf.constant(1.5).dtype == tf.float32
    assert tf.constant([1, 2]).dtype == tf.int32
    assert X[:, tf.newaxis].shape == (2, 1, 3)
    assert tf.boolean_mask(X, [True, False]).shape == (1, 3)


def test_functions_take_placeholders(tf: Any) -> None:
    x = tf.keras.Input((3,))
    y = tf.concat([tf.nn.relu(x), tf.math.log(tf.square(x) + 1.0)], axis=-1)
    model = tf.keras.Model(x, tf.reduce_sum(y, axis=1, keepdims=True))
    expected = (np.maximum(X, 0) + np.log(X**2 + 1)).sum(1, keepdims=True)
    assert np.allclose(model.predict(X, verbose=0), expected, atol=1e-5)


def test_datasets_are_shuffled_batched_mapped_and_repeated(tf: Any, tmp_path: Path) -> None:
    rows = np.arange(10)
    data = tf.data.Dataset.from_tensor_slices((rows, {"y": rows * 2}))
    assert len(data) == 10
    steps = data.shuffle(10, seed=1).map(lambda x, y: (x + 1, y["y"])).batch(4)
    batches = list(steps.prefetch(tf.data.AUTOTUNE).cache().repeat(2).take(5))
    assert [len(x) for x, _ in batches] == [4, 4, 2, 4, 4]
    x = np.concatenate([np.asarray(x) for x, _ in batches[:3]])
    y = np.concatenate([np.asarray(y) for _, y in batches[:3]])
    assert sorted(x) == list(range(1, 11))
    assert np.array_equal((x - 1) * 2, y)
    pairs = tf.data.Dataset.zip((tf.data.Dataset.range(3), tf.data.Dataset.range(5)))
    assert [int(b) for _, b in pairs] == [0, 1, 2]
    like = tf.TensorSpec(shape=(), dtype=tf.int32)
    made = tf.data.Dataset.from_generator(lambda: iter([1, 2]), output_signature=like)
    assert list(made) == list(made) == [1, 2]
    assert len(list(tf.data.Dataset.from_tensors(X))) == 1
    windows = tf.data.Dataset.range(7).window(3, shift=2, drop_remainder=True)
    rows = windows.flat_map(lambda window: window.batch(3)).map(lambda row: (row[:-1], row[-1]))
    parts = [(x.numpy().tolist(), int(y)) for x, y in rows]
    assert parts == [([0, 1], 2), ([2, 3], 4), ([4, 5], 6)]
    lengths = [len(w) for w in tf.data.Dataset.range(7).window(3, shift=2)]
    assert lengths == [3, 3, 3, 1]
    assert [list(w) for w in tf.data.Dataset.range(7).window(2, 4, stride=2)] == [[0, 2], [4, 6]]
    texts = next(iter(tf.data.Dataset.from_tensor_slices(["a", "b"]).batch(2)))
    assert list(texts) == ["a", "b"]
    (tmp_path / "a.txt").touch()
    assert list(tf.data.Dataset.list_files(f"{tmp_path}/*.txt")) == [str(tmp_path / "a.txt")]


def test_elements_of_datasets_and_batches_have_numpy(tf: Any, tmp_path: Path) -> None:
    data = tf.data.Dataset.from_tensor_slices(({"x": X, "text": ["a", "b"]}, [3, 4]))
    row, label = next(iter(data))
    assert (label.numpy(), row["x"].numpy().tolist()) == (3, X[0].tolist())
    assert (row["text"], row["text"].numpy()) == ("a", b"a")
    batch, _ = next(iter(data.batch(2)))
    assert batch["text"].numpy().tolist() == [b"a", b"b"]
    assert [number.numpy() for number in tf.data.Dataset.range(2)] == [0, 1]
    (tmp_path / "a.txt").write_text("é b", encoding="utf-8")
    (path,) = tf.data.Dataset.list_files(f"{tmp_path}/*.txt")
    assert tf.io.read_file(path.numpy()).decode() == "é b"
    assert tf.constant(["a"]).numpy().tolist() == [b"a"]
    texts, _ = next(iter(tf.keras.utils.text_dataset_from_directory(tmp_path, labels=[0])))
    assert (texts[0], texts.numpy()[0].decode()) == ("é b", "é b")
    assert texts[0].numpy() == "é b".encode()


TEXTS = [
    ("lower", (["A B", "C"],), ["a b", "c"]),
    ("lower", ("A",), "a"),
    ("upper", (["a b", "c"],), ["A B", "C"]),
    ("strip", ([" a "],), ["a"]),
    ("split", ("a b  c",), ["a", "b", "c"]),
    ("split", ("a/b", "/"), ["a", "b"]),
    ("split", (["a b", "c d"],), [["a", "b"], ["c", "d"]]),
    ("unicode_split", ("né", "UTF-8"), ["n", "é"]),
    ("substr", ("brick", 1, 3), "ric"),
    ("join", ([["a", "b"], "c"], "-"), ["a-c", "b-c"]),
    ("join", (["a", "b"],), "ab"),
    ("regex_replace", (["aab"], "a", "c"), ["ccb"]),
    ("regex_replace", (["aab"], "(a)", r"\1c", False), ["acab"]),
    ("regex_full_match", (["aa", "ab"], "a+"), [True, False]),
    ("reduce_join", ([["a", "b"], ["c", "d"]], -1, "-"), ["a-b", "c-d"]),
    ("reduce_join", (["a", "b"],), "ab"),
    ("length", (["é", "abc"],), [2, 3]),
    ("length", ("é", "UTF8_CHAR"), 1),
    ("to_number", (["1.5", "2"],), [1.5, 2.0]),
    ("as_string", ([1, 2],), ["1", "2"]),
]


@pytest.mark.parametrize(("name", "arguments", "expected"), TEXTS)
def test_functions_of_texts(name: str, arguments: tuple, expected: Any, tf: Any) -> None:
    found = getattr(tf.strings, name)(*arguments)
    assert (found if isinstance(found, str) else np.asarray(found).tolist()) == expected


def test_a_standard_of_texts_is_written_with_tensorflow(tf: Any) -> None:
    def plain(texts: Any) -> Any:
        return tf.strings.regex_replace(tf.strings.lower(texts), "[!]", "")

    layer = tf.keras.layers.TextVectorization(standardize=plain)
    layer.adapt(["LEGO!", "lego brick"])
    assert layer.get_vocabulary() == ["", "[UNK]", "lego", "brick"]
    assert layer(tf.expand_dims("A lego!", -1)).numpy().tolist() == [[1, 2]]
    words = tf.keras.layers.StringLookup(vocabulary=["a", "b"], invert=True)
    assert words([1, 2]).numpy().tolist() == [b"a", b"b"]
    assert words(tf.constant(2)).numpy() == b"b"


def test_pictures_are_decoded(tf: Any, tmp_path: Path) -> None:
    picture = np.arange(24, dtype="uint8").reshape(2, 4, 3)
    tf.keras.utils.save_img(tmp_path / "a.png", picture, scale=False)
    data = tf.io.read_file(str(tmp_path / "a.png"))
    assert np.array_equal(tf.io.decode_png(data), picture)
    assert tf.image.decode_jpeg(data, channels=1).shape == (2, 4, 1)
    assert tf.io.decode_image(data, dtype=tf.float32).numpy().max() == np.float32(23 / 255)


def test_what_says_nothing_here_is_taken(tf: Any) -> None:
    assert tf.config.list_physical_devices("GPU") == []
    assert tf.config.list_physical_devices()[0].device_type == "CPU"
    assert not tf.test.is_gpu_available()
    tf.get_logger().setLevel(logging.ERROR)
    tf.compat.v1.logging.set_verbosity(tf.compat.v1.logging.ERROR)
    settings = tf.compat.v1.ConfigProto(allow_soft_placement=True)
    settings.gpu_options.allow_growth = True
    assert settings.gpu_options.allow_growth
    with tf.compat.v1.Session(config=settings) as session, tf.device("/cpu:0"):
        tf.keras.backend.set_session(session)
        assert session.run([tf.constant(3.0)]) == [3.0]
        with pytest.raises(NotImplementedError, match=r"K\.function"):
            session.run(X, feed_dict={"x": X})
    with tf.distribute.MirroredStrategy().scope():
        assert tf.keras.layers.Dense(2).units == 2
    tf.random.set_seed(3)
    first = tf.random.uniform((2,), 0, 10, dtype=tf.int32).numpy()
    tf.compat.v1.set_random_seed(3)
    assert np.array_equal(tf.random.uniform((2,), 0, 10, dtype=tf.int32).numpy(), first)
    assert tf.losses is tf.keras.losses
    assert tf.__version__.startswith("2.")


def test_checkpoints_hold_models_and_optimizers(tf: Any, tmp_path: Path) -> None:
    model = tf.keras.Sequential([tf.keras.layers.Dense(1, input_shape=(3,))])
    model.compile("adam", "mse")
    model.fit(X, np.ones(2), verbose=0)
    checkpoint = tf.train.Checkpoint(model=model, optimizer=model.optimizer, step=tf.Variable(3))
    manager = tf.train.CheckpointManager(checkpoint, str(tmp_path), max_to_keep=2)
    assert tf.train.latest_checkpoint(str(tmp_path)) is manager.latest_checkpoint is None
    checkpoint.restore(tf.train.latest_checkpoint(str(tmp_path)))
    for _ in range(3):
        manager.save()
    assert [Path(path).name for path in manager.checkpoints] == ["ckpt-2", "ckpt-3"]
    before = [np.asarray(v).copy() for v in [*model.variables, *model.optimizer.variables]]
    model.fit(X, np.ones(2), verbose=0)
    checkpoint.restore(tf.train.latest_checkpoint(str(tmp_path)))
    after = [np.asarray(v) for v in [*model.variables, *model.optimizer.variables]]
    assert all(map(np.array_equal, before, after))
    with pytest.raises(ValueError, match=r"has no numbers for other\.0"):
        tf.train.Checkpoint(other=tf.Variable(1.0)).restore(manager.latest_checkpoint)


def test_shapes_are_lists_where_a_program_asks(tf: Any) -> None:
    assert tf.ones((2, 3)).get_shape().as_list() == [2, 3]
    assert tf.keras.Input((3,)).get_shape().as_list() == [None, 3]
    assert tf.TensorShape([None, 3]).as_list() == [None, 3]
