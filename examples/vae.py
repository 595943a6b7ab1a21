"""New digits that nobody drew: a variational autoencoder with a training step of its own.

The encoder does not give a point for a picture but a small cloud; the decoder draws from a point of
it. Clouds of all pictures are kept together around zero, so any point there becomes a digit.

Its loss has two parts: what of the picture was missed, and how far its cloud is from zero. No loss
of y_true and y_pred sees the clouds, so the model writes its own train_step. The step is
recorded once, and runs as one program like any other.
"""

import numpy as np

from pylego import GradientTape, ops, random, saving, utils
from pylego.datasets import digits
from pylego.layers import Dense, Input
from pylego.metrics import Mean
from pylego.models import Model, Sequential, load_model

SIZE = 4  # how many numbers describe a picture


@saving.register_keras_serializable(package="examples")
class VAE(Model):
    """Encoder and decoder, and how they learn together.

    It is described by the arguments it is made with, so it needs no get_config to be saved.
    """

    def __init__(self, encoder, decoder, **kwargs):
        super().__init__(**kwargs)
        self.encoder, self.decoder = encoder, decoder
        self.noise = random.SeedGenerator(7)
        self.trackers = [Mean(name="loss"), Mean(name="reconstruction"), Mean(name="divergence")]

    @property
    def metrics(self):
        """What fit resets before each epoch."""
        return self.trackers

    def call(self, x):
        """Draw pictures again, from the middles of their clouds."""
        mean, _ = self.encoder(x)
        return self.decoder(mean)

    def train_step(self, data):
        """Learn from one batch of pictures."""
        x = data[0] if isinstance(data, tuple) else data
        with GradientTape() as tape:
            mean, log_variance = self.encoder(x)
            step = random.normal(ops.shape(mean), seed=self.noise)
            drawn = self.decoder(mean + ops.exp(0.5 * log_variance) * step)
            missed = ops.mean(ops.sum(ops.square(drawn - x), axis=-1))
            # How far each cloud is from the standard normal distribution (Kullback-Leibler).
            far = ops.square(mean) + ops.exp(log_variance) - log_variance - 1
            divergence = ops.mean(ops.sum(0.5 * far, axis=-1))
            loss = missed + 0.05 * divergence
        gradients = tape.gradient(loss, self.trainable_variables)
        self.optimizer.apply_gradients(zip(gradients, self.trainable_variables))
        for tracker, value in zip(self.trackers, (loss, missed, divergence)):
            tracker.update_state(value)
        return {tracker.name: tracker.result() for tracker in self.trackers}


utils.set_random_seed(7)
(x_train, _), (x_test, _) = digits.load_data()
x_train = x_train.reshape(-1, 64).astype(np.float32) / 16
x_test = x_test.reshape(-1, 64).astype(np.float32) / 16

image = Input((64,))
hidden = Dense(64, activation="relu")(image)
encoder = Model(image, [Dense(SIZE)(hidden), Dense(SIZE)(hidden)], name="encoder")
decoder = Sequential(
    [Input((SIZE,)), Dense(64, activation="relu"), Dense(64, activation="sigmoid")], name="decoder"
)

vae = VAE(encoder, decoder)
vae.compile(optimizer="adam")
vae.fit(x_train, batch_size=32, epochs=40, verbose=2)

# Points around zero become digits.
points = random.normal((3, SIZE), seed=3).numpy()
pictures = decoder.predict(points, verbose=0).reshape(3, 8, 8)
SHADES = " .:-=+*#%@"
for row in range(8):
    drawn = [[SHADES[int(9.99 * pixel)] * 2 for pixel in picture[row]] for picture in pictures]
    print(" | ".join("".join(line) for line in drawn))

# Saved and opened again, it draws the same.
vae.save("vae.keras")
opened = load_model("vae.keras")
print("opened again:", np.array_equal(opened.predict(x_test), vae.predict(x_test)))

# The decoder has layers of Keras only: somebody who has Keras can open it as it is.
decoder.save("decoder.keras")
try:
    import keras
except ImportError:
    print("With Keras (pip install keras jax) decoder.keras would be opened there as well.")
else:
    there = keras.models.load_model("decoder.keras").predict(points, verbose=0)
    print("opened in Keras:", np.allclose(there, pictures.reshape(3, 64), atol=1e-5))
