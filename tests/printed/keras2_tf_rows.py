"""Rows of letters and words that differ in length: a generator of letters one by one, a translator
with attention, tables with buckets (tf.keras 2, TensorFlow 2)."""

import numpy as np
import tensorflow as tf

tf.random.set_seed(1)

# ---- letters, drawn one by one ----

text = "a brick and a brick make a wall. " * 30
chars = tf.strings.unicode_split(["abc", "xy"], input_encoding="UTF-8")
ids_from_chars = tf.keras.layers.StringLookup(vocabulary=sorted(set(text)), mask_token=None)
chars_from_ids = tf.keras.layers.StringLookup(
    vocabulary=ids_from_chars.get_vocabulary(), invert=True, mask_token=None
)
ids = ids_from_chars(chars)
assert tf.strings.reduce_join(chars_from_ids(ids), axis=-1).numpy()[0] == b"abc"
all_ids = ids_from_chars(tf.strings.unicode_split(text, "UTF-8"))
sequences = tf.data.Dataset.from_tensor_slices(all_ids).batch(21, drop_remainder=True)
dataset = sequences.map(lambda row: (row[:-1], row[1:])).shuffle(100).batch(8, drop_remainder=True)


class MyModel(tf.keras.Model):
    def __init__(self, vocab_size, embedding_dim, rnn_units):
        super().__init__(self)
        self.embedding = tf.keras.layers.Embedding(vocab_size, embedding_dim)
        self.gru = tf.keras.layers.GRU(rnn_units, return_sequences=True, return_state=True)
        self.dense = tf.keras.layers.Dense(vocab_size)

    def call(self, inputs, states=None, return_state=False, training=False):
        x = self.embedding(inputs, training=training)
        if states is None:
            states = self.gru.get_initial_state(x)
        x, states = self.gru(x, initial_state=states, training=training)
        x = self.dense(x, training=training)
        return (x, states) if return_state else x


vocab_size = len(ids_from_chars.get_vocabulary())
model = MyModel(vocab_size, 8, 32)
model.compile("adam", tf.losses.SparseCategoricalCrossentropy(from_logits=True))
model.fit(dataset, epochs=2, verbose=0)


class OneStep(tf.keras.Model):
    def __init__(self, model, temperature=1.0):
        super().__init__()
        self.temperature = temperature
        self.model = model
        skip_ids = ids_from_chars(["[UNK]"])[:, None]
        sparse_mask = tf.SparseTensor(
            values=[-float("inf")] * len(skip_ids), indices=skip_ids, dense_shape=[vocab_size]
        )
        self.prediction_mask = tf.sparse.to_dense(sparse_mask)

    @tf.function
    def generate_one_step(self, inputs, states=None):
        input_ids = ids_from_chars(tf.strings.unicode_split(inputs, "UTF-8")).to_tensor()
        logits, states = self.model(inputs=input_ids, states=states, return_state=True)
        logits = logits[:, -1, :] / self.temperature + self.prediction_mask
        drawn = tf.squeeze(tf.random.categorical(logits, num_samples=1), axis=-1)
        return chars_from_ids(drawn), states


one_step_model = OneStep(model)
states, next_char = None, tf.constant(["a", "w"])
result = [next_char]
for _ in range(10):
    next_char, states = one_step_model.generate_one_step(next_char, states=states)
    result.append(next_char)
result = tf.strings.join(result)
assert [len(line.numpy().decode()) for line in result] == [11, 11]

# ---- words, padded behind their sentences ----

pairs = [("¿Qué es?", "What is it?"), ("Es mi casa.", "It is my house."), ("Ven.", "Come.")] * 8
context_raw, target_raw = (np.array(side) for side in zip(*pairs))
train_raw = tf.data.Dataset.from_tensor_slices((context_raw, target_raw)).batch(8)


def lower_and_split_punct(text):
    text = tf.strings.lower(text)
    text = tf.strings.regex_replace(text, "[^ a-z.?!,¿]", "")
    text = tf.strings.regex_replace(text, "[.?!,¿]", r" \0 ")
    text = tf.strings.strip(text)
    return tf.strings.join(["[START]", text, "[END]"], separator=" ")


processors = [
    tf.keras.layers.TextVectorization(standardize=lower_and_split_punct, ragged=True)
    for _ in range(2)
]
processors[0].adapt(train_raw.map(lambda context, target: context))
processors[1].adapt(train_raw.map(lambda context, target: target))
words = np.array(processors[1].get_vocabulary())
row = processors[1](["Come."])[0]
assert " ".join(words[row.numpy()]) == "[START] come . [END]"


def process_text(context, target):
    context = processors[0](context).to_tensor()
    target = processors[1](target)
    return (context, target[:, :-1].to_tensor()), target[:, 1:].to_tensor()


class Translator(tf.keras.Model):
    def __init__(self, units):
        super().__init__()
        sizes = [one.vocabulary_size() for one in processors]
        self.embeddings = [tf.keras.layers.Embedding(n, units, mask_zero=True) for n in sizes]
        self.encoder = tf.keras.layers.Bidirectional(
            tf.keras.layers.GRU(units, return_sequences=True), merge_mode="sum"
        )
        self.decoder = tf.keras.layers.GRU(units, return_sequences=True)
        self.attention = tf.keras.layers.MultiHeadAttention(key_dim=units, num_heads=1)
        self.out = tf.keras.layers.Dense(sizes[1])

    def call(self, inputs):
        context, x = (embed(one) for embed, one in zip(self.embeddings, inputs))
        context, x = self.encoder(context), self.decoder(x)
        return self.out(x + self.attention(query=x, value=context))


def masked_loss(y_true, y_pred):
    loss_fn = tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True, reduction="none")
    mask = tf.cast(y_true != 0, tf.float32)
    return tf.reduce_sum(loss_fn(y_true, y_pred) * mask) / tf.reduce_sum(mask)


translator = Translator(16)
translator.compile("adam", masked_loss)
losses = translator.fit(train_raw.map(process_text), epochs=8, verbose=0).history["loss"]
assert losses[-1] < losses[0]

# ---- reviews, whose words are numbers of a table ----


def preprocess(X_batch, y_batch):
    X_batch = tf.strings.substr(X_batch, 0, 300)
    X_batch = tf.strings.regex_replace(X_batch, rb"<br\s*/?>", b" ")
    X_batch = tf.strings.split(tf.strings.regex_replace(X_batch, b"[^a-zA-Z']", b" "))
    return X_batch.to_tensor(default_value=b"<pad>"), y_batch


keys = tf.constant(["<pad>", "good", "bad"])
initializer = tf.lookup.KeyValueTensorInitializer(keys, tf.range(3, dtype=tf.int64))
table = tf.lookup.StaticVocabularyTable(initializer, 4)
reviews = tf.data.Dataset.from_tensor_slices((["good<br />film", "bad, a bad film"] * 8, [1, 0] * 8))
train_set = reviews.batch(4).map(preprocess).map(lambda X, y: (table.lookup(X), y))
classifier = tf.keras.models.Sequential(
    [
        tf.keras.layers.Embedding(7, 4, mask_zero=True, input_shape=[None]),
        tf.keras.layers.GRU(4),
        tf.keras.layers.Dense(1, activation="sigmoid"),
    ]
)
classifier.compile(loss="binary_crossentropy", optimizer=tf.keras.optimizers.Adam(0.1))
classifier.fit(train_set, epochs=12, verbose=0)
good, bad = classifier.predict(table.lookup(tf.constant([["good"], ["bad"]])), verbose=0)
assert good > 0.5 > bad
