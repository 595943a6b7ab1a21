"""작은 컬러 사진에서 열 가지를 구별합니다. CIFAR-10을 볼 때마다 새로 고친 사진으로 배웁니다.

    python examples/ko/cifar10_small.py [cifar-10-batches-py]

사진은 처음 한 번 내려받습니다(170MB). 토론토 대학의 "CIFAR-10 python version"
(cifar-10-python.tar.gz)을 푼 폴더가 이미 있으면 그 이름을 적습니다.

사진이 적으면 금방 외워 버립니다. 그래서 보여 줄 때마다 다른 사진이 되도록 좌우로 뒤집거나 조금
옮깁니다. 그 일을 하는 층들은 학습할 때만 움직입니다.
"""

import sys

from pylego import utils
from pylego.datasets import cifar10
from pylego.layers import (
    Activation,
    BatchNormalization,
    Conv2D,
    Dense,
    Dropout,
    GlobalAveragePooling2D,
    MaxPooling2D,
    RandomFlip,
    RandomTranslation,
)
from pylego.models import Sequential

CLASSES = ["비행기", "자동차", "새", "고양이", "사슴", "개", "개구리", "말", "배", "트럭"]


def add_convolution(filters):
    """합성곱 하나를 쌓고, 나온 값을 정규화해서 넘깁니다.

    정규화가 값을 옮겨 주므로 편향은 있어도 소용이 없습니다. 나중에 쓰려고 남기는 평균은 최근 배치
    열 개 남짓의 것입니다(momentum). 한 에포크에 배치가 많지 않기 때문입니다.
    """
    model.add(Conv2D(filters, (3, 3), padding="same", use_bias=False))
    model.add(BatchNormalization(momentum=0.9))
    model.add(Activation("relu"))


path = sys.argv[1] if len(sys.argv) > 1 else None
(x_train, y_train), (x_test, y_test) = cifar10.load_data(path)
x_train, x_test = x_train.astype("float32") / 255, x_test.astype("float32") / 255
y_train, y_test = y_train.ravel(), y_test.ravel()

utils.set_random_seed(7)

# 머리. 맨 아래에서 사진을 새로 고치고, 풀링을 지날 때마다 사진이 절반으로 작아집니다. 옮길 때는
# 화소 단위로 옮깁니다("nearest"). 그 사이로 옮기면 사진이 흐려져서, 시험 때보다 흐린 사진으로
# 배우게 됩니다.
model = Sequential()
model.add(RandomFlip("horizontal", input_shape=(32, 32, 3)))
model.add(RandomTranslation(0.1, 0.1, interpolation="nearest"))
add_convolution(32)
add_convolution(32)
model.add(MaxPooling2D())
add_convolution(64)
add_convolution(64)
model.add(MaxPooling2D())
add_convolution(128)
model.add(GlobalAveragePooling2D())
model.add(Dropout(0.3))
model.add(Dense(10, activation="softmax"))
model.summary()

# 몸통과 다리.
model.compile(loss="sparse_categorical_crossentropy", optimizer="adam", metrics=["accuracy"])

# 학습.
model.fit(x_train, y_train, batch_size=64, epochs=15, validation_data=(x_test, y_test))

# 무엇이 쉽고 무엇이 어려울까요?
guesses = model.predict(x_test, verbose=0).argmax(axis=1)
for label, name in enumerate(CLASSES):
    found = (guesses[y_test == label] == label).mean()
    print(f"{name}: {found:.0%}를 찾았습니다")
