"""What filters and neurons see: K.function, K.gradients and K.learning_phase (Keras 2)."""

import numpy as np
from keras import backend as K, models
from keras.layers import Conv2D, Dense, Dropout, Flatten, MaxPooling2D
from keras.models import Sequential

np.random.seed(0)
model = Sequential()
model.add(
    Conv2D(4, (3, 3), activation="relu", padding="same", input_shape=(12, 12, 3), name="conv")
)
model.add(MaxPooling2D((2, 2), name="pool"))
model.add(Flatten())
model.add(Dropout(0.5))
model.add(Dense(3, activation="softmax", name="scores"))

# the outputs of layers
get_output = K.function([model.layers[0].input, K.learning_phase()], [model.layers[3].output])
x = np.random.random((2, 12, 12, 3)).astype("float32")
test_time, train_time = get_output([x, 0])[0], get_output([x, 1])[0]
assert (train_time == 0).sum() > (test_time == 0).sum()
layer_outputs = [layer.output for layer in model.layers[:2]]
activations = models.Model(inputs=model.input, outputs=layer_outputs).predict(x)
assert activations[0].shape == (2, 12, 12, 4)

# an image that a filter likes
layer_output = model.get_layer("conv").output
loss = K.mean(layer_output[:, :, :, 0])
grads = K.gradients(loss, model.input)[0]
grads /= K.sqrt(K.mean(K.square(grads))) + 1e-5
iterate = K.function([model.input], [loss, grads])
image = np.random.random((1, 12, 12, 3)) * 0.2 + 0.4
values = []
for i in range(10):
    loss_value, grads_value = iterate([image])
    image += grads_value * 0.1
    values.append(float(loss_value))
assert values[-1] > values[0]

# which places a class depends on
best = model.output[:, 1]
last_conv = model.get_layer("pool")
grads = K.gradients(best, last_conv.output)[0]
pooled_grads = K.mean(grads, axis=(0, 1, 2))
fetch = K.function([model.input], [pooled_grads, last_conv.output[0]])
pooled, maps = fetch([x[:1]])
for i in range(4):
    maps[:, :, i] *= pooled[i]
heatmap = np.maximum(np.mean(maps, axis=-1), 0)
assert heatmap.shape == (6, 6)
