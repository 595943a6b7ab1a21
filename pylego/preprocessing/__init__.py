"""Data on their way to a model, under the names that Keras keeps for them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pylego import lazy

if TYPE_CHECKING:
    from pylego.preprocessing import image as image
    from pylego.utils.image_folders import (
        image_dataset_from_directory as image_dataset_from_directory,
    )
else:
    __getattr__, __dir__, __all__ = lazy.public(
        __name__,
        {
            "image_dataset_from_directory": "..utils.image_folders",
        },
        modules=("image",),
    )
