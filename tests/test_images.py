"""Image files and folders of them: what is read, in which order, and what is refused."""

from __future__ import annotations

import io
import sys
import threading
import time
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("PIL")

from photos import CIFAR_FOLDERS, FLOWERS, make_folders, needs_real_pictures
from PIL import Image

import pylego
from pylego.models import Sequential
from pylego.preprocessing import image
from pylego.utils import (
    array_to_img,
    image_dataset_from_directory,
    img_to_array,
    load_img,
    save_img,
    set_random_seed,
)
from pylego.utils.image_dataset import Reading
from pylego.utils.image_modes import in_color_mode
from pylego.utils.image_utils import middle_box

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


@pytest.mark.parametrize("resampling", ["bilinear", "bicubic", "hamming", "box", "lanczos"])
def test_pillow_resizes_what_is_loaded(tmp_path: Path, resampling: str) -> None:
    save_img(tmp_path / "a.png", PIXELS, scale=False)
    whole = load_img(tmp_path / "a.png")
    small = load_img(tmp_path / "a.png", target_size=(3, 5), interpolation=resampling)
    wanted = whole.resize((5, 3), getattr(Image.Resampling, resampling.upper()))
    np.testing.assert_array_equal(img_to_array(small), img_to_array(wanted))
    square = load_img(
        tmp_path / "a.png", target_size=3, interpolation=resampling, keep_aspect_ratio=True
    )
    wanted = whole.crop((1, 0, 5, 4)).resize((3, 3), getattr(Image.Resampling, resampling.upper()))
    assert np.abs(img_to_array(square) - img_to_array(wanted)).max() < 60
    assert square.size == (3, 3)


def test_jpeg_has_no_alpha(tmp_path: Path) -> None:
    with pytest.warns(UserWarning, match="alpha"):
        save_img(tmp_path / "a.jpg", np.zeros((4, 4, 4)))
    assert load_img(tmp_path / "a.jpg").mode == "RGB"


def test_bad_images_are_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "broken.png").write_bytes(b"no image")
    with pytest.raises(ValueError, match=r"broken\.png is not an image"):
        load_img(tmp_path / "broken.png")
    save_img(tmp_path / "cut.jpg", np.resize(PIXELS, (99, 99, 3)))
    content = (tmp_path / "cut.jpg").read_bytes()
    (tmp_path / "cut.jpg").write_bytes(content[: len(content) // 2])
    with pytest.raises(ValueError, match=r"cut\.jpg is not an image"):
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


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (lambda: load_img("a.png", colour_mode="rgb"), "load_img got .* mean 'color_mode'"),
        (lambda: img_to_array(None, dataformat="a"), "img_to_array got .* mean 'data_format'"),
        (lambda: array_to_img(PIXELS, scaled=True), "array_to_img got .* mean 'scale'"),
        (lambda: image_dataset_from_directory("a", imagesize=2), "from_directory .* 'image_size'"),
        (lambda: image.random_zoom(PIXELS, zoom=2), "random_zoom got .* mean 'zoom_range'"),
        (lambda: image.random_rotation(PIXELS, 1, rowaxis=2), "random_rotation .* 'row_axis'"),
        (lambda: image.random_shift(PIXELS, 1, 1, fillmode=2), "random_shift .* 'fill_mode'"),
        (lambda: image.random_shear(PIXELS, intensty=2), "random_shear .* 'intensity'"),
        (lambda: image.random_channel_shift(PIXELS, 1, axis=2), "random_channel_shift got"),
        (lambda: image.random_brightness(PIXELS, range=2), "random_brightness got"),
        (lambda: image.apply_affine_transform(PIXELS, thet=2), "apply_affine_transform .* 'theta'"),
        (lambda: image.apply_channel_shift(PIXELS, intens=2), "apply_channel_shift got"),
        (lambda: image.apply_brightness_shift(PIXELS, 1, scales=2), "apply_brightness.* 'scale'"),
        (
            lambda: image.smart_resize(PIXELS, 1, interpol="a"),
            "smart_resize got .* 'interpolation'",
        ),
        (lambda: pylego.utils.to_categorical([1], n_classes=2), "mean 'num_classes'"),
        (lambda: pylego.utils.normalize([1], axes=1), "normalize got .* mean 'axis'"),
        (lambda: set_random_seed(sed=1), "set_random_seed got .* mean 'seed'"),
        (lambda: pylego.utils.Progbar(3, widht=2), "Progbar got .* mean 'width'"),
        (lambda: pylego.utils.pack_x_y_sample_weight(1, weight=2), "pack_x_y_sample_weight got"),
        (lambda: pylego.utils.unpack_x_y_sample_weight(date=2), "mean 'data'"),
    ],
)
def test_unknown_keywords_are_mended(call: Any, text: str) -> None:
    with pytest.raises(TypeError, match=text):
        call()


def test_the_old_names_are_the_same_functions() -> None:
    assert image.load_img is load_img
    assert pylego.preprocessing.image_dataset_from_directory is image_dataset_from_directory
    assert pylego.utils.image_utils.img_to_array is img_to_array


# ---- modes of Pillow ------------------------------------------------------------------------


def picture(mode: str, *pixels: Any, **settings: Any) -> Any:
    """One row of pixels."""
    made = Image.new(mode, (len(pixels), 1))
    if "palette" in settings:
        made.putpalette(settings["palette"])
    made.putdata(pixels)
    return made


def file_of(made: Any, file_format: str, **settings: Any) -> io.BytesIO:
    file = io.BytesIO()
    made.save(file, file_format, **settings)
    return file


def read_in_all(file: io.BytesIO) -> list:
    """The first row as grayscale, rgb and rgba."""
    return [
        np.asarray(load_img(io.BytesIO(file.getvalue()), mode))[0].tolist()
        for mode in ("grayscale", "rgb", "rgba")
    ]


def opaque(colors: list) -> list:
    return [[*color, 255] for color in colors]


DEEP = np.array([[0, 1800, 18000, 63000]], "uint16")
PALETTE = (10, 20, 30, 200, 100, 50)
GRAY, COLORS = [18, 124], [[10, 20, 30], [200, 100, 50]]  # that palette, as Pillow counts
MODES: dict[str, tuple[Any, str, list]] = {
    "1": (picture("1", 0, 255), "PNG", [[0, 255], [[0] * 3, [255] * 3]]),
    "L": (picture("L", 3, 200), "PNG", [[3, 200], [[3] * 3, [200] * 3]]),
    "LA": (
        picture("LA", (3, 0), (200, 7)),
        "PNG",
        [[3, 200], [[3] * 3, [200] * 3], [[3, 3, 3, 0], [200, 200, 200, 7]]],
    ),
    "P": (picture("P", 0, 1, palette=PALETTE), "PNG", [GRAY, COLORS]),
    "RGB": (picture("RGB", *map(tuple, COLORS)), "PNG", [GRAY, COLORS]),
    "RGBA": (
        picture("RGBA", (10, 20, 30, 0), (200, 100, 50, 7)),
        "PNG",
        [GRAY, COLORS, [[10, 20, 30, 0], [200, 100, 50, 7]]],
    ),
    "CMYK": (
        picture("CMYK", (255, 0, 0, 0), (0, 0, 0, 255)),
        "TIFF",
        [[179, 0], [[0, 255, 255], [0] * 3]],
    ),
    "YCbCr": (
        picture("YCbCr", (100, 128, 128), (100, 128, 228)),
        "TIFF",
        [[100, 100], [[100] * 3, [240, 28, 100]]],
    ),
    "LAB": (
        picture("LAB", (128, 128, 128), (128, 200, 128)),
        "TIFF",
        [[119, 100], [[119] * 3, [222, 34, 123]]],
    ),
    "I;16": (Image.fromarray(DEEP), "PNG", [[0, 7, 70, 246], [[n] * 3 for n in (0, 7, 70, 246)]]),
    "I;16B": (
        Image.fromarray(DEEP.astype(">u2")),
        "TIFF",
        [[0, 7, 70, 246], [[n] * 3 for n in (0, 7, 70, 246)]],
    ),
    "I": (
        Image.fromarray(DEEP.astype("int32")),
        "TIFF",
        [[0, 7, 70, 246], [[n] * 3 for n in (0, 7, 70, 246)]],
    ),
    "F": (picture("F", 0.9, 70.9, 255), "TIFF", [[0, 70, 255], [[n] * 3 for n in (0, 70, 255)]]),
}


MARGIN = {"CMYK": 1, "YCbCr": 1, "LAB": 2}  # Pillow's versions may round in their own ways


@pytest.mark.parametrize("mode", MODES)
def test_images_of_all_modes_are_read_as_pixels_from_0_to_255(mode: str) -> None:
    made, file_format, (gray, rgb, *rgba) = MODES[mode]
    file = file_of(made, file_format)
    if Image.open(file).mode != mode:
        assert mode == "YCbCr"
        pytest.skip("Pillow before version 13 does not read its own TIFF files of YCbCr")
    wanted = [gray, rgb, *(rgba or [opaque(rgb)])]
    for ours, numbers in zip(read_in_all(file), wanted, strict=True):
        np.testing.assert_allclose(ours, numbers, atol=MARGIN.get(mode, 0))


def test_modes_that_no_file_has_are_converted_too() -> None:
    for made, colors in (
        (picture("HSV", (0, 255, 200)), [[200, 0, 0]]),
        (picture("PA", (1, 7), palette=PALETTE), COLORS[1:]),
        (picture("La", (7, 7)), [[255] * 3]),
        (picture("RGBa", (7, 0, 7, 7)), [[255, 0, 255]]),
        (picture("RGBX", (1, 2, 3, 4)), [[1, 2, 3]]),
        (
            Image.frombytes("I;16L", (4, 1), DEEP.astype("<u2").tobytes()),
            [[n] * 3 for n in (0, 7, 70, 246)],
        ),
    ):
        assert np.asarray(in_color_mode(made, "rgb"))[0].tolist() == colors
        assert in_color_mode(made, "grayscale").mode == "L"
        alpha = np.asarray(in_color_mode(made, "rgba"))[0, :, 3]
        assert (alpha == (7 if made.mode in ("PA", "La", "RGBa") else 255)).all()


@pytest.mark.filterwarnings("ignore:Palette images with Transparency")
def test_what_is_transparent_stays_so_in_rgba_alone() -> None:
    of_palette = picture("P", 0, 1, palette=PALETTE)
    clear = [[10, 20, 30, 0], [200, 100, 50, 255]]
    assert read_in_all(file_of(of_palette, "PNG", transparency=0)) == [GRAY, COLORS, clear]
    half = [[10, 20, 30, 9], [200, 100, 50, 99]]
    assert read_in_all(file_of(of_palette, "PNG", transparency=b"\x09\x63"))[2] == half
    key = (10, 20, 30)
    assert read_in_all(file_of(MODES["RGB"][0], "PNG", transparency=key)) == [GRAY, COLORS, clear]
    deep = file_of(Image.fromarray(DEEP), "PNG", transparency=1800)
    gray, rgb, rgba = read_in_all(deep)
    assert gray == [0, 7, 70, 246]
    assert rgba == [[*color, 255 * (color[0] != 7)] for color in rgb]


def test_the_orientation_of_cameras_is_left_alone() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # turn it by 90 degrees
    file = file_of(picture("L", 1, 2, 3), "PNG", exif=exif)
    assert read_in_all(file)[0] == [1, 2, 3]


@pytest.mark.parametrize(
    ("made", "text", "gray"),
    [
        (picture("I", -1, 70000), "'I' .* 0 to 65535; .* is cut off", [0, 255]),
        (picture("F", -3.0, 300.0), "'F' .* 0 to 255; .* is cut off", [0, 255]),
        (picture("F", np.nan, 20.0), "cut off", [0, 20]),
        (picture("F", 0.0, 1.0), "'F' .* none above 1: it is black", [0, 1]),
        (picture("I", 0, 9), "'I' .* none above 255: it is black", [0, 0]),
    ],
)
def test_numbers_of_another_range_are_read_with_a_warning(made: Any, text: str, gray: list) -> None:
    with pytest.warns(UserWarning, match=text):
        assert np.asarray(load_img(file_of(made, "TIFF"), "grayscale"))[0].tolist() == gray


def test_dark_and_black_images_are_read_without_a_warning() -> None:
    for numbers in ([[0, 0]], [[0, 256]]):
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            read_in_all(file_of(Image.fromarray(np.array(numbers, "uint16")), "PNG"))
            read_in_all(file_of(Image.fromarray(np.array(numbers, "float32") / 128), "TIFF"))


@pytest.mark.parametrize("color_mode", ["grayscale", "rgb", "rgba"])
def test_all_that_reads_files_reads_16_bits_alike(tmp_path: Path, color_mode: Any) -> None:
    (tmp_path / "a").mkdir()
    Image.fromarray(DEEP).save(tmp_path / "a" / "deep.png")
    wanted = img_to_array(load_img(tmp_path / "a" / "deep.png", color_mode))
    assert wanted[0, :, 0].tolist() == [0, 7, 70, 246]
    ((ours, _),) = image_dataset_from_directory(
        tmp_path, image_size=(1, 4), color_mode=color_mode, verbose=False
    )
    np.testing.assert_array_equal(ours[0], wanted)
    flow = {"target_size": (1, 4), "color_mode": color_mode, "class_mode": None}
    generator = image.ImageDataGenerator()
    np.testing.assert_array_equal(generator.flow_from_directory(tmp_path, **flow)[0][0], wanted)
    table = {"filename": ["a/deep.png"]}
    np.testing.assert_array_equal(
        generator.flow_from_dataframe(table, tmp_path, **flow)[0][0], wanted
    )


def test_arrays_hold_what_pillow_holds() -> None:
    for made, numbers in (
        (picture("1", 0, 255), [[0], [1]]),
        (picture("P", 0, 1, palette=PALETTE), [[0], [1]]),
        (picture("LA", (3, 0)), [[3, 0]]),
        (picture("CMYK", (1, 2, 3, 4)), [[1, 2, 3, 4]]),
        (Image.fromarray(DEEP), [[0], [1800], [18000], [63000]]),
        (picture("I", -5), [[-5]]),
        (picture("F", 0.5), [[0.5]]),
    ):
        assert img_to_array(made)[0].tolist() == numbers


def test_what_lies_beyond_bytes_is_cut_off_where_it_is_written() -> None:
    colors = array_to_img(np.array([[[-5.0, 300.0, 7.9]]]), scale=False)
    assert img_to_array(colors).ravel().tolist() == [0, 255, 7]
    assert img_to_array(array_to_img(np.full((1, 1, 1), -5.0), scale=False)).item() == 0


@pytest.mark.parametrize(
    ("name", "file_format", "known"),
    [
        ("a.tif", None, "TIFF"), ("a.JPG", None, "JPEG"), ("a.png", "jpg", "JPEG"),
        ("a", "tif", "TIFF"), ("a.jpe", None, "JPEG"), ("a.png", "PPM", "PPM"),
    ],
)  # fmt: skip
def test_formats_are_known_by_their_endings(
    tmp_path: Path, name: str, file_format: Any, known: str
) -> None:
    save_img(tmp_path / name, PIXELS, file_format=file_format)
    assert Image.open(tmp_path / name).format == known
    file = io.BytesIO()
    save_img(file, PIXELS, file_format=known)
    assert Image.open(file).format == known


def test_png_keeps_16_bits_of_gray(tmp_path: Path) -> None:
    save_img(tmp_path / "a.png", DEEP[..., None], scale=False)
    assert np.asarray(Image.open(tmp_path / "a.png")).tolist() == DEEP.tolist()


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


@pytest.mark.parametrize("color_mode", ["rgb", "grayscale", "rgba"])
@pytest.mark.parametrize("fit", ["crop", "pad", "stretch"])
def test_options_of_reading_together(folders: Path, color_mode: str, fit: str) -> None:
    """Channels first, another proportion, another curve, all at once: against one after another."""
    options = {} if fit == "stretch" else {f"{fit}_to_aspect_ratio": True}
    dataset = image_dataset_from_directory(
        folders, labels=None, color_mode=color_mode, image_size=(5, 3), interpolation="bicubic",
        data_format="channels_first", shuffle=False, verbose=False, **options,
    )  # fmt: skip
    (x,) = dataset
    assert x.shape == (8, {"grayscale": 1, "rgb": 3, "rgba": 4}[color_mode], 5, 3)
    whole = img_to_array(load_img(dataset.file_paths[2], color_mode))  # 6 x 8
    if fit == "crop":
        whole = whole[:, 2:5]
    if fit == "pad":
        whole = np.pad(whole, [(3, 4), (0, 0), (0, 0)])
    wanted = pylego.ops.image.resize(whole, (5, 3), "bicubic").numpy()
    np.testing.assert_array_equal(x[2].numpy().transpose(1, 2, 0), wanted)


@pytest.mark.parametrize("size", [(3, 7), (7, 3), (1, 1), (4, 6), (12, 2)])
@pytest.mark.parametrize("shape", [(4, 6), (6, 4), (1, 5), (5, 1), (1, 1)])
def test_the_middle_is_cut_out_with_the_proportions_wanted(shape: tuple, size: tuple) -> None:
    """As large as possible, within the image, as many pixels on one side as on the other."""
    left, top, right, bottom = middle_box((shape[1], shape[0]), size)
    height, width = bottom - top, right - left
    assert 0 <= top < bottom <= shape[0]
    assert 0 <= left < right <= shape[1]
    assert height == shape[0] or width == shape[1]
    assert abs(height * size[1] - width * size[0]) < max(size)
    assert 0 <= (shape[0] - bottom) - top <= 1
    assert 0 <= (shape[1] - right) - left <= 1


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


def test_both_parts_keep_their_labels_over_several_passes(tmp_path: Path) -> None:
    """Training in a new order each time, validation always in the same."""
    for number in range(4):
        (tmp_path / f"class{number}").mkdir()
        for place in range(4):
            value = 16.0 * number + place
            save_img(
                tmp_path / f"class{number}" / f"{place}.png", np.full((2, 2, 3), value), scale=False
            )
    options: dict = {"image_size": 2, "batch_size": 3, "validation_split": 0.4, "verbose": False}

    def orders(dataset: Any) -> list:
        seen = []
        for _ in range(3):
            x, y = (np.concatenate([np.asarray(part) for part in parts]) for parts in zip(*dataset))
            assert (x[:, 0, 0, 0] // 16 == y).all()
            seen.append(x[:, 0, 0, 0].astype(int).tolist())
        return seen

    train, validation = image_dataset_from_directory(tmp_path, subset="both", seed=5, **options)
    assert (len(train), len(validation)) == (4, 2)
    first, second, third = orders(train)
    assert first != second != third != first
    same = orders(validation)
    assert same == [same[0]] * 3
    assert sorted(first + same[0]) == [16 * n + k for n in range(4) for k in range(4)]
    assert same[0] != sorted(same[0])
    alone = image_dataset_from_directory(tmp_path, subset="training", seed=5, **options)
    assert orders(alone) == [first, second, third]
    other = image_dataset_from_directory(tmp_path, subset="training", seed=6, **options)
    assert alone.file_paths != other.file_paths
    still, end = image_dataset_from_directory(tmp_path, subset="both", shuffle=False, **options)
    kept = orders(still)
    assert kept == [sorted(kept[0])] * 3
    assert orders(end)[2] == [34, 35, 48, 49, 50, 51]
    one = image_dataset_from_directory(tmp_path, subset="validation", shuffle=False, **options)
    assert orders(one) == orders(end)


def test_what_is_found_is_told(folders: Path, capsys: pytest.CaptureFixture) -> None:
    image_dataset_from_directory(folders, validation_split=0.3, subset="both", seed=1)
    assert capsys.readouterr().out == (
        "Found 8 files belonging to 2 classes.\nUsing 6 files for training.\n"
        "Using 2 files for validation.\n"
    )
    image_dataset_from_directory(folders, labels=None)
    assert capsys.readouterr().out == "Found 8 files.\n"
    image_dataset_from_directory(folders, verbose=False)
    assert capsys.readouterr().out == ""


def test_the_split_is_that_of_keras(folders: Path) -> None:
    """Keras 3.15.1 shuffles by `RandomState(seed).shuffle` and takes the last files."""
    files = image_dataset_from_directory(folders, shuffle=False, verbose=False).file_paths
    for seed in (9, 1009, 2**32 + 9):
        mixed = list(files)
        np.random.RandomState(seed % 2**32).shuffle(mixed)
        part = image_dataset_from_directory(
            folders, validation_split=0.3, subset="validation", seed=seed, verbose=False
        )
        assert part.file_paths == mixed[-2:]


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
    with pytest.raises(ValueError, match=r"broken\.jpg is not an image"):
        listed(image_dataset_from_directory(tmp_path, verbose=False))


def test_images_without_folders_are_told_about_classes(folders: Path) -> None:
    flat = folders / "dog"
    text = (
        r"Classes are folders.*here 5 images \(00.png, 01.png, 02.png, ...\) lie in the directory"
    )
    for settings in ({}, {"label_mode": "binary"}, {"validation_split": 0.5, "subset": "both"}):
        with pytest.raises(ValueError, match=text + ".* labels=None reads them flat"):
            image_dataset_from_directory(flat, verbose=False, **settings)
    read = image_dataset_from_directory(flat, labels=None, image_size=2, verbose=False)
    assert next(iter(read)).shape == (5, 2, 2, 3)
    (folders / "dog" / "empty").mkdir()
    with pytest.raises(ValueError, match="Classes are folders"):
        image_dataset_from_directory(flat, verbose=False)


def test_folders_without_images_are_told_apart(tmp_path: Path) -> None:
    def message(**settings: Any) -> str:
        with pytest.raises(ValueError, match="has no images") as told:
            image_dataset_from_directory(tmp_path, verbose=False, **settings)
        return str(told.value).replace(str(tmp_path), "it")

    assert message() == message(labels=None) == "it has no images: it is empty"
    (tmp_path / "a" / "b").mkdir(parents=True)
    assert message() == message(labels=None) == "it has no images: its folders (a) are empty"
    (tmp_path / "a" / "b" / "x.webp").write_bytes(b"")
    wanted = f"it has no images: none of its 1 file ({Path('a', 'b', 'x.webp')}) ends in .bmp, "
    assert message().startswith(wanted)
    assert message(labels=None).startswith(wanted)
    save_img(tmp_path / "x.png", PIXELS)
    assert "here 1 image (x.png) lies in the directory itself" in message()


def test_folders_that_are_not_there_are_told_with_near_names(folders: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"no folder .*picturs.* Did you mean .*pictures'?"):
        image_dataset_from_directory(folders.parent / "picturs")
    with pytest.raises(
        FileNotFoundError, match=r"no folder .*picturs.cat.* Did you mean .*pictures'"
    ):
        image_dataset_from_directory(folders.parent / "picturs" / "cat")
    with pytest.raises(FileNotFoundError) as told:
        image_dataset_from_directory(folders / "zebra")
    assert "Did you mean" not in str(told.value)
    with pytest.raises(NotADirectoryError, match=r"00\.png' is a file"):
        image_dataset_from_directory(folders / "cat" / "00.png")


def test_classes_one_folder_deeper_are_told(folders: Path) -> None:
    """As in archives that hold a single folder: all images would be of one class."""
    with pytest.warns(
        UserWarning, match=r"single class, 'pictures', .* cat, dog\. .* directory is"
    ):
        dataset = image_dataset_from_directory(folders.parent, verbose=False)
    assert dataset.class_names == ["pictures"]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        image_dataset_from_directory(folders.parent, class_names=["pictures"], verbose=False)
        image_dataset_from_directory(folders.parent, labels=None, verbose=False)
        make_folders(folders / "dog", {"young": 1, "old": 1})
        image_dataset_from_directory(folders, class_names=["dog"], verbose=False)


@pytest.mark.parametrize(
    ("labels", "text"),
    [
        ([1] * 7, "each of the 8 images in .*Received: 7 labels"),
        (["cat"] * 8, "a whole number for each .*labels=\\['cat', 'cat', 'cat', ...\\]"),
        ([0.5] * 8, "a whole number for each"),
        ([[0, 1]] * 8, "a whole number for each"),
        (3, "Received: labels=3"),
        ("inferrd", "'inferred', None, or"),
    ],
)
def test_labels_that_do_not_fit_are_refused(folders: Path, labels: Any, text: str) -> None:
    with pytest.raises(ValueError, match=text):
        image_dataset_from_directory(folders, labels=labels, verbose=False)


def test_labels_of_ones_own_fit_their_label_mode(folders: Path) -> None:
    for mode, labels in (
        ("binary", [5, 6] * 4),
        ("categorical", [0, 2] * 4),
        ("binary", [-1, 0] * 4),
    ):
        with pytest.raises(ValueError, match="needs labels from 0 to 1, as there are 2 classes"):
            image_dataset_from_directory(folders, labels=labels, label_mode=mode, verbose=False)
    kept = image_dataset_from_directory(
        folders, labels=np.array([-1.0, 7.0] * 4), shuffle=False, image_size=2, verbose=False
    )
    assert next(iter(kept))[1].numpy().tolist() == [-1, 7] * 4


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


def test_training_reads_each_file_once_an_epoch(
    folders: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[str] = []
    own = Reading.read
    monkeypatch.setattr(Reading, "read", lambda self, path: (read.append(path), own(self, path))[1])
    data = image_dataset_from_directory(folders, image_size=4, batch_size=3, verbose=False, seed=1)
    model = Sequential([pylego.layers.Flatten(), pylego.layers.Dense(2, "softmax")])
    model.compile("sgd", "sparse_categorical_crossentropy")
    model.fit(data, epochs=2, verbose=0)
    assert sorted(read) == sorted(2 * data.file_paths)


def test_files_are_read_ahead_by_several_threads(
    folders: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Three batches of one file each: the first takes long, so the others are read together."""
    others_are_here = threading.Barrier(2, timeout=20)
    own, is_first = Reading.read, iter([True])

    def meet(self: Reading, path: str) -> np.ndarray:
        if next(is_first, False):
            time.sleep(0.01)
        else:
            others_are_here.wait()
        return own(self, path)

    monkeypatch.setattr(Reading, "read", meet)
    data = image_dataset_from_directory(folders / "cat", None, image_size=4, batch_size=1)
    assert len(listed(data)) == 3
    assert not [t for t in threading.enumerate() if t.name.startswith("pylego-files")]


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
