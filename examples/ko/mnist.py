"""손글씨 숫자를 784개의 수로 읽습니다. 많은 사람이 처음 따라 하는 MNIST 실습입니다.

파일은 한 번만 내려받거나, PYLEGO_HOME이 가리키는 폴더에서 읽습니다.
"""

from pylego.datasets import mnist
from pylego.layers import Dense
from pylego.models import Sequential
from pylego.utils import to_categorical

(x_train, y_train), (x_valid, y_valid) = mnist.load_data()

# 28 x 28 화소의 그림 한 장이 0에서 1 사이의 수 784개로 된 한 줄이 됩니다.
x_train = x_train.reshape(-1, 784) / 255
x_valid = x_valid.reshape(-1, 784) / 255

# 숫자 하나는 수 열 개가 되고, 그중 하나만 1입니다. 3은 0 0 0 1 0 0 0 0 0 0.
y_train = to_categorical(y_train, 10)
y_valid = to_categorical(y_valid, 10)

# 머리.
model = Sequential()
model.add(Dense(units=512, activation="relu", input_shape=(784,)))
model.add(Dense(units=512, activation="relu"))
model.add(Dense(units=10, activation="softmax"))
model.summary()

# 몸통. 다리를 따로 정하지 않으면 늘 쓰는 것(RMSprop)을 끼웁니다.
model.compile(loss="categorical_crossentropy", metrics=["accuracy"])

# 학습: 모든 그림을 다섯 번 보여 줍니다.
history = model.fit(x_train, y_train, epochs=5, verbose=1, validation_data=(x_valid, y_valid))

# 이제 아는 것은 모두 수입니다. 블록마다 행렬 하나와 편향 하나가 있습니다.
for weights in model.get_weights():
    print(weights.shape)
