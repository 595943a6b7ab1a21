"""Keras 1의 말로 쓴 손글씨 숫자 인식. 2016년에 쓴 그대로 실행합니다.

    python -m pylego examples/ko/digits_of_2016.py

이 프로그램 어디에도 pylego라는 이름은 없습니다. 옛 이름마다 오늘날의 이름을 한 번씩 알려 줍니다.
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

# 데이터: 28 x 28 그림이고, 채널 하나를 위한 축이 있습니다.
(X_train, y_train), (X_test, y_test) = mnist.load_data()
X_train = X_train.reshape(X_train.shape[0], 28, 28, 1).astype("float32") / 255
X_test = X_test.reshape(X_test.shape[0], 28, 28, 1).astype("float32") / 255
Y_train = np_utils.to_categorical(y_train, nb_classes)
Y_test = np_utils.to_categorical(y_test, nb_classes)

# 모델.
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

# 학습.
sgd = SGD(lr=0.05, decay=1e-4, momentum=0.9, nesterov=True)
model.compile(loss="categorical_crossentropy", optimizer=sgd, metrics=["accuracy"])
history = model.fit(
    X_train, Y_train, batch_size=128, nb_epoch=3, verbose=2,
    validation_data=(X_test, Y_test), callbacks=[EarlyStopping(monitor="val_acc", patience=2)],
)  # fmt: skip

# 무엇을 배웠을까요?
score = model.evaluate(X_test, Y_test, verbose=0)
print("에폭마다의 정확도:", history.history["val_acc"])
print("마지막 정확도:", score[1])
print("처음 다섯 개:", model.predict_classes(X_test[:5], verbose=0), "정답:", y_test[:5])
