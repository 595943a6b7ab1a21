"""What all networks share: their arguments, where they begin, how they end, and their weights."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from pylego import activations, config, layers
from pylego.applications.imagenet_utils import CLASSES
from pylego.applications.weight_files import WeightFile
from pylego.graph.keras_tensor import KerasTensor, is_keras_tensor
from pylego.graph.sorting import get_source_inputs
from pylego.models import Model

Shape = tuple[int | None, ...]


class Arguments(NamedTuple):
    """The arguments that every function of `pylego.applications` takes."""

    include_top: bool
    weights: Any
    input_tensor: Any
    input_shape: Any
    pooling: str | None
    classes: int
    classifier_activation: Any


class Network:
    """A network in the making.

    Args:
        owner: the function that makes it, for messages.
        arguments: what the user gave.
        size: the height and width of the pictures that it was trained on; None where any do.
        least: the least height and width that it can take.

    Attributes:
        input: the placeholder of the pictures.
        shape: of a picture.
        axis: of the channels.

    Raises:
        ValueError: for arguments that do not fit each other.
    """

    def __init__(self, owner: str, arguments: Arguments, size: int | None, least: int):
        self.owner = owner
        self.arguments = arguments
        self._check()
        is_first = config.image_data_format() == "channels_first"
        self.axis = 1 if is_first else 3
        self.shape = self._shape(size, least)
        tensor = arguments.input_tensor
        if tensor is None:
            self.input = layers.Input(self.shape)
        else:
            self.input = tensor if is_keras_tensor(tensor) else layers.Input(tensor=tensor)

    @property
    def side(self) -> int | None:
        """The height of a picture."""
        return self.shape[0] if self.axis == 3 else self.shape[1]

    # ---- what it ends with ----------------------------------------------------------------------

    def pooled(self, x: KerasTensor, **names: str) -> KerasTensor:
        """Return one number for each channel, where `pooling` asks for that.

        Args:
            x: of shape (batch, height, width, channels).
            **names: of the layers that do it, `avg` and `max`.
        """
        pooling = self.arguments.pooling
        if pooling == "avg":
            return layers.GlobalAveragePooling2D(name=names.get("avg"))(x)
        if pooling == "max":
            return layers.GlobalMaxPooling2D(name=names.get("max"))(x)
        return x

    def classified(
        self, x: KerasTensor, initializer: Any = "glorot_uniform", name: str = "predictions"
    ) -> KerasTensor:
        """Return the scores of the classes, of one number for each channel."""
        arguments = self.arguments
        classify = layers.Dense(
            arguments.classes,
            activation=arguments.classifier_activation,
            kernel_initializer=initializer,
            name=name,
        )
        return classify(x)

    def ended(self, x: KerasTensor, top: str | None = "avg_pool", **names: str) -> KerasTensor:
        """Return the scores of the classes with the top, what `pooling` asks for without.

        Args:
            x: of shape (batch, height, width, channels).
            top: the name of the layer that pools in front of the top.
            **names: see `pooled`.
        """
        if self.arguments.include_top:
            return self.classified(layers.GlobalAveragePooling2D(name=top)(x))
        return self.pooled(x, **names)

    def model(self, x: KerasTensor, name: str, file: Callable[[bool], WeightFile]) -> Model:
        """Return the model from the pictures to x, with its weights.

        Args:
            x: where it ends.
            name: of the model.
            file: returns the file with the weights of ImageNet, with the top or without.
        """
        arguments = self.arguments
        inputs = get_source_inputs(self.input)
        model = Model(inputs[0] if len(inputs) == 1 else inputs, x, name=name)
        if arguments.weights == "imagenet":
            model.load_weights(file(bool(arguments.include_top)).path())
        elif arguments.weights is not None:
            model.load_weights(arguments.weights)
        return model

    # ---- arguments ------------------------------------------------------------------------------

    def _check(self) -> None:
        weights, classes = self.arguments.weights, self.arguments.classes
        is_file = isinstance(weights, (str, os.PathLike)) and os.path.isfile(weights)
        if not (weights is None or weights == "imagenet" or is_file):
            raise ValueError(
                f"{self.owner}: weights are None, for random numbers, 'imagenet', or the path of a "
                f"file that is there. Received: weights={weights!r}"
            )
        if self.arguments.pooling not in (None, "avg", "max"):
            raise ValueError(
                f"{self.owner}: pooling is None, 'avg' or 'max'. Received: "
                f"pooling={self.arguments.pooling!r}"
            )
        if weights == "imagenet" and self.arguments.include_top and classes != CLASSES:
            raise ValueError(
                f"{self.owner}: weights='imagenet' name 1000 classes; take include_top=False and a "
                f"Dense layer of your own for others. Received: classes={classes}"
            )
        if weights is not None and self.arguments.include_top:
            self._check_activation()

    def _check_activation(self) -> None:
        known = (activations.get("softmax"), activations.get(None))
        if activations.get(self.arguments.classifier_activation) not in known:
            raise ValueError(
                f"{self.owner}: weights were trained with classifier_activation 'softmax', or None "
                "for the numbers before it. Received: classifier_activation="
                f"{self.arguments.classifier_activation!r}"
            )

    def _shape(self, size: int | None, least: int) -> Shape:
        arguments = self.arguments
        is_imagenet = arguments.weights == "imagenet"
        shape = arguments.input_shape
        if shape is None:
            side = size if arguments.include_top else None
            return self._laid_out(side, side, 3)
        shape = self._checked_shape(shape)
        height, width, channels = shape if self.axis == 3 else (*shape[1:], shape[0])
        is_fixed = size is not None and arguments.include_top
        if is_imagenet and (channels != 3 or (is_fixed and {height, width} != {size})):
            wanted = self._laid_out(size, size, 3) if is_fixed else "of 3 channels"
            raise ValueError(
                f"{self.owner}: the weights of ImageNet need an input_shape {wanted}. Received: "
                f"input_shape={tuple(shape)}"
            )
        if any(side is not None and side < least for side in (height, width)):
            raise ValueError(
                f"{self.owner}: pictures are at least {least} pixels high and wide. Received: "
                f"input_shape={tuple(shape)}"
            )
        if is_fixed and None in (height, width):
            raise ValueError(
                f"{self.owner}: with include_top=True the input_shape is known. Received: "
                f"input_shape={tuple(shape)}"
            )
        return tuple(shape)

    def _checked_shape(self, shape: Any) -> Sequence[int | None]:
        if isinstance(shape, str) or not isinstance(shape, Sequence) or len(shape) != 3:
            raise ValueError(
                f"{self.owner}: input_shape is that of a picture, as in (224, 224, 3). Received: "
                f"input_shape={shape!r}"
            )
        return shape

    def _laid_out(self, height: int | None, width: int | None, channels: int) -> Shape:
        return (height, width, channels) if self.axis == 3 else (channels, height, width)


def channels_of(x: KerasTensor, axis: int) -> int:
    """Return how many channels there are.

    Raises:
        ValueError: where that is not known.
    """
    count = x.shape[axis]
    if count is None:
        raise ValueError(f"Networks for pictures need to know how many channels come in: {x!r}")
    return count


def divisible(number: float, divisor: int = 8, least: int | None = None) -> int:
    """Round to the next multiple of a divisor, not more than a tenth below the number.

    >>> divisible(32 * 0.35), divisible(12)
    (16, 16)
    """
    rounded = max(least or divisor, int(number + divisor / 2) // divisor * divisor)
    return rounded + divisor if rounded < 0.9 * number else rounded


def corrected_padding(x: KerasTensor, kernel: int, axis: int) -> tuple[tuple[int, int], ...]:
    """Return the rows and columns of zeros with which a window of stride 2 sees even and odd sizes
    alike: one less in front of even ones."""
    sides = x.shape[1:3] if axis == 3 else x.shape[2:4]
    half = kernel // 2
    return tuple((half - (1 if side is None else 1 - side % 2), half) for side in sides)


def trained_side(input_shape: Any, sides: Sequence[int]) -> int:
    """Return for which height and width weights are taken: that of the pictures where it is one of
    these, else 224."""
    is_known = isinstance(input_shape, Sequence) and len(input_shape) == 3
    shape = tuple(input_shape) if is_known else ()
    of_pictures = shape[1:] if config.image_data_format() == "channels_first" else shape[:2]
    is_square = len(set(of_pictures)) == 1
    return of_pictures[0] if is_square and of_pictures[0] in sides else 224
