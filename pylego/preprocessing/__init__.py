"""Data on their way to a model, under the names that Keras keeps for them."""

from pylego.preprocessing import image
from pylego.utils.image_folders import image_dataset_from_directory

__all__ = ["image", "image_dataset_from_directory"]
