"""Transfer learning, as tutorials do it: a frozen network, a folder of pictures, a new head."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from photos import make_folders

from pylego import applications, layers, utils
from pylego.applications.mobilenet_v2 import preprocess_input
from pylego.models import Model, Sequential, load_model
from pylego.optimizers import Adam
from pylego.preprocessing.image import ImageDataGenerator
from pylego.utils import image_dataset_from_directory

SIDE = 32
BATCH = 4


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_folders(tmp_path_factory.mktemp("pictures"), {"cat": 5, "dog": 5}, (40, 36))


@pytest.fixture(autouse=True)
def seed() -> None:
    utils.set_random_seed(3)


def frozen_base() -> Model:
    """Its averages fit its random kernels, else next to nothing would arrive at its end."""
    base = applications.MobileNetV2(
        input_shape=(SIDE, SIDE, 3), alpha=0.35, include_top=False, weights=None
    )
    for layer in base.layers:
        if isinstance(layer, layers.BatchNormalization):
            layer.momentum = 0.0
    base(np.random.default_rng(3).uniform(-1, 1, (16, SIDE, SIDE, 3)), training=True)
    base.trainable = False
    return base


def with_head(base: Model, **call: Any) -> Model:
    """As Keras's guide has it: augmented, prepared, looked at, averaged, named."""
    inputs = layers.Input((SIDE, SIDE, 3))
    x = layers.RandomRotation(0.1)(layers.RandomFlip("horizontal")(inputs))
    x = base(preprocess_input(x), **call)
    x = layers.Dropout(0.2)(layers.GlobalAveragePooling2D()(x))
    model = Model(inputs, layers.Dense(2, activation="softmax", name="head")(x))
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def dataset(folder: Path) -> Any:
    return image_dataset_from_directory(
        folder, image_size=(SIDE, SIDE), batch_size=BATCH, verbose=False
    )


def flow(folder: Path) -> Any:
    generator = ImageDataGenerator(horizontal_flip=True, width_shift_range=0.2)
    return generator.flow_from_directory(
        folder, target_size=(SIDE, SIDE), class_mode="sparse", batch_size=BATCH
    )


def numbers(model: Model) -> list[np.ndarray]:
    return [np.array(weights) for weights in model.get_weights()]


def are_equal(before: list[np.ndarray], after: list[np.ndarray]) -> list[bool]:
    return [np.array_equal(one, other) for one, other in zip(before, after)]


@pytest.mark.parametrize("read", [dataset, flow])
@pytest.mark.parametrize("call", [{}, {"training": False}], ids=["as it is", "not training"])
def test_a_head_learns_from_a_folder(
    read: Callable[[Path], Any], call: dict[str, bool], folder: Path
) -> None:
    """A frozen batch normalization keeps its averages, also where nobody says training=False."""
    base = frozen_base()
    model = with_head(base, **call)
    before, head = numbers(base), numbers(model.get_layer("head"))
    history = model.fit(read(folder), epochs=2, verbose=0)
    assert np.isfinite(history.history["loss"]).all()
    assert all(are_equal(before, numbers(base)))
    assert not any(are_equal(head, numbers(model.get_layer("head"))))


def test_small_steps_follow(folder: Path, tmp_path: Path) -> None:
    """Thawed and compiled again, all learns but the averages, which training=False keeps."""
    base = frozen_base()
    model = with_head(base, training=False)
    model.fit(dataset(folder), verbose=0)
    base.trainable = True
    model.compile(Adam(1e-5), "sparse_categorical_crossentropy", metrics=["accuracy"])
    before = numbers(base)
    model.fit(dataset(folder), verbose=0)
    for weights, old, new in zip(base.weights, before, numbers(base)):
        assert np.array_equal(old, new) == ("moving" in weights.path), weights.path
        assert np.abs(old - new).max() < 1e-4
    model.save(tmp_path / "model.keras")
    opened = load_model(tmp_path / "model.keras")
    assert opened.evaluate(dataset(folder), verbose=0) == pytest.approx(
        model.evaluate(dataset(folder), verbose=0)
    )


def test_the_last_layers_thaw() -> None:
    base = frozen_base()
    base.trainable = True
    for layer in base.layers[:-3]:
        layer.trainable = False
    # The last convolution, which has no bias, and the normalization behind it.
    assert [weights.path.split("/")[-1] for weights in base.trainable_weights] == [
        "kernel", "gamma", "beta",
    ]  # fmt: skip


def summary_of(model: Model, **options: Any) -> str:
    lines: list[str] = []
    model.summary(print_fn=lambda text, **_: lines.append(text), **options)
    return "\n".join(lines)


def test_the_summary_shows_what_is_frozen() -> None:
    base = frozen_base()
    model = with_head(base, training=False)
    text = summary_of(model, show_trainable=True)
    assert re.search(r"mobilenetv2_0.35_32.* N ", text)
    assert re.search(r"head \(Dense\).* Y ", text)
    assert "Trainable params: 2,562 " in text
    assert f"Non-trainable params: {base.count_params():,} " in text
    base.trainable = True
    base.layers[1].trainable = False
    nested = summary_of(model, show_trainable=True, expand_nested=True)
    assert re.search(r"Conv1 \(Conv2D\).* N ", nested)
    assert re.search(r"bn_Conv1 .* Y ", nested)


def test_features_are_computed_once(folder: Path) -> None:
    """The head on features that predict gave is the head of the whole."""
    base = frozen_base()
    batches = list(dataset(folder))
    pictures = preprocess_input(np.concatenate([np.asarray(x) for x, _ in batches]))
    labels = np.concatenate([np.asarray(y) for _, y in batches])
    features = base.predict(pictures, verbose=0)
    head = Sequential([layers.Flatten(), layers.Dense(2, activation="softmax")])
    head.compile("adam", "sparse_categorical_crossentropy")
    losses = head.fit(features, labels, epochs=5, verbose=0).history["loss"]
    assert losses[-1] < losses[0]
    whole = Sequential([base, head])
    np.testing.assert_allclose(
        whole.predict(pictures, verbose=0), head.predict(features, verbose=0), rtol=1e-5, atol=1e-6
    )


def test_what_is_frozen_keeps_nothing_for_gradients() -> None:
    """Its numbers go when the next layer has them: a step takes hardly more than predict."""
    base = frozen_base()
    model = with_head(base, training=False)
    predicting = model.memory(BATCH, step="predict").allocated
    assert model.memory(BATCH, step="train").allocated < 1.3 * predicting
    base.trainable = True
    model.compile("adam", "sparse_categorical_crossentropy")
    assert model.memory(BATCH, step="train").allocated > 3 * predicting
