"""Losses that read layers in the middle of the model, branches that two Merges share, weights made
by a function of a shape and a name (Keras 1)."""
from __future__ import print_function

import numpy as np

np.random.seed(1337)

from keras import backend as K
from keras import objectives
from keras.datasets import mnist
from keras.engine.training import slice_X
from keras.initializations import identity, normal
from keras.layers import Activation, Dense, Input, Lambda, LSTM, Merge, Permute, SimpleRNN
from keras.layers.embeddings import Embedding
from keras.models import Model, Sequential

# ---- a variational autoencoder, whose loss reads the mean and the deviation ----

batch_size, original_dim, latent_dim, epsilon_std = 40, 784, 2, 0.1
(x_train, _), (x_test, _) = mnist.load_data()
x_train = x_train.reshape((len(x_train), original_dim)).astype("float32") / 255.0
x_test = x_test.reshape((len(x_test), original_dim)).astype("float32") / 255.0

x = Input(batch_shape=(batch_size, original_dim))
h = Dense(32, activation="relu")(x)
z_mean = Dense(latent_dim)(h)
z_log_var = Dense(latent_dim)(h)


def sampling(args):
    z_mean, z_log_var = args
    epsilon = K.random_normal(shape=(batch_size, latent_dim), mean=0.0, std=epsilon_std)
    return z_mean + K.exp(z_log_var / 2) * epsilon


z = Lambda(sampling, output_shape=(latent_dim,))([z_mean, z_log_var])
decoded = Dense(original_dim, activation="sigmoid")(Dense(32, activation="relu")(z))


def kl_loss(x, x_decoded_mean):
    return -0.5 * K.sum(1 + z_log_var - K.square(z_mean) - K.exp(z_log_var), axis=-1)


def vae_loss(x, x_decoded_mean):
    return original_dim * objectives.binary_crossentropy(x, x_decoded_mean) + kl_loss(x, decoded)


vae = Model(x, decoded)
vae.compile(optimizer="rmsprop", loss=vae_loss, metrics=[kl_loss])
vae.fit(x_train, x_train, nb_epoch=3, batch_size=batch_size, verbose=0)
loss, distance = vae.evaluate(x_test[:80], x_test[:80], batch_size=batch_size, verbose=0)
means, logs = Model(x, [z_mean, z_log_var]).predict(x_test[:80], batch_size=batch_size)
expected = -0.5 * np.sum(1 + logs - means**2 - np.exp(logs), axis=-1)
assert abs(distance - expected.mean()) < 1e-3 * max(1, abs(distance))
assert loss > distance

# ---- a memory network: the question goes into two merges ----

vocab_size, story_maxlen, query_maxlen = 12, 10, 3
stories = np.random.randint(1, vocab_size, (60, story_maxlen))
questions = np.random.randint(1, vocab_size, (60, query_maxlen))
answers = np.eye(vocab_size)[questions[:, 0]]
story_m = Sequential([Embedding(input_dim=vocab_size, output_dim=8, input_length=story_maxlen)])
question = Sequential([Embedding(input_dim=vocab_size, output_dim=8, input_length=query_maxlen)])
match = Sequential()
match.add(Merge([story_m, question], mode="dot", dot_axes=[2, 2]))
match.add(Activation("softmax"))
story_c = Sequential(
    [Embedding(input_dim=vocab_size, output_dim=query_maxlen, input_length=story_maxlen)]
)
response = Sequential()
response.add(Merge([match, story_c], mode="sum"))
response.add(Permute((2, 1)))
answer = Sequential()
answer.add(Merge([response, question], mode="concat", concat_axis=-1))
answer.add(LSTM(8))
answer.add(Dense(vocab_size, activation="softmax"))
answer.compile(optimizer="rmsprop", loss="categorical_crossentropy", metrics=["accuracy"])
answer.fit([stories, questions, stories], answers, batch_size=20, nb_epoch=1, verbose=0)
assert answer.predict([stories, questions, stories]).shape == (60, vocab_size)

# ---- a recurrent layer that begins as the identity ----

rows = np.random.random((50, 6, 1))
rows_train, rows_test = slice_X(rows, 0, 40), slice_X(rows, 40)
model = Sequential()
model.add(
    SimpleRNN(
        output_dim=5,
        init=lambda shape, name: normal(shape, scale=0.001, name=name),
        inner_init=lambda shape, name: identity(shape, scale=1.0, name=name),
        activation="relu",
        input_shape=(6, 1),
    )
)
model.add(Dense(1))
assert np.array_equal(model.get_weights()[1], np.eye(5))
model.compile(loss="mse", optimizer="rmsprop")
model.fit(rows_train, rows_train.sum(1), nb_epoch=1, verbose=0)
assert model.predict(rows_test).shape == (10, 1)
