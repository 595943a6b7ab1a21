"""Handwritten digits in the words of Keras 1, run as they were written in 2016.

    python -m pylego examples/digits_of_2016.py

Nothing in this program knows pylego. Each old word says once what it is called today.
"""

import numpy as np
from keras.callbacks import EarlyStopping
from keras.datasets import mnist
from keras.layers.convolutional import Convolution2D, MaxPooling2D
from keras.layers.core import Activation, Dense, Dropout, Flatten
from keras.models import Sequential
from keras.optimizers import SGD
from keras.utils import np_utils

np.random.seed(1337)
nb_classes = 10

# The data: images of 28 x 28, with an axis for their one channel.
(X_train, y_train), (X_test, y_test) = mnist.load_data()
X_train = X_train.reshape(X_train.shape[0], 28, 28, 1).astype("float32") / 255
X_test = X_test.reshape(X_test.shape[0], 28, 28, 1).astype("float32") / 255
Y_train = np_utils.to_categorical(y_train, nb_classes)
Y_test = np_utils.to_categorical(y_test, nb_classes)

# The model.
model = Sequential()
model.add(Convolution2D(16, 3, 3, border_mode="same", input_shape=(28, 28, 1)))
model.add(Activation("relu"))
model.add(MaxPooling2D(pool_size=(2, 2), dim_ordering="tf"))
model.add(Convolution2D(32, 3, 3, border_mode="same", subsample=(2, 2)))
model.add(Activation("relu"))
model.add(Flatten())
model.add(Dense(output_dim=64, init="he_normal"))
model.add(Activation("relu"))
model.add(Dropout(p=0.5))
model.add(Dense(nb_classes))
model.add(Activation("softmax"))

# Learning.
sgd = SGD(lr=0.05, decay=1e-4, momentum=0.9, nesterov=True)
model.compile(loss="categorical_crossentropy", optimizer=sgd, metrics=["accuracy"])
history = model.fit(
    X_train, Y_train, batch_size=128, nb_epoch=3, verbose=2,
    validation_data=(X_test, Y_test), callbacks=[EarlyStopping(monitor="val_acc", patience=2)],
)  # fmt: skip

# What it has learned.
score = model.evaluate(X_test, Y_test, verbose=0)
print("accuracy after each epoch:", history.history["val_acc"])
print("accuracy at the end:", score[1])
print("the first five:", model.predict_classes(X_test[:5], verbose=0), "are", y_test[:5])
