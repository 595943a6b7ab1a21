"""Sentiments with an LSTM over made sequences of words, in the words of Keras 1."""
from __future__ import print_function

import numpy as np

np.random.seed(1337)
from keras.layers import LSTM, Activation, Dense, Embedding
from keras.layers.wrappers import Bidirectional, TimeDistributed
from keras.models import Sequential
from keras.preprocessing import sequence

max_features, maxlen, batch_size = 30, 12, 16
texts = [list(np.random.randint(2, max_features, np.random.randint(5, 15))) for _ in range(160)]
y_train = np.array([int(np.mean(text) > 15) for text in texts])
X_train = sequence.pad_sequences(texts, maxlen=maxlen)

model = Sequential()
model.add(Embedding(max_features, 16, input_length=maxlen, dropout=0.2))
model.add(
    LSTM(
        16,
        dropout_W=0.2,
        dropout_U=0.2,
        inner_activation="hard_sigmoid",
        forget_bias_init="one",
        consume_less="gpu",
    )
)
model.add(Dense(1))
model.add(Activation("sigmoid"))
model.compile(loss="binary_crossentropy", optimizer="adam", metrics=["accuracy"])
model.fit(X_train, y_train, batch_size=batch_size, nb_epoch=2, verbose=2, validation_split=0.1)
score, acc = model.evaluate(X_train, y_train, batch_size=batch_size)
print("score:", score, "acc:", acc)

tagger = Sequential()
tagger.add(Embedding(max_features, 8, input_length=maxlen, mask_zero=True))
tagger.add(Bidirectional(LSTM(output_dim=8, return_sequences=True)))
tagger.add(TimeDistributed(Dense(3)))
tagger.add(Activation("softmax"))
tagger.compile(loss="categorical_crossentropy", optimizer="rmsprop")
tagger.fit(X_train, np.eye(3)[X_train % 3], nb_epoch=1, verbose=0)
