"""Words of Keras 1 and 2: what they mean today is done, and said once in one line."""

from __future__ import annotations

import subprocess
import sys
import warnings
from typing import Any

import numpy as np
import pytest

import pylego
from pylego import backend as K, callbacks, layers, models, optimizers, utils
from pylego.older import arguments, layer_words, names, words
from pylego.preprocessing.image import ImageDataGenerator
from pylego.saving.legacy import layer_names

# A call in old words, and the arguments of today.
LAYERS = {
    "Conv2D(8, 3, 5, border_mode='same', dim_ordering='tf')": {
        "filters": 8, "kernel_size": (3, 5), "padding": "same", "data_format": "channels_last",
    },
    "Conv1D(8, 3, border_mode='same', subsample_length=2)": {
        "filters": 8, "kernel_size": (3,), "strides": (2,),
    },
    "Conv1D(nb_filter=8, filter_length=3)": {"filters": 8, "kernel_size": (3,)},
    "Dense(output_dim=3, init='zero', bias=False)": {"units": 3, "use_bias": False},
    "Dense(4, 3, init='uniform')": {"units": 3},
    "Dropout(p=0.25)": {"rate": 0.25},
    "GaussianNoise(sigma=0.5)": {"stddev": 0.5},
    "LSTM(output_dim=3, inner_activation='tanh', forget_bias_init='zero', dropout_W=0.5)": {
        "units": 3, "recurrent_activation": "tanh", "unit_forget_bias": False, "dropout": 0.5,
    },
    "MaxPooling1D(pool_length=3, stride=2)": {"pool_size": (3,), "strides": (2,)},
    "Reshape(dims=(2, 3))": {"target_shape": (2, 3)},
    "SeparableConv2D(2, 3, depth_multiplier=1, init='ones')": {"filters": 2},
    "UpSampling1D(length=3)": {"size": 3},
    "AtrousConvolution2D(2, 3, 3, atrous_rate=(2, 2))": {
        "kernel_size": (3, 3), "dilation_rate": (2, 2),
    },
    "Deconvolution2D(2, 3, 3, output_shape=(None, 8, 8, 2), border_mode='valid')": {
        "filters": 2, "kernel_size": (3, 3), "padding": "valid",
    },
    "CuDNNGRU(3)": {"units": 3},
    "TimeDistributedDense(3, input_dim=2)": {"units": 3},
}  # fmt: skip


@pytest.mark.parametrize("call", LAYERS)
def test_a_layer_in_old_words_is_one_of_today(call: str) -> None:
    with pytest.warns(UserWarning, match="older word: today it is"):
        layer = eval(f"layers.{call}", {"layers": layers})
    config = layer.get_config()
    given = {name: config[name] for name in LAYERS[call]}
    assert {k: tuple(v) if isinstance(v, list) else v for k, v in given.items()} == LAYERS[call]
    copy = type(layer).from_config(config)
    assert copy.get_config() == config


def test_a_note_is_said_once_and_points_to_the_program() -> None:
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        for _ in range(3):
            layers.Dense(output_dim=2)
    assert [str(one.message) for one in seen] == [
        "Dense(output_dim=) is an older word: today it is units="
    ]
    assert seen[0].filename == __file__


def test_words_of_today_say_nothing_and_load_nothing() -> None:
    program = (
        "import sys, pylego\n"
        "model = pylego.Sequential([pylego.layers.Dense(2, input_shape=(3,), name='a')])\n"
        "model.compile('sgd', 'mse', metrics=['accuracy'])\n"
        "model.fit([[1.0, 2, 3]], [[1.0, 2]], verbose=0).history['accuracy']\n"
        "print([name for name in sys.modules if 'older.' in name or 'scripts' in name])\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert (done.stdout, done.stderr) == ("[]\n", "")


def test_a_layer_of_ones_own_keeps_its_words() -> None:
    class Mine(layers.Layer):
        def __init__(self, output_dim: int, p: float = 0.5, **kwargs: Any):
            super().__init__(**kwargs)
            self.output_dim, self.p = output_dim, p

    class Inner(layers.Dense):
        def __init__(self, **kwargs: Any):
            self.nb_filter = kwargs.pop("nb_filter")
            super().__init__(**kwargs)

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert Mine(output_dim=3, p=0.25).output_dim == 3
        assert Inner(nb_filter=2, units=3).nb_filter == 2


def test_a_wrapper_copies_a_layer_that_was_made_in_old_words() -> None:
    layer = layers.Bidirectional(layers.LSTM(output_dim=2))
    assert layer.backward_layer.units == 2


def test_conv2d_means_strides_where_all_words_are_of_today() -> None:
    assert layers.Conv2D(8, 3, 2).strides == (2, 2)
    assert layers.Conv2D(8, 3, 2, activation="relu").kernel_size == (3, 3)


def test_tables_name_arguments_that_there_are() -> None:
    for name, table in layer_words.ARGUMENTS.items():
        kind = getattr(layers, name)
        known = arguments_of(kind)
        for old, new in table.items():
            split = layer_words.SPLIT.get(name, {}).get(new, (new,))
            missing = [one for one in split if one not in known]
            assert not missing or old not in known, (name, old, new)
    for old, new in layer_words.CLASSES.items():
        if new != "DenseFeatures":
            assert hasattr(layers, new), old


def arguments_of(kind: Any) -> frozenset[str]:
    from pylego import construction

    return construction._arguments_of(getattr(kind, "_today", kind))


@pytest.mark.parametrize(
    ("package", "name"),
    [(package, name) for package in names.NAMES for name in names.NAMES[package]],
)
def test_every_old_name_is_found(package: str, name: str) -> None:
    found = names.find(package, name)
    assert found.__name__ == name
    assert callable(found)


def test_old_classes_can_be_subclassed_and_asked_for() -> None:
    old = names.find("layers", "Deconvolution2D")

    class Mine(old):  # type: ignore[misc, valid-type]
        pass

    assert issubclass(Mine, layers.Conv2DTranspose)
    assert isinstance(layers.Conv2DTranspose(2, 3), old)
    assert issubclass(Mine, old)


def test_files_and_programs_leave_the_same_words_out() -> None:
    assert layer_words.IGNORED < layer_names.DROPPED
    assert arguments.meanings("border_mode") == ["padding"]
    assert arguments.is_ignored("class_mode")
    assert not arguments.is_ignored("units")
    assert set(words.SAID) <= {word for table in words.ARGUMENTS.values() for word in table}


# ---- models ----


def model(**compiled: Any) -> models.Sequential:
    stack = models.Sequential([layers.Dense(1, activation="sigmoid", input_shape=(2,))])
    stack.compile("sgd", "binary_crossentropy", **compiled)
    return stack


X, Y = np.random.default_rng(0).normal(size=(12, 2)), np.arange(12) % 2


def batches(size: int = 4):
    while True:
        yield X[:size], Y[:size]


def test_numbers_of_samples_become_numbers_of_batches() -> None:
    seen: list[int] = []
    counts = callbacks.LambdaCallback(on_train_batch_end=lambda batch, logs: seen.append(batch))
    history = model().fit_generator(
        batches(), samples_per_epoch=10, nb_epoch=2, nb_val_samples=8, validation_data=batches(),
        callbacks=[counts], verbose=0, max_q_size=3, pickle_safe=False,
    )  # fmt: skip
    assert seen == [0, 1, 2] * 2
    assert len(history.history["val_loss"]) == 2
    stack = model()
    assert stack.predict_generator((x for x, _ in batches()), val_samples=8).shape == (8, 1)
    assert stack.evaluate_generator(batches(), val_samples=8) == pytest.approx(
        stack.evaluate(X[:4], Y[:4], verbose=0)
    )


def test_show_accuracy_adds_a_metric() -> None:
    stack = model()
    history = stack.fit(X, Y, nb_epoch=1, show_accuracy=True, verbose=0)
    assert history.history["acc"] == history.history["accuracy"]
    assert len(stack.evaluate(X, Y, show_accuracy=True, verbose=0)) == 2


def test_classes_and_probabilities() -> None:
    stack = model()
    probabilities = stack.predict(X, verbose=0)
    assert np.array_equal(stack.predict_proba(X), probabilities)
    assert np.array_equal(stack.predict_classes(X), (probabilities > 0.5).astype("int32"))
    several = models.Sequential([layers.Dense(3, input_shape=(2,))])
    assert np.array_equal(several.predict_classes(X), several.predict(X, verbose=0).argmax(-1))


def test_names_of_parts_mean_those_of_today() -> None:
    with pytest.warns(UserWarning, match="cosine_proximity is an older word"):
        model(metrics=["cosine_proximity"]).fit(X, Y, verbose=0)
    stack = models.Sequential([layers.Dense(2, input_shape=(2,), kernel_constraint="maxnorm")])
    stack.compile("sgd", "kullback_leibler_divergence")
    assert utils.to_categorical([1], nb_classes=3).shape == (1, 3)
    with pytest.raises(TypeError, match=r"num_class'\. Did you mean 'num_classes'"):
        utils.to_categorical([1], num_class=3)
    with pytest.warns(UserWarning, match=r"model\.model is an older word"):
        assert stack.model is stack


def test_metrics_are_of_all_outputs_in_a_program_of_keras_2() -> None:
    x = layers.Input((2,))
    several = models.Model(x, [layers.Dense(1, name="a")(x), layers.Dense(1, name="b")(x)])
    several.compile("sgd", "mse", metrics=["mae"])
    with pytest.raises(ValueError, match="metrics has 1 parts"):
        several.fit(X, [Y, Y], verbose=0)
    with pylego.as_keras():
        several.compile("sgd", "mse", metrics=["mae"])
        history = several.fit(X, [Y, Y * 3], verbose=0).history
    assert history["a_mae"] != history["b_mae"]


def test_losses_of_placeholders_are_added_to_a_model() -> None:
    weights = []
    for is_older in (True, False):
        utils.set_random_seed(2)
        x = layers.Input((2,))
        hidden = layers.Dense(3)(x)
        stack = models.Model(x, layers.Dense(2)(hidden))
        if is_older:
            stack.add_loss(K.mean(K.square(stack.output - x), axis=-1))
            stack.add_loss(0.1 * K.sum(K.square(hidden)))
            stack.compile("sgd")
            losses = stack.fit(X, epochs=2, batch_size=6, verbose=0, shuffle=False).history["loss"]
        else:

            def loss(t: Any, p: Any) -> Any:
                return K.mean(K.square(p[:, :2] - t)) + 0.1 * K.sum(K.square(p[:, 2:]))

            both = models.Model(x, K.concatenate([stack.output, hidden]))
            both.compile("sgd", loss)
            both.fit(X, X, epochs=2, batch_size=6, verbose=0, shuffle=False)
        weights.append(stack.get_weights())
    assert losses[1] < losses[0]
    assert all(np.allclose(a, b, atol=1e-6) for a, b in zip(*weights))


def test_minimize_does_a_step() -> None:
    v, w = K.variable([3.0]), K.variable([3.0])
    optimizers.SGD(0.5).minimize(lambda: K.sum(v * v), [v])
    with pylego.GradientTape() as tape:
        loss = K.sum(w * w)
    optimizers.SGD(0.5).minimize(loss, lambda: [w], tape=tape)
    assert v.numpy().tolist() == w.numpy().tolist() == [0.0]
    with pytest.raises(ValueError, match="a tape beside it"):
        optimizers.SGD(0.5).minimize(loss, [w])
    assert optimizers.Adam(epsilon=None).epsilon == pylego.config.epsilon()


def test_layers_know_the_shapes_of_their_first_call() -> None:
    stack = models.Sequential([layers.Dense(3, input_shape=(2,)), layers.Dense(1)])
    assert [layer.input_shape for layer in stack.layers] == [(None, 2), (None, 3)]
    assert [layer.output_shape for layer in stack.layers] == [(None, 3), (None, 1)]
    with pytest.raises(AttributeError, match="has no output yet"):
        layers.Dense(1).output_shape  # noqa: B018

    class Own(layers.Layer):
        def __init__(self) -> None:
            super().__init__()
            self.output_shape = 3

    assert Own().output_shape == 3


def test_the_hard_sigmoid_of_an_old_word_is_the_old_one() -> None:
    """Until Keras 2 it was 0.2 x + 0.5."""
    old = layers.LSTM(2, inner_activation="hard_sigmoid")  # type: ignore[call-arg]
    today = layers.LSTM(2, recurrent_activation="hard_sigmoid")
    assert old.recurrent_activation(1.0).item() == pytest.approx(0.7)
    assert today.recurrent_activation(1.0).item() == pytest.approx(4 / 6)


def test_the_order_of_axes_of_a_generator_in_old_words() -> None:
    generator = ImageDataGenerator(dim_ordering="th")  # type: ignore[call-arg]
    assert generator.data_format == "channels_first"


def test_a_graph_begins_at_the_input_of_its_first_layer() -> None:
    """Programs of Keras 1 look into a model so: K.function([model.layers[0].input, ...], ...)."""
    begin = layers.Input((3,))
    hidden = layers.Dense(2)(begin)
    model = models.Model(begin, layers.Dense(1)(hidden))
    assert model.layers[0].input is begin
    look = K.function([model.layers[0].input, K.learning_phase()], [model.layers[1].output])
    assert look([np.ones((4, 3)), 0])[0].shape == (4, 2)


def test_words_that_nobody_knows_are_refused() -> None:
    with pytest.raises(TypeError, match=r"fit got an unknown argument 'epoch'.*'epochs'"):
        model().fit(X, Y, epoch=3)
    with pytest.raises(TypeError, match=r"compile got an unknown argument 'metric'"):
        model(metric=["acc"])
    with pytest.warns(UserWarning, match=r"compile\(class_mode=\).*left out"):
        model(class_mode="binary")


def test_a_model_may_begin_with_merged_models() -> None:
    left = models.Sequential([layers.Dense(3, input_shape=(2,))])
    right = models.Sequential([layers.Dense(2, input_shape=(4,))])
    stack = models.Sequential()
    stack.add(layers.Merge([left, right], mode="concat", concat_axis=1))
    stack.add(layers.Dense(1))
    assert stack.output_shape == (None, 1)
    stack.compile("sgd", "mse")
    data = [np.ones((6, 2)), np.ones((6, 4))]
    stack.fit(data, np.ones(6), epochs=2, verbose=0)
    numbers = stack.predict(data, verbose=0)
    copy = models.model_from_json(stack.to_json())
    copy.set_weights(stack.get_weights())
    assert np.array_equal(copy.predict(data, verbose=0), numbers)
    with pytest.raises(ValueError, match="Unknown mode of Merge 'sums'"):
        layers.Merge(mode="sums")
    with pytest.raises(ValueError, match="give its first layer input_shape="):
        layers.Merge([models.Sequential([layers.Dense(1)])])


def test_validation_data_is_there_for_callbacks_while_fit_runs() -> None:
    seen = []

    class Look(callbacks.Callback):
        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            seen.append([part.shape for part in self.validation_data])

    stack, look = model(), Look()
    stack.fit(X, Y, validation_data=(X[:4], Y[:4]), verbose=0, callbacks=[look])
    assert seen == [[(4, 2), (4,)]]
    assert look.validation_data is None
    look.validation_data = 3
    assert look.validation_data == 3


@pytest.mark.parametrize("name", ["SGD", "Adam", "RMSprop", "Adamax", "Nadam", "Adagrad"])
def test_decay_divides_the_rate_by_what_grows_with_the_steps(name: str) -> None:
    """Keras 2: rate / (1 + decay * iterations), which InverseTimeDecay says today."""
    results = []
    schedule = optimizers.schedules.InverseTimeDecay(0.1, decay_steps=1, decay_rate=0.5)
    kind = getattr(optimizers, name)
    for optimizer in (kind(lr=0.1, decay=0.5), kind(learning_rate=schedule)):
        variable = K.variable([1.0, -2.0])
        for _ in range(4):
            optimizer.apply([variable * 1], [variable])
        results.append(variable.numpy())
    assert np.allclose(*results, rtol=1e-6)
    made = kind.from_config(kind(lr=0.1, decay=0.5).get_config())
    assert made.initial_decay == 0.5
    assert float(made.lr) == pytest.approx(0.1)


def test_decay_is_recorded_with_the_step() -> None:
    rates = []
    for eagerly in (True, False):
        utils.set_random_seed(3)
        stack = models.Sequential([layers.Dense(1, input_shape=(2,))])
        stack.compile(optimizers.SGD(lr=0.1, decay=0.5), "mse", run_eagerly=eagerly)
        stack.fit(X, Y, epochs=2, batch_size=4, verbose=0, shuffle=False)
        rates.append(stack.get_weights()[0])
    assert np.array_equal(*rates)


def test_a_metric_starts_again_under_its_older_name() -> None:
    from pylego.metrics import Mean

    mean = Mean()
    mean.update_state(3.0)
    mean.reset_states()
    assert float(mean.result()) == 0.0


def test_weights_that_a_layer_lists_itself_are_trained() -> None:
    class Listed(layers.Layer):
        def build(self, input_shape: Any) -> None:
            weights = [K.variable(np.ones((input_shape[-1], 1)))]
            self.hidden = lambda: weights[0]
            self.trainable_weights = weights

        def call(self, x: Any) -> Any:
            return K.dot(x, self.hidden())

    stack = models.Sequential([Listed(input_shape=(2,))])
    stack.compile("sgd", "mse")
    before = stack.get_weights()[0]
    stack.fit(X, Y, verbose=0)
    assert not np.array_equal(stack.get_weights()[0], before)


# ---- layers that Keras 3 no longer has ----


def test_maxout_and_highway_compute_their_formulas() -> None:
    x = np.random.default_rng(1).normal(size=(3, 4)).astype("float32")
    maxout = layers.MaxoutDense(output_dim=2, nb_feature=3)
    y = maxout(x).numpy()
    kernel, bias = maxout.get_weights()
    assert np.allclose(y, (np.einsum("bn,knu->kbu", x, kernel) + bias[:, None]).max(0), atol=1e-5)
    highway = layers.Highway(activation="tanh")
    y = highway(x).numpy()
    kernel, gate_kernel, bias, gate_bias = highway.get_weights()
    gate = 1 / (1 + np.exp(-(x @ gate_kernel + gate_bias)))
    assert np.allclose(y, gate * np.tanh(x @ kernel + bias) + (1 - gate) * x, atol=1e-5)


@pytest.mark.parametrize("layout", ["channels_last", "channels_first"])
def test_a_locally_connected_layer_with_equal_kernels_is_a_convolution(layout: str) -> None:
    x = np.random.default_rng(1).normal(size=(2, 7, 6, 3)).astype("float32")
    conv = layers.Conv2D(4, (3, 2), strides=2)
    expected = conv(x).numpy()
    local = layers.LocallyConnected2D(4, (3, 2), strides=2, data_format=layout)
    given = x if layout == "channels_last" else np.moveaxis(x, -1, 1)
    local.build(given.shape)
    kernel = conv.get_weights()[0].reshape(-1, 4)
    local.kernel.assign(np.broadcast_to(kernel, local.kernel.shape))
    y = local(given).numpy()
    y = y if layout == "channels_last" else np.moveaxis(y, 1, -1)
    assert np.allclose(y, expected, atol=1e-5)
    assert local.compute_output_shape(given.shape) == local(given).shape


def test_a_locally_connected_layer_needs_all_lengths() -> None:
    with pytest.raises(ValueError, match="all lengths of its inputs but the first must be known"):
        layers.LocallyConnected1D(4, 3).build((None, None, 3))
    with pytest.raises(ValueError, match="padding='valid' alone"):
        layers.LocallyConnected1D(4, 3, padding="same")
    with pytest.raises(ValueError, match="kernel_size has a number for each of 2 axes"):
        layers.LocallyConnected2D(4, (3,))


def test_spectral_normalization_gives_the_numbers_of_keras() -> None:
    """Numbers of Keras 3.15: layers.SpectralNormalization(Dense(2), power_iterations=2)."""
    layer = layers.SpectralNormalization(layers.Dense(2), power_iterations=2)
    x = np.array([[1, 2, 3.0], [0, -1, 1]], "float32")
    layer(x)
    assert [w.name for w in layer.weights] == ["kernel", "vector_u", "bias"]
    kernel = np.arange(6.0).reshape(3, 2) / 3 - 0.5
    layer.set_weights([kernel, [[0.3, -0.2]], [0.0, 0.0]])
    expected = [[1.5029541, 2.7912006], [0.42941546, 0.42941546]]
    assert np.allclose(layer(x, training=True), expected, atol=1e-6)
    assert np.allclose(layer.vector_u, [[0.632146418, 0.774848878]], atol=1e-6)
    assert np.allclose(layer(x), expected, atol=1e-6)
    with pytest.raises(AttributeError, match="neither a kernel nor embeddings"):
        layers.SpectralNormalization(layers.Dropout(0.5))(x)


def test_a_kernel_of_zeros_stays_as_it_is() -> None:
    layer = layers.SpectralNormalization(layers.Dense(2, kernel_initializer="zeros"))
    layer.build((None, 3))
    before = layer.vector_u.numpy()
    layer(np.ones((1, 3), "float32"), training=True)
    assert (layer.layer.kernel.numpy() == 0).all()
    assert (layer.vector_u.numpy() == before).all()
