"""옷을 구별합니다. CSV 파일에 든 Fashion-MNIST를 읽고, 모양을 바꾸고, 신경망에 가르칩니다.

    python examples/ko/fashion_mnist_csv.py fashion-mnist_train.csv

첫 줄은 제목이고, 그 아래 줄마다 0에서 9까지의 이름표와 28 x 28 그림의 화소 784개(0에서 255)가
있습니다. 파일을 주지 않으면 pylego.datasets의 그림으로 먼저 만듭니다. 그림은 한 번만 내려받거나,
PYLEGO_HOME이 가리키는 폴더에서 읽습니다.
"""

import sys

import numpy as np

from pylego.datasets import fashion_mnist
from pylego.layers import Conv2D, Dense, Dropout, Flatten
from pylego.models import Sequential
from pylego.utils import to_categorical

ROWS, COLUMNS, CLASSES = 28, 28, 10


def write_csv(path):
    """학습용 그림을 그런 파일로 씁니다."""
    (x, y), _ = fashion_mnist.load_data()
    header = ",".join(["label", *(f"pixel{i + 1}" for i in range(ROWS * COLUMNS))])
    table = np.column_stack([y, x.reshape(len(x), -1)])
    np.savetxt(path, table, "%d", delimiter=",", header=header, comments="")


if len(sys.argv) > 1:
    path = sys.argv[1]
else:
    path = "fashion-mnist_train.csv"
    write_csv(path)

# 읽기: 첫 칸은 무엇인지, 나머지 칸은 어떻게 생겼는지를 말합니다.
data = np.loadtxt(path, dtype=np.uint8, delimiter=",", skiprows=1)
y = to_categorical(data[:, 0], CLASSES)

# 화소를 0에서 1 사이로 맞추고 Conv2D가 받는 모양 (그림, 행, 열, 채널)으로 바꿉니다.
x = data[:, 1:] / 255
x = x.reshape(len(x), ROWS, COLUMNS, 1)

# 머리. 필터로 된 층이 셋입니다. 보폭(strides)이 2이면 한 칸씩 건너뛰며 봅니다.
model = Sequential()
model.add(
    Conv2D(32, kernel_size=(3, 3), strides=2, activation="relu", input_shape=(ROWS, COLUMNS, 1))
)
model.add(Dropout(0.2))
model.add(Conv2D(64, kernel_size=(3, 3), strides=2, activation="relu"))
model.add(Dropout(0.2))
model.add(Conv2D(64, kernel_size=(3, 3), activation="relu"))
model.add(Flatten())
model.add(Dense(128, activation="relu"))
model.add(Dropout(0.2))
model.add(Dense(CLASSES, activation="softmax"))
model.summary()

# 몸통과 다리.
model.compile(loss="categorical_crossentropy", optimizer="adam", metrics=["accuracy"])

# 학습: 그림의 마지막 5분의 1은 남겨 두었다가 처음 보는 그림으로 시험합니다.
model.fit(x, y, batch_size=128, epochs=5, validation_split=0.2)

# 그 가운데 몇 장을 무엇으로 보는지 물어봅니다.
guesses = model.predict(x[-5:], verbose=0).argmax(axis=1)
for label, guess in zip(data[-5:, 0], guesses):
    print(f"정답 {fashion_mnist.CLASSES[label]}, 대답 {fashion_mnist.CLASSES[guess]}")
