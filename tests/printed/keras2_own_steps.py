"""Models whose train_step is all that is used, CTC as Keras 2 had it, and cells without build."""

import keras
import numpy as np
import tensorflow as tf
from keras import backend as K
from keras import layers

anchor, positive, negative = (keras.Input((4,)) for _ in range(3))
embed = layers.Dense(2)
network = keras.Model(
    [anchor, positive, negative], [embed(anchor) - embed(positive), embed(anchor) - embed(negative)]
)


class Siamese(keras.Model):
    def __init__(self, network):
        super().__init__()
        self.network = network
        self.loss_tracker = keras.metrics.Mean(name="loss")

    def call(self, inputs):
        return self.network(inputs)

    def train_step(self, data):
        with tf.GradientTape() as tape:
            near, far = self.network(data)
            loss = tf.reduce_mean(tf.maximum(tf.square(near) - tf.square(far) + 0.5, 0.0))
        gradients = tape.gradient(loss, self.network.trainable_weights)
        self.optimizer.apply_gradients(zip(gradients, self.network.trainable_weights))
        self.loss_tracker.update_state(loss)
        return {"loss": self.loss_tracker.result()}

    @property
    def metrics(self):
        return [self.loss_tracker]


x = np.random.rand(8, 4).astype("float32")
rows = tf.data.Dataset.from_tensor_slices(x)
model = Siamese(network)
model.compile(optimizer="adam", weighted_metrics=[])
model.fit(tf.data.Dataset.zip((rows, rows, rows)).batch(4), epochs=2, verbose=0)


class Autoencoder(keras.Model):  # has no call
    def __init__(self):
        super().__init__()
        self.encoder = keras.Sequential([keras.Input((4,)), layers.Dense(2)])
        self.decoder = keras.Sequential([keras.Input((2,)), layers.Dense(4)])

    def train_step(self, data):
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean(tf.square(self.decoder(self.encoder(data)) - data))
        gradients = tape.gradient(loss, self.trainable_variables)
        self.optimizer.apply_gradients(zip(gradients, self.trainable_variables))
        return {"loss": loss}


autoencoder = Autoencoder()
autoencoder.compile(optimizer="adam")
saved = keras.callbacks.ModelCheckpoint("ae.weights.h5", save_weights_only=True)
autoencoder.fit(x, epochs=1, verbose=0, callbacks=[saved])
kernel = autoencoder.encoder.get_weights()[0]
autoencoder.encoder.set_weights([kernel * 0, np.zeros(2)])
autoencoder.load_weights("ae.weights.h5")
assert np.array_equal(autoencoder.encoder.get_weights()[0], kernel)


class Halving(keras.Model):  # looks at numbers, which calls outside of fit may do
    def call(self, inputs):
        return inputs / 2 if tf.reduce_sum(inputs) > 1 else inputs


halving = Halving()
assert [float(halving(np.float32([n]))[0]) for n in (4, 4, 4, 0.5)] == [2, 2, 2, 0.5]


class NormedCell(layers.Layer):
    def __init__(self, units):
        super().__init__()
        self.state_size = units
        self.cell = layers.SimpleRNNCell(units, activation=None)
        self.norm = layers.LayerNormalization()

    def call(self, inputs, states):
        outputs, _ = self.cell(inputs, states)
        outputs = tf.nn.tanh(self.norm(outputs))
        return outputs, [outputs]


rnn = keras.Sequential([keras.Input((None, 3)), layers.RNN(NormedCell(4)), layers.Dense(1)])
assert rnn.predict(np.zeros((2, 5, 3)), verbose=0).shape == (2, 1)
assert len(rnn.trainable_weights) == 7

probable = np.full((2, 6, 4), 0.25, "float32")
labels, lengths = np.array([[0, 1], [2, 0]]), np.array([[2], [1]])
cost = K.ctc_batch_cost(labels, probable, np.full((2, 1), 6), lengths)
np.testing.assert_allclose(cost, [[4.0692706], [5.273244]], rtol=1e-5)
sure = np.eye(4, dtype="float32")[[[1, 1, 3, 0, 0, 3]]]
assert K.ctc_decode(sure, [6])[0][0].numpy().tolist() == [[1, 0, -1, -1, -1, -1]]

bounds = keras.random.uniform((3,), keras.ops.zeros(3), keras.ops.convert_to_tensor([1.0, 2, 3]))
assert bounds.shape == (3,) and float(keras.ops.max(bounds)) < 3
assert keras.utils.normalize(keras.ops.ones((1, 4))).numpy().tolist() == [[0.5] * 4]
