"""How much is 535+61? A network learns to add from text alone: one LSTM reads, another writes.

What is read is the question, sign by sign; what is left of it is the memory of the reader, two rows
of numbers. The writer starts with that memory and writes the answer, a sign at a time. Nobody tells
it what a digit is worth (Sutskever, Vinyals and Le, arXiv:1409.3215).
"""

import numpy as np

from pylego import utils
from pylego.layers import LSTM, Dense, Embedding, Input
from pylego.models import Model
from pylego.optimizers import Adam

SIGNS = "0123456789+ ="  # "=" stands before each answer
UNITS = 128  # numbers in each row of a memory

utils.set_random_seed(1)


def numbered(texts):
    """Return the texts as rows of numbers: the places of their signs in SIGNS."""
    return np.array([[SIGNS.index(sign) for sign in text] for text in texts], "int32")


# 50,000 of the million questions. They are read from the end: what is read last is remembered best,
# and the answer begins with the highest digit.
pairs = [divmod(pair, 1000) for pair in np.random.default_rng(1).permutation(1_000_000)[:50_000]]
questions = numbered(f"{a}+{b}".ljust(7)[::-1] for a, b in pairs)
answers = numbered("=" + str(a + b).ljust(4) for a, b in pairs)
count = len(pairs) * 9 // 10

# The head: at each step the writer sees the sign before and gives chances to the next one.
question, before = Input((7,), dtype="int32"), Input((None,), dtype="int32")
embedding = Embedding(len(SIGNS), 32)
writer = LSTM(UNITS, return_sequences=True, return_state=True)
chances = Dense(len(SIGNS), activation="softmax")

_, *memory = LSTM(UNITS, return_state=True)(embedding(question))
written, *_ = writer(embedding(before), initial_state=memory)
model = Model([question, before], chances(written))
model.summary()

# The torso and the legs.
model.compile(loss="sparse_categorical_crossentropy", optimizer=Adam(0.004), metrics=["accuracy"])

# Learning: large steps first, then small ones.
for rate, epochs in ((0.004, 15), (0.0005, 5)):
    model.optimizer.learning_rate = rate
    model.fit(
        [questions[:count], answers[:count, :-1]],
        answers[:count, 1:],
        epochs=epochs,
        batch_size=128,
        validation_data=([questions[count:], answers[count:, :-1]], answers[count:, 1:]),
        verbose=2,
    )

# The same layers as two models: one reads, the other goes on by one sign.
reads = Model(question, memory)
h, c = Input((UNITS,)), Input((UNITS,))
written, *state = writer(embedding(before), initial_state=[h, c])
writes = Model([before, h, c], [chances(written), *state])


def answer(questions):
    """Return answers: at each step the sign with the best chance."""
    signs = [numbered("=" * len(questions))]
    memory = reads.predict(questions, batch_size=1000, verbose=0)
    for _ in range(4):
        scores, *memory = writes.predict([signs[-1], *memory], batch_size=1000, verbose=0)
        signs.append(scores.argmax(-1))
    return np.concatenate(signs[1:], axis=1)


given = answer(questions[count:])
is_right = np.all(given == answers[count:, 1:], axis=1)
print(
    f"{is_right.mean():.1%} of {len(given):,} questions that it has never seen are answered right"
)
for (a, b), signs in list(zip(pairs[count:], given))[:5]:
    print(f"{a} + {b} = {''.join(SIGNS[sign] for sign in signs)}")
