"""Residual blocks, several outputs, shared layers and pop (Keras 2 and tf.keras)."""

import numpy as np
import tensorflow as tf
from tensorflow.keras import Input, Model, backend as K, layers, regularizers
from tensorflow.keras.utils import to_categorical

K.clear_session()
np.random.seed(0)


def residual_block(x, filters, downsample=False):
    y = layers.Conv2D(
        filters,
        3,
        padding="same",
        strides=2 if downsample else 1,
        kernel_regularizer=regularizers.l2(1e-4),
        use_bias=False,
    )(x)
    y = layers.BatchNormalization()(y)
    y = layers.ReLU()(y)
    y = layers.Conv2D(filters, 3, padding="same", use_bias=False)(y)
    y = layers.BatchNormalization()(y)
    if downsample:
        x = layers.Conv2D(filters, 1, strides=2, padding="same", use_bias=False)(x)
    return layers.Activation("relu")(layers.add([x, y]))


inputs = Input(shape=(16, 16, 3))
x = layers.Conv2D(4, 3, padding="same")(inputs)
x = residual_block(x, 4)
x = residual_block(x, 8, downsample=True)
features = layers.GlobalAveragePooling2D(name="features")(x)
age = layers.Dense(1, name="age")(features)
kind = layers.Dense(3, activation="softmax", name="kind")(features)
model = Model(inputs=inputs, outputs=[age, kind])
model.compile(
    optimizer=tf.keras.optimizers.SGD(learning_rate=0.01, momentum=0.9, nesterov=True),
    loss={"age": "mse", "kind": "categorical_crossentropy"},
    loss_weights={"age": 0.25, "kind": 1.0},
    metrics={"kind": "accuracy"},
)
images = np.random.random((24, 16, 16, 3))
targets = {"age": np.random.random(24), "kind": to_categorical(np.random.randint(3, size=24), 3)}
history = model.fit(images, targets, epochs=1, batch_size=8, verbose=0)
assert "kind_acc" in history.history or history.history["kind_acc"]
ages, kinds = model.predict(images)
extractor = Model(model.input, model.get_layer("features").output)
assert extractor.predict(images).shape == (24, 8)
for layer in model.layers[:-2]:
    layer.trainable = False
assert K.int_shape(x) == (None, 8, 8, 8)

stack = tf.keras.Sequential([layers.Dense(4, input_shape=(3,)), layers.Dense(2)])
stack.pop()
assert stack.output_shape == (None, 4)
swish = layers.Lambda(lambda x: x * K.sigmoid(x))
assert swish(tf.constant([[0.0, 1.0]])).shape == (1, 2)
upper = tf.keras.layers.experimental.preprocessing.Rescaling(1.0 / 255)
assert float(tf.reduce_max(upper(np.full((1, 2, 2, 3), 255.0)))) == 1.0
