"""Where does a network look while it writes? It learns to read dates, and its attention is drawn.

Dates come as people write them, "March 9, 1998" or "9 Mar 1998", and leave as "1998-03-09". One
LSTM reads them from both ends, another writes. All that the writer learns of a date is what its
attention finds: at each sign it takes a mean of what was read, with more of one place and less of
others (Bahdanau, Cho and Bengio, arXiv:1409.0473). These shares are drawn into attention.svg, which
any browser shows. Each place was read together with its neighbours: a dark square beside a digit
may well stand for it.
"""

import string
from datetime import date, timedelta

import numpy as np

from pylego import utils
from pylego.layers import LSTM, Attention, Bidirectional, Concatenate, Dense, Embedding, Input
from pylego.models import Model
from pylego.optimizers import Adam

SIGNS = "_=- ," + string.digits + string.ascii_letters  # "_" is nothing, "=" begins what is written
LENGTH = len("September 30, 1998")

utils.set_random_seed(1)


def numbered(texts):
    """Return the texts as rows of numbers: the places of their signs in SIGNS."""
    return np.array([[SIGNS.index(sign) for sign in text] for text in texts], "int32")


# Days of two centuries, some in one form and some in the other.
rng = np.random.default_rng(1)
days = [date(1900, 1, 1) + timedelta(int(day)) for day in rng.permutation(73_000)[:16_000]]
forms = [f"{d:%B} {d.day}, {d.year}" if d.year % 2 else f"{d.day} {d:%b} {d.year}" for d in days]
asked = numbered(form.ljust(LENGTH, "_") for form in forms)
answers = numbered(f"={d}" for d in days)
count = len(days) * 9 // 10

# The head. The words of the network for what was read and for what is sought are 128 numbers long.
text, before = Input((LENGTH,), dtype="int32"), Input((10,), dtype="int32")
embedding = Embedding(len(SIGNS), 32, mask_zero=True)
read = Bidirectional(LSTM(64, return_sequences=True))(embedding(text))
sought = LSTM(128, return_sequences=True)(embedding(before))
found, shares = Attention()([sought, read], return_attention_scores=True)
chances = Dense(len(SIGNS), activation="softmax")(Concatenate()([sought, found]))
model = Model([text, before], chances)
viewer = Model([text, before], shares)

# The torso and the legs.
model.compile(loss="sparse_categorical_crossentropy", optimizer=Adam(0.003), metrics=["accuracy"])

# Learning: the writer sees the right signs before each.
x_train, x_test = ([asked[part], answers[part, :-1]] for part in (slice(count), slice(count, None)))
y_train, y_test = answers[:count, 1:], answers[count:, 1:]
model.fit(x_train, y_train, epochs=6, batch_size=64, validation_data=(x_test, y_test), verbose=2)

# Writing 400 of the dates held back: now it sees its own.
texts, truth = asked[count:][:400], answers[count:][:400]
written = np.full(truth.shape, SIGNS.index("="), "int32")
for place in range(10):
    scores = model.predict([texts, written[:, :-1]], batch_size=400, verbose=0)
    written[:, place + 1] = scores[:, place].argmax(-1)
is_right = np.all(written == truth, axis=1)
print(f"{is_right.mean():.1%} of {len(written):,} dates that it has never seen are right")

SIDE = 24  # of a square, in pixels


def drawn(text, answer, shares, top):
    """Return the squares of a picture: a row for each sign written, darker where it looks more."""
    parts = []
    for column, sign in enumerate(text):
        parts.append(f'<text x="{(column + 1.5) * SIDE}" y="{top + 0.7 * SIDE}">{sign}</text>')
    for row, sign in enumerate(answer, start=1):
        parts.append(f'<text x="{0.5 * SIDE}" y="{top + (row + 0.7) * SIDE}">{sign}</text>')
        for column, share in enumerate(shares[row - 1][: len(text)], start=1):
            place = f'x="{column * SIDE}" y="{top + row * SIDE}" width="{SIDE}" height="{SIDE}"'
            parts.append(f'<rect {place} fill="rgb(20,80,160)" fill-opacity="{share:.2f}"/>')
    return parts


# The first dates held back, one below the other.
parts = []
shares = viewer.predict([texts, written[:, :-1]], batch_size=400, verbose=0)
for row in range(3):
    form, answer = forms[count + row], "".join(SIGNS[sign] for sign in written[row, 1:])
    print(f"{form} -> {answer}")
    parts += drawn(form, answer, shares[row], 12 * SIDE * row)
size = f'width="{(LENGTH + 1) * SIDE}" height="{36 * SIDE}"'
style = 'font-family="monospace" font-size="16" text-anchor="middle"'
with open("attention.svg", "w", encoding="utf-8") as file:
    file.write(f'<svg xmlns="http://www.w3.org/2000/svg" {size} {style}>{"".join(parts)}</svg>')
print("Saved attention.svg.")
