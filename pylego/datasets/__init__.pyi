from pylego.datasets import (
    digits as digits,
    fashion_mnist as fashion_mnist,
    mnist as mnist,
)
