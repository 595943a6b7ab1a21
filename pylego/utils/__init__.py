"""Prepare labels and arrays for training: the functions that Keras keeps under `keras.utils`."""

from pylego.utils import np_utils
from pylego.utils.numerical import normalize, to_categorical
from pylego.utils.packing import pack_x_y_sample_weight, unpack_x_y_sample_weight
from pylego.utils.progbar import Progbar
from pylego.utils.rng import get_random_seed, set_random_seed

__all__ = [
    "Progbar",
    "get_random_seed",
    "normalize",
    "np_utils",
    "pack_x_y_sample_weight",
    "set_random_seed",
    "to_categorical",
    "unpack_x_y_sample_weight",
]
