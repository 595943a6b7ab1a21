from pylego.preprocessing import image as image, sequence as sequence, text as text
from pylego.utils.image_folders import (
    image_dataset_from_directory as image_dataset_from_directory,
)
