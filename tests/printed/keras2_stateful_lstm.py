"""Series with stateful LSTMs, and a sequence-to-sequence model (Keras 2, 2017)."""

import numpy
from keras.layers import (
    LSTM,
    BatchNormalization,
    ConvLSTM2D,
    CuDNNLSTM,
    Dense,
    Input,
    RepeatVector,
    TimeDistributed,
)
from keras.models import Model, Sequential

numpy.random.seed(7)
series = numpy.sin(numpy.arange(80) / 5.0)
look_back, batch_size = 3, 1
X = numpy.array([series[i : i + look_back] for i in range(60)]).reshape(60, look_back, 1)
Y = series[look_back : look_back + 60]
model = Sequential()
model.add(
    LSTM(4, batch_input_shape=(batch_size, look_back, 1), stateful=True, return_sequences=True)
)
model.add(LSTM(4, stateful=True))
model.add(Dense(1))
model.compile(loss="mean_squared_error", optimizer="adam")
for i in range(2):
    model.fit(X, Y, epochs=1, batch_size=batch_size, verbose=0, shuffle=False)
    model.reset_states()
print(model.predict(X, batch_size=batch_size)[:3])

latent = 8
encoder_inputs = Input(shape=(None, 5))
encoder_outputs, state_h, state_c = LSTM(latent, return_state=True)(encoder_inputs)
encoder_states = [state_h, state_c]
decoder_inputs = Input(shape=(None, 6))
decoder_lstm = LSTM(latent, return_sequences=True, return_state=True)
decoder_outputs, _, _ = decoder_lstm(decoder_inputs, initial_state=encoder_states)
decoder_dense = Dense(6, activation="softmax")
model = Model([encoder_inputs, decoder_inputs], decoder_dense(decoder_outputs))
model.compile(optimizer="rmsprop", loss="categorical_crossentropy")
numbers = numpy.random.random
model.fit([numbers((10, 4, 5)), numbers((10, 3, 6))], numbers((10, 3, 6)), epochs=1, verbose=0)
encoder_model = Model(encoder_inputs, encoder_states)
decoder_state_inputs = [Input(shape=(latent,)), Input(shape=(latent,))]
outputs, h, c = decoder_lstm(decoder_inputs, initial_state=decoder_state_inputs)
decoder_model = Model([decoder_inputs] + decoder_state_inputs, [decoder_dense(outputs), h, c])
states_value = encoder_model.predict(numbers((1, 4, 5)))
output_tokens, h, c = decoder_model.predict([numbers((1, 1, 6))] + states_value)
assert output_tokens.shape == (1, 1, 6)

auto = Sequential()
auto.add(CuDNNLSTM(8, input_shape=(5, 2)))
auto.add(RepeatVector(5))
auto.add(LSTM(8, return_sequences=True, recurrent_dropout=0.1))
auto.add(TimeDistributed(Dense(2)))
auto.compile(loss="mae", optimizer="nadam")
auto.fit(numbers((8, 5, 2)), numbers((8, 5, 2)), epochs=1, verbose=0)

film = Sequential()
film.add(ConvLSTM2D(filters=2, kernel_size=(3, 3), input_shape=(None, 6, 6, 1), padding="same"))
film.add(BatchNormalization())
film.compile("adam", "mse")
assert film.predict(numbers((1, 3, 6, 6, 1))).shape == (1, 6, 6, 2)
