"""Load CIFAR-100: 60,000 color images of 32 by 32 pixels, in a hundred classes."""

from __future__ import annotations

import os

from pylego import names
from pylego.datasets import cifar
from pylego.datasets.cifar import Part

FINE = """
    apple aquarium_fish baby bear beaver bed bee beetle bicycle bottle bowl boy bridge bus
    butterfly camel can castle caterpillar cattle chair chimpanzee clock cloud cockroach couch crab
    crocodile cup dinosaur dolphin elephant flatfish forest fox girl hamster house kangaroo
    keyboard lamp lawn_mower leopard lion lizard lobster man maple_tree motorcycle mountain mouse
    mushroom oak_tree orange orchid otter palm_tree pear pickup_truck pine_tree plain plate poppy
    porcupine possum rabbit raccoon ray road rocket rose sea seal shark shrew skunk skyscraper
    snail snake spider squirrel streetcar sunflower sweet_pepper table tank telephone television
    tiger tractor train trout tulip turtle wardrobe whale willow_tree wolf woman worm
"""

COARSE = """
    aquatic_mammals fish flowers food_containers fruit_and_vegetables household_electrical_devices
    household_furniture insects large_carnivores large_man-made_outdoor_things
    large_natural_outdoor_scenes large_omnivores_and_herbivores medium_mammals
    non-insect_invertebrates people reptiles small_mammals trees vehicles_1 vehicles_2
"""

CLASSES = {"fine": tuple(FINE.split()), "coarse": tuple(COARSE.split())}

SOURCE = cifar.Source(
    folder="cifar100",
    archive="cifar-100-python.tar.gz",
    checksum="85cd44d02ba6437773c5bbd22e183051d648de2e7d6b014e1ef29b855ba677a7",
    inside="cifar-100-python",
    train=("train",),
    test="test",
)


def load_data(
    label_mode: str = "fine", path: str | os.PathLike[str] | None = None
) -> tuple[Part, Part]:
    """Load CIFAR-100 from the cache folder (downloading it first), or from `path`.

    The cache is `$PYLEGO_HOME/cifar100`, by default `~/.pylego/cifar100`; Keras's,
    `~/.keras/datasets`, is looked into as well. The files may hold fewer images than the official
    ones. `CLASSES[label_mode]` names what the labels stand for.

    Args:
        label_mode: 'fine' for a hundred classes, 'coarse' for the twenty groups of five that they
            form.
        path: the folder cifar-100-python of the official archive, to be read instead of the cache.
            Defaults to None: the cache.

    Returns:
        `(x_train, y_train), (x_test, y_test)`: uint8 images of shape `(50000, 32, 32, 3)` and
        `(10000, 32, 32, 3)` with values 0 to 255, int64 labels of shapes `(50000, 1)` and
        `(10000, 1)`. With `config.set_image_data_format("channels_first")` the images have shape
        `(50000, 3, 32, 32)`.

    Raises:
        ConnectionError: the archive is missing and cannot be downloaded; the text says where to
            put it.
        FileNotFoundError: `path` does not lead to the files.
        ValueError: a file is damaged, or for another label_mode.

    Source: A. Krizhevsky, "Learning Multiple Layers of Features from Tiny Images" (2009).

    >>> (x_train, y_train), (x_test, y_test) = load_data("coarse")  # doctest: +SKIP
    >>> CLASSES["coarse"][y_train[0, 0]]  # doctest: +SKIP
    'large_omnivores_and_herbivores'
    """
    if label_mode not in CLASSES:
        raise names.unknown("label_mode", label_mode, CLASSES)
    return cifar.load_data(SOURCE, f"{label_mode}_labels", len(CLASSES[label_mode]), path)
