"""Shapes as lists, heatmaps written over arrays of numbers, Jacobians, candidates, and attention
that looks back (tf.keras 2)."""

import numpy as np
import tensorflow as tf
from tensorflow import keras
from tensorflow.keras import layers

keras.utils.set_random_seed(1)

# ---- layers that read their shapes as lists ----


class SqueezeExcite(layers.Layer):
    def build(self, input_shape):
        channels = input_shape.as_list()[-1]
        self.squeeze = layers.Dense(channels // 4, activation="relu")
        self.excite = layers.Dense(channels, activation="sigmoid")

    def call(self, x):
        channels = x.shape.as_list()[-1]
        scale = self.excite(self.squeeze(tf.reduce_mean(x, axis=[1, 2])))
        return x * tf.reshape(scale, [-1, 1, 1, channels])


inputs = keras.Input((16, 16, 3))
x = layers.Conv2D(8, 3, padding="same", activation="relu", name="last_conv")(inputs)
x = SqueezeExcite()(x)
_, height, width, channels = x.get_shape().as_list()
x = layers.Reshape((height * width, channels))(x)
assert x.shape.as_list() == [None, 256, 8]
x = tf.reshape(x, [-1, np.prod(x.shape[1:])])
model = keras.Model(inputs, layers.Dense(4, name="classes")(x))
model.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
images = np.random.rand(24, 16, 16, 3).astype("float32")
model.fit(images, np.random.randint(0, 4, 24), epochs=1, verbose=0)

# ---- a heatmap of what a class depends on ----

last = model.get_layer("last_conv")
grad_model = keras.Model(model.inputs, [last.output, model.output])
with tf.GradientTape() as tape:
    conv_outputs, predictions = grad_model(images[:1])
    top = tf.argmax(predictions[0])
    channel = predictions[:, top]
grads = tape.gradient(channel, conv_outputs)
pooled = tf.reduce_mean(grads, axis=(0, 1, 2)).numpy()
conv_outputs = conv_outputs.numpy()[0]
for i in range(pooled.shape[-1]):
    conv_outputs[:, :, i] *= pooled[i]
heatmap = np.maximum(conv_outputs.mean(axis=-1), 0)
assert heatmap.shape == (16, 16)
names = {0: "cat", 1: "dog", 2: "bird", 3: "fish"}
assert names[top.numpy()] in names.values()
assert tf.image.sobel_edges(images).shape == (24, 16, 16, 3, 2)

# ---- Jacobians ----

dense = layers.Dense(3, activation="tanh")
points = tf.random.normal([4, 2])
with tf.GradientTape(persistent=True) as tape:
    tape.watch(points)
    y = dense(points)
whole = tape.jacobian(y, points)
each = tape.batch_jacobian(y, points)
assert whole.shape.as_list() == [4, 3, 4, 2]
np.testing.assert_allclose(tf.einsum("bibj->bij", whole), each, rtol=1e-6)
summed = tf.reduce_sum(tape.jacobian(y, dense.kernel), axis=[0, 1])
np.testing.assert_allclose(summed, tape.gradient(y, dense.kernel), rtol=1e-4, atol=1e-6)

# ---- words beside others, and words that were not ----

candidates, _, _ = tf.random.log_uniform_candidate_sampler(
    true_classes=tf.reshape(tf.constant(3, dtype="int64"), (1, 1)), num_true=1, num_sampled=4,
    unique=True, range_max=8, seed=42,
)
words = {index: f"word {index}" for index in range(8)}
assert len({words[index.numpy()] for index in candidates}) == 4

# ---- attention that looks back only, and batches that know how many they are ----

steps = keras.Input((None, 4))
seen = layers.Attention(use_scale=True, causal=True)([steps, steps])
looking_back = keras.Model(steps, seen)
rows = np.random.rand(1, 6, 4)
changed = rows.copy()
changed[:, 3:] = 0
before, after = looking_back.predict([rows], verbose=0), looking_back.predict([changed], verbose=0)
np.testing.assert_allclose(before[:, :3], after[:, :3], rtol=1e-6)


class Pairs(keras.utils.Sequence):
    def __init__(self, num_batches):
        super().__init__()
        self.num_batches = num_batches

    def __len__(self):
        return self.num_batches

    def __getitem__(self, index):
        return images[:8], np.zeros(8, "int64")


assert len(model.fit(Pairs(num_batches=3), epochs=1, verbose=0).history["loss"]) == 1
