"""Models that begin with texts: a text classifier, columns of a table, and two towers."""

import os
import re
import string

import numpy as np
import tensorflow as tf
from tensorflow import keras
from tensorflow.keras import layers

keras.utils.set_random_seed(1)
for part in ("train", "test"):
    for kind, word in (("pos", "great"), ("neg", "bad")):
        os.makedirs(f"reviews/{part}/{kind}", exist_ok=True)
        for i in range(16):
            with open(f"reviews/{part}/{kind}/{i}.txt", "w") as file:
                file.write(f"This is a {word} film!<br />Number {i}")

# ---- a text classifier, end to end ----

raw_train = keras.utils.text_dataset_from_directory("reviews/train", batch_size=8, seed=1)
raw_test = keras.utils.text_dataset_from_directory("reviews/test", batch_size=8, shuffle=False)


def custom_standardization(input_data):
    lowercase = tf.strings.lower(input_data)
    stripped = tf.strings.regex_replace(lowercase, "<br />", " ")
    return tf.strings.regex_replace(stripped, f"[{re.escape(string.punctuation)}]", "")


vectorize_layer = layers.TextVectorization(
    standardize=custom_standardization, max_tokens=50, output_mode="int", output_sequence_length=10
)
vectorize_layer.adapt(raw_train.map(lambda x, y: x))


def vectorize_text(text, label):
    text = tf.expand_dims(text, -1)
    return vectorize_layer(text), label


train_ds = raw_train.map(vectorize_text).cache().prefetch(buffer_size=10)
inputs = keras.Input(shape=(None,), dtype="int64")
x = layers.Embedding(50, 8)(inputs)
x = layers.GlobalMaxPooling1D()(x)
outputs = layers.Dense(1, activation="sigmoid", name="predictions")(x)
model = keras.Model(inputs, outputs)
model.compile(loss="binary_crossentropy", optimizer=keras.optimizers.Adam(0.1), metrics=["accuracy"])
model.fit(train_ds, epochs=20, verbose=0)

text_input = keras.Input(shape=(1,), dtype="string")
end_to_end = keras.Model(text_input, model(vectorize_layer(text_input)))
end_to_end.compile(loss="binary_crossentropy", optimizer="adam", metrics=["accuracy"])
loss, accuracy = end_to_end.evaluate(raw_test, verbose=0)
assert accuracy > 0.9
end_to_end.save("end_to_end.keras")
loaded = keras.models.load_model(
    "end_to_end.keras", custom_objects={"custom_standardization": custom_standardization}
)
good, bad = loaded.predict(tf.constant([["a great film"], ["a bad film"]]), verbose=0)[:, 0]
assert good > 0.5 > bad

# ---- columns of a table ----

rng = np.random.default_rng(0)
table = {
    "sex": rng.integers(0, 2, 32),
    "thal": rng.choice(["fixed", "normal", "reversible"], 32),
    "age": rng.normal(50, 10, 32),
}
target = rng.integers(0, 2, 32)
with open("heart.csv", "w") as file:
    file.write("sex,thal,age,target\n")
    for sex, thal, age, label in zip(*table.values(), target):
        file.write(f"{sex},{thal},{age},{label}\n")
heart = tf.data.experimental.make_csv_dataset(
    "heart.csv", batch_size=8, label_name="target", num_epochs=1
)
for features, labels in heart.take(1):
    assert features["age"].dtype == tf.float32
    assert features["thal"].shape == (8,)


def encode_categorical_feature(feature, name, dataset, is_string):
    lookup_class = layers.StringLookup if is_string else layers.IntegerLookup
    lookup = lookup_class(output_mode="binary")
    lookup.adapt(dataset.map(lambda x, y: x[name]).map(lambda x: tf.expand_dims(x, -1)))
    return lookup(feature)


sex = keras.Input(shape=(1,), name="sex", dtype="int64")
thal = keras.Input(shape=(1,), name="thal", dtype="string")
age = keras.Input(shape=(1,), name="age")
all_features = layers.concatenate(
    [
        encode_categorical_feature(sex, "sex", heart, False),
        encode_categorical_feature(thal, "thal", heart, True),
        layers.Rescaling(0.01)(age),
    ]
)
model = keras.Model([sex, thal, age], layers.Dense(1, activation="sigmoid")(all_features))
model.compile("adam", "binary_crossentropy", metrics=["accuracy"])
model.fit(heart, epochs=1, verbose=0)
sample = {"age": 60, "sex": 1, "thal": "fixed"}
input_dict = {name: tf.convert_to_tensor([value]) for name, value in sample.items()}
assert model.predict(input_dict, verbose=0).shape == (1, 1)

# ---- two towers ----


class RankingModel(keras.Model):
    def __init__(self):
        super().__init__()
        self.user_embeddings = keras.Sequential(
            [layers.StringLookup(vocabulary=["u1", "u2"], mask_token=None), layers.Embedding(3, 4)]
        )
        self.movie_embeddings = keras.Sequential(
            [layers.StringLookup(vocabulary=["m1", "m2"], mask_token=None), layers.Embedding(3, 4)]
        )
        self.ratings = keras.Sequential([layers.Dense(8, activation="relu"), layers.Dense(1)])

    def call(self, inputs):
        user_id, movie_title = inputs
        both = [self.user_embeddings(user_id), self.movie_embeddings(movie_title)]
        return self.ratings(tf.concat(both, axis=1))


class MovielensModel(keras.Model):
    def __init__(self):
        super().__init__()
        self.ranking_model = RankingModel()

    def train_step(self, features):
        labels = features.pop("user_rating")
        with tf.GradientTape() as tape:
            predictions = self.ranking_model((features["user_id"], features["movie_title"]))
            loss = tf.reduce_mean(tf.square(labels - predictions))
        gradients = tape.gradient(loss, self.trainable_variables)
        self.optimizer.apply_gradients(zip(gradients, self.trainable_variables))
        return {"loss": loss}


ratings = tf.data.Dataset.from_tensor_slices(
    {
        "user_id": rng.choice(["u1", "u2"], 32),
        "movie_title": rng.choice(["m1", "m2"], 32),
        "user_rating": np.ones((32, 1), "float32"),
    }
)
model = MovielensModel()
model.compile(optimizer=keras.optimizers.Adagrad(learning_rate=0.1))
history = model.fit(ratings.shuffle(32).batch(8).cache(), epochs=3, verbose=0)
assert history.history["loss"][-1] < history.history["loss"][0]
assert model.ranking_model((["u1"], ["m2"])).shape == (1, 1)
