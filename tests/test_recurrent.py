"""Recurrent layers: Keras's numbers, and what must hold of all of them."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import pytest
from goldens import array, expect_close, load

from pylego import function, grad, layers, names, ops, optimizers
from pylego.autograd import GradientTape
from pylego.core.tensor import apply_all
from pylego.core.tree import leaves
from pylego.models import Model, Sequential, load_model
from pylego.ops import recurrent

GOLDEN = load("recurrent")
X = array(GOLDEN["inputs"])
MASK = np.array(GOLDEN["mask"])


@pytest.fixture(autouse=True)
def names_from_the_start() -> None:
    names.reset_names()


def plain(case: dict[str, Any]) -> layers.Layer:
    return getattr(layers, case["class"])(**case["arguments"])


def stack(case: dict[str, Any]) -> layers.Layer:
    cells = [getattr(layers, name)(**arguments) for name, arguments in case["cells"]]
    return layers.RNN(cells if len(cells) > 1 else cells[0], **case["arguments"])


def both(case: dict[str, Any]) -> layers.Layer:
    return layers.Bidirectional(layers.LSTM(2, **case["arguments"]), merge_mode=case["merge_mode"])


CASES = [
    pytest.param(make, case, id=f"{kind}: {name}")
    for kind, make in (("layers", plain), ("stacks", stack), ("both", both))
    for name, case in GOLDEN[kind].items()
]
every_case = pytest.mark.parametrize(("make", "case"), CASES)


def made(make: Callable, case: dict[str, Any]) -> layers.Layer:
    layer = make(case)
    layer.build(X.shape)
    layer.set_weights([array(weight) for weight in case["weights"]])
    return layer


def expect_all(ours: Any, golden: list[Any], rtol: float = 1e-5) -> None:
    for mine, theirs in zip(leaves(ours), golden, strict=True):
        expect_close(mine, theirs, rtol=rtol, atol=1e-5)


def gradients(layer: layers.Layer, **options: Any) -> list[Any]:
    x = ops.convert_to_tensor(X)
    with GradientTape() as tape:
        tape.watch(x)
        loss = sum(ops.sum(ops.square(y)) for y in leaves(layer(x, **options)))
    return tape.gradient(loss, [x, *layer.trainable_weights])


# ---- real Keras -----------------------------------------------------------------------------


@every_case
def test_outputs_weights_and_losses(make: Callable, case: dict[str, Any]) -> None:
    layer = made(make, case)
    expect_all(layer(X), case["outputs"])
    expect_close(sum(loss.item() for loss in layer.losses), sum(case["losses"]), rtol=1e-5)
    assert [weight.path for weight in layer.weights] == case["weight_paths"]
    assert leaves(layer.compute_output_shape((None, 7, 3))) == leaves(case["output_shape"])


@every_case
def test_masks_and_first_states(make: Callable, case: dict[str, Any]) -> None:
    layer = made(make, case)
    expect_all(layer(X, mask=MASK), case["masked"])
    given = [_as_state(one) for one in case["states"]]
    expect_all(layer(X, initial_state=given), case["from_states"])


def _as_state(state: Any) -> Any:
    """A state is a table of numbers, a list of states that of a stack of cells."""
    return array(state) if isinstance(state[0][0], float) else [_as_state(one) for one in state]


@every_case
def test_gradients(make: Callable, case: dict[str, Any]) -> None:
    layer = made(make, case)
    expect_all(gradients(layer), case["gradients"], rtol=1e-4)
    expect_all(gradients(layer, mask=MASK), case["masked_gradients"], rtol=1e-4)


@every_case
def test_configs(make: Callable, case: dict[str, Any]) -> None:
    layer = made(make, case)
    config = layer.get_config()
    unlike = {"seed", "implementation"}  # Keras forgets the one in SimpleRNN, the other everywhere
    assert set(config) - unlike == set(case["config"]) - unlike
    shown = {k: v for k, v in config.items() if not isinstance(v, (dict, list)) and k not in unlike}
    assert shown == {key: case["config"][key] for key in shown}
    again = type(layer).from_config(config)
    assert again.get_config() == config
    again.build(X.shape)
    again.set_weights(layer.get_weights())
    expect_all(again(X), case["outputs"])


def test_a_stateful_layer_goes_on_where_it_ended() -> None:
    facts = GOLDEN["stateful"]
    layer = layers.LSTM(2, stateful=True)
    layer.build(X.shape)
    layer.set_weights([array(weight) for weight in facts["weights"]])
    found = [layer(X), layer(X)]
    layer.reset_states()
    expect_all([*found, layer(X)], facts["outputs"])
    assert len(layer.weights) == 3  # states are none


@pytest.mark.parametrize("make", [layers.LSTM, layers.GRU, layers.SimpleRNN])
def test_states_may_stand_beside_the_sequences_as_in_keras_2(make: Any) -> None:
    layer, both = make(2), layers.Bidirectional(make(2))
    states = [np.full((len(X), 2), 0.5, "float32")] * len(layer.state_size)
    for one, given in ((layer, states), (both, states * 2)):
        expected = one(X, initial_state=given)
        np.testing.assert_array_equal(one([X, *given]), expected)
        inputs = [layers.Input(x.shape[1:]) for x in (X, *given)]
        outputs = Model(inputs, one(inputs)).predict([X, *given], verbose=0)
        np.testing.assert_allclose(outputs, expected, rtol=1e-6)
    assert make(2)(X.tolist()).shape == (len(X), 2)


def test_states_of_keras_2_are_set_and_reset() -> None:
    inner = Sequential([layers.Input(batch_shape=X.shape), layers.LSTM(2, stateful=True)])
    both = layers.Bidirectional(layers.GRU(2, stateful=True, return_sequences=True))
    model = Sequential([layers.Input(batch_shape=X.shape), both, layers.Dense(X.shape[-1])])
    model.add(inner)
    first, second = (model.predict(X, batch_size=len(X), verbose=0) for _ in range(2))
    assert (first != second).any()
    model.reset_states()
    np.testing.assert_array_equal(model.predict(X, batch_size=len(X), verbose=0), first)

    states = [np.full((len(X), 2), i, "float32") for i in (1.0, 2.0)]
    for layer in (inner.layers[-1], both):
        layer.reset_states(states)
        for state, value in zip(layer.states, states):
            np.testing.assert_array_equal(state, value)
    with pytest.raises(ValueError, match=r"keeps 2 states .* was given 1"):
        inner.layers[-1].reset_states(states[:1])
    with pytest.raises(ValueError, match="only a layer with stateful=True"):
        layers.LSTM(2).reset_states(states)


def test_a_layer_of_each_step() -> None:
    facts = GOLDEN["each_step"]
    dense = layers.TimeDistributed(layers.Dense(2))
    norm = layers.TimeDistributed(layers.BatchNormalization())
    for layer, name in ((dense, "dense"), (norm, "normalization")):
        layer.build(X.shape)
        layer.set_weights([array(weight) for weight in facts[name]["weights"]])
    expect_all(dense(X), [facts["dense"]["output"]])
    expect_all(norm(X, training=True), [facts["normalization"]["output"]])
    expect_all(norm.get_weights(), facts["normalization"]["weights_after_training"])


# ---- what must hold -------------------------------------------------------------------------

RESET_BEFORE = partial(layers.GRU, reset_after=False)
BRICK_OF: dict[Callable, str] = {
    layers.SimpleRNN: "simple_rnn",
    layers.LSTM: "lstm",
    layers.GRU: "gru",
    RESET_BEFORE: "gru_reset_before",
}
every_kind = pytest.mark.parametrize("kind", BRICK_OF, ids=BRICK_OF.values())


class CellWithMasks(layers.SimpleRNNCell):
    """A step as Keras's own cells write it, with the masks asked for by name."""

    def call(self, inputs: Any, states: Any, training: bool = False) -> Any:
        state = states[0]
        mask, state_mask = self.get_dropout_mask(inputs), self.get_recurrent_dropout_mask(state)
        if training and mask is not None:
            inputs = inputs * mask[0]
        if training and state_mask is not None:
            state = state * state_mask[0]
        output = ops.tanh(inputs @ self.kernel + self.bias + state @ self.recurrent_kernel)
        return output, [output]


def test_a_cell_of_ones_own_gets_the_masks_of_the_sequence() -> None:
    options = {"dropout": 0.4, "recurrent_dropout": 0.3, "seed": 5}
    own, plain = layers.RNN(CellWithMasks(4, **options)), layers.SimpleRNN(4, **options)
    for training in (False, True, True, False):
        for layer in (own, plain):
            layer(X)
        own.set_weights(plain.get_weights())
        ours, theirs = (function(layer)(X, training=training) for layer in (own, plain))
        expect_close(ours, theirs.numpy())


@pytest.mark.parametrize(("kind", "count"), [("SimpleRNNCell", 1), ("GRUCell", 3), ("LSTMCell", 4)])
def test_masks_stay_until_they_are_reset(kind: str, count: int) -> None:
    cell = getattr(layers, kind)(64, dropout=0.5, recurrent_dropout=0.25, seed=1)
    x, state = ops.ones((2, 64)), ops.ones((2, 64))
    for get, reset, kept, other in (
        (cell.get_dropout_mask, cell.reset_dropout_mask, 2.0, x),
        (cell.get_recurrent_dropout_mask, cell.reset_recurrent_dropout_mask, 4 / 3, state),
    ):
        masks = get(other)
        assert len(masks) == count
        expect_close(np.unique(masks[0].numpy()), [0.0, kept])
        assert get(other)[-1] is masks[-1]
        reset()
        assert (get(other)[-1].numpy() != masks[-1].numpy()).any()
    assert getattr(layers, kind)(4).get_dropout_mask(x) is None
    single = getattr(layers, kind)(4, dropout=0.5, implementation=2).get_dropout_mask(x)
    assert single.shape == x.shape


@every_kind
@pytest.mark.parametrize("options", [{}, {"dropout": 0.3}, {"recurrent_dropout": 0.3}])
def test_training_in_a_program_is_training_step_by_step(kind: Callable, options: dict) -> None:
    def trained(eager: bool) -> list[np.ndarray]:
        names.reset_names()
        model = Sequential([kind(3, seed=1, **options), layers.Dense(1)])
        model.build((None, 4, 3))
        model.set_weights([np.full(w.shape, 0.1 * i + 0.1) for i, w in enumerate(model.weights)])
        model.compile("adam", "mse", run_eagerly=eager)
        model.fit(X, np.ones((2, 1)), epochs=3, batch_size=2, shuffle=False, verbose=0)
        return model.get_weights()

    for recorded, eager in zip(trained(False), trained(True), strict=True):
        np.testing.assert_array_equal(recorded, eager)


@every_kind
def test_a_mask_at_the_end_is_a_shorter_sequence(kind: Callable) -> None:
    layer = kind(3)
    short = layer(X[:, :2])
    mask = np.array([[True, True, False, False]] * 2)
    np.testing.assert_array_equal(layer(X, mask=mask), short)


@every_kind
def test_backwards_is_forwards_over_the_flipped_sequence(kind: Callable) -> None:
    layer = kind(3, return_sequences=True)
    back = kind(3, return_sequences=True, go_backwards=True)
    back.build(X.shape)
    flipped = layer(X[:, ::-1])
    back.set_weights(layer.get_weights())
    np.testing.assert_array_equal(back(X), flipped)


@every_kind
def test_all_steps_of_a_sequence_drop_the_same_inputs(kind: Callable) -> None:
    layer = kind(4, dropout=0.5, return_sequences=True, activation=None, use_bias=False, seed=3)
    layer.build((1, 6, 8))
    weights = [np.zeros_like(weight) for weight in layer.get_weights()]
    gates = weights[0].shape[1] // 4
    weights[0][:, -4:] = np.eye(8, 4)
    if kind is layers.LSTM:  # the memory adds up what its gates of one half let in
        weights[0][:, :] = np.tile(np.eye(8, 4), gates)
    layer.set_weights(weights)
    outputs = np.asarray(layer(np.ones((1, 6, 8), "float32"), training=True))[0]
    dropped = outputs == 0
    assert (dropped == dropped[0]).all()
    assert 0 < dropped[0].sum() < 4


def test_an_encoder_hands_its_states_to_a_decoder() -> None:
    read, written = layers.Input((None, 3)), layers.Input((None, 2))
    _, *states = layers.LSTM(4, return_state=True)(read)
    decoder = layers.LSTM(4, return_sequences=True, return_state=True)
    outputs, _, _ = decoder(written, initial_state=states)
    model = Model([read, written], layers.Dense(2, activation="softmax")(outputs))
    model.compile("rmsprop", "categorical_crossentropy")
    targets = np.eye(2, dtype="float32")[np.zeros((2, 5), int)]
    losses = model.fit([X, targets], targets, epochs=5, verbose=0).history["loss"]
    assert losses[-1] < losses[0]
    assert model.predict([X, targets[:, :3]], verbose=0).shape == (2, 3, 2)


class Leaky(layers.Layer):
    """A cell of a user: its memory leaks."""

    def __init__(self, units: int, **kwargs: Any):
        super().__init__(**kwargs)
        self.units = units
        self.state_size = units

    def build(self, input_shape: Any) -> None:
        self.kernel = self.add_weight((input_shape[-1], self.units), "ones", name="kernel")

    def call(self, inputs: Any, states: Any) -> Any:
        h = 0.5 * states[0] + ops.matmul(inputs, self.kernel)
        return h, [h]


@pytest.mark.parametrize("unroll", [False, True])
def test_a_cell_of_a_user(unroll: bool) -> None:
    layer = layers.RNN(Leaky(2), return_sequences=True, unroll=unroll)
    expected = np.zeros((2, 2))
    for step, found in enumerate(np.asarray(layer(X)).swapaxes(0, 1)):
        expected = 0.5 * expected + X[:, step].sum(-1, keepdims=True)
        np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-6)


class Bare:
    """A cell that is not a layer."""

    state_size = 3

    def call(self, inputs: Any, states: Any) -> Any:
        return states[0] + inputs, [states[0] + inputs]


def test_a_cell_may_be_any_object() -> None:
    np.testing.assert_allclose(layers.RNN(Bare())(X), X.sum(1), rtol=1e-5)


def test_a_thousand_steps_are_one_op() -> None:
    model = Sequential([layers.Input((1000, 2)), layers.GRU(3), layers.Dense(1)])
    model.compile("sgd", "mse")
    model.fit(np.ones((2, 1000, 2)), np.ones((2, 1)), verbose=0)
    assert len(str(model.program()).splitlines()) < 150


def test_models_of_recurrent_layers_are_saved(tmp_path: Any) -> None:
    model = Sequential(
        [
            layers.Input((4, 3)),
            layers.Bidirectional(layers.GRU(2, return_sequences=True)),
            layers.TimeDistributed(layers.Dense(3)),
            layers.RNN([layers.LSTMCell(2), layers.SimpleRNNCell(2)], return_sequences=True),
            layers.LSTM(2),
        ]
    )
    expected = model.predict(X, verbose=0)
    for name in ("model.keras", "model.h5"):
        model.save(tmp_path / name)
        again = load_model(tmp_path / name)
        np.testing.assert_array_equal(again.predict(X, verbose=0), expected)


# ---- mistakes -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: layers.LSTM(0), "units must be 1 or more"),
        (lambda: layers.LSTM(2)(X[0]), "lstm"),
        (lambda: layers.RNN(object()), "has no call"),
        (lambda: layers.LSTM(2)(X, initial_state=[np.ones((2, 2))]), "has 2 states"),
        (lambda: layers.LSTM(2)(X, mask=MASK[:, :2]), "a mask is of shape .batch, steps."),
        (lambda: layers.GRU(2)(X, initial_state=np.ones((3, 2))), "begin with the batch size"),
        (lambda: layers.LSTM(2, stateful=True).build((None, 4, 3)), "is stateful"),
        (lambda: layers.Bidirectional(layers.LSTM(2), "cat"), "merge_mode is one of"),
        (lambda: layers.Bidirectional(layers.LSTM(2, go_backwards=True)), "go_backwards=True"),
        (lambda: layers.TimeDistributed(layers.Dense(2))(X[0]), "three axes or more"),
    ],
)
def test_mistakes_are_named(call: Callable, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        call()


# ---- models of real Keras -------------------------------------------------------------------

MODELS = load("sequence_models")


def embedding() -> list[layers.Layer]:
    both = layers.Bidirectional(layers.LSTM(2, return_sequences=True))
    return [layers.Embedding(6, 3, mask_zero=True), both, layers.GRU(2), layers.Dense(1)]


def masking() -> list[layers.Layer]:
    return [
        layers.Masking(0.0),
        layers.SimpleRNN(3, return_sequences=True),
        layers.TimeDistributed(layers.Dense(2)),
        layers.LSTM(2, go_backwards=True),
        layers.Dense(1),
    ]


@pytest.mark.parametrize("make", [embedding, masking])
@pytest.mark.parametrize("eager", [False, True])
def test_models_with_masks_train_as_in_keras(make: Callable, eager: bool) -> None:
    facts = MODELS[make.__name__]
    model = Sequential(make())
    x = array(facts["x"])
    model.build(x.shape)
    model.set_weights([array(weight) for weight in facts["first"]])
    model.compile(optimizers.SGD(0.1), "mse", run_eagerly=eager)
    y = array(facts["y"])
    history = model.fit(x, y, epochs=3, batch_size=2, shuffle=False, verbose=0)
    expect_close(history.history["loss"], facts["losses"], rtol=1e-5)
    expect_all(model.get_weights(), facts["weights"], rtol=1e-4)
    expect_close(model.predict(x, verbose=0), facts["predicted"], rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("name", MODELS["every_step"])
@pytest.mark.parametrize("eager", [False, True])
def test_masked_steps_count_neither_in_the_loss_nor_in_metrics(name: str, eager: bool) -> None:
    facts = MODELS["every_step"][name]
    model = Sequential([layers.Embedding(6, 3, mask_zero=True), layers.Dense(2)])
    words, y = np.array(MODELS["words"]), array(facts["y"])
    model.build(words.shape)
    model.set_weights([array(weight) for weight in facts["first"]])
    model.compile(
        optimizers.SGD(0.1), "mse", metrics=["mae"], weighted_metrics=["mse"], run_eagerly=eager
    )
    weight = None if facts["sample_weight"] is None else array(facts["sample_weight"])
    results = model.evaluate(words, y, sample_weight=weight, batch_size=2, verbose=0)
    expect_close(results, facts["results"], rtol=1e-5)
    history = model.fit(
        words, y, sample_weight=weight, epochs=2, batch_size=2, shuffle=False, verbose=0
    )
    expect_close(history.history["loss"], facts["losses"], rtol=1e-5)
    expect_all(model.get_weights(), facts["weights"], rtol=1e-4)


@every_kind
def test_a_stateful_layer_is_trained(kind: Callable) -> None:
    def trained(eager: bool) -> list[np.ndarray]:
        model = Sequential([layers.Input(batch_shape=(2, 4, 3)), kind(3, stateful=True)])
        model.set_weights([np.full(w.shape, 0.1 * i + 0.1) for i, w in enumerate(model.weights)])
        model.compile("sgd", "mse", run_eagerly=eager)
        model.fit(X, np.ones((2, 3)), epochs=3, batch_size=2, shuffle=False, verbose=0)
        return [*model.get_weights(), *(np.asarray(state) for state in model.layers[-1].states)]

    for recorded, eager in zip(trained(False), trained(True), strict=True):
        np.testing.assert_array_equal(recorded, eager)


def test_beside_a_first_state_a_carried_mask_has_no_effect_as_in_keras() -> None:
    words = np.array([[1, 2, 0], [3, 0, 0]])
    embedded = layers.Embedding(5, 4, mask_zero=True)(words)
    layer = layers.GRU(2)
    state = np.zeros((2, 2), "float32")
    plain = layer(np.asarray(embedded))
    assert not np.array_equal(layer(embedded), plain)
    np.testing.assert_array_equal(layer(embedded, initial_state=state), plain)


# ---- bricks over whole sequences ------------------------------------------------------------


def bricks_of(layer: layers.Layer, **options: Any) -> set[str]:
    """What a program of the layer is made of."""
    run = function(lambda x: layer(x, **options))
    run(ops.convert_to_tensor(X))
    return set(re.findall(r"= (\w+)\(", str(run.program)))


@every_kind
def test_a_sequence_is_one_brick(kind: Callable) -> None:
    for layer in (kind(3), kind(3, activation="relu", go_backwards=True), kind(3, use_bias=False)):
        assert bricks_of(layer) & {BRICK_OF[kind], "scan"} == {BRICK_OF[kind]}
    assert BRICK_OF[kind] in bricks_of(kind(3, return_sequences=True, dropout=0.5), training=True)


class Doubling(layers.LSTMCell):
    """A cell of a user who changed the formula."""

    def advance(self, projected: Any, states: Any, masks: Any) -> Any:
        return super().advance(2 * projected, states, masks)


@pytest.mark.parametrize(
    "make",
    [
        lambda: layers.LSTM(3, activation="elu"),
        lambda: layers.GRU(3, recurrent_activation=lambda x: ops.sigmoid(x)),
        lambda: layers.GRU(3, reset_after=False, recurrent_dropout=0.5),
        lambda: layers.SimpleRNN(3, recurrent_dropout=0.5),
        lambda: layers.RNN(Doubling(3)),
        lambda: layers.RNN([layers.LSTMCell(3)]),
    ],
)
def test_other_cells_are_loops(make: Callable) -> None:
    assert "scan" in bricks_of(make(), training=True)


@every_kind
@pytest.mark.parametrize("mask", [None, MASK])
@pytest.mark.parametrize("zero", [False, True])
@pytest.mark.parametrize("returns_all", [False, True])
@pytest.mark.parametrize("backwards", [False, True])
def test_a_brick_computes_what_the_steps_do(
    kind: Callable, mask: Any, zero: bool, returns_all: bool, backwards: bool
) -> None:
    """Unrolled, a layer is made of the ops of each step; the numbers are the same to the bit."""
    options = {"return_sequences": returns_all, "zero_output_for_mask": zero, "return_state": True}
    fused = kind(3, go_backwards=backwards, **options)
    plain = kind(3, go_backwards=backwards, unroll=True, **options)
    plain.build(X.shape)
    fused.build(X.shape)
    plain.set_weights(fused.get_weights())
    given = [np.full((2, 3), 0.5 + i, "float32") for i in range(len(fused.state_size))]
    for state in (None, given):
        ours, theirs = (leaves(one(X, initial_state=state, mask=mask)) for one in (fused, plain))
        for mine, other in zip(ours, theirs, strict=True):
            np.testing.assert_array_equal(mine, other)
        slopes = (gradients(one, initial_state=state, mask=mask) for one in (fused, plain))
        for mine, other in zip(*slopes, strict=True):
            np.testing.assert_allclose(mine, other, rtol=1e-4, atol=1e-6)


@every_kind
def test_large_layers_compute_what_the_steps_do(kind: Callable) -> None:
    """Units and samples that fill no vectors and no tiles, and sums of more than one block."""
    x = np.random.default_rng(0).normal(size=(37, 2, 5)).astype("float32")
    fused, plain = kind(261), kind(261, unroll=True)
    plain.build(x.shape)
    fused.build(x.shape)
    plain.set_weights(fused.get_weights())
    np.testing.assert_array_equal(fused(x), plain(x))


@every_kind
@pytest.mark.parametrize("shape", [(0, 4, 3), (2, 0, 3)])
def test_empty_batches_and_sequences(kind: Callable, shape: tuple) -> None:
    outputs, *_ = kind(2, return_state=True)(np.ones(shape, "float32"))
    np.testing.assert_array_equal(outputs, np.zeros((shape[0], 2)))


def test_gates_are_kept_for_gradients_alone() -> None:
    x, kernel, h = ops.ones((2, 3, 8)), ops.ones((2, 8)), ops.ones((2, 2))
    plain = function(lambda x: recurrent.lstm(x, kernel, h, h)[0])
    plain(x)
    assert "keeps_gates=0" in str(plain.program)
    slope = function(grad(lambda x: ops.sum(recurrent.lstm(x, kernel, h, h)[0])))
    slope(x)
    assert "keeps_gates=1" in str(slope.program)


def test_a_recurrent_layer_inside_a_loop_has_gradients() -> None:
    layer = layers.LSTM(2)
    layer.build((None, 4, 3))
    xs = ops.convert_to_tensor(np.stack([X, 2 * X]))

    def loss(run: Callable) -> list[Any]:
        with GradientTape() as tape:
            total = ops.sum(run(layer))
        return tape.gradient(total, layer.trainable_weights)

    looped = loss(lambda layer: ops.map(layer, xs))
    apart = loss(lambda layer: layer(xs[0]) + layer(xs[1]))
    expect_all(looped, [array.numpy().tolist() for array in apart])


def test_second_derivatives_are_refused_in_words() -> None:
    layer = layers.GRU(2)
    x = ops.convert_to_tensor(X)
    with GradientTape() as outer:
        outer.watch(x)
        with GradientTape() as inner:
            inner.watch(x)
            loss = ops.sum(layer(x))
        slope = inner.gradient(loss, x)
        total = ops.sum(slope * slope)
    with pytest.raises(Exception, match="unroll=True"):
        outer.gradient(total, x)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda x: recurrent.simple_rnn(x, ops.ones((3, 3)), ops.ones((2, 4))), "h0 of shape"),
        (lambda x: recurrent.gru(x, ops.ones((2, 6)), ops.ones(6), ops.ones((2, 2))), "gru: x of"),
        (lambda x: recurrent.simple_rnn(x, ops.ones(3), ops.ones((2, 3))), "two, got shapes"),
        (lambda x: recurrent.simple_rnn(x, x[0, :3], x[:, 0], None, "elu"), "activation is one of"),
        (
            lambda x: apply_all(
                "simple_rnn", (x, x[0, :3], x[:, 0], ops.zeros((0,), "bool")), 2, activation=5,
                is_reversed=0, zero_masked=0,
            ),
            "from 0 to 4",
        ),
    ],
)  # fmt: skip
def test_misfits_of_bricks_are_named(call: Callable, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        call(ops.ones((2, 4, 3)))
