"""Load small, well-known data sets: `digits` works offline, the others are downloaded once."""

from pylego.datasets import digits, fashion_mnist, mnist

__all__ = ["digits", "fashion_mnist", "mnist"]
