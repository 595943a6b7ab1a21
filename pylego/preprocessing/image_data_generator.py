"""Batches of images that are changed at random, as books and courses have taught it since 2015."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from pylego import checks, names
from pylego.construction import explained
from pylego.ops.affine import FILL_MODES
from pylego.ops.windows import is_channels_first
from pylego.preprocessing.file_batches import DirectoryBatches, FrameBatches
from pylego.preprocessing.image_batches import ArrayBatches
from pylego.preprocessing.standardizer import Standardizer
from pylego.preprocessing.transforms import Ranges, Transforms, from_parameters, moved, recolored
from pylego.random import SeedGenerator


class ImageDataGenerator(Standardizer):
    """Change images at random while they are trained on: `fit(generator.flow(x, y))`.

    The engine changes a whole batch in one pass, on all threads. What happens to an image follows
    from the seed, its number and the pass: not from the size of batches or the number of threads.

    Args:
        featurewise_center: whether the mean over the data of `fit` is subtracted.
        samplewise_center: whether each image's own mean is subtracted.
        featurewise_std_normalization: whether it is divided by the spread over the data of `fit`.
        samplewise_std_normalization: whether each image is divided by its own spread.
        zca_whitening: whether pixels are made independent of each other, by the data of `fit`.
        zca_epsilon: keeps that from dividing by zero.
        rotation_range: up to how many degrees images are turned, either way.
        width_shift_range: how far they are shifted to the left or right: below 1 a share of the
            width, else pixels; of a list one is chosen.
        height_shift_range: the same up or down.
        brightness_range: two factors of the brightness, between which is drawn.
        shear_range: up to how many degrees they are sheared, either way.
        zoom_range: between which factors is seen more or less; z stands for (1 - z, 1 + z).
        channel_shift_range: up to how much is added to all channels, or subtracted.
        fill_mode: what is seen beyond the edges of a b c d: 'nearest' d d d, 'reflect' d c b,
            'constant' the cval, 'wrap' a b c, as Keras's pages say too; scipy, which Keras asks,
            takes a and d for one and gives b c d.
        cval: for 'constant'.
        horizontal_flip: whether every other image has left and right swapped.
        vertical_flip: whether every other image has top and bottom swapped.
        rescale: what all is multiplied by, after the changes: 1 / 255.
        preprocessing_function: takes an image and returns one, before rescaling.
        data_format: 'channels_last' or 'channels_first'.
        validation_split: the share that `subset='validation'` takes.
        interpolation_order: 1 is bilinear, 0 takes the nearest pixel.
        dtype: of the batches.

    Raises:
        ValueError: for arguments that do not fit.

    >>> generator = ImageDataGenerator(horizontal_flip=True, rescale=0.5)
    >>> batches = generator.flow(np.ones((5, 4, 4, 1)), np.arange(5), batch_size=2, seed=1)
    >>> len(batches), next(batches)[0].shape, float(next(batches)[0].max())
    (3, (2, 4, 4, 1), 0.5)
    """

    @explained
    def __init__(
        self,
        featurewise_center: bool = False,
        samplewise_center: bool = False,
        featurewise_std_normalization: bool = False,
        samplewise_std_normalization: bool = False,
        zca_whitening: bool = False,
        zca_epsilon: float = 1e-6,
        rotation_range: float = 0,
        width_shift_range: Any = 0.0,
        height_shift_range: Any = 0.0,
        brightness_range: Any = None,
        shear_range: float = 0.0,
        zoom_range: Any = 0.0,
        channel_shift_range: float = 0.0,
        fill_mode: str = "nearest",
        cval: float = 0.0,
        horizontal_flip: bool = False,
        vertical_flip: bool = False,
        rescale: float | None = None,
        preprocessing_function: Callable[[np.ndarray], Any] | None = None,
        data_format: str | None = None,
        validation_split: float = 0.0,
        interpolation_order: int = 1,
        dtype: Any = None,
    ):
        super().__init__(
            featurewise_center=featurewise_center,
            samplewise_center=samplewise_center,
            featurewise_std_normalization=featurewise_std_normalization,
            samplewise_std_normalization=samplewise_std_normalization,
            zca_whitening=zca_whitening,
            zca_epsilon=zca_epsilon,
            rescale=rescale,
            preprocessing_function=preprocessing_function,
            data_format=data_format,
            dtype=dtype,
        )
        _check_settings(fill_mode, interpolation_order, validation_split)
        self.ranges = Ranges(
            rotation=checks.real_number("rotation_range", rotation_range),
            width_shift=_shift_range("width_shift_range", width_shift_range),
            height_shift=_shift_range("height_shift_range", height_shift_range),
            brightness=None if brightness_range is None else _pair("brightness", brightness_range),
            shear=checks.real_number("shear_range", shear_range),
            zoom=_zoom_range(zoom_range),
            channel_shift=checks.real_number("channel_shift_range", channel_shift_range),
            horizontal_flip=bool(horizontal_flip),
            vertical_flip=bool(vertical_flip),
        )
        self.fill_mode = fill_mode
        self.cval = cval
        self.validation_split = validation_split
        self.interpolation_order = interpolation_order
        self._generator: SeedGenerator | None = None

    # ---- batches ----

    @explained
    def flow(
        self,
        x: Any,
        y: Any = None,
        batch_size: int = 32,
        shuffle: bool = True,
        sample_weight: Any = None,
        seed: int | None = None,
        save_to_dir: Any = None,
        save_prefix: str = "",
        save_format: str = "png",
        ignore_class_split: bool = False,
        subset: str | None = None,
    ) -> ArrayBatches:
        """Return batches of changed images, without end.

        Args:
            x: the images, with four axes.
            y: what belongs to them; comes along in the same order.
            batch_size: how many make a batch.
            shuffle: whether each pass has an order of its own.
            sample_weight: comes along, too.
            seed: of the order and the changes; by default it follows from pylego's global seed.
            save_to_dir: a folder in which each image is saved.
            save_prefix: begins the names of these files.
            save_format: of these files.
            ignore_class_split: accept that a part does not have all classes.
            subset: 'training' or 'validation', by the validation_split.

        Raises:
            ValueError: for what are not images, and other lengths.
        """
        saving = (save_to_dir, save_prefix, save_format)
        return ArrayBatches(
            self, x, y, sample_weight, subset, ignore_class_split, batch_size, shuffle, seed, saving
        )

    @explained
    def flow_from_directory(
        self,
        directory: Any,
        target_size: Any = (256, 256),
        color_mode: str = "rgb",
        classes: Sequence[str] | None = None,
        class_mode: str | None = "categorical",
        batch_size: int = 32,
        shuffle: bool = True,
        seed: int | None = None,
        save_to_dir: Any = None,
        save_prefix: str = "",
        save_format: str = "png",
        follow_links: bool = False,
        subset: str | None = None,
        interpolation: str = "nearest",
        keep_aspect_ratio: bool = False,
    ) -> DirectoryBatches:
        """Return batches of changed images out of files, without end.

        Args:
            directory: with a folder of images for each class.
            target_size: (height, width) to which images are resized.
            color_mode: 'rgb', 'rgba' or 'grayscale'.
            classes: the folders, in the order of the classes; by default that of the alphabet. With
                ['.'] images lie in the directory itself.
            class_mode: 'categorical' gives one-hot rows, 'sparse' numbers, 'binary' 0.0 or 1.0 of
                two classes, 'input' the images themselves, None only images.
            batch_size: how many make a batch.
            shuffle: whether each pass has an order of its own.
            seed: of the order and the changes; by default it follows from pylego's global seed.
            save_to_dir: a folder in which each image is saved.
            save_prefix: begins the names of these files.
            save_format: of these files.
            follow_links: whether to go into folders that are links.
            subset: 'training' or 'validation', by the validation_split of each class.
            interpolation: how images are resized, see `load_img`.
            keep_aspect_ratio: whether the middle is cut out first, so that nothing is distorted.

        Raises:
            FileNotFoundError: when there is no such directory.
            NotADirectoryError: when it is a file.
            ValueError: for other modes, and without images in the part that is wanted; while
                reading, for a file that is not an image, by its name.
        """
        reading = {
            "color_mode": color_mode,
            "target_size": target_size,
            "interpolation": interpolation,
            "keep_aspect_ratio": keep_aspect_ratio,
        }
        order = (batch_size, shuffle, seed, (save_to_dir, save_prefix, save_format))
        return DirectoryBatches(
            self, directory, classes, class_mode, subset, follow_links, reading, order
        )

    @explained
    def flow_from_dataframe(
        self,
        dataframe: Any,
        directory: Any = None,
        x_col: str = "filename",
        y_col: Any = "class",
        weight_col: str | None = None,
        target_size: Any = (256, 256),
        color_mode: str = "rgb",
        classes: Sequence[str] | None = None,
        class_mode: str | None = "categorical",
        batch_size: int = 32,
        shuffle: bool = True,
        seed: int | None = None,
        save_to_dir: Any = None,
        save_prefix: str = "",
        save_format: str = "png",
        subset: str | None = None,
        interpolation: str = "nearest",
        validate_filenames: bool = True,
    ) -> FrameBatches:
        """Return batches of changed images out of files that a table names, without end.

        Args:
            dataframe: a table of pandas, or a dictionary of columns.
            directory: where the files are; by default the table has whole paths.
            x_col: the column of the names of the files.
            y_col: the column of the classes: names, or lists of names where files have several,
                which 'categorical' makes multi-hot rows of. For class_mode 'raw' a column of
                numbers, or several of them.
            weight_col: the column that says how much each counts.
            target_size: see `flow_from_directory`.
            color_mode: see `flow_from_directory`.
            classes: which classes are taken, in their order; by default all, sorted. Rows of none
                of them are left out.
            class_mode: see `flow_from_directory`; or 'raw': what the columns hold, side by side;
                'multi_output': a list of them, one for each output.
            batch_size: see `flow_from_directory`.
            shuffle: see `flow_from_directory`.
            seed: see `flow_from_directory`.
            save_to_dir: see `flow_from_directory`.
            save_prefix: see `flow_from_directory`.
            save_format: see `flow_from_directory`.
            subset: 'training' or 'validation', by the validation_split of all rows.
            interpolation: see `flow_from_directory`.
            validate_filenames: whether files that are not there are left out, with a warning.

        Raises:
            TypeError: for columns of another kind.
            ValueError: for other modes, rows without a class, columns that are not there, and when
                no row is left; while reading, for a file that is not an image, by its name.
        """
        reading = {
            "color_mode": color_mode,
            "target_size": target_size,
            "interpolation": interpolation,
        }
        order = (batch_size, shuffle, seed, (save_to_dir, save_prefix, save_format))
        columns = (x_col, y_col, weight_col)
        return FrameBatches(
            self, dataframe, directory, columns, classes, class_mode, subset, validate_filenames,
            reading, order,
        )  # fmt: skip

    # ---- single images ----

    @explained
    def get_random_transform(
        self, img_shape: Sequence[int], seed: int | None = None
    ) -> dict[str, Any]:
        """Draw what happens to an image of that shape, as a dictionary.

        Args:
            img_shape: of the image.
            seed: for the same choice at each call.
        """
        keys = self._next_key() if seed is None else np.array([[seed, 0]])
        first = 1 if is_channels_first(self.data_format) else 0
        return self.ranges.draw(keys, img_shape[first : first + 2]).of_image(0)

    @explained
    def apply_transform(self, x: Any, transform_parameters: dict[str, Any]) -> np.ndarray:
        """Change an image.

        Args:
            x: the image, with three axes.
            transform_parameters: 'theta' and 'shear' in degrees; 'tx' and 'ty', how many columns
                and rows further is sampled; 'zx' and 'zy', how much is seen; 'flip_horizontal',
                'flip_vertical'; 'channel_shift_intensity'; 'brightness'. All may be left out.

        Raises:
            ValueError: for anything but an image.
            TypeError: for other parameters.
        """
        return self.changed(self._single(x), from_parameters(transform_parameters))[0]

    @explained
    def random_transform(self, x: Any, seed: int | None = None) -> np.ndarray:
        """Change an image at random; arguments as for `get_random_transform`."""
        return self.apply_transform(x, self.get_random_transform(np.shape(x), seed))

    @explained
    def standardize(self, x: Any) -> np.ndarray:
        """Return an image, or many, normalized as the arguments say, without random changes."""
        images = np.asarray(x)
        if images.ndim == 4:
            return self.standardized(images.astype(self.dtype))
        return self.standardized(self._single(x))[0]

    def _single(self, x: Any) -> np.ndarray:
        image = np.asarray(x, self.dtype)
        if image.ndim != 3:
            raise ValueError(f"An image has three axes. Received: shape {image.shape}")
        return image[None]

    def _next_key(self) -> Any:
        if self._generator is None:  # only now, so that a seed set in between counts
            self._generator = SeedGenerator()
        return self._generator.next_keys(1)

    # ---- batches of images ----

    def augmented(self, images: np.ndarray, keys: np.ndarray) -> np.ndarray:
        """Change and normalize images, each by what its key, (seed, number), draws."""
        first = 2 if is_channels_first(self.data_format) else 1
        transforms = self.ranges.draw(keys, images.shape[first : first + 2])
        return self.standardized(self.changed(images, transforms))

    def changed(self, images: np.ndarray, transforms: Transforms) -> np.ndarray:
        """Change images by these transforms."""
        is_first = is_channels_first(self.data_format)
        last = images.transpose(0, 2, 3, 1) if is_first else images
        last = moved(last, transforms, self.fill_mode, self.cval, self.interpolation_order)
        last = recolored(last, transforms)
        return last.transpose(0, 3, 1, 2) if is_first else last

    # ---- what is learned from data ----

    @explained
    def fit(self, x: Any, augment: bool = False, rounds: int = 1, seed: int | None = None) -> None:
        """Learn what the featurewise arguments and zca_whitening need.

        Args:
            x: images, with four axes.
            augment: whether from images changed at random.
            rounds: how often each is changed.
            seed: of these changes.

        Raises:
            ValueError: for what are not images.
        """
        images = np.array(x, self.dtype)
        if images.ndim != 4 or not len(images):
            raise ValueError(f"fit takes images with four axes. Received: shape {images.shape}")
        images *= self.rescale or 1
        if augment:
            images = self._changed_rounds(images, rounds, seed)
        self.learn(images)

    def _changed_rounds(self, images: np.ndarray, rounds: int, seed: int | None) -> np.ndarray:
        generator = SeedGenerator(seed)
        first = 2 if is_channels_first(self.data_format) else 1
        size = images.shape[first : first + 2]
        draws = [self.ranges.draw(generator.next_keys(len(images)), size) for _ in range(rounds)]
        return np.concatenate([self.changed(images, transforms) for transforms in draws])


def _check_settings(fill_mode: str, interpolation_order: int, validation_split: float) -> None:
    if fill_mode not in FILL_MODES:
        raise names.unknown("fill_mode", fill_mode, FILL_MODES)
    if interpolation_order not in (0, 1):
        raise ValueError(
            "interpolation_order is 1, bilinear, or 0, nearest. Received: "
            f"interpolation_order={interpolation_order!r}"
        )
    if validation_split and not 0 < validation_split < 1:
        raise ValueError(
            f"validation_split is a share between 0 and 1. Received: {validation_split}"
        )


def _pair(name: str, given: Any) -> tuple[float, float]:
    if not isinstance(given, (list, tuple, np.ndarray)) or len(given) != 2:
        raise ValueError(f"{name}_range has two numbers. Received: {name}_range={given!r}")
    low, high = (checks.real_number(f"{name}_range", end) for end in given)
    return low, high


def _zoom_range(given: Any) -> tuple[float, float]:
    if isinstance(given, (int, float)):
        return 1 - given, 1 + given
    return _pair("zoom", given)


def _shift_range(name: str, given: Any) -> Any:
    if isinstance(given, (list, tuple, np.ndarray)) and len(given):
        return [checks.real_number(name, one) for one in given]
    return checks.real_number(name, given)
