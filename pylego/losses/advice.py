"""What mends targets that do not fit outputs: the usual slips, told by the shapes alone."""

from __future__ import annotations

import math

Shape = tuple[int, ...]


def advice(name: str, targets: Shape, outputs: Shape) -> str:
    """Return the sentence for targets that should have the outputs' shape.

    Args:
        name: of the loss or metric.
        targets: their shape.
        outputs: their shape.

    >>> advice("categorical_crossentropy", (32, 1), (32, 10))
    'y holds labels, one number per sample. Integer labels for 10 classes go with \
sparse_categorical_crossentropy, or through utils.to_categorical(y, 10).'
    """
    if targets[:1] != outputs[:1]:
        return "They must hold the same number of samples."
    if targets[1:] in ((), (1,)) and outputs[-1:] != (1,):
        return _flatten(targets, outputs) or _labels(name, outputs[-1])
    if targets[:-1] == outputs:
        return _twice(outputs)
    if len(targets) < len(outputs):
        return _flatten(targets, outputs) or _reshape(targets, outputs)
    if targets[-1] != outputs[-1] and targets[:-1] == outputs[:-1]:
        return f"To fit them, give the last layer {_units(targets[-1])}."
    return _reshape(targets, outputs)


def label_advice(name: str, labels: Shape, outputs: Shape) -> str:
    """Return the sentence for labels that should have the outputs' shape without the classes.

    >>> label_advice("sparse_categorical_crossentropy", (32, 10), (32, 10))
    'The targets look one-hot: use categorical_crossentropy, or the labels y.argmax(-1).'
    >>> label_advice("sparse_categorical_crossentropy", (32,), (32, 26, 26, 10))
    'The outputs have 4 axes: put Flatten() or GlobalAveragePooling2D() before the last Dense.'
    """
    if labels[:1] != outputs[:1]:
        return "They must hold the same number of samples."
    if labels == outputs or (len(labels) == len(outputs) and labels[-1] > 1):
        if "accuracy" in name:
            return (
                "The targets look one-hot: use metrics=['accuracy'], which finds out, or "
                "'categorical_accuracy'."
            )
        units = "" if labels == outputs else f", with {_units(labels[-1])} in the last layer"
        return (
            f"The targets look one-hot: use categorical_crossentropy{units}, or the labels "
            "y.argmax(-1)."
        )
    if labels[:-1] == outputs:
        return _twice(outputs)
    return _flatten(labels, outputs) or "Each sample needs one label."


def _labels(name: str, classes: int) -> str:
    if "accuracy" in name:
        return (
            "y holds labels, one number per sample: use metrics=['accuracy'], which finds out, or "
            "'sparse_categorical_accuracy'."
        )
    integers = (
        f"Integer labels for {classes} classes go with sparse_categorical_crossentropy, or through "
        f"utils.to_categorical(y, {classes})."
    )
    if "crossentropy" in name:
        return f"y holds labels, one number per sample. {integers}"
    return f"y holds one number per sample: give the last layer 1 unit. {integers}"


def _twice(outputs: Shape) -> str:
    return (
        "y has an axis too many: apply to_categorical once, to labels of shape "
        f"{(None, *outputs[1:-1])}."
    )


def _flatten(targets: Shape, outputs: Shape) -> str:
    """What is missing before the last layer; '' where samples are meant to have several axes."""
    is_flat = len(targets) < 3 and 2 < len(outputs) < 6
    if not is_flat or (len(targets) == 2 and targets[-1] not in (1, outputs[-1])):
        return ""
    return (
        f"The outputs have {len(outputs)} axes: put Flatten() or "
        f"GlobalAveragePooling{len(outputs) - 2}D() before the last Dense."
    )


def _reshape(targets: Shape, outputs: Shape) -> str:
    if math.prod(targets) == math.prod(outputs):
        return f"End the model with Reshape({targets[1:]}), or write y.reshape{(-1, *outputs[1:])}."
    if len(targets) == len(outputs) and targets[-1] == outputs[-1]:
        return (
            f"Samples of y have the lengths {targets[1:-1]}, those of the outputs {outputs[1:-1]}: "
            "padding='same', Cropping or ZeroPadding layers mend them."
        )
    return f"Make samples of y and of the outputs equal in shape: {targets[1:]} and {outputs[1:]}."


def _units(count: int) -> str:
    return "1 unit" if count == 1 else f"{count} units"
