"""Keras 3: layers and steps of one's own over keras.ops, a seed generator, sharing weights."""
import keras
from keras import layers, ops
import numpy as np

keras.utils.set_random_seed(1)


class MyDense(keras.layers.Layer):
    def __init__(self, units, activation=None, name=None):
        super().__init__(name=name)
        self.units = units
        self.activation = keras.activations.get(activation)

    def build(self, input_shape):
        input_dim = input_shape[-1]
        self.w = self.add_weight(shape=(input_dim, self.units),
                                 initializer=keras.initializers.GlorotNormal(),
                                 name="kernel", trainable=True)
        self.b = self.add_weight(shape=(self.units,), initializer=keras.initializers.Zeros(),
                                 name="bias", trainable=True)

    def call(self, inputs):
        return self.activation(ops.matmul(inputs, self.w) + self.b)


class MyDropout(keras.layers.Layer):
    def __init__(self, rate, name=None):
        super().__init__(name=name)
        self.rate = rate
        self.seed_generator = keras.random.SeedGenerator(1337)

    def call(self, inputs, training=None):
        if training:
            return keras.random.dropout(inputs, self.rate, seed=self.seed_generator)
        return inputs


class Sampling(layers.Layer):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.seed_generator = keras.random.SeedGenerator(7)

    def call(self, inputs):
        z_mean, z_log_var = inputs
        epsilon = keras.random.normal(shape=ops.shape(z_mean), seed=self.seed_generator)
        return z_mean + ops.exp(0.5 * z_log_var) * epsilon


inputs = keras.Input(shape=(12,))
x = MyDense(16, activation="relu", name="own")(inputs)
x = MyDropout(0.2)(x)
mean, log_var = layers.Dense(2)(x), layers.Dense(2)(x)
z = Sampling()([mean, log_var])
encoder = keras.Model(inputs, [mean, log_var, z], name="encoder")
outputs = layers.Dense(12)(encoder(inputs)[2])
model = keras.Model(inputs, outputs)
model.compile(optimizer=keras.optimizers.Adam(1e-3), loss=keras.losses.MeanSquaredError(),
              metrics=[keras.metrics.MeanAbsoluteError()])
data = np.random.default_rng(0).normal(size=(64, 12)).astype("float32")
history = model.fit(data, data, epochs=3, batch_size=16, verbose=0)
assert "mean_absolute_error" in history.history
query = keras.Input((None,), dtype="int32")
embedded = layers.Embedding(100, 8)(query)
attended = layers.MultiHeadAttention(2, 4)(embedded, embedded)
normed = layers.LayerNormalization()(attended + embedded)
classifier = keras.Model(query, layers.Dense(2)(layers.GlobalAveragePooling1D()(normed)))
assert classifier(np.zeros((3, 5), "int32")).shape == (3, 2)
config = model.layers[1].name, keras.config.image_data_format(), keras.backend.image_data_format()
print(config, keras.version() if hasattr(keras, "version") else keras.__version__)
keras.utils.clear_session()
