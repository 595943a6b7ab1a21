"""핫도그일까, 아닐까? 다른 것을 배운 신경망은 사진 몇십 장만 보고도 배웁니다.

    python examples/ko/hot_dog_or_not.py [cifar-10-batches-py [folder]]

폴더에는 train/dog, train/other, test/dog, test/other가 있고 사진 크기는 아무래도 좋습니다. "dog"
자리에는 핫도그든 무엇이든 찾고 싶은 것을 넣습니다. 폴더를 적지 않으면 CIFAR-10의 개 사진으로
만듭니다(뜨거운 개는 없습니다). CIFAR-10은 처음 한 번 내려받거나(170MB) 폴더 이름을 적습니다.

전이 학습은 네 단계입니다. 많은 사진으로 신경망을 학습시키고(개를 뺀 아홉 가지), 머리를 떼고, 적은
사진으로 새 머리를 학습시킨 뒤, 작은 걸음으로 전체를 다듬습니다.
"""

import sys
from pathlib import Path

import numpy as np

from pylego import utils
from pylego.datasets import cifar10
from pylego.layers import (
    BatchNormalization,
    Conv2D,
    Dense,
    GlobalAveragePooling2D,
    Input,
    MaxPooling2D,
    RandomFlip,
    ReLU,
    Rescaling,
)
from pylego.models import Model, Sequential
from pylego.optimizers import Adam
from pylego.preprocessing.image import ImageDataGenerator
from pylego.utils import img_to_array, load_img, save_img

SIZE = 32
DOG = 5  # CIFAR-10에서 개의 번호
FEW = 60  # 새 머리가 배울 사진, 종류마다
utils.set_random_seed(7)

path = sys.argv[1] if len(sys.argv) > 1 else None
(x_train, y_train), (x_test, y_test) = cifar10.load_data(path)
y_train, y_test = y_train.ravel(), y_test.ravel()


# ---- 1. 다른 것을 배운 신경망 ----


def convolution(x, filters):
    x = Conv2D(filters, 3, padding="same", use_bias=False)(x)
    return ReLU()(BatchNormalization(momentum=0.9)(x))


picture = Input((SIZE, SIZE, 3))
x = Rescaling(1 / 255)(picture)
x = MaxPooling2D()(convolution(x, 32))
x = MaxPooling2D()(convolution(x, 64))
x = convolution(x, 128)
x = GlobalAveragePooling2D(name="features")(x)
whole = Model(picture, Dense(10, activation="softmax")(x), name="without_dogs")
whole.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
known, asked = y_train != DOG, y_test != DOG
whole.fit(x_train[known], y_train[known], batch_size=64, epochs=6, verbose=0)
print(f"아홉 가지 구별하기: {whole.evaluate(x_test[asked], y_test[asked], verbose=0)[1]:.0%}")

# ---- 폴더에 담은 사진: part/kind/number.png ----


def save_pictures(part, pictures, labels):
    """개 사진 몇 장과, 같은 수의 다른 사진을 저장합니다."""
    for kind, chosen in (("dog", labels == DOG), ("other", labels != DOG)):
        folder = Path("dog_or_not", part, kind)
        folder.mkdir(parents=True, exist_ok=True)
        for number, one in enumerate(pictures[chosen][:FEW]):
            save_img(folder / f"{number:04}.png", one, scale=False)


if len(sys.argv) > 2:
    root = Path(sys.argv[2])
else:
    save_pictures("train", x_train, y_train)
    save_pictures("test", x_test, y_test)
    root = Path("dog_or_not")


def paths_of(part, kind):
    return sorted(str(path) for path in (root / part / kind).iterdir())


def read(paths):
    """사진을 0에서 255까지의 색이 담긴 배열 하나로 돌려줍니다."""
    return np.stack([img_to_array(load_img(path, target_size=(SIZE, SIZE))) for path in paths])


def is_dog(model, paths):
    """사진의 경로를 True와 False로 바꿉니다."""
    return model.predict(read(paths), verbose=0)[:, 0] > 0.5


def accuracy(model, dogs, others):
    """바르게 맞힌 사진의 비율을 돌려줍니다."""
    right = np.sum(is_dog(model, dogs)) + np.sum(~is_dog(model, others))
    return right / (len(dogs) + len(others))


tests = paths_of("test", "dog"), paths_of("test", "other")
dogs, others = paths_of("train", "dog"), paths_of("train", "other")
few = read(dogs + others)
labels = np.array([1] * len(dogs) + [0] * len(others))

# ---- 2. 머리를 떼고 나머지를 얼리기 ----

base = Model(whole.input, whole.get_layer("features").output, name="base")
base.trainable = False

# ---- 3. 한 번만 계산한 특징으로 새 머리 학습하기 ----

features = base.predict(few, verbose=0)
head = Sequential([Input(features.shape[1:]), Dense(1, activation="sigmoid")], name="head")
head.compile(Adam(0.01), "binary_crossentropy", metrics=["accuracy"])
head.fit(features, labels, epochs=30, verbose=0)
model = Sequential([Input((SIZE, SIZE, 3)), RandomFlip("horizontal"), base, head], name="dog")
model.summary(show_trainable=True)
print(f"새 머리: {accuracy(model, *tests):.0%}")

# ---- 4. 녹이고, 다시 compile하고, 작은 걸음으로 더 배우기 ----

# 정규화 층은 얼린 채 둡니다. 그러면 학습하지도 통계를 새로 세지도 않고, 많은 사진에서 배운 것을
# 그대로 씁니다.
base.trainable = True
for layer in base.layers:
    if isinstance(layer, BatchNormalization):
        layer.trainable = False
model.compile(Adam(1e-4), "binary_crossentropy", metrics=["accuracy"])
batches = ImageDataGenerator(width_shift_range=0.1, height_shift_range=0.1).flow_from_directory(
    str(root / "train"), (SIZE, SIZE), classes=["other", "dog"], class_mode="binary", batch_size=16
)
model.fit(batches, epochs=10, verbose=0)
model.summary(show_trainable=True)
print(f"작은 걸음으로 전체를 다듬은 뒤: {accuracy(model, *tests):.0%}")
model.save("dog_or_not.keras")
