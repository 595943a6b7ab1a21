"""1부터 10까지의 수가 작은지(0) 큰지(1) 맞혀 봅니다. 배우는 레고 사람 중 가장 작은 것입니다."""

import numpy as np

from pylego.layers import Dense
from pylego.models import Sequential

# 보여 줄 것과 대답할 것: 1~5는 작고, 6~10은 큽니다.
X = np.array([[1], [2], [3], [4], [5], [6], [7], [8], [9], [10]])
Y = np.array([0, 0, 0, 0, 0, 1, 1, 1, 1, 1])

# 머리: 블록 다섯 개를 쌓은 신경망입니다. 처음 가중치는 무작위입니다.
model = Sequential()
model.add(Dense(64, input_dim=1, activation="relu"))
model.add(Dense(64, activation="relu"))
model.add(Dense(64, activation="relu"))
model.add(Dense(64, activation="relu"))
model.add(Dense(1, activation="sigmoid"))

# 머리만 있어도 대답은 하지만, 아직 아무것도 배우지 못했습니다.
print("배우기 전, 3이 큰 수일 확률:", model.predict(np.array([[3]])))

# 몸통(무엇이 틀린 것인가?)과 다리(어느 쪽으로 걸어야 나아지는가?)를 끼웁니다.
model.compile(loss="binary_crossentropy", optimizer="adam", metrics=["accuracy"])

# 학습: 열 개의 수를 모두 백 번 보여 줍니다.
model.fit(X, Y, epochs=100, batch_size=10)

print("배운 뒤, 3이 큰 수일 확률:", model.predict(np.array([[3]])))
print("배운 뒤, 8이 큰 수일 확률:", model.predict(np.array([[8]])))
