from pylego.preprocessing import image as image, sequence as sequence, text as text
from pylego.utils.image_folders import (
    image_dataset_from_directory as image_dataset_from_directory,
)
from pylego.utils.text_folders import (
    text_dataset_from_directory as text_dataset_from_directory,
)
from pylego.utils.timeseries import (
    timeseries_dataset_from_array as timeseries_dataset_from_array,
)
