"""CIFAR-10을 배우는 잔차 신경망입니다. 층들은 무엇을 고칠지만 배웁니다.

    python examples/ko/residual_cifar10.py [cifar-10-batches-py]

사진은 처음 한 번 내려받습니다(170MB). 토론토 대학의 "CIFAR-10 python version"
(cifar-10-python.tar.gz)을 푼 폴더가 이미 있으면 그 이름을 적습니다.

잔차 블록은 계산한 것을 들어온 것에 더합니다: Add()([x, y]). 고칠 것이 없으면 0만 내놓으면 되므로,
깊은 신경망도 얕은 것만큼 쉽게 배웁니다. 블록을 지나쳐 가는 길이 있어 신경망은 그래프가 되고,
어디에서 시작해 어디에서 끝나는지를 Model(inputs, outputs)에 알려 줍니다.
"""

import sys

from pylego import utils
from pylego.datasets import cifar10
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


path = sys.argv[1] if len(sys.argv) > 1 else None
(x_train, y_train), (x_test, y_test) = cifar10.load_data(path)
x_train, x_test = x_train.astype("float32") / 255, x_test.astype("float32") / 255
y_train, y_test = y_train.ravel(), y_test.ravel()

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
