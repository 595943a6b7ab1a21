"""Texts in the words of TensorFlow 2: a folder of reviews, a standard of one's own, letters."""

import os
import re
import string

import tensorflow as tf
from tensorflow.keras import layers, losses

for split in ("train", "test"):
    for kind, word in (("neg", "dull"), ("pos", "fine")):
        os.makedirs(f"reviews/{split}/{kind}", exist_ok=True)
        for number in range(8):
            with open(f"reviews/{split}/{kind}/{number}.txt", "w") as file:
                file.write(f"A {word} film,<br />number {number}!")

batch_size = 4
raw_train_ds = tf.keras.utils.text_dataset_from_directory(
    "reviews/train", batch_size=batch_size, validation_split=0.25, subset="training", seed=42
)
for text_batch, label_batch in raw_train_ds.take(1):
    for i in range(2):
        print("Review", text_batch.numpy()[i].decode("utf-8"))
        print("Label", raw_train_ds.class_names[label_batch.numpy()[i]])


def custom_standardization(input_data):
    lowercase = tf.strings.lower(input_data)
    stripped_html = tf.strings.regex_replace(lowercase, "<br />", " ")
    return tf.strings.regex_replace(stripped_html, "[%s]" % re.escape(string.punctuation), "")


vectorize_layer = layers.TextVectorization(
    standardize=custom_standardization, max_tokens=100, output_sequence_length=10
)
vectorize_layer.adapt(raw_train_ds.map(lambda x, y: x))
assert "br" not in vectorize_layer.get_vocabulary()


def vectorize_text(text, label):
    text = tf.expand_dims(text, -1)
    return vectorize_layer(text), label


train_ds = raw_train_ds.map(vectorize_text).cache().prefetch(tf.data.AUTOTUNE)
model = tf.keras.Sequential([
    layers.Embedding(100, 8),
    layers.GlobalAveragePooling1D(),
    layers.Dense(1, activation="sigmoid"),
])
model.compile(
    loss=losses.BinaryCrossentropy(),
    optimizer="adam",
    metrics=[tf.metrics.BinaryAccuracy(threshold=0.5)],
)
history = model.fit(train_ds, epochs=2, callbacks=[tf.keras.callbacks.TensorBoard("logs")])
loss, accuracy = model.evaluate(train_ds)
assert 0 <= accuracy <= 1

# Letters, one after another.
text = "First Citizen: Before we proceed any further, hear me speak. " * 4
ids_from_chars = layers.StringLookup(vocabulary=sorted(set(text)), mask_token=None)
chars_from_ids = layers.StringLookup(
    vocabulary=ids_from_chars.get_vocabulary(), invert=True, mask_token=None
)
all_ids = ids_from_chars(tf.strings.unicode_split(text, "UTF-8"))
ids_dataset = tf.data.Dataset.from_tensor_slices(all_ids)
print([chars_from_ids(ids).numpy().decode("utf-8") for ids in ids_dataset.take(5)])
sequences = ids_dataset.batch(21, drop_remainder=True)
dataset = sequences.map(lambda row: (row[:-1], row[1:])).shuffle(10).batch(4)
for seq in sequences.take(1):
    line = tf.strings.reduce_join(chars_from_ids(seq), axis=-1).numpy()
    assert line == text[:21].encode()


class Announcing(tf.keras.callbacks.Callback):
    def on_train_begin(self, logs=None):
        print("Starting training; got log keys: {}".format(list(logs.keys())))


model = tf.keras.Sequential([
    layers.Embedding(ids_from_chars.vocabulary_size(), 8),
    layers.GRU(8, return_sequences=True),
    layers.Dense(ids_from_chars.vocabulary_size()),
])
model.compile("adam", tf.losses.SparseCategoricalCrossentropy(from_logits=True))
model.fit(dataset, epochs=1, callbacks=[Announcing()])
sampled = tf.random.categorical(model(all_ids[None, :5])[0], num_samples=1)
print(tf.strings.reduce_join(chars_from_ids(tf.squeeze(sampled, axis=-1))).numpy())
