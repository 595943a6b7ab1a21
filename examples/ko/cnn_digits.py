"""손글씨 숫자를 눈으로 보듯 읽습니다. 한 줄로 늘어놓은 화소 대신 합성곱을 씁니다.

Dense 층은 수 64개를 볼 뿐, 어느 것이 이웃인지 모릅니다. Conv2D 층은 작은 필터를 그림 위로
미끄러뜨리므로, 한쪽 구석에서 배운 획을 다른 곳에서도 알아봅니다. 숫자 1,797개는 패키지에 들어
있어 내려받을 것이 없습니다.
"""

import numpy as np

from pylego import utils
from pylego.datasets import digits
from pylego.layers import Conv2D, Dense, Dropout, Flatten
from pylego.models import Sequential

utils.set_random_seed(7)
(x_train, y_train), (x_test, y_test) = digits.load_data()

# 화소를 0에서 1 사이로 맞추고 채널 축을 더합니다. 흑백 그림이라 채널은 하나입니다.
x_train = x_train.reshape(-1, 8, 8, 1) / 16
x_test = x_test.reshape(-1, 8, 8, 1) / 16

# 머리. 필터 32개가 3 x 3 화소씩 보고, 다른 64개가 그들이 찾은 것을 봅니다.
model = Sequential()
model.add(Conv2D(32, (3, 3), padding="same", activation="relu", input_shape=(8, 8, 1)))
model.add(Conv2D(64, (3, 3), strides=2, padding="same", activation="relu"))
model.add(Dropout(0.3))
model.add(Flatten())
model.add(Dense(128, activation="relu"))
model.add(Dropout(0.3))
model.add(Dense(10, activation="softmax"))
model.summary()

# 몸통과 다리.
model.compile(loss="sparse_categorical_crossentropy", optimizer="adam", metrics=["accuracy"])

# 학습.
model.fit(x_train, y_train, batch_size=32, epochs=20, validation_data=(x_test, y_test))

loss, accuracy = model.evaluate(x_test, y_test, verbose=0)
print(f"\n처음 보는 숫자 {len(x_test)}개 가운데 {accuracy:.1%}를 맞혔습니다.")

# 무엇을 헷갈릴까요?
guesses = model.predict(x_test, verbose=0).argmax(axis=1)
for label, guess in zip(y_test[guesses != y_test], guesses[guesses != y_test]):
    print(f"{label}인데 {guess}라고 읽었습니다")

# 조금 움직여도 숫자는 그대로입니다. 모든 그림을 한 화소 옮겨 다시 물어봅니다.
moved = model.evaluate(np.roll(x_test, 1, axis=2), y_test, verbose=0)[1]
print(f"오른쪽으로 한 화소 옮기면 {moved:.1%}를 맞힙니다.")
