"""A program of 2015: input and output sizes in a row, show_accuracy, class_mode."""

import numpy as np
from keras.layers.core import Activation, Dense, Dropout
from keras.models import Sequential
from keras.optimizers import SGD

np.random.seed(0)
X_train = np.random.random((200, 20))
y_train = (X_train.sum(1) > 10).astype(int)
Y_train = np.zeros((200, 2))
Y_train[np.arange(200), y_train] = 1

model = Sequential()
model.add(Dense(20, 32, init="uniform"))
model.add(Activation("tanh"))
model.add(Dropout(0.1))
model.add(Dense(32, 32, init="uniform"))
model.add(Activation("tanh"))
model.add(Dense(32, 2, init="uniform"))
model.add(Activation("softmax"))

sgd = SGD(lr=0.1, decay=1e-6, momentum=0.9, nesterov=True)
model.compile(loss="categorical_crossentropy", optimizer=sgd, class_mode="categorical")
model.fit(X_train, Y_train, nb_epoch=40, batch_size=16, show_accuracy=True, verbose=2)
loss, acc = model.evaluate(X_train, Y_train, batch_size=16, show_accuracy=True)
assert acc > 0.6, acc
classes = model.predict_classes(X_train, batch_size=32)
proba = model.predict_proba(X_train, batch_size=32)
assert classes.shape == (200,) and proba.shape == (200, 2)
