"""Layers, losses and metrics of one's own with K (Keras 2): attention, triplet and dice losses."""

import keras
import numpy as np
from keras import backend as K, initializers, regularizers
from keras.engine.topology import Layer
from keras.layers import GRU, Bidirectional, Dense, Embedding, Input, Lambda
from keras.models import Model


class AttentionWithContext(Layer):
    def __init__(self, W_regularizer=None, bias=True, **kwargs):
        self.supports_masking = True
        self.init = initializers.get("glorot_uniform")
        self.W_regularizer = regularizers.get(W_regularizer)
        self.bias = bias
        super(AttentionWithContext, self).__init__(**kwargs)

    def build(self, input_shape):
        assert len(input_shape) == 3
        self.W = self.add_weight(
            (input_shape[-1], input_shape[-1]),
            initializer=self.init,
            name=f"{self.name}_W",
            regularizer=self.W_regularizer,
        )
        self.u = self.add_weight(shape=(input_shape[-1],), initializer=self.init, name="u")
        super(AttentionWithContext, self).build(input_shape)

    def compute_mask(self, input, input_mask=None):
        return None

    def call(self, x, mask=None):
        uit = K.tanh(K.dot(x, self.W))
        ait = K.squeeze(K.dot(uit, K.expand_dims(self.u)), axis=-1)
        a = K.exp(ait)
        if mask is not None:
            a *= K.cast(mask, K.floatx())
        a /= K.cast(K.sum(a, axis=1, keepdims=True) + K.epsilon(), K.floatx())
        return K.sum(x * K.expand_dims(a), axis=1)

    def compute_output_shape(self, input_shape):
        return input_shape[0], input_shape[-1]


def f1(y_true, y_pred):
    true_positives = K.sum(K.round(K.clip(y_true * y_pred, 0, 1)))
    possible = K.sum(K.round(K.clip(y_true, 0, 1)))
    predicted = K.sum(K.round(K.clip(y_pred, 0, 1)))
    precision = true_positives / (predicted + K.epsilon())
    recall = true_positives / (possible + K.epsilon())
    return 2 * precision * recall / (precision + recall + K.epsilon())


def dice_loss(y_true, y_pred, smooth=1):
    y_true_f, y_pred_f = K.flatten(y_true), K.flatten(y_pred)
    intersection = K.sum(y_true_f * y_pred_f)
    return 1 - (2.0 * intersection + smooth) / (K.sum(y_true_f) + K.sum(y_pred_f) + smooth)


np.random.seed(0)
words = Input(shape=(7,), dtype="int32")
x = Embedding(20, 8, mask_zero=True)(words)
x = Bidirectional(GRU(4, return_sequences=True, implementation=2))(x)
x = AttentionWithContext(W_regularizer=regularizers.l2(1e-4))(x)
out = Dense(1, activation="sigmoid")(x)
model = Model(words, out)
model.compile(
    loss=dice_loss, optimizer=keras.optimizers.Adam(lr=0.01, decay=1e-4), metrics=[f1, "acc"]
)
X = np.random.randint(0, 20, (64, 7))
Y = (X.sum(1, keepdims=True) > 66).astype("float32")
history = model.fit(X, Y, epochs=3, batch_size=16, verbose=0, validation_split=0.25)
assert {"acc", "val_acc", "f1", "val_f1"} <= set(history.history)


def euclidean_distance(vects):
    a, b = vects
    return K.sqrt(K.maximum(K.sum(K.square(a - b), axis=1, keepdims=True), K.epsilon()))


def contrastive_loss(y_true, y_pred):
    return K.mean(y_true * K.square(y_pred) + (1 - y_true) * K.square(K.maximum(1 - y_pred, 0)))


base = keras.models.Sequential([Dense(8, activation="relu", input_shape=(5,)), Dense(4)])
left, right = Input(shape=(5,)), Input(shape=(5,))
distance = Lambda(euclidean_distance, output_shape=lambda shapes: (shapes[0][0], 1))(
    [base(left), base(right)]
)
siamese = Model([left, right], distance)
siamese.compile(
    loss=contrastive_loss,
    optimizer="rmsprop",
    metrics=[lambda t, p: K.mean(K.equal(t, K.cast(p < 0.5, t.dtype)))],
)
pairs = np.random.random((40, 5)), np.random.random((40, 5))
siamese.fit(list(pairs), np.random.randint(2, size=40), epochs=1, verbose=0)
