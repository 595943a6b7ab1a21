"""ImageDataGenerator: exact changes, numbers of Keras, seeds, threads, and fit as in tutorials."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from goldens import expect_close, load

pytest.importorskip("PIL")

from photos import CIFAR_FOLDERS, FLOWERS, make_folders, needs_real_pictures

import pylego
from pylego import config, layers
from pylego.models import Sequential
from pylego.preprocessing.image import (
    DirectoryIterator,
    ImageDataGenerator,
    NumpyArrayIterator,
    img_to_array,
    load_img,
)

GOLDEN = load("image_data_generator")
SQUARES = np.random.default_rng(5).uniform(0, 255, (10, 6, 6, 3)).astype("float32")
WIDE = np.random.default_rng(6).uniform(0, 255, (10, 5, 8, 1)).astype("float32")
LABELS = np.arange(10) % 2
ALL_RANGES: dict[str, Any] = {
    "rotation_range": 40, "width_shift_range": 0.2, "height_shift_range": 0.2,
    "shear_range": 20, "zoom_range": 0.2, "horizontal_flip": True, "vertical_flip": True,
    "channel_shift_range": 20.0, "brightness_range": (0.5, 1.5),
}  # fmt: skip


def whole_pass(batches: Any) -> np.ndarray:
    return np.concatenate([batches[number] for number in range(len(batches))])


# ---- single changes -------------------------------------------------------------------------


@pytest.mark.parametrize("fact", GOLDEN["transforms"], ids=lambda fact: str(fact["parameters"]))
def test_changes_are_kerass(fact: dict) -> None:
    """On squares: of other images Keras takes the center wrongly."""
    generator = ImageDataGenerator(fill_mode=fact["fill_mode"])
    image = np.array(GOLDEN["image"], "float32")
    ours = generator.apply_transform(image, fact["parameters"])
    expect_close(ours, fact["output"], rtol=1e-4, atol=1e-2)


def test_exact_changes() -> None:
    generator, image = ImageDataGenerator(), WIDE[0]

    def change(**parameters: Any) -> np.ndarray:
        return generator.apply_transform(image, parameters)

    np.testing.assert_array_equal(change(), image)
    np.testing.assert_array_equal(change(flip_horizontal=True), image[:, ::-1])
    np.testing.assert_array_equal(change(flip_vertical=True), image[::-1])
    np.testing.assert_array_equal(change(tx=2)[:, :-2], image[:, 2:])
    np.testing.assert_array_equal(change(ty=-1)[1:], image[:-1])
    np.testing.assert_array_equal(change(theta=180), image[::-1, ::-1])
    turned = generator.apply_transform(SQUARES[0], {"theta": 90})
    np.testing.assert_array_equal(turned, np.rot90(SQUARES[0]))
    np.testing.assert_allclose(change(brightness=2.0), np.minimum(image * 2, 255), rtol=1e-6)
    shifted = change(channel_shift_intensity=-9.0)
    np.testing.assert_array_equal(shifted, np.clip(image - 9, image.min(), image.max()))
    signed = ImageDataGenerator().apply_transform(image - 300, {"brightness": 0.0})
    assert (signed == (image - 300).min()).all()


def test_channels_first_is_the_other_order() -> None:
    last, first = (
        ImageDataGenerator(**ALL_RANGES),
        ImageDataGenerator(**ALL_RANGES, data_format="channels_first"),
    )
    one = whole_pass(last.flow(WIDE, seed=1))
    other = whole_pass(first.flow(WIDE.transpose(0, 3, 1, 2), seed=1))
    np.testing.assert_array_equal(other.transpose(0, 2, 3, 1), one)
    first.fit(WIDE.transpose(0, 3, 1, 2), augment=True, seed=1)


def test_random_changes_follow_from_the_seed() -> None:
    generator = ImageDataGenerator(**ALL_RANGES)
    one = generator.get_random_transform((6, 6, 3), seed=3)
    assert one == generator.get_random_transform((6, 6, 3), seed=3)
    assert one != generator.get_random_transform((6, 6, 3))
    image = generator.random_transform(SQUARES[0], seed=3)
    np.testing.assert_array_equal(image, generator.apply_transform(SQUARES[0], one))
    plain = ImageDataGenerator().get_random_transform((6, 6, 3))
    assert plain["brightness"] is None
    assert (plain["theta"], plain["zx"], plain["flip_vertical"]) == (0, 1, False)


def test_ranges_are_kept() -> None:
    generator = ImageDataGenerator(
        **{**ALL_RANGES, "width_shift_range": [1, 3], "height_shift_range": 2, "zoom_range": (1, 3)}
    )
    drawn = [generator.get_random_transform((20, 40, 1), seed=seed) for seed in range(300)]
    columns = {name: np.array([one[name] for one in drawn]) for name in drawn[0]}
    assert set(columns["tx"]) == {-3, -1, 1, 3}
    for name, low, high in (
        ("theta", -40, 40), ("ty", -2, 2), ("shear", -20, 20), ("zx", 1, 3), ("zy", 1, 3),
        ("channel_shift_intensity", -20, 20), ("brightness", 0.5, 1.5),
    ):  # fmt: skip
        values, room = columns[name], 0.05 * (high - low)
        assert low <= values.min() < low + room
        assert high - room < values.max() <= high
    assert 100 < columns["flip_horizontal"].sum() < 200
    shares = ImageDataGenerator(width_shift_range=0.5).get_random_transform
    shifts = [shares((20, 40, 1), seed=seed)["tx"] for seed in range(200)]
    assert -20 <= min(shifts) < -18
    assert 18 < max(shifts) <= 20


# ---- batches --------------------------------------------------------------------------------


def test_pictures_depend_on_seed_image_and_pass_alone() -> None:
    """Not on the size of batches, the order, or the number of threads."""
    generator = ImageDataGenerator(**ALL_RANGES)
    first = whole_pass(generator.flow(SQUARES, batch_size=10, shuffle=False, seed=3))
    before = config.num_threads()
    for size, threads in ((1, 1), (3, 2), (4, 5)):
        config.set_num_threads(threads)
        again = whole_pass(generator.flow(SQUARES, batch_size=size, shuffle=False, seed=3))
        np.testing.assert_array_equal(again, first)
    config.set_num_threads(before)
    shuffled = generator.flow(SQUARES, batch_size=4, seed=3)
    order = shuffled.index_array
    np.testing.assert_array_equal(whole_pass(shuffled), first[order])
    other = whole_pass(generator.flow(SQUARES, shuffle=False, seed=4))
    assert not (other == first).all((1, 2, 3)).any()


def test_batches_go_on_without_end() -> None:
    batches = ImageDataGenerator(**ALL_RANGES).flow(SQUARES, LABELS, batch_size=4, seed=1)
    assert isinstance(batches, NumpyArrayIterator)
    assert (len(batches), batches.n, batches.samples, batches.batch_size) == (3, 10, 10, 4)
    assert batches.image_shape == (6, 6, 3)
    assert iter(batches) is batches
    shown = [next(batches) for _ in range(6)]
    assert [len(x) for x, _ in shown] == [4, 4, 2, 4, 4, 2]
    assert sorted(np.concatenate([y for _, y in shown[:3]])) == sorted(LABELS)
    assert not np.array_equal(shown[0][0], shown[3][0])
    x, _ = batches.next()
    batches.reset()
    np.testing.assert_array_equal(batches.next()[0], x)
    with pytest.raises(IndexError, match="batches 0 to 2"):
        batches[3]


def test_weights_come_along() -> None:
    batches = ImageDataGenerator().flow(
        SQUARES, LABELS, sample_weight=np.arange(10.0), batch_size=10, seed=1
    )
    x, y, weight = batches[0]
    order = batches.index_array
    np.testing.assert_array_equal(x, SQUARES[order])
    np.testing.assert_array_equal(y, LABELS[order])
    np.testing.assert_array_equal(weight, order)


def test_validation_takes_the_first_rows() -> None:
    generator = ImageDataGenerator(validation_split=0.2)
    options: dict = {"shuffle": False, "batch_size": 10}
    x = generator.flow(SQUARES, LABELS, subset="validation", **options)[0][0]
    np.testing.assert_array_equal(x, SQUARES[:2])
    assert generator.flow(SQUARES, LABELS, subset="training", **options).n == 8
    with pytest.raises(ValueError, match=r"no image of the classes \[1\]"):
        generator.flow(SQUARES, np.sort(LABELS), subset="validation")


def test_batches_are_saved(tmp_path: Path) -> None:
    batches = ImageDataGenerator().flow(
        SQUARES, batch_size=3, shuffle=False, save_to_dir=tmp_path, save_prefix="a"
    )
    next(batches)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a_0.png", "a_1.png", "a_2.png"]


# ---- normalizing ----------------------------------------------------------------------------


@pytest.mark.parametrize("fact", GOLDEN["standardized"], ids=lambda fact: str(fact["arguments"]))
def test_normalizing_is_kerass(fact: dict) -> None:
    images = np.array(GOLDEN["images"], "float32")
    generator = ImageDataGenerator(**fact["arguments"])
    generator.fit(images)
    expect_close(generator.standardize(images[0]), fact["output"], rtol=1e-3, atol=1e-3)
    np.testing.assert_allclose(
        generator.standardize(images)[0], generator.standardize(images[0]), rtol=1e-5, atol=1e-5
    )


def test_functions_see_single_images() -> None:
    seen: list[tuple] = []

    def negative(image: np.ndarray) -> np.ndarray:
        seen.append(image.shape)
        return -image

    batches = ImageDataGenerator(preprocessing_function=negative, rescale=1 / 255).flow(
        SQUARES, shuffle=False
    )
    np.testing.assert_allclose(batches[0], -SQUARES / 255, rtol=1e-6)
    assert seen == [(6, 6, 3)] * 10


def test_data_are_left_alone() -> None:
    kept = SQUARES.copy()
    generator = ImageDataGenerator(
        rescale=2, samplewise_std_normalization=True, featurewise_center=True, **ALL_RANGES
    )
    generator.fit(SQUARES, augment=True, rounds=2, seed=1)
    whole_pass(generator.flow(SQUARES))
    generator.standardize(SQUARES[0])
    np.testing.assert_array_equal(SQUARES, kept)


def test_without_fit_there_is_a_warning() -> None:
    with pytest.warns(UserWarning, match=r"generator\.fit\(x_train\) first"):
        ImageDataGenerator(featurewise_center=True).standardize(SQUARES[0])


# ---- folders --------------------------------------------------------------------------------


def test_folders_are_classes(tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    make_folders(tmp_path, {"cat": 3, "dog": 5}, size=(4, 5))
    batches = ImageDataGenerator(rescale=0.5).flow_from_directory(
        tmp_path, target_size=(4, 5), batch_size=8, shuffle=False
    )
    assert isinstance(batches, DirectoryIterator)
    assert capsys.readouterr().out == "Found 8 images belonging to 2 classes.\n"
    assert batches.class_indices == {"cat": 0, "dog": 1}
    assert batches.classes.tolist() == batches.labels.tolist() == [0] * 3 + [1] * 5
    assert batches.filenames[0] == str(Path("cat", "00.png"))
    assert (batches.samples, batches.num_classes, batches.image_shape) == (8, 2, (4, 5, 3))
    x, y = next(batches)
    np.testing.assert_array_equal(x[3], img_to_array(load_img(batches.filepaths[3])) / 2)
    np.testing.assert_array_equal(y.argmax(1), batches.classes)


@pytest.mark.parametrize(
    ("mode", "shape"), [("binary", (2,)), ("sparse", (2,)), ("input", (2, 3, 3, 1)), (None, None)]
)
def test_class_modes(tmp_path: Path, mode: Any, shape: Any) -> None:
    make_folders(tmp_path, {"a": 2, "b": 2})
    batches = ImageDataGenerator().flow_from_directory(
        tmp_path, target_size=(3, 3), color_mode="grayscale", class_mode=mode, batch_size=2
    )
    batch = next(batches)
    assert (batch.shape if mode is None else batch[0].shape) == (2, 3, 3, 1)
    assert mode is None or batch[1].shape == shape


def test_each_class_is_split(tmp_path: Path) -> None:
    make_folders(tmp_path, {"a": 4, "b": 8})
    generator = ImageDataGenerator(validation_split=0.25)
    parts = [
        generator.flow_from_directory(tmp_path, subset=part) for part in ("training", "validation")
    ]
    assert [np.bincount(part.classes).tolist() for part in parts] == [[3, 6], [1, 2]]
    assert not set(parts[0].filenames) & set(parts[1].filenames)


def test_images_without_folders_are_told_about_classes(tmp_path: Path) -> None:
    make_folders(tmp_path / "all", {"a": 2})
    flat = tmp_path / "all" / "a"
    generator = ImageDataGenerator()
    with pytest.raises(
        ValueError, match=r"Classes are folders.*2 images \(00.png, 01.png\)"
    ) as told:
        generator.flow_from_directory(flat)
    assert "classes=['.'], class_mode=None reads them flat" in str(told.value)
    assert "labels=None" in str(told.value)
    batches = generator.flow_from_directory(flat, classes=["."], class_mode=None)
    assert batches[0].shape == (2, 256, 256, 3)
    with pytest.raises(ValueError, match="has no images: it is empty"):
        generator.flow_from_directory(make_folders(tmp_path / "none", {"c": 0}) / "c")
    with pytest.raises(ValueError, match=r"its folders \(c\) are empty"):
        generator.flow_from_directory(tmp_path / "none")
    make_folders(tmp_path / "half", {"a": 1, "b": 0})
    with pytest.raises(ValueError, match="has no images in the folders b"):
        generator.flow_from_directory(tmp_path / "half", classes=["b"])
    with pytest.raises(TypeError, match="list of names"):
        generator.flow_from_directory(tmp_path / "half", classes="a")
    (tmp_path / "none" / "c" / "a.xcf").write_bytes(b"")
    with pytest.raises(ValueError, match=r"none of its 1 file \(c.a.xcf\) ends in .png, .jpg"):
        generator.flow_from_directory(tmp_path / "none")


def test_binary_classes_are_two(tmp_path: Path) -> None:
    make_folders(tmp_path, {"a": 1, "b": 1, "c": 1})
    flow = ImageDataGenerator().flow_from_directory
    with pytest.raises(ValueError, match="'binary' needs two classes; there are 3: a, b, c"):
        flow(tmp_path, class_mode="binary")
    two = flow(tmp_path, class_mode="binary", classes=["c", "a"], shuffle=False)
    assert [Path(name).parent.name for name in two.filenames] == ["c", "a"]
    assert two[0][1].tolist() == [0, 1]
    for mode in ("categorical", "sparse", "input", None):
        assert flow(tmp_path, class_mode=mode).n == 3


def test_a_part_without_images_is_refused(tmp_path: Path) -> None:
    make_folders(tmp_path, {"a": 3, "b": 3})
    table = {"filename": ["a/00.png", "b/00.png"], "class": ["a", "b"]}
    for share, text in ((0.3, r"no images for validation: .* is 0.3 of"), (0, "is not set")):
        generator = ImageDataGenerator(validation_split=share)
        with pytest.raises(ValueError, match=text):
            generator.flow_from_directory(tmp_path, subset="validation")
        with pytest.raises(ValueError, match=text):
            generator.flow_from_dataframe(table, tmp_path, subset="validation")
        with pytest.raises(ValueError, match=text):
            generator.flow(SQUARES[:3], subset="validation")


def test_bad_folders_are_refused_by_name(tmp_path: Path) -> None:
    generator = ImageDataGenerator()
    with pytest.raises(FileNotFoundError, match="nowhere"):
        generator.flow_from_directory(tmp_path / "nowhere")
    make_folders(tmp_path, {"a": 1, "b": 1})
    with pytest.raises(NotADirectoryError, match=r"00\.png' is a file"):
        generator.flow_from_directory(tmp_path / "a" / "00.png")
    with pytest.raises(ValueError, match="Did you mean 'categorical'"):
        generator.flow_from_directory(tmp_path, class_mode="categoricl")
    with pytest.raises(ValueError, match="no folder for the classes c"):
        generator.flow_from_directory(tmp_path, classes=["a", "c"])
    (tmp_path / "b" / "broken.jpg").write_bytes(b"no image")
    with pytest.raises(ValueError, match=r"broken\.jpg is no image"):
        next(generator.flow_from_directory(tmp_path))


# ---- tables ---------------------------------------------------------------------------------


def test_tables_name_files(tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    make_folders(tmp_path, {"a": 2, "b": 3}, size=(4, 4))
    table = {
        "filename": ["a/00.png", "b/00.png", "b/01.png", "a/01.png", "b/02.png"],
        "class": ["cat", "dog", "dog", "cat", "cow"],
        "age": [1.5, 2.5, 3.5, 4.5, 5.5],
        "weight": [1.0, 2.0, 3.0, 4.0, 5.0],
    }
    options: dict = {"target_size": (4, 4), "shuffle": False}
    flow = ImageDataGenerator(validation_split=0.4).flow_from_dataframe
    batches = flow(table, tmp_path, weight_col="weight", **options)
    assert capsys.readouterr().out == "Found 5 validated image filenames belonging to 3 classes.\n"
    assert batches.class_indices == {"cat": 0, "cow": 1, "dog": 2}
    x, y, weight = next(batches)
    assert y.argmax(1).tolist() == [0, 2, 2, 0, 1]
    assert weight.tolist() == table["weight"]
    np.testing.assert_array_equal(x[4], img_to_array(load_img(tmp_path / "b" / "02.png")))
    assert batches.filenames == [str(Path(name)) for name in table["filename"]]
    raw = flow(table, tmp_path, y_col=["age", "weight"], class_mode="raw", **options)
    assert next(raw)[1].tolist() == [[a, b] for a, b in zip(table["age"], table["weight"])]
    two = flow(table, tmp_path, classes=["dog", "cat"], class_mode="binary", **options)
    assert next(two)[1].tolist() == [1, 0, 0, 1]
    parts = [flow(table, tmp_path, subset=part).n for part in ("training", "validation")]
    assert parts == [3, 2]
    whole = {"filename": [str(tmp_path / "a" / "00.png"), "nowhere.png"], "class": ["a", "b"]}
    with pytest.warns(UserWarning, match=r"1 of 2 files are left out: there is no image 'nowhere"):
        assert flow(whole, class_mode=None).n == 1
    with pytest.raises(ValueError, match="class_mode"):
        flow(table, tmp_path, class_mode="rew")


class Table:
    """What `flow_from_dataframe` asks of a table: columns by name, as pandas gives them."""

    def __init__(self, columns: dict[str, list]):
        self.columns = list(columns)
        self._columns = columns

    def __getitem__(self, name: str) -> tuple:
        return tuple(self._columns[name])


def pandas_table(columns: dict[str, list]) -> Any:
    pandas = pytest.importorskip("pandas")
    return pandas.DataFrame(columns, index=[7 * i for i in range(len(columns["filename"]))])


every_table = pytest.mark.parametrize("table", [dict, Table, pandas_table])
FILES = ["a/00.png", "b/00.png", "b/01.png", "a/01.png"]
FLOW: dict[str, Any] = {"target_size": (2, 2), "shuffle": False}


def flow_of(folder: Path, table: Any, **settings: Any) -> Any:
    return ImageDataGenerator().flow_from_dataframe(table, folder, **{**FLOW, **settings})


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return make_folders(tmp_path, {"a": 2, "b": 2})


@every_table
def test_lists_of_classes_are_multi_hot_rows(folder: Path, table: Any) -> None:
    """As keras-preprocessing 1.1 had it; Keras 3 gives the same."""
    rows = table({"filename": FILES, "class": [["x", "y"], ("y",), ["x"], "y"]})
    batches = flow_of(folder, rows)
    assert batches.class_indices == {"x": 0, "y": 1}
    y = next(batches)[1]
    assert (y.dtype, y.tolist()) == ("float32", [[1, 1], [0, 1], [1, 0], [0, 1]])
    assert list(batches.classes) == [[0, 1], [1], [0], 1]
    ordered = flow_of(folder, rows, classes=["y", "z", "x"], batch_size=3)
    assert [len(y) for _, y in (next(ordered), next(ordered))] == [3, 1]
    assert ordered[0][1].tolist() == [[1, 0, 1], [1, 0, 0], [0, 0, 1]]
    of_x = flow_of(folder, rows, classes=["x"])
    assert of_x.filenames == [str(Path(FILES[i])) for i in (0, 2)]
    assert of_x[0][1].tolist() == [[1], [1]]
    part = ImageDataGenerator(validation_split=0.5).flow_from_dataframe(
        rows, folder, subset="validation", **FLOW
    )
    assert part[0][1].tolist() == [[1, 1], [0, 1]]
    none = table({"filename": FILES, "class": [["x"], [], ["x", "x"], ["y"]]})
    assert flow_of(folder, none)[0][1].tolist() == [[1, 0], [0, 0], [1, 0], [0, 1]]


@pytest.mark.parametrize("mode", ["binary", "sparse"])
def test_lists_of_classes_are_for_categorical_alone(folder: Path, mode: str) -> None:
    table = {"filename": FILES, "class": ["x", ["x", "y"], "y", "y"]}
    with pytest.raises(ValueError, match=r"one class for each file.*\['x', 'y'\].*multi-hot"):
        flow_of(folder, table, class_mode=mode)


@every_table
@pytest.mark.parametrize("nothing", [None, float("nan"), np.float32("nan"), ["x", None]])
def test_a_missing_class_is_told_with_its_row(folder: Path, table: Any, nothing: Any) -> None:
    rows = table({"filename": FILES, "kind": ["x", "y", nothing, nothing]})
    text = r"'kind' has nothing in 2 of 4 rows, first in row 2 \(file 'b/01.png'\)"
    for settings in ({}, {"classes": ["x", "y"]}, {"class_mode": "sparse"}):
        with pytest.raises(ValueError, match=text):
            flow_of(folder, rows, y_col="kind", **settings)
    assert flow_of(folder, rows, y_col="kind", class_mode=None).n == 4


@pytest.mark.parametrize("missing", ["NA", "NaT"])
def test_missing_values_of_pandas_are_told(folder: Path, missing: str) -> None:
    pandas = pytest.importorskip("pandas")
    rows = pandas.DataFrame({"filename": FILES, "class": ["x", "y", "x", getattr(pandas, missing)]})
    with pytest.raises(ValueError, match="first in row 3"):
        flow_of(folder, rows)
    strings = pandas.DataFrame({"filename": FILES, "class": ["x", "y", "x", None]}, dtype="string")
    with pytest.raises(ValueError, match="first in row 3"):
        flow_of(folder, strings)


def test_missing_names_and_weights_are_told(folder: Path) -> None:
    table = {"filename": [*FILES[:3], None], "class": list("xyxy"), "w": [1, float("nan"), 2, 3]}
    with pytest.raises(ValueError, match="'filename' has nothing in 1 of 4 rows, first in row 3"):
        flow_of(folder, table)
    table["filename"] = FILES
    with pytest.raises(ValueError, match="'w' has nothing in 1 of 4 rows, first in row 1"):
        flow_of(folder, table, weight_col="w")


@pytest.mark.parametrize(
    ("columns", "settings", "error", "text"),
    [
        ({"class": list("xyzx")}, {"class_mode": "binary"}, ValueError, "two .* are 3: x, y, z"),
        ({"class": list("xxxx")}, {"class_mode": "binary"}, ValueError, "two .* are 1: x"),
        ({"class": list("xyxy")}, {"class_mode": "binary", "classes": list("xyz")}, ValueError,
         "two classes; there are 3"),
        ({"class": list("xyxy")}, {"classes": ["q"]}, ValueError, "the classes 'q'; .* is of 'x'"),
        ({"class": list("xyxy")}, {"classes": "x"}, TypeError, "classes is a list"),
        ({"class": ["x", 1, "x", 2]}, {}, TypeError, "one kind.* int and str"),
        ({"clas": list("xyxy")}, {}, ValueError, "Unknown column 'class'. Did you mean 'clas'"),
        ({"class": list("xyxy")}, {"weight_col": "w"}, ValueError, "Unknown column 'w'"),
        ({"class": list("xyxy"), "w": list("1234")}, {"weight_col": "w"}, TypeError, "numbers"),
        ({"class": list("xyx")}, {}, ValueError, "'class' has 3 rows, that of files 4"),
        ({"a": [1] * 4, "b": [2] * 4}, {"y_col": ["a", "b"]}, TypeError, "One column is wanted"),
        ({"class": list("xyxy")}, {"class_mode": "multi_output"}, TypeError, "for each output"),
        ({"filename": [1, 2, 3, 4]}, {"class_mode": None}, TypeError, "names of files"),
        ({"filename": ["a/00"] * 4}, {"class_mode": None}, ValueError, "have their endings: .png"),
    ],
)  # fmt: skip
def test_tables_that_do_not_fit_are_refused(
    folder: Path, columns: dict, settings: dict, error: type, text: str
) -> None:
    with pytest.raises(error, match=text):
        flow_of(folder, {"filename": FILES, **columns}, **settings)


@every_table
def test_outputs_of_a_table_come_as_they_are(folder: Path, table: Any) -> None:
    rows = table({"filename": FILES, "a": [1, 2, 3, 4], "b": [[1.5, 2], [3, 4], [5, 6], [7, 8]]})
    y = flow_of(folder, rows, y_col=["a", "b"], class_mode="multi_output", batch_size=2)[1][1]
    assert [one.tolist() for one in y] == [[3, 4], [[5, 6], [7, 8]]]
    raw = flow_of(folder, rows, y_col="b", class_mode="raw")
    assert raw[0][1].tolist() == [[1.5, 2], [3, 4], [5, 6], [7, 8]]
    x, same = flow_of(folder, rows, class_mode="input")[0]
    np.testing.assert_array_equal(x, same)
    assert same is not x
    with pytest.warns(UserWarning, match="classes are not used by class_mode='raw'"):
        flow_of(folder, rows, y_col="a", class_mode="raw", classes=["x"])


@every_table
def test_weights_stay_with_their_rows(folder: Path, table: Any) -> None:
    """Whichever rows are left out: of other classes, of no file, of the other part."""
    rows = table({"filename": FILES, "class": list("abab"), "weight": [1, 2, 3, 4]})
    of_b = flow_of(folder, rows, classes=["b"], weight_col="weight")
    assert of_b[0][2].tolist() == [2, 4]
    assert of_b.filenames == [str(Path(FILES[i])) for i in (1, 3)]
    gone = ["a/00.png", "nowhere.png", "b/01.png", "a/01.png"]
    with pytest.warns(UserWarning, match="1 of 4 files are left out: there is no image .*nowhere"):
        left = flow_of(folder, table({"filename": gone, "class": list("abab"),
                                      "weight": [1, 2, 3, 4]}), weight_col="weight")  # fmt: skip
    assert left[0][1].argmax(1).tolist() == [0, 0, 1]
    assert left[0][2].tolist() == [1, 3, 4]
    generator = ImageDataGenerator(validation_split=0.5)
    for part, wanted in (("validation", [1, 2]), ("training", [3, 4])):
        batches = generator.flow_from_dataframe(
            rows, folder, weight_col="weight", subset=part, target_size=(2, 2), seed=1
        )
        _, y, weights = batches[0]
        assert sorted(weights.tolist()) == wanted
        assert weights.tolist() == [wanted[i] for i in batches.index_array]
        assert y.argmax(1).tolist() == [int(weight in (2, 4)) for weight in weights]
    raw = flow_of(folder, rows, y_col="weight", class_mode="raw", weight_col="weight")
    np.testing.assert_array_equal(*raw[0][1:])


def test_names_that_are_not_looked_at_are_read_later(
    folder: Path, capsys: pytest.CaptureFixture
) -> None:
    table = {"filename": [*FILES, "nowhere.png"], "class": list("ababa")}
    batches = flow_of(folder, table, validate_filenames=False, batch_size=4)
    assert capsys.readouterr().out == (
        "Found 5 non-validated image filenames belonging to 2 classes.\n"
    )
    assert len(batches[0][0]) == 4
    with pytest.raises(FileNotFoundError, match="nowhere"):
        batches[1]


# ---- training -------------------------------------------------------------------------------


def model_for(shape: tuple) -> Sequential:
    model = Sequential([layers.Flatten(input_shape=shape), layers.Dense(1, activation="sigmoid")])
    model.compile("adam", "binary_crossentropy", metrics=["accuracy"])
    return model


def test_fit_as_tutorials_have_it() -> None:
    generator = ImageDataGenerator(rescale=1 / 255, **ALL_RANGES)
    train = generator.flow(SQUARES, LABELS, batch_size=4, seed=1)
    plain = ImageDataGenerator(rescale=1 / 255).flow(SQUARES, LABELS, batch_size=5, shuffle=False)
    model = model_for((6, 6, 3))
    history = model.fit(train, epochs=2, validation_data=plain, verbose=0)
    assert len(history.history["val_loss"]) == 2
    model.fit(train, steps_per_epoch=7, epochs=2, verbose=0, validation_data=plain,
              validation_steps=3)  # fmt: skip
    model.fit_generator(train, steps_per_epoch=len(SQUARES) // 4, epochs=1, verbose=0, workers=2)
    outputs = model.predict(plain, verbose=0)
    np.testing.assert_array_equal(outputs, model.predict_generator(plain, steps=2))
    np.testing.assert_allclose(outputs, model.predict(SQUARES / 255, verbose=0), rtol=1e-5)
    assert model.evaluate(plain, verbose=0) == model.evaluate_generator(plain, steps=2)


def test_training_follows_from_the_seed() -> None:
    def weights() -> list[bytes]:
        pylego.utils.set_random_seed(5)
        model = model_for((6, 6, 3))
        generator = ImageDataGenerator(rescale=1 / 255, **ALL_RANGES)
        model.fit(generator.flow(SQUARES, LABELS, batch_size=4), epochs=2, verbose=0)
        return [weight.tobytes() for weight in model.get_weights()]

    assert weights() == weights()


def test_datasets_of_ones_own_are_taken() -> None:
    """As a PyDataset: a length, batches by number, on_epoch_end."""

    class Squares:
        ends = 0

        def __len__(self) -> int:
            return 2

        def __getitem__(self, number: int) -> tuple:
            return SQUARES[5 * number : 5 * number + 5] / 255, LABELS[5 * number : 5 * number + 5]

        def on_epoch_end(self) -> None:
            self.ends += 1

    data = Squares()
    model = model_for((6, 6, 3))
    model.fit(data, epochs=3, verbose=0)
    assert data.ends == 3
    assert model.predict(data, verbose=0).shape == (10, 1)


@needs_real_pictures
def test_real_pictures() -> None:
    generator = ImageDataGenerator(rescale=1 / 255, rotation_range=20, horizontal_flip=True)
    train = generator.flow_from_directory(
        CIFAR_FOLDERS / "train", target_size=(32, 32), batch_size=50, class_mode="sparse", seed=1
    )
    assert train.samples == 200
    model = Sequential([layers.Flatten(), layers.Dense(10, activation="softmax")])
    model.compile("adam", "sparse_categorical_crossentropy")
    history = model.fit(train, epochs=3, verbose=0).history["loss"]
    assert history[-1] < history[0]
    flowers = generator.flow_from_directory(FLOWERS, target_size=(150, 150), class_mode="binary")
    x, y = next(flowers)
    assert x.shape == (2, 150, 150, 3)
    assert sorted(y) == [0, 1]
    assert 0 <= x.min() < x.max() <= 1


# ---- refusals -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ({"fill_mode": "neerest"}, "Did you mean 'nearest'"),
        ({"zoom_range": (1, 2, 3)}, "zoom_range has two numbers"),
        ({"brightness_range": 0.5}, "brightness_range has two numbers"),
        ({"validation_split": 1.5}, "between 0 and 1"),
        ({"data_format": "channel_last"}, "Did you mean 'channels_last'"),
        ({"interpolation_order": 3}, "interpolation_order"),
    ],
)
def test_wrong_arguments_are_refused(arguments: dict, text: str) -> None:
    with pytest.raises(ValueError, match=text):
        ImageDataGenerator(**arguments)


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (lambda g: ImageDataGenerator(horizontal_flop=True),
         "ImageDataGenerator got an unknown argument 'horizontal_flop'. .* 'horizontal_flip'"),
        (lambda g: g.flow(SQUARES, batchsize=3), "flow .* mean 'batch_size'"),
        (lambda g: g.flow_from_directory("a", targetsize=3), "from_directory .* 'target_size'"),
        (lambda g: g.flow_from_dataframe({}, xcol="a"), "flow_from_dataframe .* mean 'x_col'"),
        (lambda g: g.fit(SQUARES, augmented=True), "fit .* mean 'augment'"),
        (lambda g: g.random_transform(SQUARES[0], seeds=1), "mean 'seed'"),
        (lambda g: g.get_random_transform((1, 1, 1), seeds=1), "mean 'seed'"),
        (lambda g: g.apply_transform(SQUARES[0], {"thta": 3}), "mean 'theta'"),
    ],
)  # fmt: skip
def test_unknown_keywords_are_mended(call: Any, text: str) -> None:
    with pytest.raises(TypeError, match=text):
        call(ImageDataGenerator())


def test_wrong_data_are_refused() -> None:
    generator = ImageDataGenerator()
    with pytest.raises(ValueError, match=r"shape \(10, 6, 6\)"):
        generator.flow(SQUARES[..., 0])
    with pytest.raises(ValueError, match="x has 10 images, y 9 rows"):
        generator.flow(SQUARES, LABELS[1:])
    with pytest.raises(ValueError, match="Did you mean 'training'"):
        generator.flow(SQUARES, subset="trainig")
    with pytest.raises(ValueError, match="three axes"):
        generator.random_transform(SQUARES)
    with pytest.raises(ValueError, match="four axes"):
        generator.fit(SQUARES[0])
    with pytest.raises(TypeError, match="turn"):
        generator.apply_transform(SQUARES[0], {"turn": 3})
