"""Prepare labels and arrays for training: the functions that Keras keeps under `keras.utils`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pylego import lazy

if TYPE_CHECKING:
    from pylego.utils import (
        image_utils as image_utils,
        np_utils as np_utils,
    )
    from pylego.utils.image_folders import (
        image_dataset_from_directory as image_dataset_from_directory,
    )
    from pylego.utils.image_utils import (
        array_to_img as array_to_img,
        img_to_array as img_to_array,
        load_img as load_img,
        save_img as save_img,
    )
    from pylego.utils.numerical import (
        normalize as normalize,
        to_categorical as to_categorical,
    )
    from pylego.utils.packing import (
        pack_x_y_sample_weight as pack_x_y_sample_weight,
        unpack_x_y_sample_weight as unpack_x_y_sample_weight,
    )
    from pylego.utils.progbar import Progbar as Progbar
    from pylego.utils.rng import (
        get_random_seed as get_random_seed,
        set_random_seed as set_random_seed,
    )
else:
    __getattr__, __dir__, __all__ = lazy.public(
        __name__,
        {
            "Progbar": ".progbar",
            "array_to_img": ".image_utils",
            "get_random_seed": ".rng",
            "image_dataset_from_directory": ".image_folders",
            "img_to_array": ".image_utils",
            "load_img": ".image_utils",
            "normalize": ".numerical",
            "pack_x_y_sample_weight": ".packing",
            "save_img": ".image_utils",
            "set_random_seed": ".rng",
            "to_categorical": ".numerical",
            "unpack_x_y_sample_weight": ".packing",
        },
        modules=(
            "image_utils",
            "np_utils",
        ),
    )
