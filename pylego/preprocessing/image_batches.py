"""Endless batches of images for `ImageDataGenerator`, and those out of arrays."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from typing import Any, Protocol

import numpy as np

from pylego import checks, names, random
from pylego.utils import image_utils

_SUBSETS = ("training", "validation")


class Augmenter(Protocol):
    """The part of an `ImageDataGenerator` that batches need."""

    data_format: str
    dtype: str
    validation_split: float

    def augmented(self, images: np.ndarray, keys: np.ndarray) -> np.ndarray:
        """Return images that are changed at random, each by its own key."""


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
        generator: Augmenter,
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

    def get_training_state(self) -> dict[str, Any]:
        """Return which pass it is and its order, for a training that goes on elsewhere."""
        orders = self._orders.state.numpy()
        passes = {"passes": self._passes, "seed": self.seed}
        return {**passes, "orders": orders, "order": self._order}

    def set_training_state(self, state: dict[str, Any]) -> None:
        """Go on from what `get_training_state` returned."""
        self._passes, self._order, self.seed = state["passes"], state["order"], state["seed"]
        self._orders.state.assign(state["orders"])

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
        generator: Augmenter,
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
        chosen = chosen_rows(len(images), generator.validation_split, subset)
        self.y, self.sample_weight = (None if part is None else part[chosen] for part in columns)
        self.x = images[chosen]
        check_part(len(self.x), len(images), generator.validation_split, subset)
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


def chosen_rows(count: int, share: float, subset: str | None) -> slice:
    """Return the rows of 'training' or 'validation', which takes the first ones, as in Keras.

    Raises:
        ValueError: for another subset.
    """
    if subset is None:
        return slice(None)
    if subset not in _SUBSETS:
        raise names.unknown("subset", subset, _SUBSETS)
    first = int(count * share)
    return slice(first) if subset == "validation" else slice(first, None)


def check_part(count: int, rest: int, share: float, subset: str | None) -> None:
    """Refuse a part without images: nothing would be trained on, or validated.

    Raises:
        ValueError: for such a part.
    """
    if subset is not None and not count:
        why = f"is {share} of {rest} images" if share else "is not set"
        raise ValueError(
            f"There are no images for {subset}: the generator's validation_split {why}"
        )


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
