"""The chapter that introduces neural networks in a book on machine learning (2019): clothes with
tf.keras, a wide and deep model, a subclass, callbacks."""
import numpy as np
import os
import tensorflow as tf
from tensorflow import keras

keras.backend.clear_session()
np.random.seed(42)
tf.random.set_seed(42)
(X_train_full, y_train_full), (X_test, y_test) = keras.datasets.fashion_mnist.load_data()
X_valid, X_train = X_train_full[:100] / 255., X_train_full[100:] / 255.
y_valid, y_train = y_train_full[:100], y_train_full[100:]
model = keras.models.Sequential([
    keras.layers.Flatten(input_shape=[28, 28]),
    keras.layers.Dense(30, activation="relu"),
    keras.layers.Dense(20, activation="relu"),
    keras.layers.Dense(10, activation="softmax")
])
hidden1 = model.layers[1]
assert model.get_layer(hidden1.name) is hidden1
weights, biases = hidden1.get_weights()
assert weights.shape == (784, 30)
model.compile(loss="sparse_categorical_crossentropy", optimizer=keras.optimizers.SGD(lr=0.05),
              metrics=["accuracy"])
history = model.fit(X_train, y_train, epochs=4, validation_data=(X_valid, y_valid), verbose=0)
assert history.params["epochs"] == 4 and len(history.epoch) == 4
y_proba = model.predict(X_test[:3])
print(y_proba.round(2))
y_pred = np.argmax(model.predict(X_test[:3]), axis=-1)
y_new = model.predict_classes(X_test[:3])
assert (y_pred == y_new).all()

X = np.random.normal(size=(120, 8))
y = X[:, 0] * 2 - X[:, 1] + 1
input_A = keras.layers.Input(shape=[5], name="wide_input")
input_B = keras.layers.Input(shape=[6], name="deep_input")
hidden1 = keras.layers.Dense(30, activation="relu")(input_B)
hidden2 = keras.layers.Dense(30, activation="relu")(hidden1)
concat = keras.layers.concatenate([input_A, hidden2])
output = keras.layers.Dense(1, name="output")(concat)
aux_output = keras.layers.Dense(1, name="aux_output")(hidden2)
model = keras.models.Model(inputs=[input_A, input_B], outputs=[output, aux_output])
model.compile(loss=["mse", "mse"], loss_weights=[0.9, 0.1], optimizer=keras.optimizers.SGD(lr=1e-3))
model.fit([X[:, :5], X[:, 2:]], [y, y], epochs=2, verbose=0)
total_loss, main_loss, aux_loss = model.evaluate([X[:, :5], X[:, 2:]], [y, y], verbose=0)[:3]


class WideAndDeepModel(keras.models.Model):
    def __init__(self, units=30, activation="relu", **kwargs):
        super().__init__(**kwargs)
        self.hidden1 = keras.layers.Dense(units, activation=activation)
        self.hidden2 = keras.layers.Dense(units, activation=activation)
        self.main_output = keras.layers.Dense(1)

    def call(self, inputs):
        input_A, input_B = inputs
        hidden = self.hidden2(self.hidden1(input_B))
        return self.main_output(keras.layers.concatenate([input_A, hidden]))


model = WideAndDeepModel(20, activation="elu")
model.compile(loss="mse", optimizer="nadam")
model.fit((X[:, :5], X[:, 2:]), y, epochs=1, verbose=0)

model = keras.models.Sequential([keras.layers.Dense(10, activation="selu", input_shape=X.shape[1:],
                                                    kernel_initializer="lecun_normal"),
                                 keras.layers.AlphaDropout(rate=0.2), keras.layers.Dense(1)])
model.compile(loss="mean_squared_error", optimizer=keras.optimizers.SGD(lr=1e-3, clipvalue=1.0))


class PrintValTrainRatioCallback(keras.callbacks.Callback):
    def on_epoch_end(self, epoch, logs):
        print("\nval/train: {:.2f}".format(logs["val_loss"] / logs["loss"]))


checkpoint_cb = keras.callbacks.ModelCheckpoint("my_keras_model.h5", save_best_only=True)
early_stopping_cb = keras.callbacks.EarlyStopping(patience=10, restore_best_weights=True)
run_logdir = os.path.join(os.curdir, "my_logs", "run_001")
history = model.fit(X[:80], y[:80], epochs=3, validation_data=(X[80:], y[80:]), verbose=0,
                    callbacks=[checkpoint_cb, early_stopping_cb, PrintValTrainRatioCallback()])
model = keras.models.load_model("my_keras_model.h5")


def huber_fn(y_true, y_pred):
    error = y_true - y_pred
    is_small_error = tf.abs(error) < 1
    return tf.where(is_small_error, tf.square(error) / 2, tf.abs(error) - 0.5)


class MyL1Regularizer(keras.regularizers.Regularizer):
    def __init__(self, factor):
        self.factor = factor

    def __call__(self, weights):
        return tf.reduce_sum(tf.abs(self.factor * weights))

    def get_config(self):
        return {"factor": self.factor}


def my_glorot_initializer(shape, dtype=tf.float32):
    stddev = tf.sqrt(2. / (shape[0] + shape[1]))
    return tf.random.normal(shape, stddev=float(stddev), dtype=dtype)


model = keras.models.Sequential([
    keras.layers.Dense(10, activation=lambda z: tf.math.log(tf.exp(z) + 1.0), input_shape=[8],
                       kernel_initializer=my_glorot_initializer,
                       kernel_regularizer=MyL1Regularizer(0.01),
                       kernel_constraint=lambda w: tf.where(w < 0., tf.zeros_like(w), w)),
    keras.layers.Dense(1)])
model.compile(loss=huber_fn, optimizer="nadam", metrics=[huber_fn])
model.fit(X, y, epochs=1, verbose=0)
assert (model.layers[0].get_weights()[0] >= 0).all()
