"""Find lines in a picture with two filters set by hand: what a convolution does, before it learns.

A filter is nine numbers, 3 x 3. It slides over the picture; at each place the nine pixels below are
multiplied by its numbers and added up. The sum is large where the picture looks like the filter.

The pictures are printed, and saved as house.png, horizontal.png and vertical.png (by Pillow).
"""

import numpy as np

from pylego.layers import Conv2D
from pylego.models import Sequential
from pylego.utils import save_img

INK = " ░▒▓█"
ZOOM = 12  # a pixel becomes 12 x 12 in the files, so that one can see it

# A house, drawn with ones on zeros: walls and a door, two roofs that slant.
house = np.zeros((24, 24))
house[10, 3:21] = house[21, 3:21] = 1
house[10:22, 3] = house[10:22, 20] = 1
house[14:22, 10] = house[14:22, 14] = house[14, 10:15] = 1
for step in range(9):
    house[9 - step, 3 + step] = house[9 - step, 20 - step] = 1

# Bright in a row, dark above and below: the filter for horizontal lines. Lying on its side it is
# the one for vertical lines. Where all is of one brightness, both give 0.
horizontal = np.array([[-1, -1, -1], [2, 2, 2], [-1, -1, -1]])
vertical = horizontal.T

# A layer with two filters, and no bias; relu drops what looks like the opposite of a filter.
model = Sequential()
model.add(
    Conv2D(2, (3, 3), padding="same", activation="relu", use_bias=False, input_shape=(24, 24, 1))
)

# Its only weights are the filters: (height, width, channels that come in, filters).
filters = np.stack([horizontal, vertical], axis=-1).reshape(3, 3, 1, 2)
model.set_weights([filters])

# One picture is a batch of one, with one channel.
found = model.predict(house.reshape(1, 24, 24, 1), verbose=0)[0]


def show(title, name, picture):
    """Print a picture, and save it."""
    shades = (picture / picture.max() * (len(INK) - 1)).round().astype(int)
    print(f"{title}:")
    for row in shades:
        print("".join(INK[shade] * 2 for shade in row).rstrip())
    save_img(f"{name}.png", np.kron(picture, np.ones((ZOOM, ZOOM)))[..., None])


show("the house", "house", house)
show("horizontal lines", "horizontal", found[..., 0])
show("vertical lines", "vertical", found[..., 1])

# The answer of a filter is a number at each place: 6 in the middle of a line as it wants it.
print(f"the floor answers {found[21, 6, 0]:.0f} and {found[21, 6, 1]:.0f},")
print(f"a wall {found[15, 3, 0]:.0f} and {found[15, 3, 1]:.0f}")
