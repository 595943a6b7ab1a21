"""Wrappers and callbacks of Keras 2: np_utils, KerasRegressor, ReduceLROnPlateau, CSVLogger."""

import keras
import keras.backend as K
import numpy as np
from keras.callbacks import (
    Callback,
    CSVLogger,
    LearningRateScheduler,
    ModelCheckpoint,
    ReduceLROnPlateau,
)
from keras.layers import Dense
from keras.models import Sequential
from keras.utils import np_utils

np.random.seed(2)
X = np.random.normal(size=(90, 4))
labels = np.argmax(X[:, :3], axis=1)
dummy_y = np_utils.to_categorical(labels)


def step_decay(epoch, lr):
    return lr * 0.9


class LossHistory(Callback):
    def on_train_begin(self, logs={}):
        self.losses = []
        self.rates = []

    def on_batch_end(self, batch, logs={}):
        self.losses.append(logs.get("loss"))

    def on_epoch_end(self, epoch, logs=None):
        assert logs.get("val_acc") is not None and logs["acc"] >= 0
        assert self.validation_data[0].shape == (18, 4)
        self.rates.append(float(K.get_value(self.model.optimizer.lr)))
        if epoch == 2:
            K.set_value(self.model.optimizer.lr, 0.0001)


model = Sequential()
model.add(Dense(8, input_dim=4, activation="relu", kernel_initializer="normal"))
model.add(Dense(3, activation="softmax"))
model.compile(
    loss="categorical_crossentropy", optimizer=keras.optimizers.Adam(lr=0.01), metrics=["accuracy"]
)
seen = LossHistory()
model.fit(
    X[:72],
    dummy_y[:72],
    epochs=4,
    batch_size=8,
    verbose=0,
    validation_data=(X[72:], dummy_y[72:]),
    workers=1,
    use_multiprocessing=False,
    callbacks=[
        seen,
        CSVLogger("log.csv"),
        LearningRateScheduler(step_decay, verbose=0),
        ReduceLROnPlateau(monitor="val_acc", factor=0.5, patience=1, epsilon=1e-4),
        ModelCheckpoint(
            "best.hdf5",
            monitor="val_acc",
            verbose=1,
            mode="max",
            save_best_only=True,
            save_weights_only=True,
            period=1,
        ),
    ],
)
assert len(seen.losses) == 36 and len(seen.rates) == 4
model.load_weights("best.hdf5")
print(model.predict_classes(X[:5]), np.argmax(model.predict(X[:5]), axis=1))
keras.utils.plot_model(model, to_file="model.svg", show_shapes=True)
