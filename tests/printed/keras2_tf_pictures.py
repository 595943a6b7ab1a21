"""tf.image beyond resizing: colors, crops, patches and boxes; the numbers are TensorFlow's."""

import numpy as np
import tensorflow as tf

image = np.random.RandomState(0).rand(3, 3, 3).astype("float32")
sums = [
    tf.image.adjust_hue(image, 0.1),
    tf.image.adjust_saturation(image, 2.0),
    tf.image.rgb_to_yuv(image),
    tf.image.yuv_to_rgb(tf.image.rgb_to_yuv(image)),
    tf.image.adjust_gamma(image, 0.5),
]
found = [float(np.sum(one)) for one in sums]
np.testing.assert_allclose(found, [15.703, 12.787, 4.523, 15.552, 19.495], atol=1e-3)
np.testing.assert_allclose(tf.image.psnr(image, image * 0.9, 1.0), 23.841, atol=1e-3)

crops = tf.image.crop_and_resize(
    np.arange(32.0).reshape(1, 4, 4, 2), [[0, 0, 1, 1], [0.2, 0.2, 1.3, 0.7]], [0, 0], (3, 2)
)
np.testing.assert_allclose(crops[1, :, :, 0], [[6, 9], [19.2, 22.2], [0, 0]], atol=1e-5)
whole = np.arange(16, dtype="uint8").reshape(4, 4, 1)
assert np.ravel(tf.image.resize(whole, (2, 2), method="area")).tolist() == [2.5, 4.5, 10.5, 12.5]
assert tf.image.resize(whole, (2, 2)).dtype == tf.float32
assert tf.image.resize_with_pad(np.ones((4, 2, 1)), 4, 4)[0, :, 0].numpy().tolist() == [0, 1, 1, 0]
assert tf.image.resize_with_crop_or_pad(np.ones((4, 2, 1)), 3, 4).shape == (3, 4, 1)
patches = tf.image.extract_patches(
    image[None], sizes=[1, 2, 2, 1], strides=[1, 1, 1, 1], rates=[1, 1, 1, 1], padding="VALID"
)
assert patches.shape == (1, 2, 2, 12)
np.testing.assert_allclose(np.sum(patches), 26.546, atol=1e-3)

boxes = np.float32([[0, 0, 1, 1], [0, 0, 0.9, 1], [0.5, 0.5, 1, 1], [0, 0, 0.2, 0.2]])
scores = np.float32([0.9, 0.95, 0.3, 0.2])
assert tf.image.non_max_suppression(boxes, scores, 3).numpy().tolist() == [1, 2, 3]
kept = tf.image.combined_non_max_suppression(
    boxes[None, :, None], np.stack([scores, scores[::-1]], -1)[None], 3, 4, score_threshold=0.25
)
assert kept.nmsed_classes.numpy().tolist() == [[0, 1, 1, 0]]
assert kept.valid_detections.numpy().tolist() == [4]
once = tf.image.stateless_random_hue(image, 0.2, seed=(1, 2))
assert np.array_equal(once, tf.image.stateless_random_hue(image, 0.2, seed=(1, 2)))
