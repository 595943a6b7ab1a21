"""How many will fly next month? An LSTM reads twelve months of passengers and says the next.

    python examples/airline.py airline-passengers.csv

The table: a heading, then a month and its passengers in thousands on each of 144 lines, from 1949
to 1960 (Box and Jenkins, 1976). It is found under that file name in many collections of tutorial
data.
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

# Growth is a factor from year to year: the logarithm makes a line of it. The first 100 months say
# what is usual.
series = np.log(passengers).astype("float32")
usual, spread = series[:100].mean(), series[:100].std()
series = (series - usual) / spread

# Windows of twelve months, each with the month behind it. What the last 32 teach stays hidden.
windows = timeseries_dataset_from_array(
    series[:-1, None], series[MONTHS:], MONTHS, batch_size=len(series)
)
x, y = next(iter(windows))
x_train, y_train, x_test, y_test = x[:100], y[:100], x[100:], y[100:]

# The head: one number a month goes into the memory, the memory says one number at the end.
model = Sequential([Input((MONTHS, 1)), LSTM(32), Dense(1)])
model.summary()

# The torso and the legs.
model.compile(loss="mse", optimizer=Adam(0.01))

# Learning.
model.fit(x_train, y_train, epochs=200, batch_size=8, verbose=2)

# How far off is it, in thousands of passengers?
said = np.exp(model.predict(x_test, verbose=0)[:, 0] * spread + usual)
truth = np.exp(y_test * spread + usual)
last_year = np.exp(x_test[:, 0, 0] * spread + usual)
print(f"off by {np.abs(said - truth).mean():.1f} thousand passengers")
print(f"the same month of the year before is off by {np.abs(last_year - truth).mean():.1f}")
