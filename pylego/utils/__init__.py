"""Prepare labels and arrays for training: the functions that Keras keeps under `keras.utils`."""

from pylego.utils import image_utils, np_utils
from pylego.utils.image_folders import image_dataset_from_directory
from pylego.utils.image_utils import array_to_img, img_to_array, load_img, save_img
from pylego.utils.numerical import normalize, to_categorical
from pylego.utils.packing import pack_x_y_sample_weight, unpack_x_y_sample_weight
from pylego.utils.progbar import Progbar
from pylego.utils.rng import get_random_seed, set_random_seed

__all__ = [
    "Progbar",
    "array_to_img",
    "get_random_seed",
    "image_dataset_from_directory",
    "image_utils",
    "img_to_array",
    "load_img",
    "normalize",
    "np_utils",
    "pack_x_y_sample_weight",
    "save_img",
    "set_random_seed",
    "to_categorical",
    "unpack_x_y_sample_weight",
]
