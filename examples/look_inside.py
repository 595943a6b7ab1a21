"""Look inside a network that reads digits: its filters, what each layer sees, what it mixes up.

The pictures filters.png, layers.png and confusion.png are drawn by matplotlib, where that is
installed; the table of what was taken for what is printed in any case.
"""

import numpy as np

from pylego import utils
from pylego.datasets import digits
from pylego.layers import Conv2D, Dense, Flatten
from pylego.models import Sequential

try:
    import matplotlib as mpl

    mpl.use("Agg")  # draws into files, and needs no screen
    from matplotlib import pyplot as plt
except ImportError:
    plt = None

utils.set_random_seed(7)
(x_train, y_train), (x_test, y_test) = digits.load_data()
x_train = x_train.reshape(-1, 8, 8, 1) / 16
x_test = x_test.reshape(-1, 8, 8, 1) / 16

model = Sequential()
model.add(Conv2D(8, (3, 3), padding="same", activation="relu", input_shape=(8, 8, 1)))
model.add(Conv2D(16, (3, 3), strides=2, padding="same", activation="relu"))
model.add(Flatten())
model.add(Dense(10, activation="softmax"))
model.compile(loss="sparse_categorical_crossentropy", optimizer="adam", metrics=["accuracy"])
model.fit(x_train, y_train, batch_size=32, epochs=20, verbose=0)

# What the first layer looks for: eight filters of 3 x 3 numbers.
filters = model.layers[0].get_weights()[0][:, :, 0, :]

# What each layer sees: a picture goes in, and a map comes out for each filter. The layers of a
# Sequential are bricks; calling one after the other is what the model does.
digit = x_test[:1]
first_maps = model.layers[0](digit)
second_maps = model.layers[1](first_maps)

# What it mixes up: how often a digit (row) was taken for another (column).
guesses = model.predict(x_test, verbose=0).argmax(axis=1)
confusion = np.zeros((10, 10), int)
np.add.at(confusion, (y_test, guesses), 1)

print(f"{np.trace(confusion)} of {len(y_test)} digits are read correctly.\n")
print("   taken for", *(f"{guess:3}" for guess in range(10)))
for label, counts in enumerate(confusion):
    print(f"{f'a {label}':>12}", *(f"{count:3}" if count else "  ." for count in counts))


def draw(name, pictures, columns):
    """Save pictures side by side."""
    rows = -(-len(pictures) // columns)
    figure, places = plt.subplots(rows, columns, figsize=(columns, rows), squeeze=False)
    for place in places.flat:
        place.axis("off")
    for place, picture in zip(places.flat, pictures):
        place.imshow(picture, cmap="gray")
    figure.savefig(name)
    plt.close(figure)


def draw_confusion(name):
    """Save the table as a picture; the paler a square is, the more often it happened."""
    figure, place = plt.subplots()
    place.imshow(np.log1p(confusion), cmap="gray")
    place.set(xlabel="taken for", ylabel="digit", xticks=range(10), yticks=range(10))
    figure.savefig(name)
    plt.close(figure)


if plt is None:
    print("\nWith matplotlib (pip install matplotlib) there would be pictures as well.")
else:
    maps = [digit[0, :, :, 0], *np.moveaxis(first_maps.numpy()[0], -1, 0)]
    maps += list(np.moveaxis(second_maps.numpy()[0], -1, 0))
    draw("filters.png", np.moveaxis(filters, -1, 0), columns=8)
    draw("layers.png", maps, columns=5)
    draw_confusion("confusion.png")
    print("\nSaved filters.png, layers.png and confusion.png.")
