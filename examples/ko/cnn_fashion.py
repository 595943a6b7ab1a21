"""옷을 눈으로 보듯 구별합니다. Fashion-MNIST를 합성곱과 풀링으로 배웁니다.

파일은 한 번만 내려받거나, PYLEGO_HOME이 가리키는 폴더에서 읽습니다.
"""

import time

from pylego import utils
from pylego.datasets import fashion_mnist
from pylego.layers import Conv2D, Dense, Dropout, Flatten, MaxPooling2D
from pylego.models import Sequential

utils.set_random_seed(7)
(x_train, y_train), (x_test, y_test) = fashion_mnist.load_data()

# 화소를 0에서 1 사이로 맞추고 채널 축을 더합니다. 흑백 그림이라 채널은 하나입니다.
x_train = x_train.reshape(-1, 28, 28, 1) / 255
x_test = x_test.reshape(-1, 28, 28, 1) / 255

# 머리. 풀링 층은 2 x 2 수 가운데 가장 큰 것만 남깁니다. 그래서 위로 갈수록 필터가 획을 정확히
# 어디에서 찾았는지는 덜 중요해집니다.
model = Sequential()
model.add(Conv2D(32, (3, 3), padding="same", activation="relu", input_shape=(28, 28, 1)))
model.add(MaxPooling2D((2, 2)))
model.add(Conv2D(64, (3, 3), padding="same", activation="relu"))
model.add(MaxPooling2D((2, 2)))
model.add(Flatten())
model.add(Dense(128, activation="relu"))
model.add(Dropout(0.3))
model.add(Dense(10, activation="softmax"))
model.summary()

# 몸통과 다리.
model.compile(loss="sparse_categorical_crossentropy", optimizer="adam", metrics=["accuracy"])

# 학습. 얼마나 걸리는지도 잽니다.
start = time.perf_counter()
model.fit(x_train, y_train, batch_size=32, epochs=5)
seconds = time.perf_counter() - start

loss, accuracy = model.evaluate(x_test, y_test, verbose=0)
print(f"그림 {len(x_train)}장을 다섯 번 보는 데 {seconds:.1f}초 걸렸습니다.")
print(f"처음 보는 그림 {len(x_test)}장 가운데 {accuracy:.1%}를 맞혔습니다.")

# 앞의 몇 장을 무엇으로 보는지 물어봅니다.
guesses = model.predict(x_test[:5], verbose=0).argmax(axis=1)
for label, guess in zip(y_test, guesses):
    print(f"정답 {fashion_mnist.CLASSES[label]}, 대답 {fashion_mnist.CLASSES[guess]}")
