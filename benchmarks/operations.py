"""Single operations that are measured: products of matrices, convolutions and their gradients."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache

import numpy as np


@dataclass(frozen=True)
class Product:
    """y = a b, with a of rows x depth and b of depth x columns, into memory that is given.

    `form` says which of the two lies in memory transposed: "ab", "aTb", "abT".
    """

    rows: int
    depth: int
    columns: int
    form: str = "ab"

    group = "matmul"
    action = "operation"
    network = None
    is_fresh = False
    steps = epochs = 1

    @property
    def name(self) -> str:
        return f"matmul {self.rows}x{self.depth}x{self.columns} {self.form}"

    @property
    def operations(self) -> int:
        """Multiplications and additions."""
        return 2 * self.rows * self.depth * self.columns

    @property
    def is_large(self) -> bool:
        return self.rows == self.columns == self.depth >= 512

    @cache  # noqa: B019 - a handful, for the life of the process
    def data(self) -> tuple[np.ndarray, np.ndarray]:
        """a and b as they lie in memory."""
        a, b = (self.rows, self.depth), (self.depth, self.columns)
        return (
            numbers(a[::-1] if self.form == "aTb" else a),
            numbers(b[::-1] if self.form == "abT" else b),
        )


@dataclass(frozen=True)
class Convolution:
    """A convolution of square images, channels last, or one of its gradients, `what`: "forward",
    "by input", "by kernel"."""

    batch: int
    size: int
    channels: int
    filters: int
    kernel: int = 3
    stride: int = 1
    padding: str = "same"
    groups: int = 1
    what: str = "forward"

    action = "operation"
    network = None
    is_fresh = False
    steps = epochs = 1

    @property
    def group(self) -> str:
        is_plain = self.kernel == 3 and self.stride == 1 and self.groups == 1
        return "conv 3x3" if is_plain and self.what == "forward" else "conv others"

    @property
    def name(self) -> str:
        kind = "dw" if self.groups > 1 else f"{self.kernel}x{self.kernel}"
        shape = f"{self.size}x{self.channels}->{self.filters}"
        return f"conv {kind} {self.batch}x{shape} {self.what}"

    @property
    def padded(self) -> tuple[int, int]:
        """Zeros before and after, along each axis: TensorFlow's rule."""
        out = -(-self.size // self.stride)
        total = max((out - 1) * self.stride + self.kernel - self.size, 0)
        return (total // 2, total - total // 2) if self.padding == "same" else (0, 0)

    @property
    def out(self) -> int:
        return (self.size + sum(self.padded) - self.kernel) // self.stride + 1

    @property
    def operations(self) -> int:
        taps = self.kernel**2 * self.channels // self.groups
        return 2 * self.batch * self.out**2 * taps * self.filters

    @cache  # noqa: B019
    def data(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """The images, the kernel as Keras has it, and a gradient by the result."""
        return (
            numbers((self.batch, self.size, self.size, self.channels)),
            numbers((self.kernel, self.kernel, self.channels // self.groups, self.filters)),
            numbers((self.batch, self.out, self.out, self.filters)),
        )


@cache
def numbers(shape: tuple[int, ...]) -> np.ndarray:
    return np.random.default_rng(math.prod(shape)).uniform(-1, 1, shape).astype(np.float32)


TRAINING = (
    (10, 64, 64),
    (32, 784, 512),
    (32, 512, 512),
    (32, 512, 10),
    (128, 784, 512),
    (12544, 576, 64),
    (3136, 1152, 128),
)


def forms(rows: int, depth: int, columns: int) -> list[Product]:
    """The product of a layer's forward pass, and the two of its backward pass."""
    return [
        Product(rows, depth, columns),
        Product(depth, rows, columns, "aTb"),
        Product(rows, columns, depth, "abT"),
    ]


CUBES = [Product(n, n, n) for n in (64, 128, 256, 512, 1024, 2048)]
PRODUCTS = (*CUBES, *(product for shape in TRAINING for product in forms(*shape)))

PLAIN = [Convolution(8, *shape) for shape in ((56, 64, 64), (28, 128, 128))]
PLAIN += [Convolution(8, *shape) for shape in ((14, 256, 256), (7, 512, 512))]
PLAIN += [Convolution(128, *shape, padding="valid") for shape in ((28, 1, 32), (26, 32, 64))]
BACK = [
    Convolution(c.batch, c.size, c.channels, c.filters, padding=c.padding, what=what)
    for c in PLAIN
    for what in ("by input", "by kernel")
    if c.channels > 1 or what == "by kernel"  # nobody asks for the gradient by the data
]
OTHERS = [
    Convolution(8, 56, 64, 256, kernel=1, what=what)
    for what in ("forward", "by input", "by kernel")
]
OTHERS += [Convolution(8, 224, 3, 64, kernel=7, stride=2)]
OTHERS += [Convolution(8, 56, 64, 64, groups=64, what=what) for what in ("forward", "by input")]
CONVOLUTIONS = (*PLAIN, *BACK, *OTHERS)

OPERATIONS = (*PRODUCTS, *CONVOLUTIONS)
GROUPS = {
    group: [operation for operation in OPERATIONS if operation.group == group]
    for group in ("matmul", "conv 3x3", "conv others")
}
