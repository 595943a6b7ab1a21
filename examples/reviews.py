"""Did they like the film? Two networks read sentences of reviews: word by word, and by pairs.

    python examples/reviews.py rt_polarity

The folder: rt-polarity.pos and rt-polarity.neg, 5,331 sentences that praise and as many that do not
(Pang and Lee: "Seeing stars", 2005). It is found under that name in many collections.

So few sentences hold few words often enough to learn them. The first four letters help: "beauty",
"beautiful" and "beautifully" begin alike.
"""

import sys
from pathlib import Path

import numpy as np

from pylego import utils
from pylego.layers import (
    LSTM,
    Add,
    Bidirectional,
    Conv1D,
    Dense,
    Dropout,
    Embedding,
    GlobalMaxPooling1D,
    Input,
    TextVectorization,
)
from pylego.models import Model

WORDS = 10_000  # that are known
LENGTH = 40  # words of a sentence that are read

utils.set_random_seed(1)
folder = Path(sys.argv[1] if len(sys.argv) > 1 else "rt_polarity")
praise = (folder / "rt-polarity.pos").read_text(encoding="latin-1").splitlines()
blame = (folder / "rt-polarity.neg").read_text(encoding="latin-1").splitlines()

# One order for all, and a tenth that is held back.
texts = np.array(praise + blame)
liked = np.array([1.0] * len(praise) + [0.0] * len(blame))
order = np.random.default_rng(0).permutation(len(texts))
texts, liked = texts[order], liked[order]
count = len(texts) * 9 // 10


def beginnings(texts):
    """Return the texts with the first four letters of each word."""
    return np.array([" ".join(word[:4] for word in text.split()) for text in texts])


# Words become numbers: the most frequent ones of the sentences that are learned from.
of_words, of_beginnings = (
    TextVectorization(max_tokens=WORDS, output_sequence_length=LENGTH) for _ in range(2)
)
of_words.adapt(texts[:count])
of_beginnings.adapt(beginnings(texts[:count]))


def numbered(texts):
    return [np.asarray(of_words(texts)), np.asarray(of_beginnings(beginnings(texts)))]


x_train, y_train = numbered(texts[:count]), liked[:count]
x_test, y_test = numbered(texts[count:]), liked[count:]


# The head: the vectors of a word and of its beginning are added, then read. While it learns, whole
# words and single numbers are left out at random: nobody learns the sentences by heart.
def network(reader, mask_zero):
    words, begun = (Input((LENGTH,), dtype="int32") for _ in range(2))
    x = Add()([Embedding(WORDS, 128, mask_zero=mask_zero)(one) for one in (words, begun)])
    x = Dropout(0.3, noise_shape=(None, LENGTH, 1))(x)
    x = Dropout(0.5)(reader(Dropout(0.5)(x)))
    return Model([words, begun], Dense(1, activation="sigmoid")(x))


# From both ends, word by word. 0 stands for no word: with mask_zero the memories pass over it.
def by_memory(x):
    return Bidirectional(LSTM(32))(x)


# Two words at a time, such as "not funny": then memories, of which the largest numbers count,
# wherever they stand.
def by_pairs(x):
    pairs = Dropout(0.3)(Conv1D(64, 2, padding="same", activation="relu")(x))
    return GlobalMaxPooling1D()(Bidirectional(LSTM(32, return_sequences=True))(pairs))


# The torso and the legs, and learning.
models = [network(by_memory, mask_zero=True), network(by_pairs, mask_zero=False)]
for model in models:
    model.summary()
    model.compile(loss="binary_crossentropy", optimizer="adam", metrics=["accuracy"])
    model.fit(
        x_train, y_train, epochs=5, batch_size=64, validation_data=(x_test, y_test), verbose=2
    )


def chances(x):
    """Return what both networks say, and the mean of it."""
    by_each = [model.predict(x, verbose=0)[:, 0] for model in models]
    return *by_each, np.mean(by_each, axis=0)


for name, chance in zip(("words", "pairs", "both"), chances(x_test)):
    print(f"{name}: {np.mean((chance > 0.5) == y_test):.1%} of sentences held back are read right")

# What do they make of sentences of our own?
sentences = np.array(["a warm and funny film , beautifully played", "a dull and lifeless mess"])
for sentence, chance in zip(sentences, chances(numbered(sentences))[2]):
    print(f"{chance:.2f} liked: {sentence}")
