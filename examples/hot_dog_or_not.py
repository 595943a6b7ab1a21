"""Hot dog or not? A network that has learned other things learns it from a few dozen pictures.

    python examples/hot_dog_or_not.py [cifar-10-batches-py [folder]]

The folder holds train/dog, train/other, test/dog and test/other with pictures of any size; "dog"
may be hot dogs or whatever else one likes to find. Without a folder, one is made of CIFAR-10's
dogs, none of which is hot. CIFAR-10 itself is downloaded once, 170 MB, or named as a folder.

Transfer learning, in four steps: train a network on much (nine kinds of things, and no dog among
them), cut its head off, train a new head on little, and then all of it, with small steps.
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
DOG = 5  # CIFAR-10's number of dogs
FEW = 60  # pictures of each kind, from which the new head learns
utils.set_random_seed(7)

path = sys.argv[1] if len(sys.argv) > 1 else None
(x_train, y_train), (x_test, y_test) = cifar10.load_data(path)
y_train, y_test = y_train.ravel(), y_test.ravel()


# ---- 1. a network that has learned other things ----


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
print(f"nine kinds of things: {whole.evaluate(x_test[asked], y_test[asked], verbose=0)[1]:.0%}")

# ---- pictures in folders: part/kind/number.png ----


def save_pictures(part, pictures, labels):
    """Save a few pictures of dogs, and as many of all other things."""
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
    """Return pictures as one array of colors from 0 to 255."""
    return np.stack([img_to_array(load_img(path, target_size=(SIZE, SIZE))) for path in paths])


def is_dog(model, paths):
    """Paths to pictures become True and False."""
    return model.predict(read(paths), verbose=0)[:, 0] > 0.5


def accuracy(model, dogs, others):
    """Return the share of pictures that are named right."""
    right = np.sum(is_dog(model, dogs)) + np.sum(~is_dog(model, others))
    return right / (len(dogs) + len(others))


tests = paths_of("test", "dog"), paths_of("test", "other")
dogs, others = paths_of("train", "dog"), paths_of("train", "other")
few = read(dogs + others)
labels = np.array([1] * len(dogs) + [0] * len(others))

# ---- 2. cut the head off, and freeze the rest ----

base = Model(whole.input, whole.get_layer("features").output, name="base")
base.trainable = False

# ---- 3. a new head, on features that are computed once ----

features = base.predict(few, verbose=0)
head = Sequential([Input(features.shape[1:]), Dense(1, activation="sigmoid")], name="head")
head.compile(Adam(0.01), "binary_crossentropy", metrics=["accuracy"])
head.fit(features, labels, epochs=30, verbose=0)
model = Sequential([Input((SIZE, SIZE, 3)), RandomFlip("horizontal"), base, head], name="dog")
model.summary(show_trainable=True)
print(f"a new head: {accuracy(model, *tests):.0%}")

# ---- 4. thaw the base, compile again, and go on with small steps ----

# Normalizations of the base go on using what they learned from many pictures: while they are
# frozen, they neither train nor count.
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
print(f"all of it, with small steps: {accuracy(model, *tests):.0%}")
model.save("dog_or_not.keras")
