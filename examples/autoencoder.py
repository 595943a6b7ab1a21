"""Clean digits from noisy ones: an autoencoder, saved and opened again.

The encoder squeezes a picture into a few numbers, the decoder draws it again. Noise does not fit
through such a narrow place. Both are models, and a model is called like a layer.
"""

import numpy as np

from pylego import utils
from pylego.datasets import digits
from pylego.layers import Conv2D, Conv2DTranspose, Dense, Flatten, Input, Reshape
from pylego.models import Model, load_model

utils.set_random_seed(7)
(x_train, _), (x_test, _) = digits.load_data()
x_train = x_train.reshape(-1, 8, 8, 1).astype(np.float32) / 16
x_test = x_test.reshape(-1, 8, 8, 1).astype(np.float32) / 16


def with_noise(x):
    """The same pictures, with noise in every pixel."""
    noise = np.random.default_rng(7).normal(scale=0.3, size=x.shape)
    return np.clip(x + noise, 0, 1).astype(np.float32)


# The encoder: 64 pixels become 12 numbers.
image = Input((8, 8, 1))
x = Conv2D(16, 3, strides=2, padding="same", activation="relu")(image)
x = Flatten()(x)
code = Dense(12)(x)
encoder = Model(image, code, name="encoder")

# The decoder: the way back.
numbers = Input((12,))
x = Dense(4 * 4 * 16, activation="relu")(numbers)
x = Reshape((4, 4, 16))(x)
x = Conv2DTranspose(16, 3, strides=2, padding="same", activation="relu")(x)
drawn = Conv2D(1, 3, padding="same", activation="sigmoid")(x)
decoder = Model(numbers, drawn, name="decoder")

# The whole: noisy pictures go in, clean ones are wanted.
autoencoder = Model(image, decoder(encoder(image)), name="autoencoder")
autoencoder.compile(optimizer="adam", loss="binary_crossentropy")
autoencoder.fit(with_noise(x_train), x_train, batch_size=32, epochs=30, verbose=2)

# Saved, as Keras saves: one file has the layers, the weights and the optimizer. It opens here, and
# in Keras by keras.models.load_model("autoencoder.keras").
autoencoder.save("autoencoder.keras")
opened = load_model("autoencoder.keras")

noisy = with_noise(x_test)
cleaned = opened.predict(noisy, verbose=0)
before, after = np.square(noisy - x_test).mean(), np.square(cleaned - x_test).mean()
print(f"mean squared error: {before:.3f} with noise, {after:.3f} after cleaning")

SHADES = " .:-=+*#%@"
for noisy_row, clean_row in zip(noisy[0, :, :, 0], cleaned[0, :, :, 0]):
    left, right = (
        "".join(2 * SHADES[int(9.99 * pixel)] for pixel in row) for row in (noisy_row, clean_row)
    )
    print(left, "|", right)
