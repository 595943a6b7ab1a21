"""Texts with Tokenizer and a matrix of vectors that is given (Keras 2, tf.keras)."""

import numpy as np
from tensorflow.keras.layers import Conv1D, Dense, Dropout, Embedding, Flatten, GlobalMaxPooling1D
from tensorflow.keras.models import Sequential
from tensorflow.keras.optimizers import RMSprop
from tensorflow.keras.preprocessing.sequence import pad_sequences
from tensorflow.keras.preprocessing.text import Tokenizer

docs = [
    "Well done!",
    "Good work",
    "Great effort",
    "nice work",
    "Excellent!",
    "Weak",
    "Poor effort!",
    "not good",
    "poor work",
    "Could have done better.",
]
labels = np.array([1, 1, 1, 1, 1, 0, 0, 0, 0, 0])
t = Tokenizer(num_words=50, oov_token="<OOV>")
t.fit_on_texts(docs)
vocab_size = len(t.word_index) + 1
padded_docs = pad_sequences(t.texts_to_sequences(docs), maxlen=4, padding="post")
embedding_matrix = np.random.RandomState(0).normal(size=(vocab_size, 6))
model = Sequential()
e = Embedding(vocab_size, 6, weights=[embedding_matrix], input_length=4, trainable=False)
model.add(e)
model.add(Flatten())
model.add(Dense(1, activation="sigmoid"))
model.compile(optimizer=RMSprop(lr=0.01), loss="binary_crossentropy", metrics=["acc"])
model.summary()
model.fit(padded_docs, labels, epochs=30, verbose=0)
loss, accuracy = model.evaluate(padded_docs, labels, verbose=0)
print("Accuracy: %f" % (accuracy * 100))
assert np.allclose(model.layers[0].get_weights()[0], embedding_matrix, atol=1e-6)

model = Sequential()
model.add(Embedding(vocab_size, 8, input_length=4))
model.add(Dropout(0.2))
model.add(Conv1D(8, 3, padding="valid", activation="relu", strides=1))
model.add(GlobalMaxPooling1D())
model.add(Dense(1, activation="sigmoid"))
model.compile(loss="binary_crossentropy", optimizer="adam", metrics=["accuracy"])
history = model.fit(padded_docs, labels, epochs=2, batch_size=5, validation_split=0.2, verbose=0)
for key in ("acc", "val_acc", "loss", "val_loss"):
    assert len(history.history[key]) == 2
