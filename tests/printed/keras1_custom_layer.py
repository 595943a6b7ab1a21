"""A layer and a loss of one's own in the words of Keras 1: get_output_shape_for is gone, build is
not; initializations, K and Lambda."""

import numpy as np
from keras import backend as K, initializations
from keras.constraints import maxnorm
from keras.engine.topology import Layer
from keras.layers import Dense, Flatten, Highway, Lambda, LocallyConnected1D, MaxoutDense
from keras.models import Sequential
from keras.objectives import mean_squared_error


class MyLayer(Layer):
    def __init__(self, output_dim, **kwargs):
        self.output_dim = output_dim
        self.init = initializations.get("glorot_uniform")
        super(MyLayer, self).__init__(**kwargs)

    def build(self, input_shape):
        self.W = self.init((input_shape[1], self.output_dim), name=f"{self.name}_W")
        self.trainable_weights = [self.W]

    def call(self, x, mask=None):
        return K.dot(x, self.W)

    def get_output_shape_for(self, input_shape):
        return (input_shape[0], self.output_dim)


def my_init(shape, name=None):
    return initializations.normal(shape, scale=0.1, name=name)


def my_loss(y_true, y_pred):
    return K.mean(K.abs(y_pred - y_true), axis=-1) + mean_squared_error(y_true, y_pred)


np.random.seed(0)
model = Sequential()
model.add(MyLayer(8, input_shape=(6,)))
model.add(Lambda(lambda x: K.maximum(x, 0.0)))
model.add(Highway(activation="relu"))
model.add(MaxoutDense(8, nb_feature=2, init="he_normal"))
model.add(Dense(1, init=my_init, W_constraint=maxnorm(3)))
model.compile(loss=my_loss, optimizer="adam")
X = np.random.random((64, 6))
before = K.get_value(model.layers[0].W).copy()
first = model.train_on_batch(X, X.sum(1))
model.fit(X, X.sum(1), nb_epoch=10, verbose=0)
assert np.abs(K.get_value(model.layers[0].W) - before).max() > 0
assert model.test_on_batch(X, X.sum(1)) < first

local = Sequential()
local.add(LocallyConnected1D(4, 3, input_shape=(10, 2)))
local.add(Flatten())
local.add(Dense(1))
local.compile("sgd", "mse")
local.fit(np.random.random((8, 10, 2)), np.ones(8), nb_epoch=1, verbose=0)
