"""Autoencoders of digits: dense with a separate encoder, and variational (Keras 1)."""

import numpy as np
from keras import backend as K, objectives
from keras.datasets import mnist
from keras.layers import Dense, Input, Lambda
from keras.models import Model

(x_train, _), (x_test, _) = mnist.load_data()
x_train = x_train.astype("float32") / 255.0
x_test = x_test.astype("float32") / 255.0
x_train = x_train.reshape((len(x_train), np.prod(x_train.shape[1:])))
x_test = x_test.reshape((len(x_test), np.prod(x_test.shape[1:])))

encoding_dim = 16
input_img = Input(shape=(784,))
encoded = Dense(encoding_dim, activation="relu")(input_img)
decoded = Dense(784, activation="sigmoid")(encoded)
autoencoder = Model(input=input_img, output=decoded)
encoder = Model(input=input_img, output=encoded)
encoded_input = Input(shape=(encoding_dim,))
decoder_layer = autoencoder.layers[-1]
decoder = Model(input=encoded_input, output=decoder_layer(encoded_input))
autoencoder.compile(optimizer="adadelta", loss="binary_crossentropy")
autoencoder.fit(
    x_train,
    x_train,
    nb_epoch=2,
    batch_size=64,
    shuffle=True,
    verbose=0,
    validation_data=(x_test, x_test),
)
assert decoder.predict(encoder.predict(x_test)).shape == x_test.shape

batch_size, original_dim, latent_dim, intermediate_dim, epsilon_std = 40, 784, 2, 32, 1.0
x = Input(batch_shape=(batch_size, original_dim))
h = Dense(intermediate_dim, activation="relu")(x)
z_mean = Dense(latent_dim)(h)
z_log_var = Dense(latent_dim)(h)


def sampling(args):
    z_mean, z_log_var = args
    epsilon = K.random_normal(shape=(batch_size, latent_dim), mean=0.0)
    return z_mean + K.exp(z_log_var / 2) * epsilon


z = Lambda(sampling, output_shape=(latent_dim,))([z_mean, z_log_var])
decoder_h = Dense(intermediate_dim, activation="relu")
decoder_mean = Dense(original_dim, activation="sigmoid")
x_decoded_mean = decoder_mean(decoder_h(z))


def vae_loss(x, x_decoded_mean):
    return original_dim * objectives.binary_crossentropy(x, x_decoded_mean)


vae = Model(x, x_decoded_mean)
vae.compile(optimizer="rmsprop", loss=vae_loss)
vae.fit(x_train[:200], x_train[:200], shuffle=True, nb_epoch=1, batch_size=batch_size, verbose=0)
generator_input = Input(shape=(latent_dim,))
generator = Model(generator_input, decoder_mean(decoder_h(generator_input)))
assert generator.predict(np.zeros((1, 2))).shape == (1, 784)
