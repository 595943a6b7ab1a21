"""집값은 얼마일까요? 자료가 적을 때는 k-겹 교차 검증이 공정합니다.

    python examples/ko/kfold_houses.py housing.csv

표에는 제목 줄이 없고 506줄이 있습니다. 한 줄은 보스턴의 한 지역을 나타내는 수 13개와 그곳 집값의
중앙값(천 달러)입니다(Harrison and Rubinfeld, 1978). 같은 파일 이름으로 여러 실습 자료 모음에 들어
있습니다.
"""

import sys

import numpy as np

from pylego.layers import Dense, Input
from pylego.models import Sequential
from pylego.utils import set_random_seed

FOLDS = 4

set_random_seed(1)
path = sys.argv[1] if len(sys.argv) > 1 else "housing.csv"
table = np.loadtxt(path, delimiter=",")
table = np.random.default_rng(1).permutation(table)
features, prices = table[:, :13], table[:, 13]


def build_model():
    """머리와 몸통과 다리: 겹마다 새로 만듭니다."""
    model = Sequential([Input((13,)), Dense(64, "relu"), Dense(64, "relu"), Dense(1)])
    model.compile(optimizer="rmsprop", loss="mse", metrics=["mae"])
    return model


# 각 겹은 그 겹을 본 적 없이 나머지로 배운 레고 사람이 평가합니다.
errors = []
for fold, held_back in enumerate(np.array_split(np.arange(len(table)), FOLDS)):
    rest = np.setdiff1d(np.arange(len(table)), held_back)
    usual, spread = features[rest].mean(axis=0), features[rest].std(axis=0)
    scaled = (features - usual) / spread  # 평균과 표준편차는 학습 자료에서만 구합니다
    model = build_model()
    model.fit(scaled[rest], prices[rest], epochs=100, batch_size=16, verbose=0)
    _, error = model.evaluate(scaled[held_back], prices[held_back], verbose=0)
    print(f"{fold + 1}번째 겹: 오차 {error:.2f}천 달러")
    errors.append(error)

print(f"겹들의 평균 오차: {np.mean(errors):.2f}천 달러")
print(f"언제나 평균값을 답할 때의 오차: {np.abs(prices - prices.mean()).mean():.2f}천 달러")
