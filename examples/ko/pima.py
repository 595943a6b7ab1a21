"""누가 당뇨병에 걸릴까요? 신경망이 여성 768명의 측정값을 여덟 개씩 읽습니다.

    python examples/ko/pima.py pima-indians-diabetes.csv

표에는 제목 줄이 없고, 측정값 8개와 결과(0 또는 1)가 768줄 있습니다. 미국 국립 당뇨·소화기·신장
질환 연구소가 만들었으며, 같은 파일 이름으로 여러 실습 자료 모음에 들어 있습니다.
"""

import sys

import numpy as np

from pylego.layers import Dense
from pylego.models import Sequential

path = sys.argv[1] if len(sys.argv) > 1 else "pima-indians-diabetes.csv"
dataset = np.loadtxt(path, delimiter=",")
X = dataset[:, 0:8]
Y = dataset[:, 8]

# 머리: 수 여덟 개가 들어가고 확률 하나가 나옵니다.
model = Sequential()
model.add(Dense(12, input_dim=8, activation="relu"))
model.add(Dense(8, activation="relu"))
model.add(Dense(1, activation="sigmoid"))

# 몸통과 다리.
model.compile(loss="binary_crossentropy", optimizer="adam", metrics=["accuracy"])

# 학습.
model.fit(X, Y, epochs=1500, batch_size=64)

# 이 레고 사람은 얼마나 잘 서 있나요?
scores = model.evaluate(X, Y)
print("%s: %.2f%%" % (model.metrics_names[1], scores[1] * 100))
