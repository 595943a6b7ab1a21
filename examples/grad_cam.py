"""Where does a network look? Grad-CAM and saliency draw it over the picture.

    python examples/grad_cam.py [network.keras photo.jpg]

By itself it trains a small network to read a digit that lies somewhere in noise. So there is a
check: the network was never told where the digit is, but what it looks at has to be there.

With a network of one's own and a photo, it draws what that network looks at, for instance with the
efficientnet_lite0.keras that efficientnet_lite0.py saves.

Both ways ask for a gradient: how would the score of the class change with ... the last maps of the
convolutions (Grad-CAM: coarse, and about the whole thing), or each pixel (saliency: fine, and
noisy)? Source: Selvaraju et al., Grad-CAM (arXiv:1610.02391); Simonyan et al. (arXiv:1312.6034).
"""

import base64
import sys
from pathlib import Path

import numpy as np

from pylego import GradientTape, ops, utils
from pylego.datasets import digits
from pylego.layers import Conv2D, Dense, GlobalAveragePooling2D, Input, MaxPooling2D
from pylego.models import Model, load_model
from pylego.utils import img_to_array, load_img, save_img

SIZE = 32  # of the pictures that digits are hidden in


def hidden(pictures, generator):
    """Put each digit of 8 x 8 somewhere into a noisy picture; return these, and where."""
    scenes = generator.uniform(0, 0.5, (len(pictures), SIZE, SIZE, 1)).astype("float32")
    places = generator.integers(0, SIZE - 8, (len(pictures), 2))
    for scene, picture, (top, left) in zip(scenes, pictures, places):
        scene[top : top + 8, left : left + 8, 0] += picture / 16
    return scenes, places


def trained_network():
    """Train a network on digits in noise; return it with pictures it has not seen."""
    utils.set_random_seed(7)
    generator = np.random.default_rng(7)
    (x_train, y_train), (x_test, y_test) = digits.load_data()
    scenes, _ = hidden(np.concatenate([x_train] * 2), generator)  # each in two places
    labels = np.concatenate([y_train] * 2)
    unseen, places = hidden(x_test, generator)

    picture = Input((SIZE, SIZE, 1))
    x = Conv2D(8, 3, padding="same", activation="relu")(picture)
    x = Conv2D(16, 3, padding="same", activation="relu")(x)
    x = MaxPooling2D()(x)
    x = Conv2D(48, 3, padding="same", activation="relu")(x)
    x = Conv2D(48, 3, padding="same", activation="relu", name="last_maps")(x)
    x = GlobalAveragePooling2D()(x)
    model = Model(picture, Dense(10, activation="softmax")(x))
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    model.fit(scenes, labels, batch_size=64, epochs=15, verbose=0)
    print(f"{model.evaluate(unseen, y_test, verbose=0)[1]:.1%} of the digits are read correctly.")
    return model, unseen, places


# ---- the two ways ---------------------------------------------------------------------------


def looked_at(model, pictures):
    """Return two maps of numbers from 0 to 1 for each picture: Grad-CAM's, and the saliency.

    A second model over the same layers gives the last maps beside the scores. Its best score is
    followed back to the maps and to the pixels; the logarithm keeps the slope of softmax from
    vanishing where the network is sure.
    """
    # The last layer that still has a height and a width.
    maps = next(layer.output for layer in reversed(model.layers) if len(layer.output.shape) == 4)
    viewer = Model(model.inputs, [maps, model.output])
    pixels = ops.convert_to_tensor(pictures)
    with GradientTape() as tape:
        tape.watch(pixels)
        maps, scores = viewer(pixels)
        best = ops.log(ops.max(scores, axis=-1))
    of_maps, of_pixels = tape.gradient(best, [maps, pixels])

    # How much does each map speak for the class, and where is what it found?
    weights = ops.mean(of_maps, axis=(1, 2), keepdims=True)
    heat = ops.relu(ops.sum(weights * maps, axis=-1))
    # Which pixel would change the score most, whatever its color?
    saliency = ops.max(ops.abs(of_pixels), axis=-1)
    return scaled(heat.numpy()), scaled(saliency.numpy())


def scaled(maps):
    """Divide each map by its largest number."""
    return maps / np.maximum(maps.max(axis=(1, 2), keepdims=True), 1e-9)


def draw(picture, heat, saliency):
    """Save picture.png, saliency.png, and grad_cam.svg: the picture under red squares of heat."""
    save_img("picture.png", picture)
    save_img("saliency.png", saliency[..., None])
    encoded = base64.b64encode(Path("picture.png").read_bytes()).decode()
    wide, high = heat.shape[1], heat.shape[0]
    red = 'width="1" height="1" fill="red"'
    squares = "".join(
        f'<rect x="{column}" y="{row}" {red} opacity="{0.7 * warmth:.2f}"/>'
        for (row, column), warmth in np.ndenumerate(heat)
    )
    Path("grad_cam.svg").write_text(
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {wide} {high}" width="448">'
        f'<image href="data:image/png;base64,{encoded}" width="{wide}" height="{high}" '
        f'preserveAspectRatio="none"/>{squares}</svg>',
        encoding="utf-8",
    )
    print("Saved picture.png, saliency.png and grad_cam.svg.")


def share_inside(maps, places):
    """How much of all the heat lies where the digits are, on average."""
    zoom = SIZE // maps.shape[1]
    fine = np.kron(maps, np.ones((1, zoom, zoom)))
    inside = [m[top : top + 8, left : left + 8].sum() for m, (top, left) in zip(fine, places)]
    return np.mean(inside / np.maximum(fine.sum(axis=(1, 2)), 1e-9))


if len(sys.argv) > 2:
    model = load_model(sys.argv[1])
    photo = load_img(sys.argv[2], target_size=model.input_shape[1:3])
    pictures = img_to_array(photo)[None]
    heat, saliency = looked_at(model, pictures)
    print(f"class {model.predict(pictures, verbose=0)[0].argmax()}")
else:
    model, pictures, places = trained_network()
    heat, saliency = looked_at(model, pictures)
    print(f"The digit is {8 * 8 / SIZE**2:.0%} of the picture. Where it is, there lie")
    print(f"{share_inside(heat, places):.0%} of the heat of Grad-CAM,")
    print(f"{share_inside(saliency, places):.0%} of the saliency.")
draw(pictures[0], heat[0], saliency[0])
