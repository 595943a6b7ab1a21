"""Images from a generator: ImageDataGenerator, samples_per_epoch, nb_val_samples (Keras 1)."""

import numpy as np
from keras.callbacks import EarlyStopping, LearningRateScheduler, ModelCheckpoint
from keras.layers.convolutional import Convolution2D, MaxPooling2D, ZeroPadding2D
from keras.layers.core import Activation, Dense, Flatten
from keras.models import Sequential
from keras.preprocessing.image import ImageDataGenerator
from keras.regularizers import activity_l2, l2

np.random.seed(3)
X = np.random.random((48, 16, 16, 3))
Y = np.random.randint(2, size=(48, 1))
model = Sequential()
model.add(ZeroPadding2D((1, 1), input_shape=(16, 16, 3)))
model.add(
    Convolution2D(
        4,
        3,
        3,
        activation="relu",
        subsample=(1, 1),
        dim_ordering="tf",
        W_regularizer=l2(0.01),
        b_regularizer=None,
    )
)
model.add(MaxPooling2D((2, 2), strides=(2, 2), border_mode="same"))
model.add(Flatten())
model.add(Dense(8, W_regularizer=l2(1e-3), activity_regularizer=activity_l2(1e-4)))
model.add(Activation("relu"))
model.add(Dense(1, activation="sigmoid"))
model.compile(loss="binary_crossentropy", optimizer="rmsprop", metrics=["accuracy"])

train_datagen = ImageDataGenerator(shear_range=0.2, zoom_range=0.2, horizontal_flip=True)
test_datagen = ImageDataGenerator()
history = model.fit_generator(
    train_datagen.flow(X, Y, batch_size=8),
    samples_per_epoch=48,
    nb_epoch=2,
    validation_data=test_datagen.flow(X, Y, batch_size=8),
    nb_val_samples=16,
    verbose=2,
    callbacks=[
        ModelCheckpoint("w.{epoch:02d}-{val_acc:.2f}.hdf5", monitor="val_acc", mode="max"),
        EarlyStopping(monitor="val_loss", patience=2),
        LearningRateScheduler(lambda epoch: 0.001 / (epoch + 1)),
    ],
)
assert len(history.history["acc"]) == 2
print(model.evaluate_generator(test_datagen.flow(X, Y, batch_size=8), val_samples=16))
assert model.predict_generator(
    test_datagen.flow(X, batch_size=8, shuffle=False), val_samples=48
).shape == (48, 1)
