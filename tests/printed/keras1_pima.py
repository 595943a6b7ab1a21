"""A table of numbers with numpy.loadtxt, as courses of 2016 began; saved as JSON and HDF5."""

import numpy
from keras.layers import Dense
from keras.models import Sequential, model_from_json

seed = 7
numpy.random.seed(seed)
rows = numpy.random.normal(size=(120, 8))
rows = numpy.column_stack([rows, (rows[:, 0] + rows[:, 1] > 0).astype(int)])
numpy.savetxt("pima.csv", rows, delimiter=",")

dataset = numpy.loadtxt("pima.csv", delimiter=",")
X = dataset[:, 0:8]
Y = dataset[:, 8]
model = Sequential()
model.add(Dense(12, input_dim=8, init="uniform", activation="relu"))
model.add(Dense(8, init="normal", activation="relu"))
model.add(Dense(1, init="uniform", activation="sigmoid"))
model.compile(loss="binary_crossentropy", optimizer="adam", metrics=["accuracy"])
model.fit(X, Y, nb_epoch=60, batch_size=10, verbose=0)
scores = model.evaluate(X, Y)
print("%s: %.2f%%" % (model.metrics_names[1], scores[1] * 100))
assert scores[1] > 0.8

with open("model.json", "w") as json_file:
    json_file.write(model.to_json())
model.save_weights("model.h5")
with open("model.json") as json_file:
    loaded_model = model_from_json(json_file.read())
loaded_model.load_weights("model.h5")
loaded_model.compile(loss="binary_crossentropy", optimizer="rmsprop", metrics=["accuracy"])
score = loaded_model.evaluate(X, Y, verbose=0)
assert score[1] == scores[1]
predictions = loaded_model.predict(X)
rounded = [round(x[0]) for x in predictions]
assert len(rounded) == 120
