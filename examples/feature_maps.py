"""What do the layers of a network see? A second model over the same layers shows it.

Model(model.inputs, outputs of some layers) has no weights of its own: it computes with those of the
first model, and stops where one likes. The maps are drawn into feature_maps.svg, which any browser
shows.
"""

import numpy as np

from pylego import utils
from pylego.datasets import digits
from pylego.layers import Conv2D, Dense, Flatten, Input, MaxPooling2D
from pylego.models import Model

utils.set_random_seed(7)
(x_train, y_train), (x_test, y_test) = digits.load_data()
x_train = x_train.reshape(-1, 8, 8, 1) / 16
x_test = x_test.reshape(-1, 8, 8, 1) / 16

image = Input((8, 8, 1))
x = Conv2D(8, 3, padding="same", activation="relu", name="edges")(image)
x = MaxPooling2D(name="pooled")(x)
x = Conv2D(8, 3, padding="same", activation="relu", name="strokes")(x)
x = Flatten()(x)
outputs = Dense(10, activation="softmax")(x)
model = Model(image, outputs)
model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
model.fit(x_train, y_train, epochs=15, verbose=0)
print(f"{model.evaluate(x_test, y_test, verbose=0)[1]:.1%} of the digits are read correctly.")

# The sub-model: the same input, and three outputs by the names of their layers.
LAYERS = ["edges", "pooled", "strokes"]
viewer = Model(model.inputs, {name: model.get_layer(name).output for name in LAYERS})
maps = viewer.predict(x_test[:1], verbose=0)
for name in LAYERS:
    print(f"{name}: {maps[name].shape[1:3]} pixels, {maps[name].shape[3]} maps")

PIXELS, GAP = 64, 8  # of a picture in the drawing, and between two


def drawn(picture, left, top):
    """Return the squares of a picture in grey; the largest number is white."""
    side = PIXELS / len(picture)
    shades = (255 * picture / max(picture.max(), 1e-6)).astype(int)
    return [
        f'<rect x="{left + column * side:g}" y="{top + row * side:g}" width="{side:g}" '
        f'height="{side:g}" fill="rgb({shade},{shade},{shade})"/>'
        for (row, column), shade in np.ndenumerate(shades)
    ]


# The digit, and a row of maps for each layer below it.
squares = drawn(x_test[0, :, :, 0], 0, 0)
for row, name in enumerate(LAYERS, start=1):
    for column in range(8):
        left, top = column * (PIXELS + GAP), row * (PIXELS + GAP)
        squares += drawn(maps[name][0, :, :, column], left, top)
size = f'width="{8 * (PIXELS + GAP)}" height="{4 * (PIXELS + GAP)}"'
with open("feature_maps.svg", "w", encoding="utf-8") as file:
    file.write(f'<svg xmlns="http://www.w3.org/2000/svg" {size}>{"".join(squares)}</svg>')
print("Saved feature_maps.svg.")
