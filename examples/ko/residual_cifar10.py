"""CIFAR-10을 배우는 잔차 신경망입니다. 층들은 무엇을 고칠지만 배웁니다.

    python examples/ko/residual_cifar10.py cifar-10-batches-py

폴더는 토론토 대학의 "CIFAR-10 python version"(cifar-10-python.tar.gz)을 푼 것입니다. 배울 파일
data_batch_1 ... data_batch_5와 시험할 파일 test_batch가 들어 있습니다.

잔차 블록은 계산한 것을 들어온 것에 더합니다: Add()([x, y]). 고칠 것이 없으면 0만 내놓으면 되므로,
깊은 신경망도 얕은 것만큼 쉽게 배웁니다. 블록을 지나쳐 가는 길이 있어 신경망은 그래프가 되고,
어디에서 시작해 어디에서 끝나는지를 Model(inputs, outputs)에 알려 줍니다.
"""

import pickle
import sys
from pathlib import Path

import numpy as np

from pylego import utils
from pylego.layers import (
    Activation,
    Add,
    BatchNormalization,
    Conv2D,
    Dense,
    GlobalAveragePooling2D,
    Input,
    RandomFlip,
)
from pylego.models import Model

CLASSES = ["비행기", "자동차", "새", "고양이", "사슴", "개", "개구리", "말", "배", "트럭"]


def read(*paths):
    """파일에 든 사진 (장수, 32, 32, 3)과 이름표를 돌려줍니다. 화소는 0에서 1 사이입니다."""
    parts = [pickle.loads(path.read_bytes(), encoding="bytes") for path in paths]
    x = np.concatenate([part[b"data"] for part in parts])
    y = np.concatenate([part[b"labels"] for part in parts])
    # 한 줄에 빨강 전부, 초록 전부, 파랑 전부가 차례로 들어 있습니다. 채널이 앞에 온 모양입니다.
    return x.reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1).astype(np.float32) / 255, y


def convolution(x, filters, size, strides=1):
    """편향 없는 합성곱과, 나온 값을 옮겨 주는 정규화입니다."""
    x = Conv2D(filters, size, strides=strides, padding="same", use_bias=False)(x)
    return BatchNormalization(momentum=0.9)(x)


def residual(x, filters, strides=1):
    """합성곱 둘이 본 것을 사진에 더합니다. strides=2이면 사진이 절반으로 작아집니다.

    모양이 바뀌는 곳에서는 한 화소짜리 합성곱이 사진을 새 모양으로 옮깁니다.
    """
    y = Activation("relu")(convolution(x, filters, 3, strides))
    y = convolution(y, filters, 3)
    if strides != 1 or x.shape[-1] != filters:
        x = convolution(x, filters, 1, strides)
    return Activation("relu")(Add()([x, y]))


folder = Path(sys.argv[1] if len(sys.argv) > 1 else "cifar-10-batches-py")
x_test, y_test = read(folder / "test_batch")
x_train, y_train = read(*sorted(folder.glob("data_batch_*")))

utils.set_random_seed(7)

# 머리. 첫 합성곱 뒤에 블록 셋이 오고, 사진은 갈수록 작고 깊어집니다.
image = Input((32, 32, 3))
x = RandomFlip("horizontal")(image)
x = Activation("relu")(convolution(x, 16, 3))
x = residual(x, 16)
x = residual(x, 32, strides=2)
x = residual(x, 64, strides=2)
x = GlobalAveragePooling2D()(x)
model = Model(image, Dense(10, activation="softmax")(x), name="residual")
model.summary()

# 몸통과 다리.
model.compile(loss="sparse_categorical_crossentropy", optimizer="adam", metrics=["accuracy"])

# 학습.
model.fit(x_train, y_train, batch_size=64, epochs=10, validation_data=(x_test, y_test))
model.save("residual_cifar10.keras")

# 무엇이 쉽고 무엇이 어려울까요?
guesses = model.predict(x_test, verbose=0).argmax(axis=1)
for label, name in enumerate(CLASSES):
    found = (guesses[y_test == label] == label).mean()
    print(f"{name}: {found:.0%}를 찾았습니다")
