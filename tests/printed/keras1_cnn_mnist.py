"""A convolutional network with Theano's order of axes or TensorFlow's, in the words of Keras 1."""
from __future__ import print_function

import numpy as np

np.random.seed(1337)

from keras import backend as K
from keras.datasets import mnist
from keras.layers import Activation, Convolution2D, Dense, Dropout, Flatten, MaxPooling2D
from keras.models import Sequential
from keras.utils import np_utils

nb_classes, nb_epoch, batch_size = 10, 2, 32
img_rows, img_cols = 28, 28
nb_filters, pool_size, kernel_size = 8, (2, 2), (3, 3)

(X_train, y_train), (X_test, y_test) = mnist.load_data()
if K.image_dim_ordering() == "th":
    X_train = X_train.reshape(X_train.shape[0], 1, img_rows, img_cols)
    X_test = X_test.reshape(X_test.shape[0], 1, img_rows, img_cols)
    input_shape = (1, img_rows, img_cols)
else:
    X_train = X_train.reshape(X_train.shape[0], img_rows, img_cols, 1)
    X_test = X_test.reshape(X_test.shape[0], img_rows, img_cols, 1)
    input_shape = (img_rows, img_cols, 1)
X_train = X_train.astype("float32") / 255
X_test = X_test.astype("float32") / 255
Y_train = np_utils.to_categorical(y_train, nb_classes)
Y_test = np_utils.to_categorical(y_test, nb_classes)

model = Sequential()
model.add(
    Convolution2D(
        nb_filters, kernel_size[0], kernel_size[1], border_mode="valid", input_shape=input_shape
    )
)
model.add(Activation("relu"))
model.add(Convolution2D(nb_filters, 3, 3, activation="relu"))
model.add(MaxPooling2D(pool_size=pool_size))
model.add(Dropout(0.25))
model.add(Flatten())
model.add(Dense(32))
model.add(Activation("relu"))
model.add(Dropout(0.5))
model.add(Dense(nb_classes))
model.add(Activation("softmax"))
assert model.layers[0].kernel_size == (3, 3) and model.layers[0].strides == (1, 1)
assert model.layers[2].strides == (1, 1)
model.compile(loss="categorical_crossentropy", optimizer="adadelta", metrics=["accuracy"])
model.fit(
    X_train,
    Y_train,
    batch_size=batch_size,
    nb_epoch=nb_epoch,
    verbose=1,
    validation_data=(X_test, Y_test),
)
score = model.evaluate(X_test, Y_test, verbose=0)
print("Test accuracy:", score[1])
print(model.predict_classes(X_test[:3]))
