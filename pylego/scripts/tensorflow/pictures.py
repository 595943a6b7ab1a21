"""What the table of `tf.image` calls: colors, crops, patches and boxes."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from pylego import ops
from pylego.core.tensor import Tensor
from pylego.scripts.tensorflow.parts import as_image, inner

__all__ = [
    "bordered", "crops", "edges_of", "fitted", "kept_boxes", "kept_of_each", "one_seed",
    "patches_of", "resized", "signal_to_noise", "to_rgb", "to_yuv", "with_hue", "with_saturation",
]  # fmt: skip

# Of PAL: a row for each of R, G and B, a column for each of Y, U and V; and the inverse.
_TO_YUV = np.array(
    [
        [0.299, -0.14714119, 0.61497538],
        [0.587, -0.28886916, -0.51496512],
        [0.114, 0.43601035, -0.10001026],
    ],
    "float32",
)
_TO_RGB = np.array(
    [[1, 1, 1], [0, -0.394642334, 2.03206185], [1.13988303, -0.58062185, 0]], "float32"
)


_SOBEL = np.array([[-1, -2, -1], [0, 0, 0], [1, 2, 1]], "float32")  # turned over: along columns


def edges_of(images: Any) -> Tensor:
    """Return how pictures change down and to the right: (..., height, width, channels, 2)."""
    x = ops.cast(images, "float32")
    kernel = np.stack([_SOBEL, _SOBEL.T], -1)[:, :, None, :].repeat(x.shape[-1], 2)
    framed = ops.pad(x, ((0, 0), (1, 1), (1, 1), (0, 0)), "reflect")
    return ops.reshape(ops.depthwise_conv(framed, kernel), (*x.shape, 2))


def to_yuv(images: Any) -> Tensor:
    """Return brightness and two differences of colors."""
    return ops.matmul(images, _TO_YUV)


def to_rgb(images: Any) -> Tensor:
    """Return the colors of brightness and two differences of colors."""
    return ops.matmul(images, _TO_RGB)


def _in_hsv(image: Any, change: Any) -> Any:
    """Apply a function to hue, saturation and value; whole numbers stay whole."""
    x = ops.convert_to_tensor(image)
    hue, saturation, value = ops.split(ops.image.rgb_to_hsv(as_image(x, "float32")), 3, -1)
    changed = ops.concatenate(change(hue, saturation, value), -1)
    return as_image(ops.image.hsv_to_rgb(changed), x.dtype)


def with_hue(image: Any, delta: Any) -> Any:
    """Turn the circle of colors, by a part of it."""
    return _in_hsv(image, lambda h, s, v: (ops.mod(h + delta, 1.0), s, v))


def with_saturation(image: Any, factor: Any) -> Any:
    """Make colors stronger, or grayer."""
    return _in_hsv(image, lambda h, s, v: (h, ops.clip(s * factor, 0.0, 1.0), v))


def signal_to_noise(a: Any, b: Any, most: float) -> Tensor:
    """Return the ratio of signal to noise of each image, in decibels."""
    x, y = (ops.cast(one, "float32") for one in (a, b))
    error = ops.mean(ops.square(x - y), (-3, -2, -1))
    return 10.0 * ops.log10(most * most / error)


def patches_of(images: Any, sizes: Any, strides: Any, rates: Any, padding: str) -> Tensor:
    """Return the patches of images, each as one vector."""
    size, stride, rate = map(inner, (sizes, strides, rates))
    return ops.image.extract_patches(images, size, stride, rate, padding.lower())


def bordered(image: Any, top: int, left: int, height: int, width: int) -> Any:
    """Put zeros around, so that the image begins at a row and a column of a larger one."""
    rows, columns = ops.shape(image)[-3:-1]
    below, right = height - top - rows, width - left - columns
    none = [(0, 0)] * (ops.ndim(image) - 3)
    return ops.pad(image, [*none, (int(top), int(below)), (int(left), int(right)), (0, 0)])


def resized(
    images: Any,
    size: Any,
    method: Any,
    antialias: bool,
    keeps_ratio: bool = False,
    pads: bool = False,
) -> Any:
    """Give pictures another height and width: floats, as of TensorFlow, but for 'nearest'."""
    height, width = (int(n) for n in np.asarray(size))
    rows, columns = ops.shape(images)[-3:-1]
    if keeps_ratio:
        factor = min(height / rows, width / columns)
        height, width = max(round(rows * factor), 1), max(round(columns * factor), 1)
    method = str(method).lower()
    x = ops.convert_to_tensor(images)
    x = x if method == "nearest" else ops.cast(x, "float32")
    if method == "area":  # the mean of what a pixel covers
        method, antialias = "bilinear", True
        if rows % height == 0 and columns % width == 0:
            blocks = (*x.shape[:-3], height, rows // height, width, columns // width, x.shape[-1])
            return ops.mean(ops.reshape(x, blocks), (-4, -2))
    return ops.image.resize(x, (height, width), method, antialias, pad_to_aspect_ratio=pads)


def fitted(image: Any, height: int, width: int) -> Any:
    """Cut off, or put zeros around, evenly on both sides."""
    rows, columns = ops.shape(image)[-3:-1]
    top, left = (max(n - m, 0) // 2 for n, m in ((rows, height), (columns, width)))
    cut = image[..., top : top + min(rows, height), left : left + min(columns, width), :]
    return bordered(cut, max(height - rows, 0) // 2, max(width - columns, 0) // 2, height, width)


def crops(images: Any, boxes: Any, numbers: Any, size: Any, method: str = "bilinear") -> Tensor:
    """Cut boxes out of images, and resize them.

    Args:
        images: (count, height, width, channels).
        boxes: (boxes, 4): top, left, bottom, right, from 0 to 1.
        numbers: (boxes,): of the image that each is cut out of.
        size: height and width of what is returned.
        method: 'bilinear' or 'nearest'.
    """
    boxes, taken = ops.cast(boxes, "float32"), ops.cast(ops.take(images, numbers, 0), "float32")
    rows, columns = (
        _shares(boxes[:, side], boxes[:, side + 2], taken.shape[side + 1], int(size[side]), method)
        for side in (0, 1)
    )
    return ops.einsum("nih,nhwc,njw->nijc", rows, taken, columns)


def _shares(begin: Any, end: Any, length: int, count: int, method: str) -> Any:
    """How much each of `length` places gives to each of `count` points; outside nothing does."""
    if count > 1:
        steps = ops.arange(count, dtype="float32") / (count - 1)
        places = (begin[:, None] + (end - begin)[:, None] * steps) * (length - 1)
    else:
        places = (begin + end)[:, None] * 0.5 * (length - 1)
    is_inside = ops.logical_and(places >= 0, places <= length - 1)
    places = ops.round(places) if method == "nearest" else places
    distance = ops.absolute(places[..., None] - ops.arange(length, dtype="float32"))
    return ops.relu(1.0 - distance) * ops.cast(is_inside, "float32")[..., None]


def one_seed(seed: Any) -> int:
    """Return one number for the two of a stateless function."""
    first, second = (int(n) for n in np.asarray(seed).ravel()[:2])
    return (first * 1_000_003 + second) % 2**31


# ---- boxes ----


def _overlap(box: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Return the common area of a box and others, as a part of what they cover together."""
    low, high = (np.minimum(b[..., :2], b[..., 2:]) for b in (box, others))
    low_ends, high_ends = (np.maximum(b[..., :2], b[..., 2:]) for b in (box, others))
    common = np.maximum(np.minimum(low_ends, high_ends) - np.maximum(low, high), 0).prod(-1)
    whole = (low_ends - low).prod(-1) + (high_ends - high).prod(-1) - common
    return np.divide(common, whole, out=np.zeros_like(common), where=whole > 0)


def _kept(boxes: np.ndarray, scores: np.ndarray, most: int, overlap: float, least: float) -> list:
    order = [n for n in np.argsort(-scores, kind="stable") if scores[n] > least]
    kept: list[int] = []
    while order and len(kept) < most:
        best, *order = order
        kept.append(best)
        shared = _overlap(boxes[best], boxes[order]) if order else ()
        order = [n for n, part in zip(order, shared) if part <= overlap]
    return kept


def kept_boxes(boxes: Any, scores: Any, most: Any, overlap: float, least: float) -> Tensor:
    """Return the numbers of the best boxes, without those that overlap with a better one."""
    kept = _kept(np.asarray(boxes), np.asarray(scores), int(most), float(overlap), float(least))
    return ops.convert_to_tensor(np.array(kept, "int32"))


class CombinedNonMaxSuppression(NamedTuple):
    """The boxes that were kept, of each image; zeros stand behind the last one."""

    nmsed_boxes: Any
    nmsed_scores: Any
    nmsed_classes: Any
    valid_detections: Any


def kept_of_each(
    boxes: Any, scores: Any, of_class: Any, most: Any, overlap: float, least: float, clip: bool
) -> CombinedNonMaxSuppression:
    """Keep the best boxes of each class of each image; see `tf.image.combined_...`."""
    boxes, scores = np.asarray(boxes), np.asarray(scores)
    count, classes, most = len(scores), scores.shape[-1], int(most)
    found = np.zeros((count, most, 4), boxes.dtype), np.zeros((2, count, most), scores.dtype)
    numbers = np.zeros(count, "int32")
    for image in range(count):
        best = []
        for number in range(classes):
            own = boxes[image, :, min(number, boxes.shape[2] - 1)]
            score = scores[image, :, number]
            kept = _kept(own, score, int(of_class), float(overlap), float(least))
            best += [(score[n], number, own[n]) for n in kept]
        best = sorted(best, key=lambda one: -one[0])[:most]
        numbers[image] = len(best)
        for place, (score, number, box) in enumerate(best):
            found[0][image, place] = np.clip(box, 0, 1) if clip else box
            found[1][:, image, place] = score, number
    parts = (found[0], *found[1], numbers)
    return CombinedNonMaxSuppression(*map(ops.convert_to_tensor, parts))
