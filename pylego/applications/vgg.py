"""Networks of 3x3 convolutions, one after another: what `vgg16` and `vgg19` are made of.

Source: Simonyan and Zisserman, Very Deep Convolutional Networks for Large-Scale Image Recognition
(arXiv:1409.1556).
"""

from __future__ import annotations

from pylego import layers
from pylego.applications.network import Arguments, Network
from pylego.applications.weight_files import tf_kernels
from pylego.models import Model

FILTERS = (64, 128, 256, 512, 512)


def vgg(
    owner: str, arguments: Arguments, name: str, blocks: tuple[int, ...], checksums: tuple[str, str]
) -> Model:
    """Make a network of five blocks of convolutions, each of which ends with a pooling.

    Args:
        owner: the function that is asked, for messages and for the names of files.
        arguments: what the user gave.
        name: of the model.
        blocks: how many convolutions each block has.
        checksums: of the files of weights with the top and without.
    """
    network = Network(owner, arguments, size=224, least=32)
    x = network.input
    for block, (filters, count) in enumerate(zip(FILTERS, blocks), start=1):
        for k in range(1, count + 1):
            convolution = layers.Conv2D(
                filters, 3, activation="relu", padding="same", name=f"block{block}_conv{k}"
            )
            x = convolution(x)
        x = layers.MaxPooling2D(2, strides=2, name=f"block{block}_pool")(x)
    if arguments.include_top:
        x = layers.Flatten(name="flatten")(x)
        for k in (1, 2):
            x = layers.Dense(4096, activation="relu", name=f"fc{k}")(x)
        x = network.classified(x)
    else:
        x = network.pooled(x)
    return network.model(x, name, tf_kernels(owner.lower(), owner.lower(), checksums))
