"""Places of tensors, tables, spectra and batches of unlike lengths, in TensorFlow's words."""

import numpy as np
import tensorflow as tf

table = np.arange(24.0).reshape(2, 3, 4)
rows = tf.gather(table, [[2, 0], [1, 1]], axis=1, batch_dims=1)
assert rows.numpy()[0, :, 0].tolist() == [8, 0]
assert tf.gather_nd(np.arange(24).reshape(2, 3, 4), [[1, 2, 3]]).numpy().tolist() == [23]
assert tf.scatter_nd([[1], [3]], [5.0, 6.0], [5]).numpy().tolist() == [0, 5, 0, 6, 0]
added = tf.tensor_scatter_nd_add(tf.ones(3), [[0], [0]], [1.0, 2.0])
assert added.numpy().tolist() == [4, 1, 1]
values, places = tf.unique([3, 1, 3, 2])
assert (values.numpy().tolist(), places.numpy().tolist()) == ([3, 1, 2], [0, 1, 0, 2])
changed = tf.linalg.set_diag(tf.ones((2, 2)), [5.0, 6.0])
assert changed.numpy().tolist() == [[5, 1], [1, 6]]
clipped, length = tf.clip_by_global_norm([tf.constant([3.0]), tf.constant([4.0])], 1.0)
np.testing.assert_allclose(clipped, [[0.6], [0.8]], rtol=1e-6)
assert tf.math.segment_mean([1.0, 2.0, 3.0], [0, 0, 1]).numpy().tolist() == [1.5, 3]
doubled = tf.numpy_function(lambda a: a * 2, [tf.constant([1.0, 2.0])], tf.float32)
assert doubled.numpy().tolist() == [2, 4]
steps = tf.TensorArray(tf.float32, size=0, dynamic_size=True)
for step in range(3):
    steps = steps.write(step, tf.fill([2], float(step)))
assert steps.stack().shape == (3, 2)
assert tf.tile(tf.ones((1, 2)), [tf.math.ceil(5 / 2), 1]).shape == (3, 2)

pairs = tf.lookup.KeyValueTensorInitializer(tf.constant(["a", "b"]), tf.constant([1, 2]))
lookup = tf.lookup.StaticHashTable(pairs, default_value=-1)
assert lookup.lookup(tf.constant(["b", "z"])).numpy().tolist() == [2, -1]

wave = tf.constant(np.sin(np.arange(64) * 2 * np.pi / 8).astype("float32"))
spectrum = tf.signal.stft(wave, frame_length=16, frame_step=8)
assert spectrum.shape == (7, 9) and int(tf.argmax(tf.abs(spectrum)[0])) == 2
numbers = tf.cast(tf.complex(real=wave, imag=tf.zeros_like(wave)), tf.complex64)
assert int(tf.argmax(tf.math.abs(tf.signal.fft(numbers))[:32])) == 8

with open("lines.txt", "w") as file:
    file.write("1 2 3\n4\n")
numbers = tf.data.TextLineDataset("lines.txt").map(
    lambda line: tf.strings.to_number(tf.strings.split(line), tf.int32)
)
assert next(iter(numbers.padded_batch(2))).numpy().tolist() == [[1, 2, 3], [4, 0, 0]]
padded = next(iter(numbers.padded_batch(2, padded_shapes=[4], padding_values=-1)))
assert padded.numpy().tolist() == [[1, 2, 3, -1], [4, -1, -1, -1]]
assert numbers.padded_batch(2).element_spec.dtype == tf.int32
