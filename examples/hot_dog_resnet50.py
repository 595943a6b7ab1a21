"""What is in a picture? ResNet50 with a file of weights, and the app that knows only hot dogs.

    python examples/hot_dog_resnet50.py [photos [weights]]

Load a picture, prepare it, predict, decode: four lines, and a name from ImageNet's 1,000. From such
names "hot dog or not" is made, and a function that says how often it is right.

Photos are .jpg and .png files in a folder; those in a folder "hotdog" within it show hot dogs.
Without a folder, six pictures of stripes are drawn. The weights are a file .h5, .weights.h5 or
.keras; Keras publishes resnet50_weights_tf_dim_ordering_tf_kernels.h5, and weights="imagenet"
downloads it once. Without a file, one of random numbers is written, 103 MB: it shows every step,
and knows nothing. For a network that does know, offline, see efficientnet_lite0.py.
"""

import sys
from pathlib import Path

import numpy as np

from pylego.applications import ResNet50
from pylego.applications.resnet50 import decode_predictions, preprocess_input
from pylego.utils import img_to_array, load_img, save_img, set_random_seed

SIZE = 224
set_random_seed(7)


def draw_photos(folder):
    """Save stripes, of which half pass as hot dogs."""
    for number in range(6):
        kind = ("hotdog", "other")[number % 2]
        (folder / kind).mkdir(parents=True, exist_ok=True)
        columns = np.sin(np.arange(320) / (5 + 5 * number))
        stripes = np.tile(columns[None, :, None], (240, 1, 3)) * 127 + 128
        save_img(folder / kind / f"{number}.png", stripes, scale=False)


def write_weights(path):
    """Save what a new network begins with."""
    print(f"{path} is written: random numbers, which know nothing.")
    ResNet50(weights=None).save_weights(path)


photos = Path(sys.argv[1] if len(sys.argv) > 1 else "photos")
weights = Path(sys.argv[2] if len(sys.argv) > 2 else "resnet50.weights.h5")
if len(sys.argv) < 2 and not photos.exists():
    draw_photos(photos)
if len(sys.argv) < 3 and not weights.exists():
    write_weights(weights)

# ---- from a picture to a name ----

model = ResNet50(weights=weights)
paths = sorted(path for path in photos.rglob("*") if path.suffix in (".jpg", ".png"))


def read_and_prepare(paths):
    """Return pictures as the network was trained on them: of one size, colors minus their means."""
    pictures = [img_to_array(load_img(path, target_size=(SIZE, SIZE))) for path in paths]
    return preprocess_input(np.array(pictures))


scores = model.predict(read_and_prepare(paths), verbose=0)
for path, best in zip(paths, decode_predictions(scores, top=3)):
    print(path, ", ".join(f"{name} {score:.1%}" for _, name, score in best))

# ---- hot dog or not ----


def is_hot_dog(scores):
    """Scores of 1,000 classes become True and False."""
    return [best[0][1] == "hotdog" for best in decode_predictions(scores, top=1)]


def accuracy(model, hot_dogs, others):
    """Return the share of pictures of which the app says what they are."""
    right = 0
    for paths, wanted in ((hot_dogs, True), (others, False)):
        if paths:
            answers = is_hot_dog(model.predict(read_and_prepare(paths), verbose=0))
            right += answers.count(wanted)
    return right / (len(hot_dogs) + len(others))


hot_dogs = [path for path in paths if path.parent.name == "hotdog"]
others = [path for path in paths if path not in hot_dogs]
print(f"{len(hot_dogs)} hot dogs, {len(others)} others: {accuracy(model, hot_dogs, others):.0%}")
