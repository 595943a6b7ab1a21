"""Did they like the film? A network reads sentences of reviews, word by word from both ends.

    python examples/reviews.py rt_polarity

The folder: rt-polarity.pos and rt-polarity.neg, 5,331 sentences that praise and as many that do not
(Pang and Lee: "Seeing stars", 2005). It is found under that name in many collections.
"""

import sys
from pathlib import Path

import numpy as np

from pylego.layers import LSTM, Bidirectional, Dense, Dropout, Embedding, Input, TextVectorization
from pylego.models import Sequential

WORDS = 10_000  # that are known
LENGTH = 40  # words of a sentence that are read

folder = Path(sys.argv[1] if len(sys.argv) > 1 else "rt_polarity")
praise = (folder / "rt-polarity.pos").read_text(encoding="latin-1").splitlines()
blame = (folder / "rt-polarity.neg").read_text(encoding="latin-1").splitlines()

# One order for all, and a tenth that is held back.
texts = np.array(praise + blame)
liked = np.array([1.0] * len(praise) + [0.0] * len(blame))
order = np.random.default_rng(0).permutation(len(texts))
texts, liked = texts[order], liked[order]
count = len(texts) * 9 // 10

# Words become numbers: the most frequent ones of the sentences that are learned from.
vectorization = TextVectorization(max_tokens=WORDS, output_sequence_length=LENGTH)
vectorization.adapt(texts[:count])
x = np.asarray(vectorization(texts))
x_train, y_train, x_test, y_test = x[:count], liked[:count], x[count:], liked[count:]

# The head. 0 stands for no word: mask_zero lets the memories pass over it.
model = Sequential(
    [
        Input((LENGTH,), dtype="int32"),
        Embedding(WORDS, 128, mask_zero=True),
        Dropout(0.7),
        Bidirectional(LSTM(32)),
        Dropout(0.6),
        Dense(1, activation="sigmoid"),
    ]
)
model.summary()

# The torso and the legs.
model.compile(loss="binary_crossentropy", optimizer="adam", metrics=["accuracy"])

# Learning.
model.fit(x_train, y_train, epochs=4, batch_size=64, validation_data=(x_test, y_test), verbose=2)

# What does it make of sentences of our own?
sentences = ["a warm and funny film , beautifully played", "a dull and lifeless mess"]
chances = model.predict(np.asarray(vectorization(np.array(sentences))), verbose=0)[:, 0]
for sentence, chance in zip(sentences, chances):
    print(f"{chance:.2f} liked: {sentence}")
