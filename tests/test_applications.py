"""Networks for pictures: Keras's structure, names and answers, and what users do with them."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import Any

import networks
import numpy as np
import pytest
from goldens import expect_close, load

from pylego import applications, config, layers, ops, utils
from pylego.applications import imagenet_utils, weight_files
from pylego.applications.weight_files import WeightFile
from pylego.models import Model, Sequential

GOLDEN = load("applications")
SMALL = {"weights": None, "include_top": False, "input_shape": (32, 32, 3), "pooling": "avg"}


# ---- real Keras -----------------------------------------------------------------------------


def test_all_of_them_are_there() -> None:
    makers = {name for name in applications.__all__ if name[0].isupper()}
    assert makers == set(networks.NAMES) == {fact["network"] for fact in GOLDEN["networks"]}


@pytest.mark.parametrize(
    "fact",
    [fact for fact in GOLDEN["networks"] if fact["network"] not in networks.TOO_LARGE],
    ids=lambda fact: fact["network"],
)
def test_structures_and_names_are_kerass(fact: dict) -> None:
    name = fact["network"]
    make = getattr(applications, name)
    model = make(weights=None, include_top=name not in networks.WITHOUT_TOP)
    found = (model.name, len(model.layers), model.count_params())
    assert found == (fact["name"], fact["layers"], fact["weights"])
    assert networks.digest(model) == fact["digest"]


@pytest.mark.parametrize("fact", GOLDEN["answers"], ids=lambda fact: fact["network"])
def test_answers_are_kerass(fact: dict) -> None:
    ours = networks.answer(applications, fact["network"])
    scale = np.abs(fact["outputs"]).max()
    expect_close(np.array(ours) / scale, np.array(fact["outputs"]) / scale, rtol=0, atol=2e-5)


@pytest.mark.parametrize("fact", GOLDEN["preprocessing"], ids=lambda fact: fact["mode"])
def test_pictures_are_prepared_as_in_keras(fact: dict) -> None:
    prepare, picture = imagenet_utils.preprocess_input, networks.picture(2)
    before = picture.copy()
    expect_close(prepare(picture, mode=fact["mode"]), fact["last"], rtol=1e-5, atol=1e-4)
    first = prepare(picture.transpose(0, 3, 1, 2), "channels_first", fact["mode"])
    expect_close(first, fact["first"], rtol=1e-5, atol=1e-4)
    np.testing.assert_array_equal(picture, before)  # Keras writes into it


def test_each_module_prepares_pictures_its_way() -> None:
    gray = np.full((1, 1, 3), 127.5)
    ways = {
        "tf": "inception_v3 inception_resnet_v2 mobilenet mobilenet_v2 nasnet resnet_v2 xception",
        "caffe": "resnet resnet50 vgg16 vgg19",
        "torch": "densenet",
    }
    for mode, modules in ways.items():
        for module in modules.split():
            prepared = getattr(applications, module).preprocess_input(gray)
            np.testing.assert_array_equal(
                prepared, imagenet_utils.preprocess_input(gray, mode=mode)
            )
    for module in ["convnext", "efficientnet", "efficientnet_v2", "mobilenet_v3"]:
        assert getattr(applications, module).preprocess_input(gray) is gray


def test_integers_and_placeholders_are_prepared() -> None:
    ones = np.ones((1, 2, 2, 3), "uint8")
    assert imagenet_utils.preprocess_input(ones).dtype == config.floatx()
    inputs = layers.Input((2, 2, 3))
    model = Model(inputs, imagenet_utils.preprocess_input(inputs, mode="torch"))
    expected = imagenet_utils.preprocess_input(ones, mode="torch")
    expect_close(model.predict(ones, verbose=0), expected, atol=1e-5)


@pytest.mark.parametrize("mode", imagenet_utils.MODES)
@pytest.mark.parametrize("dtype", ["uint8", "int64", "float16", "float32", "float64"])
def test_pictures_of_any_dtype_are_prepared(mode: str, dtype: str) -> None:
    """One picture, a batch of one, an array and a tensor: the same colors."""
    prepare, batch = imagenet_utils.preprocess_input, networks.picture(2)[:1].round().astype(dtype)
    expected = prepare(batch.astype("float64"), mode=mode)
    tolerance = {"rtol": 5e-3, "atol": 0.2 if mode == "caffe" else 5e-3}
    floating = dtype if dtype.startswith("float") else config.floatx()
    first = batch.transpose(0, 3, 1, 2)
    for given in (batch, batch[0], ops.convert_to_tensor(batch), ops.convert_to_tensor(batch[0])):
        prepared = prepare(given, mode=mode)
        assert str(prepared.dtype) == floating
        assert isinstance(prepared, np.ndarray) == isinstance(given, np.ndarray)
        expect_close(prepared, expected.reshape(given.shape), **tolerance)
    for given in (first, first[0], ops.convert_to_tensor(first)):
        prepared = np.asarray(prepare(given, data_format="channels_first", mode=mode))
        wanted = expected.transpose(0, 3, 1, 2).reshape(given.shape)
        expect_close(prepared, wanted, **tolerance)


@pytest.mark.parametrize("mode", ["caffe", "torch"])
@pytest.mark.parametrize(
    ("shape", "layout"),
    [
        ((1, 4, 4, 1), "channels_last"),
        ((4, 4, 4), "channels_last"),
        ((1, 3, 4, 4), "channels_last"),
        ((1, 4, 4, 3), "channels_first"),
        ((3,), "channels_last"),
    ],
)
def test_colors_are_three(mode: str, shape: tuple, layout: str) -> None:
    for x in (np.ones(shape, "float32"), layers.Input(shape, batch_size=1)):
        with pytest.raises(ValueError, match="3 channels"):
            imagenet_utils.preprocess_input(x, data_format=layout, mode=mode)


def test_other_words_of_preparation_are_refused() -> None:
    with pytest.raises(ValueError, match="Did you mean 'caffe'"):
        imagenet_utils.preprocess_input(np.ones((2, 2, 3)), mode="caffee")
    with pytest.raises(ValueError, match="channels_last"):
        imagenet_utils.preprocess_input(np.ones((2, 2, 3)), data_format="last")


@pytest.mark.parametrize(
    "fact",
    [fact for fact in GOLDEN["networks"] if fact["network"] not in networks.WITHOUT_TOP],
    ids=lambda fact: fact["network"],
)
def test_docstrings_count_the_weights(fact: dict) -> None:
    text = getattr(applications, fact["network"]).__doc__
    assert f"{fact['weights'] / 1e6:.1f} million" in text


# ---- names of classes -----------------------------------------------------------------------


def test_classes_are_named() -> None:
    scores = np.zeros((2, 1000))
    scores[0, [985, 340]] = 0.75, 0.25
    scores[1, 0] = 1.0
    first, second = applications.resnet50.decode_predictions(scores, top=2)
    assert first == [("n11939491", "daisy", 0.75), ("n02391049", "zebra", 0.25)]
    assert second[0] == ("n01440764", "tench", 1.0)


@pytest.mark.parametrize("shape", [(1, 10), (1000,), (1, 1, 1000)])
def test_scores_of_other_classes_have_no_names(shape: tuple) -> None:
    with pytest.raises(ValueError, match=r"\(pictures, 1000\)"):
        imagenet_utils.decode_predictions(np.zeros(shape))


def test_any_number_of_classes_is_named() -> None:
    decode, scores = imagenet_utils.decode_predictions, np.linspace(0, 1, 1000)[None]
    assert decode(scores[:0]) == []
    assert decode(scores, top=0) == [[]]
    assert len(decode(scores)[0]) == 5
    assert len(decode(scores, top=2000)[0]) == 1000
    assert decode(ops.convert_to_tensor(scores)) == decode(scores.tolist()) == decode(scores)
    for top, error in ((-1, ValueError), (2.5, TypeError)):
        with pytest.raises(error, match="top"):
            decode(scores, top=top)


def test_scores_that_are_no_numbers_are_seen_first() -> None:
    """As in Keras: a network that has gone wrong does not look as if it knew."""
    scores = np.full((1, 1000), 0.001)
    scores[0, 985] = np.nan
    (_, name, score), *_ = imagenet_utils.decode_predictions(scores)[0]
    assert name == "daisy"
    assert np.isnan(score)


# ---- transfer -------------------------------------------------------------------------------


def test_a_frozen_network_gets_a_new_head() -> None:
    utils.set_random_seed(1)
    base = applications.MobileNetV2(**{**SMALL, "pooling": None})
    base.trainable = False
    inputs = layers.Input((32, 32, 3))
    x = layers.GlobalAveragePooling2D()(base(inputs, training=False))
    model = Model(inputs, layers.Dense(2, activation="softmax")(x))
    assert len(model.trainable_weights) == 2
    model.compile("adam", "sparse_categorical_crossentropy")
    before = base.get_weights()
    x = np.random.default_rng(1).uniform(-1, 1, (8, 32, 32, 3))
    model.fit(x, np.arange(8) % 2, epochs=2, verbose=0)
    for old, new in zip(before, base.get_weights()):
        np.testing.assert_array_equal(old, new)


@pytest.mark.parametrize("is_frozen", [True, False])
def test_a_stack_on_a_network_is_built_at_once(is_frozen: bool) -> None:
    """As books print it: a network, Flatten, Dense, and a summary before any data."""
    base = applications.MobileNet(alpha=0.25, **{**SMALL, "pooling": None})
    model = Sequential()
    model.add(base)
    model.add(layers.Flatten())
    model.add(layers.Dense(2))
    assert model.built
    assert model.output_shape == (None, 2)
    base.trainable = not is_frozen
    assert len(model.trainable_weights) == (2 if is_frozen else 2 + len(base.trainable_weights))
    twin = Sequential.from_config(model.get_config())
    twin.set_weights(model.get_weights())
    x = np.random.default_rng(1).uniform(-1, 1, (3, 32, 32, 3))
    np.testing.assert_array_equal(model.predict(x, verbose=0), twin.predict(x, verbose=0))


def test_a_stack_on_a_network_of_a_fixed_batch_takes_others() -> None:
    inputs = layers.Input((4,), batch_size=2)
    model = Sequential([Model(inputs, layers.Dense(3)(inputs)), layers.Dense(2)])
    assert model.predict(np.zeros((5, 4)), verbose=0).shape == (5, 2)


def test_a_network_begins_where_other_layers_end() -> None:
    inputs = layers.Input((16, 16, 3))
    larger = layers.UpSampling2D(2)(inputs)
    model = applications.ResNet50(
        weights=None, include_top=False, input_tensor=larger, pooling="max"
    )
    assert model.input_shape == (None, 16, 16, 3)
    assert model.output_shape == (None, 2048)
    assert model.layers[1].__class__ is layers.UpSampling2D


def test_channels_first() -> None:
    config.set_image_data_format("channels_first")
    try:
        for name in ("ResNet50", "MobileNetV2", "EfficientNetB0", "MobileNetV3Small"):
            model = getattr(applications, name)(
                weights=None, include_top=False, input_shape=(3, 64, 64)
            )
            assert model.output_shape[2:] == (2, 2)
    finally:
        config.set_image_data_format("channels_last")


# ---- weights --------------------------------------------------------------------------------


def test_weights_come_from_a_file(tmp_path: Path) -> None:
    first = applications.MobileNet(alpha=0.25, **SMALL)
    for name in ("a.weights.h5", "b.h5", "c.keras"):
        path = tmp_path / name
        (first.save if "weights" not in name else first.save_weights)(path)
        for weights in (path, str(path)):
            second = applications.MobileNet(alpha=0.25, **{**SMALL, "weights": weights})
            for one, other in zip(first.get_weights(), second.get_weights()):
                np.testing.assert_array_equal(one, other)


def test_weights_of_another_network_change_nothing(tmp_path: Path) -> None:
    def mobilenet(**arguments: Any) -> Model:
        return applications.MobileNet(input_shape=(32, 32, 3), alpha=0.25, **arguments)

    path = tmp_path / "five.weights.h5"
    five = mobilenet(weights=None, classes=5)
    five.save_weights(path)
    with pytest.raises(ValueError, match=r"'conv_preds'.*\(1, 1, 256, 7\).*\(1, 1, 256, 5\)"):
        mobilenet(weights=path, classes=7)
    with pytest.raises(ValueError, match="'Conv1'"):
        applications.MobileNetV2(input_shape=(32, 32, 3), weights=path, classes=5)
    with pytest.warns(UserWarning, match="no place for"):  # the top of the file
        base = mobilenet(weights=path, include_top=False)
    np.testing.assert_array_equal(base.get_weights()[0], five.get_weights()[0])


def test_a_folder_holds_no_weights(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="the path of a file that is there"):
        applications.ResNet50(weights=tmp_path)


def test_without_a_network_it_says_what_belongs_where(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    monkeypatch.setenv("PYLEGO_HOME", str(tmp_path / "ours"))
    monkeypatch.setattr(weight_files, "OLDER", "file:///nowhere/")
    name = "resnet50_weights_tf_dim_ordering_tf_kernels.h5"
    with pytest.raises(ConnectionError, match="put it here") as raised:
        applications.ResNet50()
    assert str(tmp_path / "ours" / "models" / name) in str(raised.value)


@pytest.mark.parametrize("maker", ["MobileNet", "MobileNetV2"])
def test_pictures_that_are_no_square_take_the_weights_of_224(
    maker: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    monkeypatch.setattr(WeightFile, "path", lambda file: asked.append(file.name))
    monkeypatch.setattr(Model, "load_weights", lambda *_: None)
    make = getattr(applications, maker)
    for shape in ((128, 128, 3), (128, 160, 3)):
        make(shape, include_top=False)
    assert "_128_" in asked[0]
    assert "_224_" in asked[1]


@pytest.mark.parametrize("kerass", [True, False])
def test_imagenet_is_looked_for_in_both_folders(
    kerass: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    monkeypatch.setenv("PYLEGO_HOME", str(tmp_path / "ours"))
    folder = tmp_path / ("keras" if kerass else "ours") / "models"
    os.makedirs(folder)
    made = applications.MobileNet(alpha=0.25, **{**SMALL, "input_shape": (128, 128, 3)})
    made.save_weights(str(folder / "x.weights.h5"))
    (folder / "x.weights.h5").rename(folder / "mobilenet_2_5_128_tf_no_top.h5")
    arguments = {**SMALL, "weights": "imagenet", "input_shape": (128, 128, 3)}
    found = applications.MobileNet(alpha=0.25, **arguments)
    for one, other in zip(made.get_weights(), found.get_weights()):
        np.testing.assert_array_equal(one, other)


def test_weights_are_downloaded_once_and_checked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    monkeypatch.setenv("PYLEGO_HOME", str(tmp_path / "ours"))
    (tmp_path / "there").mkdir()
    (tmp_path / "there" / "Theirs.h5").write_bytes(b"numbers")
    address = (tmp_path / "there").as_uri() + "/"
    checksum = hashlib.md5(b"numbers").hexdigest()
    path = WeightFile("ours.h5", address, checksum, "Theirs.h5").path()
    assert Path(path).read_bytes() == b"numbers"
    assert Path(path).parent == tmp_path / "ours" / "models"
    assert WeightFile("ours.h5", "file:///nowhere/", checksum).path() == path
    assert WeightFile("free.h5", address, None, "Theirs.h5").path().endswith("free.h5")
    with pytest.raises(ValueError, match="expected a file of md5 0000"):
        WeightFile("other.h5", address, "0" * 32, "Theirs.h5").path()
    with pytest.raises(ConnectionError, match=r"other\.h5"):
        WeightFile("other.h5", address, "0" * 32, "Nobodys.h5").path()


# ---- arguments ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "arguments", "message"),
    [
        ("ResNet50", {"weights": "imagnet"}, "None, for random numbers, 'imagenet', or the path"),
        ("ResNet50", {"weights": None, "pooling": "mean"}, "pooling is None, 'avg' or 'max'"),
        ("ResNet50", {"classes": 10}, "name 1000 classes"),
        ("ResNet50", {"classifier_activation": "relu"}, "classifier_activation 'softmax', or None"),
        ("ResNet50", {"weights": None, "input_shape": (16, 16, 3)}, "at least 32 pixels"),
        ("ResNet50", {"weights": None, "input_shape": (None, 64, 3)}, "input_shape is known"),
        ("ResNet50", {"weights": None, "input_shape": (64, 64)}, r"as in \(224, 224, 3\)"),
        ("ResNet50", {"input_shape": (64, 64, 3)}, r"input_shape \(224, 224, 3\)"),
        ("Xception", {"include_top": False, "input_shape": (80, 80, 1)}, "of 3 channels"),
        ("MobileNet", {"alpha": 0.3}, "an alpha of"),
        ("MobileNetV2", {"alpha": 0.3}, "an alpha of"),
        ("MobileNetV3Small", {"alpha": 0.5}, "an alpha of 1"),
    ],
)
def test_arguments_that_do_not_fit(name: str, arguments: dict, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        getattr(applications, name)(**arguments)
