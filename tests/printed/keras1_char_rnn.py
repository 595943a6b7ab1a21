"""The next character of a text with an LSTM, sampled with a temperature (Keras 1)."""
from __future__ import print_function

import random
import sys

import numpy as np
from keras.layers import LSTM, Activation, Dense
from keras.models import Sequential
from keras.optimizers import RMSprop

text = ("the quick brown fox jumps over the lazy dog. " * 8).lower()
chars = sorted(list(set(text)))
char_indices = dict((c, i) for i, c in enumerate(chars))
indices_char = dict((i, c) for i, c in enumerate(chars))
maxlen, step = 10, 3
sentences, next_chars = [], []
for i in range(0, len(text) - maxlen, step):
    sentences.append(text[i : i + maxlen])
    next_chars.append(text[i + maxlen])
X = np.zeros((len(sentences), maxlen, len(chars)), dtype=bool)
y = np.zeros((len(sentences), len(chars)), dtype=bool)
for i, sentence in enumerate(sentences):
    for t, char in enumerate(sentence):
        X[i, t, char_indices[char]] = 1
    y[i, char_indices[next_chars[i]]] = 1

model = Sequential()
model.add(LSTM(32, input_shape=(maxlen, len(chars))))
model.add(Dense(len(chars)))
model.add(Activation("softmax"))
model.compile(loss="categorical_crossentropy", optimizer=RMSprop(lr=0.01))


def sample(preds, temperature=1.0):
    preds = np.log(np.asarray(preds).astype("float64")) / temperature
    preds = np.exp(preds) / np.sum(np.exp(preds))
    return np.argmax(np.random.multinomial(1, preds, 1))


for iteration in range(1, 3):
    model.fit(X, y, batch_size=32, nb_epoch=1, verbose=0)
    start_index = random.randint(0, len(text) - maxlen - 1)
    sentence = text[start_index : start_index + maxlen]
    for i in range(10):
        x = np.zeros((1, maxlen, len(chars)))
        for t, char in enumerate(sentence):
            x[0, t, char_indices[char]] = 1.0
        preds = model.predict(x, verbose=0)[0]
        sentence = sentence[1:] + indices_char[sample(preds, 0.5)]
        sys.stdout.write(sentence[-1])
        sys.stdout.flush()
    print()
