"""다음 달에는 몇 명이 비행기를 탈까요? LSTM이 열두 달의 승객 수를 읽고 다음 달을 말합니다.

    python examples/ko/airline.py airline-passengers.csv

표는 제목 한 줄 뒤에 달과 승객 수(천 명)가 144줄 있습니다. 1949년부터 1960년까지입니다(Box와
Jenkins, 1976). 같은 파일 이름으로 여러 실습 자료 모음에 들어 있습니다.
"""

import sys

import numpy as np

from pylego.layers import LSTM, Dense, Input
from pylego.models import Sequential
from pylego.optimizers import Adam
from pylego.utils import timeseries_dataset_from_array

MONTHS = 12

path = sys.argv[1] if len(sys.argv) > 1 else "airline-passengers.csv"
passengers = np.loadtxt(path, delimiter=",", skiprows=1, usecols=1)

# 승객은 해마다 몇 배로 늡니다. 로그를 취하면 직선이 됩니다. 보통이 어느 만큼인지는 처음 100달이
# 말해 줍니다.
series = np.log(passengers).astype("float32")
usual, spread = series[:100].mean(), series[:100].std()
series = (series - usual) / spread

# 열두 달짜리 창과 바로 다음 달. 마지막 32개는 학습에 쓰지 않습니다.
windows = timeseries_dataset_from_array(
    series[:-1, None], series[MONTHS:], MONTHS, batch_size=len(series)
)
x, y = next(iter(windows))
x_train, y_train, x_test, y_test = x[:100], y[:100], x[100:], y[100:]

# 머리: 달마다 수 하나가 기억으로 들어가고, 끝에서 기억이 수 하나를 말합니다.
model = Sequential([Input((MONTHS, 1)), LSTM(32), Dense(1)])
model.summary()

# 몸통과 다리.
model.compile(loss="mse", optimizer=Adam(0.01))

# 학습.
model.fit(x_train, y_train, epochs=200, batch_size=8, verbose=2)

# 몇 천 명이나 빗나갔을까요?
said = np.exp(model.predict(x_test, verbose=0)[:, 0] * spread + usual)
truth = np.exp(y_test * spread + usual)
last_year = np.exp(x_test[:, 0, 0] * spread + usual)
print(f"평균 {np.abs(said - truth).mean():.1f}천 명 빗나갔습니다")
print(f"한 해 전 같은 달은 {np.abs(last_year - truth).mean():.1f}천 명 빗나갑니다")
