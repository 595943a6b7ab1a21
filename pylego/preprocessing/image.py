"""Images: read, written, converted, and changed at random while they are trained on."""

from pylego.preprocessing.file_batches import (
    DirectoryBatches as DirectoryIterator,
    FrameBatches as DataFrameIterator,
)
from pylego.preprocessing.image_batches import (
    ArrayBatches as NumpyArrayIterator,
    ImageBatches as Iterator,
)
from pylego.preprocessing.image_data_generator import ImageDataGenerator
from pylego.utils.image_utils import array_to_img, img_to_array, load_img, save_img

__all__ = [
    "DataFrameIterator",
    "DirectoryIterator",
    "ImageDataGenerator",
    "Iterator",
    "NumpyArrayIterator",
    "array_to_img",
    "img_to_array",
    "load_img",
    "save_img",
]
