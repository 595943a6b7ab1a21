"""Load small, well-known data sets: `digits` works offline, the others are downloaded once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pylego import lazy

if TYPE_CHECKING:
    from pylego.datasets import (
        digits as digits,
        fashion_mnist as fashion_mnist,
        mnist as mnist,
    )
else:
    __getattr__, __dir__, __all__ = lazy.public(
        __name__,
        {},
        modules=(
            "digits",
            "fashion_mnist",
            "mnist",
        ),
    )
