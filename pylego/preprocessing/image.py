"""Images: read, written, converted, and changed at random while they are trained on."""

from typing import TYPE_CHECKING

from pylego import lazy
from pylego.preprocessing.file_batches import (
    DirectoryBatches as DirectoryIterator,
    FrameBatches as DataFrameIterator,
)
from pylego.preprocessing.image_batches import (
    ArrayBatches as NumpyArrayIterator,
    ImageBatches as Iterator,
)
from pylego.preprocessing.image_data_generator import ImageDataGenerator
from pylego.preprocessing.single_images import (
    apply_affine_transform,
    apply_brightness_shift,
    apply_channel_shift,
    random_brightness,
    random_channel_shift,
    random_rotation,
    random_shear,
    random_shift,
    random_zoom,
    smart_resize,
)
from pylego.utils.image_utils import array_to_img, img_to_array, load_img, save_img

__all__ = [
    "DataFrameIterator",
    "DirectoryIterator",
    "ImageDataGenerator",
    "Iterator",
    "NumpyArrayIterator",
    "apply_affine_transform",
    "apply_brightness_shift",
    "apply_channel_shift",
    "array_to_img",
    "img_to_array",
    "load_img",
    "random_brightness",
    "random_channel_shift",
    "random_rotation",
    "random_shear",
    "random_shift",
    "random_zoom",
    "save_img",
    "smart_resize",
]

if not TYPE_CHECKING:
    __getattr__ = lazy.refuse_others(__name__)
