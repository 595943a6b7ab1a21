"""Image files and folders of them: what is read, in which order, and what is refused."""

from __future__ import annotations

import io
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("PIL")

from photos import CIFAR_FOLDERS, FLOWERS, make_folders, needs_real_pictures

import pylego
from pylego.preprocessing import image
from pylego.utils import (
    array_to_img,
    image_dataset_from_directory,
    img_to_array,
    load_img,
    save_img,
    set_random_seed,
)

PIXELS = np.random.default_rng(1).integers(0, 256, (4, 6, 3)).astype("float32")


@pytest.fixture
def folders(tmp_path: Path) -> Path:
    return make_folders(tmp_path / "pictures", {"cat": 3, "dog": 5})


def listed(dataset: Any) -> list[Any]:
    return list(dataset)


# ---- single images --------------------------------------------------------------------------


@pytest.mark.parametrize("channels", [1, 3, 4])
def test_what_is_saved_is_loaded_again(tmp_path: Path, channels: int) -> None:
    pixels = np.resize(PIXELS, (4, 6, channels))
    save_img(tmp_path / "a.png", pixels, scale=False)
    mode = {1: "grayscale", 3: "rgb", 4: "rgba"}[channels]
    again = img_to_array(load_img(tmp_path / "a.png", color_mode=mode))
    assert again.dtype == np.float32
    np.testing.assert_array_equal(again, pixels)


def test_channels_first_is_the_other_order() -> None:
    picture = array_to_img(PIXELS.transpose(2, 0, 1), data_format="channels_first", scale=False)
    np.testing.assert_array_equal(img_to_array(picture), PIXELS)
    first = img_to_array(picture, data_format="channels_first")
    np.testing.assert_array_equal(first, PIXELS.transpose(2, 0, 1))


def test_scaling_spreads_the_numbers() -> None:
    spread = img_to_array(array_to_img(np.array([[[-1.0], [0.0], [3.0]]])))
    assert spread.ravel().tolist() == [0.0, 63.0, 255.0]
    assert img_to_array(array_to_img(np.full((2, 2, 1), 7.0))).max() == 0
    wide = img_to_array(array_to_img(np.full((2, 2, 1), 300.0), scale=False))
    assert wide.max() == 300


def test_loading_resizes_and_reads_bytes(tmp_path: Path) -> None:
    save_img(tmp_path / "a.bmp", PIXELS, scale=False)
    content = io.BytesIO((tmp_path / "a.bmp").read_bytes())
    double = img_to_array(load_img(content, target_size=(8, 12)))
    np.testing.assert_array_equal(double, PIXELS.repeat(2, 0).repeat(2, 1))
    middle = img_to_array(load_img(tmp_path / "a.bmp", target_size=(4, 4), keep_aspect_ratio=True))
    np.testing.assert_array_equal(middle, PIXELS[:, 1:5])


def test_jpeg_has_no_alpha(tmp_path: Path) -> None:
    with pytest.warns(UserWarning, match="alpha"):
        save_img(tmp_path / "a.jpg", np.zeros((4, 4, 4)))
    assert load_img(tmp_path / "a.jpg").mode == "RGB"


def test_bad_images_are_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "broken.png").write_bytes(b"no image")
    with pytest.raises(ValueError, match=r"broken\.png is no image"):
        load_img(tmp_path / "broken.png")
    save_img(tmp_path / "cut.jpg", np.resize(PIXELS, (99, 99, 3)))
    content = (tmp_path / "cut.jpg").read_bytes()
    (tmp_path / "cut.jpg").write_bytes(content[: len(content) // 2])
    with pytest.raises(ValueError, match=r"cut\.jpg is no image"):
        load_img(tmp_path / "cut.jpg")
    with pytest.raises(FileNotFoundError, match="missing"):
        load_img(tmp_path / "missing.png")
    with pytest.raises(TypeError, match="name of a file"):
        load_img(3)


@pytest.mark.parametrize(
    ("settings", "text"),
    [
        ({"color_mode": "rbg"}, "Did you mean 'rgb'"),
        ({"target_size": (0, 3)}, "target_size"),
        ({"target_size": (3, 3), "interpolation": "bilinaer"}, "Did you mean 'bilinear'"),
    ],
)
def test_bad_settings_are_refused(tmp_path: Path, settings: dict, text: str) -> None:
    save_img(tmp_path / "a.png", PIXELS)
    with pytest.raises(ValueError, match=text):
        load_img(tmp_path / "a.png", **settings)


@pytest.mark.parametrize("shape", [(4, 4), (4, 4, 2), (1, 4, 4, 3)])
def test_what_is_no_image_is_refused(shape: tuple) -> None:
    with pytest.raises(ValueError, match="shape"):
        array_to_img(np.zeros(shape))


def test_without_pillow_it_is_said_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "PIL", None)
    with pytest.raises(ImportError, match=r"pip install 'pylego\[images\]'"):
        load_img("a.png")


def test_the_old_names_are_the_same_functions() -> None:
    assert image.load_img is load_img
    assert pylego.preprocessing.image_dataset_from_directory is image_dataset_from_directory
    assert pylego.utils.image_utils.img_to_array is img_to_array


# ---- folders --------------------------------------------------------------------------------


def test_folders_are_classes(folders: Path, capsys: pytest.CaptureFixture) -> None:
    dataset = image_dataset_from_directory(folders, shuffle=False, image_size=(6, 8), batch_size=3)
    assert capsys.readouterr().out == "Found 8 files belonging to 2 classes.\n"
    assert dataset.class_names == ["cat", "dog"]
    assert [Path(path).name for path in dataset.file_paths[:3]] == ["00.png", "01.png", "02.png"]
    batches = listed(dataset)
    assert len(dataset) == len(batches) == 3
    assert [y.numpy().tolist() for _, y in batches] == [[0, 0, 0], [1, 1, 1], [1, 1]]
    images = np.concatenate([x for x, _ in batches])
    assert images.shape == (8, 6, 8, 3)
    assert images.dtype == np.float32
    for path, x in zip(dataset.file_paths, images):
        np.testing.assert_array_equal(img_to_array(load_img(path)), x)


@pytest.mark.parametrize(
    ("mode", "labels"),
    [("int", [0, 1]), ("binary", [[0.0], [1.0]]), ("categorical", [[1.0, 0.0], [0.0, 1.0]])],
)
def test_label_modes(tmp_path: Path, mode: str, labels: list) -> None:
    make_folders(tmp_path, {"a": 1, "b": 1})
    dataset = image_dataset_from_directory(
        tmp_path, label_mode=mode, shuffle=False, image_size=2, verbose=False
    )
    ((_, y),) = dataset
    assert y.numpy().tolist() == labels


def test_labels_of_ones_own_and_none(folders: Path) -> None:
    options: dict = {"shuffle": False, "image_size": 2, "verbose": False, "batch_size": None}
    own = image_dataset_from_directory(folders, labels=[5, 5, 6, 6, 6, 7, 7, 7], **options)
    assert [int(y) for _, y in own] == [5, 5, 6, 6, 6, 7, 7, 7]
    assert own.class_names == ["5", "6", "7"]
    plain = image_dataset_from_directory(folders, labels=None, **options)
    assert next(iter(plain)).shape == (2, 2, 3)
    assert plain.class_names is None
    chosen = image_dataset_from_directory(folders, class_names=["dog"], **options)
    assert (len(chosen), chosen.class_names) == (5, ["dog"])


def test_shapes_of_other_proportions(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    save_img(tmp_path / "a" / "wide.png", np.full((2, 4, 3), 200.0), scale=False)
    options: dict = {"labels": None, "image_size": 4, "verbose": False, "batch_size": None}
    (cropped,) = image_dataset_from_directory(tmp_path, crop_to_aspect_ratio=True, **options)
    (padded,) = image_dataset_from_directory(tmp_path, pad_to_aspect_ratio=True, **options)
    assert (cropped.numpy() == 200).all()
    assert padded[:, 0, 0].numpy().tolist() == [0, 200, 200, 0]
    (first,) = image_dataset_from_directory(tmp_path, data_format="channels_first", **options)
    assert first.shape == (3, 4, 4)


@pytest.mark.parametrize(
    "interpolation", ["nearest", "bilinear", "bicubic", "lanczos3", "lanczos5"]
)
def test_images_are_resized_as_by_the_layer(folders: Path, interpolation: str) -> None:
    options: dict = {"shuffle": False, "verbose": False, "interpolation": interpolation}
    ((small, _),) = image_dataset_from_directory(folders, image_size=(3, 5), **options)
    ((whole, _),) = image_dataset_from_directory(folders, image_size=(6, 8), **options)
    layer = pylego.layers.Resizing(3, 5, interpolation)
    np.testing.assert_array_equal(layer(whole).numpy(), small)


def test_pillow_resizes_in_other_ways(folders: Path) -> None:
    for interpolation in ("area", "hamming"):
        dataset = image_dataset_from_directory(
            folders, image_size=(3, 4), interpolation=interpolation, verbose=False
        )
        assert next(iter(dataset))[0].shape == (8, 3, 4, 3)


def test_passes_are_shuffled_and_repeatable(folders: Path) -> None:
    def orders() -> list:
        dataset = image_dataset_from_directory(
            folders, seed=3, image_size=(6, 8), batch_size=2, verbose=False
        )
        return [
            np.concatenate([x.numpy().sum((1, 2, 3)) for x, _ in dataset]).tolist()
            for _ in range(2)
        ]

    first, second = orders()
    assert first != second
    assert sorted(first) == sorted(second)
    assert orders() == [first, second]
    set_random_seed(1)
    one = image_dataset_from_directory(folders, image_size=2, verbose=False).file_paths
    set_random_seed(1)
    assert one == image_dataset_from_directory(folders, image_size=2, verbose=False).file_paths


def test_splits_hold_each_file_once(folders: Path) -> None:
    options: dict = {"validation_split": 0.3, "seed": 9, "image_size": 2, "verbose": False}
    train, validation = image_dataset_from_directory(folders, subset="both", **options)
    assert (len(train.file_paths), len(validation.file_paths)) == (6, 2)
    assert len({*train.file_paths, *validation.file_paths}) == 8
    alone = image_dataset_from_directory(folders, subset="validation", **options)
    assert alone.file_paths == validation.file_paths


def test_the_split_is_that_of_keras(folders: Path) -> None:
    """Keras 3.15.1 shuffles by `RandomState(seed).shuffle` and takes the last files."""
    files = image_dataset_from_directory(folders, shuffle=False, verbose=False).file_paths
    np.random.RandomState(9).shuffle(files)
    part = image_dataset_from_directory(
        folders, validation_split=0.3, subset="validation", seed=9, verbose=False
    )
    assert part.file_paths == files[-2:]


@pytest.mark.parametrize(
    ("settings", "text"),
    [
        ({"label_mode": "ints"}, "Did you mean 'int'"),
        ({"color_mode": "gray"}, "color_mode"),
        ({"validation_split": 0.2}, "go together"),
        ({"validation_split": 0.2, "subset": "training"}, "pass seed"),
        ({"validation_split": 2, "subset": "both"}, "between 0 and 1"),
        ({"labels": [1, 2]}, "each of the 8 images"),
        ({"class_names": ["cat", "cow"]}, "no folder for the classes cow; it has cat, dog"),
        ({"interpolation": "linear"}, "Did you mean 'bilinear'"),
        ({"image_size": (2, 2, 3)}, "image_size"),
        ({"crop_to_aspect_ratio": True, "pad_to_aspect_ratio": True}, "exclude"),
        ({"validation_split": 0.1, "subset": "both"}, "for validation"),
    ],
)
def test_bad_arguments_are_refused(folders: Path, settings: dict, text: str) -> None:
    with pytest.raises(ValueError, match=text):
        image_dataset_from_directory(folders, verbose=False, **settings)


def test_bad_folders_are_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="nowhere"):
        image_dataset_from_directory(tmp_path / "nowhere")
    with pytest.raises(ValueError, match="has no images"):
        image_dataset_from_directory(tmp_path, verbose=False)
    make_folders(tmp_path, {"a": 1, "empty": 0, "c": 1})
    with pytest.raises(ValueError, match="needs two classes; there are 3: a, c, empty"):
        image_dataset_from_directory(tmp_path, label_mode="binary", verbose=False)
    (tmp_path / "a" / "broken.jpg").write_bytes(b"no image")
    with pytest.raises(ValueError, match=r"broken\.jpg is no image"):
        listed(image_dataset_from_directory(tmp_path, verbose=False))


def test_an_empty_class_is_a_class(tmp_path: Path) -> None:
    make_folders(tmp_path, {"a": 1, "empty": 0, "z": 1})
    dataset = image_dataset_from_directory(tmp_path, shuffle=False, image_size=2, verbose=False)
    ((_, y),) = dataset
    assert y.numpy().tolist() == [0, 2]


def test_models_take_datasets(folders: Path) -> None:
    train, validation = image_dataset_from_directory(
        folders, validation_split=0.5, subset="both", seed=1, image_size=4, batch_size=3,
        label_mode="binary", verbose=False,
    )  # fmt: skip
    model = pylego.Sequential(
        [pylego.layers.Flatten(), pylego.layers.Dense(1, activation="sigmoid")]
    )
    model.compile("adam", "binary_crossentropy", metrics=["accuracy"])
    history = model.fit(train, validation_data=validation, epochs=2, verbose=0).history
    assert set(history) == {"accuracy", "loss", "val_accuracy", "val_loss"}
    assert len(model.evaluate(validation, verbose=0)) == 2
    assert model.predict(validation, verbose=0).shape == (4, 1)


def test_datasets_are_mapped_batch_by_batch(folders: Path) -> None:
    dataset = image_dataset_from_directory(
        folders, image_size=4, batch_size=3, shuffle=False, label_mode="binary", verbose=False
    )
    mapped = dataset.map(lambda x, y: (x / 255, y)).map(lambda x, y: (x + 1, 1 - y))
    assert len(mapped) == len(dataset)
    for _ in range(2):
        for (x, y), (new_x, new_y) in zip(dataset, mapped):
            np.testing.assert_array_equal(new_x.numpy(), x.numpy() / np.float32(255) + 1)
            np.testing.assert_array_equal(new_y.numpy(), 1 - y.numpy())
    assert len(list(mapped.take(2))) == 2
    model = pylego.Sequential(
        [pylego.layers.Flatten(), pylego.layers.Dense(1, activation="sigmoid")]
    )
    model.compile("adam", "binary_crossentropy")
    model.fit(mapped, validation_data=mapped, epochs=2, verbose=0)
    images = mapped.map(lambda x, y: x)
    assert model.predict(images.map(lambda x: 2 * x), verbose=0).shape == (8, 1)


@needs_real_pictures
def test_real_pictures() -> None:
    dataset = image_dataset_from_directory(
        CIFAR_FOLDERS / "train", image_size=(32, 32), shuffle=False, verbose=False
    )
    assert len(dataset.file_paths) == 200
    assert dataset.class_names[:2] == ["airplane", "automobile"]
    x, y = next(iter(dataset))
    assert x.shape == (32, 32, 32, 3)
    assert y.numpy().tolist() == [0] * 20 + [1] * 12
    assert 50 < x.numpy().mean() < 200
    flowers = image_dataset_from_directory(FLOWERS, image_size=(64, 96), verbose=False)
    assert next(iter(flowers))[0].shape == (2, 64, 96, 3)
