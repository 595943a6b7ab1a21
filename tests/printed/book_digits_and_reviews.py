"""The first chapters of a book on deep learning with Python (first edition): digits, reviews that
are bags of words, houses with k-fold validation. The reviews and houses are made."""
import numpy as np
from keras.datasets import mnist
from keras import models, layers, optimizers, losses, metrics, regularizers
from keras.utils import to_categorical

(train_images, train_labels), (test_images, test_labels) = mnist.load_data()
network = models.Sequential()
network.add(layers.Dense(64, activation="relu", input_shape=(28 * 28,)))
network.add(layers.Dense(10, activation="softmax"))
network.compile(optimizer="rmsprop", loss="categorical_crossentropy", metrics=["accuracy"])
train_images = train_images.reshape((len(train_images), 28 * 28)).astype("float32") / 255
test_images = test_images.reshape((len(test_images), 28 * 28)).astype("float32") / 255
network.fit(train_images, to_categorical(train_labels), epochs=3, batch_size=32, verbose=0)
test_loss, test_acc = network.evaluate(test_images, to_categorical(test_labels), verbose=0)
print("test_acc:", test_acc)
assert test_acc > 0.5

np.random.seed(0)
train_data = [list(np.random.randint(1, 200, 30)) for _ in range(120)]


def vectorize_sequences(sequences, dimension=200):
    results = np.zeros((len(sequences), dimension))
    for i, sequence in enumerate(sequences):
        results[i, sequence] = 1.0
    return results


x_train = vectorize_sequences(train_data)
y_train = (x_train[:, :100].sum(1) > x_train[:, 100:].sum(1)).astype("float32")
model = models.Sequential()
model.add(layers.Dense(16, kernel_regularizer=regularizers.l2(0.001), activation="relu",
                       input_shape=(200,)))
model.add(layers.Dropout(0.5))
model.add(layers.Dense(16, activation="relu"))
model.add(layers.Dense(1, activation="sigmoid"))
model.compile(optimizer=optimizers.RMSprop(lr=0.001), loss=losses.binary_crossentropy,
              metrics=[metrics.binary_accuracy])
history = model.fit(x_train[40:], y_train[40:], epochs=3, batch_size=16, verbose=0,
                    validation_data=(x_train[:40], y_train[:40]))
history_dict = history.history
assert set(history_dict) == {"loss", "binary_accuracy", "val_loss", "val_binary_accuracy"}
epochs = range(1, len(history_dict["binary_accuracy"]) + 1)
assert model.predict(x_train[:4]).shape == (4, 1)

train_data = np.random.random((60, 13))
train_targets = train_data.sum(1)
train_data -= train_data.mean(axis=0)
train_data /= train_data.std(axis=0)


def build_model():
    model = models.Sequential()
    model.add(layers.Dense(16, activation="relu", input_shape=(train_data.shape[1],)))
    model.add(layers.Dense(16, activation="relu"))
    model.add(layers.Dense(1))
    model.compile(optimizer="rmsprop", loss="mse", metrics=["mae"])
    return model


k, all_mae_histories = 3, []
num_val_samples = len(train_data) // k
for i in range(k):
    val = slice(i * num_val_samples, (i + 1) * num_val_samples)
    rest = np.r_[0:val.start, val.stop:len(train_data)]
    model = build_model()
    history = model.fit(train_data[rest], train_targets[rest], epochs=2, batch_size=4, verbose=0,
                        validation_data=(train_data[val], train_targets[val]))
    all_mae_histories.append(history.history["val_mae"])
    val_mse, val_mae = model.evaluate(train_data[val], train_targets[val], verbose=0)
average = [np.mean([x[i] for x in all_mae_histories]) for i in range(2)]
assert len(average) == 2
