"""A first chapter of the same book's second edition: a linear classifier and a naive network over
TensorFlow itself, then the same with Keras."""
import math
import numpy as np
import tensorflow as tf
from tensorflow import keras
from tensorflow.keras import layers

np.random.seed(0)
n = 100
negative = np.random.multivariate_normal(mean=[0, 3], cov=[[1, 0.5], [0.5, 1]], size=n)
positive = np.random.multivariate_normal(mean=[3, 0], cov=[[1, 0.5], [0.5, 1]], size=n)
inputs = np.vstack((negative, positive)).astype(np.float32)
targets = np.vstack((np.zeros((n, 1), dtype="float32"), np.ones((n, 1), dtype="float32")))
W = tf.Variable(initial_value=tf.random.uniform(shape=(2, 1)))
b = tf.Variable(initial_value=tf.zeros(shape=(1,)))


def model(inputs):
    return tf.matmul(inputs, W) + b


def square_loss(targets, predictions):
    return tf.reduce_mean(tf.square(targets - predictions))


def training_step(inputs, targets, learning_rate=0.1):
    with tf.GradientTape() as tape:
        loss = square_loss(targets, model(inputs))
    grad_loss_wrt_W, grad_loss_wrt_b = tape.gradient(loss, [W, b])
    W.assign_sub(grad_loss_wrt_W * learning_rate)
    b.assign_sub(grad_loss_wrt_b * learning_rate)
    return loss


for step in range(40):
    loss = training_step(inputs, targets)
print(f"Loss at step {step}: {loss:.4f}")
assert loss < 0.1


class NaiveDense:
    def __init__(self, input_size, output_size, activation):
        self.activation = activation
        w_initial_value = tf.random.uniform((input_size, output_size), minval=0, maxval=1e-1)
        self.W = tf.Variable(w_initial_value)
        self.b = tf.Variable(tf.zeros((output_size,)))

    def __call__(self, inputs):
        return self.activation(tf.matmul(inputs, self.W) + self.b)

    @property
    def weights(self):
        return [self.W, self.b]


layers_of_mine = [NaiveDense(784, 32, tf.nn.relu), NaiveDense(32, 10, tf.nn.softmax)]
weights = [w for layer in layers_of_mine for w in layer.weights]
optimizer = keras.optimizers.SGD(learning_rate=1e-2)
(train_images, train_labels), _ = keras.datasets.mnist.load_data()
train_images = train_images.reshape((-1, 28 * 28)).astype("float32") / 255
losses = []
for i in range(math.ceil(len(train_images) / 128) * 2):
    rows = slice(i * 128 % 384, i * 128 % 384 + 128)
    with tf.GradientTape() as tape:
        predictions = layers_of_mine[1](layers_of_mine[0](train_images[rows]))
        per_sample = keras.losses.sparse_categorical_crossentropy(train_labels[rows], predictions)
        average_loss = tf.reduce_mean(per_sample)
    gradients = tape.gradient(average_loss, weights)
    optimizer.apply_gradients(zip(gradients, weights))
    losses.append(average_loss.numpy())
assert losses[-1] < losses[0]

x = tf.ones(shape=(2, 1))
time = tf.Variable(0.0)
with tf.GradientTape() as outer_tape:
    with tf.GradientTape() as inner_tape:
        position = 4.9 * time ** 2
    speed = inner_tape.gradient(position, time)
acceleration = outer_tape.gradient(speed, time)
assert abs(float(acceleration) - 9.8) < 1e-5


class SimpleDense(keras.layers.Layer):
    def __init__(self, units, activation=None):
        super().__init__()
        self.units = units
        self.activation = activation

    def build(self, input_shape):
        self.W = self.add_weight(shape=(input_shape[-1], self.units), initializer="random_normal")
        self.b = self.add_weight(shape=(self.units,), initializer="zeros")

    def call(self, inputs):
        y = tf.matmul(inputs, self.W) + self.b
        return self.activation(y) if self.activation is not None else y


net = keras.Sequential([SimpleDense(32, activation=tf.nn.relu), SimpleDense(10)])
assert net(tf.ones(shape=(2, 784))).shape == (2, 10)
model = keras.Sequential([keras.layers.Dense(1)])
model.compile(optimizer=keras.optimizers.RMSprop(learning_rate=0.1),
              loss=keras.losses.MeanSquaredError(), metrics=[keras.metrics.BinaryAccuracy()])
order = np.random.permutation(len(inputs))
model.fit(inputs[order][60:], targets[order][60:], epochs=5, batch_size=16,
          validation_data=(inputs[order][:60], targets[order][:60]), verbose=0)
