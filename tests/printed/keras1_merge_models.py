"""Two branches joined by Merge, and merge() in a functional model (Keras 1)."""

import numpy as np
from keras.layers import LSTM, Dense, Embedding, Input, Merge, merge
from keras.models import Model, Sequential
from keras.utils.visualize_util import plot

np.random.seed(1)
left_branch = Sequential()
left_branch.add(Dense(8, input_dim=12))
right_branch = Sequential()
right_branch.add(Dense(8, input_dim=6))
merged = Merge([left_branch, right_branch], mode="concat")

final_model = Sequential()
final_model.add(merged)
final_model.add(Dense(3, activation="softmax"))
final_model.compile(optimizer="rmsprop", loss="categorical_crossentropy", metrics=["accuracy"])
labels = np.eye(3)[np.random.randint(3, size=60)]
final_model.fit(
    [np.random.random((60, 12)), np.random.random((60, 6))],
    labels,
    nb_epoch=2,
    batch_size=16,
    verbose=0,
)
assert final_model.predict([np.zeros((2, 12)), np.zeros((2, 6))]).shape == (2, 3)

headline = Input(shape=(10,), dtype="int32", name="headline")
x = Embedding(output_dim=8, input_dim=50, input_length=10)(headline)
lstm_out = LSTM(output_dim=8, dropout_W=0.1, dropout_U=0.1)(x)
side_loss = Dense(1, activation="sigmoid", name="side")(lstm_out)
extra = Input(shape=(5,), name="extra")
x = merge([lstm_out, extra], mode="concat")
x = Dense(16, activation="relu")(x)
main_loss = Dense(1, activation="sigmoid", name="main")(x)
model = Model(input=[headline, extra], output=[main_loss, side_loss])
model.compile(optimizer="rmsprop", loss="binary_crossentropy", loss_weights=[1.0, 0.2])
words, numbers = np.random.randint(50, size=(40, 10)), np.random.random((40, 5))
y = np.random.randint(2, size=(40, 1))
model.fit([words, numbers], [y, y], nb_epoch=1, batch_size=20, verbose=0)
plot(model, to_file="model.svg", show_shapes=True)

a, b = Input(shape=(4,)), Input(shape=(4,))
for mode, shape in (("sum", 4), ("mul", 4), ("ave", 4), ("max", 4), ("dot", 1), ("cos", 1)):
    assert merge([a, b], mode=mode).shape == (None, shape), mode
difference = merge([a, b], mode=lambda x: x[0] - x[1], output_shape=(4,))
assert Model([a, b], difference).predict([np.ones((1, 4)), np.ones((1, 4))]).sum() == 0
