"""Classes of clothes and a text of numbers with tf.keras 2 (2019): Flatten first, from_logits."""
from __future__ import absolute_import, division, print_function, unicode_literals


import numpy as np
import tensorflow as tf
from tensorflow import keras

print(tf.__version__)
print(
    "GPU is",
    "available" if tf.config.experimental.list_physical_devices("GPU") else "NOT AVAILABLE",
)
tf.compat.v1.logging.set_verbosity(tf.compat.v1.logging.ERROR)
gpus = tf.config.list_physical_devices("GPU")
for gpu in gpus:
    tf.config.experimental.set_memory_growth(gpu, True)
tf.random.set_seed(0)

fashion_mnist = keras.datasets.fashion_mnist
(train_images, train_labels), (test_images, test_labels) = fashion_mnist.load_data()
train_images = train_images / 255.0
test_images = test_images / 255.0
model = keras.Sequential(
    [
        keras.layers.Flatten(input_shape=(28, 28)),
        keras.layers.Dense(32, activation=tf.nn.relu),
        keras.layers.Dense(10),
    ]
)
model.compile(
    optimizer=tf.keras.optimizers.Adam(learning_rate=0.005),
    loss=tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    metrics=["accuracy"],
)
model.fit(train_images, train_labels, epochs=5, verbose=2)
test_loss, test_acc = model.evaluate(test_images, test_labels, verbose=2)
print("\nTest accuracy:", test_acc)
assert test_acc > 0.5
probability_model = tf.keras.Sequential([model, tf.keras.layers.Softmax()])
predictions = probability_model.predict(test_images)
print(np.argmax(predictions[0]), tf.nn.softmax(model(test_images[:1])).numpy().sum())
img = np.expand_dims(test_images[0], 0)
assert probability_model.predict(img).shape == (1, 10)

checkpoint_path = "training_1/cp.ckpt"
callback = tf.keras.callbacks.ModelCheckpoint(
    filepath=checkpoint_path, save_weights_only=True, verbose=1
)
model.fit(train_images, train_labels, epochs=1, verbose=0, callbacks=[callback])
before = model.evaluate(test_images, test_labels, verbose=0)
model.save("saved_model/my_model")
new_model = tf.keras.models.load_model("saved_model/my_model")
assert new_model.evaluate(test_images, test_labels, verbose=0) == before
model.load_weights(checkpoint_path)
assert model.evaluate(test_images, test_labels, verbose=0) == before
