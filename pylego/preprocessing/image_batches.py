"""Endless batches of images for `ImageDataGenerator`: out of arrays, and out of files."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from pylego import checks, names, random
from pylego.utils import image_utils
from pylego.utils.class_folders import LabelledFiles, files_of_classes
from pylego.utils.numerical import to_categorical

if TYPE_CHECKING:
    from pylego.preprocessing.image_data_generator import ImageDataGenerator

FORMATS = (".png", ".jpg", ".jpeg", ".bmp", ".ppm", ".tif", ".tiff")
_SUBSETS = ("training", "validation")
_CLASS_MODES = ("categorical", "binary", "sparse", "input", None)
_THREADS = 4  # that read files: Pillow decodes without Python's lock


class ImageBatches:
    """Batches of images, changed anew in each pass: by number, or one after the other without end.

    `fit` takes as many as `len` says for an epoch, or `steps_per_epoch`.

    Attributes:
        n: how many images there are.
        samples: the same.
        batch_size: how many make a batch; the last one of a pass may be smaller.
        image_shape: of an image.
    """

    def __init__(
        self,
        generator: ImageDataGenerator,
        n: int,
        image_shape: Sequence[int],
        batch_size: int,
        shuffle: bool,
        seed: int | None,
        saving: tuple,
    ):
        self.image_data_generator = generator
        self.n = self.samples = n
        self.image_shape = tuple(image_shape)
        self.batch_size = checks.whole_number("batch_size", batch_size, 1)
        self.shuffle = shuffle
        self.seed = random.make_default_seed() if seed is None else seed
        self.save_to_dir, self.save_prefix, self.save_format = saving
        self._orders = random.SeedGenerator(self.seed)
        self._passes = 0  # that are over
        self._order: np.ndarray | None = None
        self._next = 0

    def __len__(self) -> int:
        return -(-self.n // self.batch_size)

    def __getitem__(self, number: int) -> Any:
        """Return a batch of this pass."""
        if not 0 <= number < len(self):
            raise IndexError(f"There are batches 0 to {len(self) - 1}. Received: {number}")
        return self._batch(slice(number * self.batch_size, (number + 1) * self.batch_size))

    def __iter__(self) -> Iterator[Any]:
        return self

    def __next__(self) -> Any:
        """Return the next batch; behind the last one of a pass the next pass begins."""
        if self.n == 0:
            raise StopIteration
        batch = self[self._next]
        self._next += 1
        if self._next == len(self):
            self.on_epoch_end()
        return batch

    next = __next__

    def reset(self) -> None:
        """Go back to the first batch of this pass."""
        self._next = 0

    def on_epoch_end(self) -> None:
        """Begin the next pass, in another order and with other changes."""
        self._passes += 1
        self._order = None
        self._next = 0

    @property
    def index_array(self) -> np.ndarray:
        """The numbers of the images in the order of this pass."""
        if self._order is None:
            shuffled = random.permutation(self.n, self._orders) if self.shuffle else None
            self._order = np.arange(self.n) if shuffled is None else shuffled
        return self._order

    def _batch(self, part: slice) -> Any:
        places = self.index_array[part]
        numbers = self._passes * self.n + places
        keys = np.stack([np.full(len(places), self.seed), numbers], axis=1).astype(np.int64)
        images = self.image_data_generator.augmented(self._images(places), keys)
        if self.save_to_dir:
            self._save(images, numbers)
        return self._with_targets(images, places)

    def _save(self, images: np.ndarray, numbers: np.ndarray) -> None:
        for image, number in zip(images, numbers):
            name = f"{self.save_prefix}_{number}.{self.save_format}"
            path = os.path.join(self.save_to_dir, name)
            image_utils.save_img(path, image, self.image_data_generator.data_format)

    def _images(self, places: np.ndarray) -> np.ndarray:
        """The images with these numbers, as they are."""
        raise NotImplementedError

    def _with_targets(self, images: np.ndarray, places: np.ndarray) -> Any:
        """What a batch of these images is."""
        raise NotImplementedError


# ---- arrays ---------------------------------------------------------------------------------


class ArrayBatches(ImageBatches):
    """Batches out of arrays; see `ImageDataGenerator.flow`.

    Attributes:
        x: the images.
        y: what belongs to them, or None.
        sample_weight: how much they count, or None.
    """

    def __init__(
        self,
        generator: ImageDataGenerator,
        x: Any,
        y: Any,
        sample_weight: Any,
        subset: str | None,
        ignore_class_split: bool,
        batch_size: int,
        shuffle: bool,
        seed: int | None,
        saving: tuple,
    ):
        images = np.asarray(x)
        if images.ndim != 4:
            raise ValueError(
                "flow takes images with four axes, (images, height, width, channels). Received: "
                f"shape {images.shape}. Gray images need an axis for their channel: x[..., None]"
            )
        columns = [None if part is None else np.asarray(part) for part in (y, sample_weight)]
        for name, part in zip(("y", "sample_weight"), columns):
            if part is not None and len(part) != len(images):
                raise ValueError(f"x has {len(images)} images, {name} {len(part)} rows")
        chosen = _chosen(len(images), generator.validation_split, subset)
        self.y, self.sample_weight = (None if part is None else part[chosen] for part in columns)
        self.x = images[chosen]
        if self.y is not None and not ignore_class_split:
            _check_classes(np.asarray(y), self.y)
        super().__init__(
            generator, len(self.x), images.shape[1:], batch_size, shuffle, seed, saving
        )

    def _images(self, places: np.ndarray) -> np.ndarray:
        return self.x[places].astype(self.image_data_generator.dtype, copy=False)

    def _with_targets(self, images: np.ndarray, places: np.ndarray) -> Any:
        if self.y is None:
            return images
        if self.sample_weight is None:
            return images, self.y[places]
        return images, self.y[places], self.sample_weight[places]


def _chosen(count: int, share: float, subset: str | None) -> slice:
    """Validation takes the first rows, as in Keras."""
    if subset is None:
        return slice(None)
    if subset not in _SUBSETS:
        raise names.unknown("subset", subset, _SUBSETS)
    first = int(count * share)
    return slice(first) if subset == "validation" else slice(first, None)


def _check_classes(whole: np.ndarray, part: np.ndarray) -> None:
    """Integers are classes, and each part must have all of them."""
    if whole.ndim != 1 or whole.dtype.kind not in "iu" or len(part) == len(whole):
        return
    missing = np.setdiff1d(whole, part)
    if len(missing):
        raise ValueError(
            f"This part of the data has no image of the classes {missing.tolist()}: shuffle the "
            "data before they are split, or pass ignore_class_split=True"
        )


# ---- files ----------------------------------------------------------------------------------


class DirectoryBatches(ImageBatches):
    """Batches out of files; see `ImageDataGenerator.flow_from_directory`.

    Attributes:
        directory: where the files are.
        filenames: of the files, from there.
        filepaths: the same, whole.
        classes: the number of the class of each file.
        class_indices: {class: number}.
        num_classes: how many there are.
        class_mode: how labels are written.
        target_size: (height, width) of the images.
    """

    def __init__(
        self,
        generator: ImageDataGenerator,
        directory: Any,
        classes: Sequence[str] | None,
        class_mode: str | None,
        subset: str | None,
        follow_links: bool,
        reading: dict[str, Any],
        batch_size: int,
        shuffle: bool,
        seed: int | None,
        saving: tuple,
    ):
        if class_mode not in _CLASS_MODES:
            raise names.unknown("class_mode", class_mode, [m for m in _CLASS_MODES if m])
        channels = image_utils.check_color_mode(reading["color_mode"])
        self.target_size = image_utils.height_and_width("target_size", reading["target_size"])
        self.directory = os.fspath(directory)
        files = files_of_classes(directory, FORMATS, classes or None, follow_links)
        files = _part_of_each_class(files, generator.validation_split, subset)
        self._set_files(files, class_mode)
        self._reading = reading
        is_first = generator.data_format == "channels_first"
        shape = (channels, *self.target_size) if is_first else (*self.target_size, channels)
        super().__init__(generator, len(files), shape, batch_size, shuffle, seed, saving)
        print(f"Found {self.n} images belonging to {self.num_classes} classes.")

    def _set_files(self, files: LabelledFiles, class_mode: str | None) -> None:
        self.filepaths = files.paths
        self.filenames = [os.path.relpath(path, self.directory) for path in files.paths]
        self.classes = np.asarray(files.labels)
        self.class_indices = {name: i for i, name in enumerate(files.class_names or ())}
        self.num_classes = len(self.class_indices)
        self.class_mode = class_mode

    @property
    def labels(self) -> np.ndarray:
        """The number of the class of each file."""
        return self.classes

    def _images(self, places: np.ndarray) -> np.ndarray:
        from concurrent.futures import ThreadPoolExecutor  # not needed by those without files

        with ThreadPoolExecutor(_THREADS) as pool:
            return np.stack(list(pool.map(self._read, places)))

    def _read(self, place: int) -> np.ndarray:
        image = image_utils.load_img(self.filepaths[place], **self._reading)
        generator = self.image_data_generator
        return image_utils.img_to_array(image, generator.data_format, generator.dtype)

    def _with_targets(self, images: np.ndarray, places: np.ndarray) -> Any:
        if self.class_mode is None:
            return images
        if self.class_mode == "input":
            return images, images.copy()
        labels = self.classes[places]
        if self.class_mode == "categorical":
            return images, to_categorical(labels, self.num_classes).astype(images.dtype)
        return images, labels.astype(images.dtype)


def _part_of_each_class(files: LabelledFiles, share: float, subset: str | None) -> LabelledFiles:
    labels = np.asarray(files.labels)
    places = [np.flatnonzero(labels == number) for number in range(len(files.class_names or ()))]
    parts = [one[_chosen(len(one), share, subset)] for one in places]
    return files.take(np.concatenate(parts)) if parts else files
