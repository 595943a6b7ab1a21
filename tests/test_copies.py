"""`copy` and `pickle`: copies predict the same bits, and go on as their originals would."""

from __future__ import annotations

import copy
import functools
import inspect
import multiprocessing
import pickle
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import given, strategies as st

import pylego
from pylego import (
    Variable,
    callbacks,
    constraints,
    initializers,
    layers,
    losses,
    metrics,
    names,
    ops,
    optimizers,
    random,
    regularizers,
)
from pylego.callbacks import Callback, EarlyStopping, History, LambdaCallback
from pylego.layers import BatchNormalization, Dense, Dropout, Flatten, Input, Layer
from pylego.layers.merging.base_merge import BaseMerge
from pylego.models import Model, Sequential
from pylego.preprocessing.image import ImageDataGenerator
from pylego.utils import set_random_seed

PROTOCOLS = range(2, pickle.HIGHEST_PROTOCOL + 1)


def pickled(thing: Any, protocol: int = pickle.HIGHEST_PROTOCOL) -> Any:
    return pickle.loads(pickle.dumps(thing, protocol))


WAYS: dict[str, Callable[[Any], Any]] = {
    "deepcopy": copy.deepcopy,
    "oldest pickle": functools.partial(pickled, protocol=2),
    "newest pickle": pickled,
}
every_way = pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)

RNG = np.random.default_rng(0)
X = RNG.normal(size=(20, 6)).astype("float32")
Y = RNG.integers(0, 3, 20)


@pytest.fixture(autouse=True)
def seeded() -> None:
    set_random_seed(1)


def classifier(**settings: Any) -> Sequential:
    """A model with all that a copy has to carry: draws, moving averages, slots, totals."""
    stack = [Input((6,)), Dense(8, "relu"), BatchNormalization(), Dropout(0.5), Dense(3, "softmax")]
    model = Sequential(stack)
    model.compile(
        **{
            "optimizer": "adam",
            "loss": "sparse_categorical_crossentropy",
            "metrics": ["accuracy"],
            **settings,
        }
    )
    return model


def trained(**settings: Any) -> Sequential:
    model = classifier(**settings)
    model.fit(X, Y, batch_size=8, epochs=2, verbose=0)
    return model


def state_of(model: Any) -> list[bytes]:
    """All numbers of a model, of its optimizer and of its metrics."""
    variables = [*model.variables, *model.optimizer.variables]
    variables += [variable for metric in model.metrics for variable in metric.variables]
    return [variable.numpy().tobytes() for variable in variables]


def outcome(model: Any, x: Any = X, y: Any = Y, **options: Any) -> tuple:
    """What comes out of two more epochs in random orders."""
    history = model.fit(x, y, batch_size=8, epochs=2, verbose=0, **options)
    return history.history, state_of(model), model.predict(x, verbose=0).tobytes()


# ---- models -------------------------------------------------------------------------------------


class Twice(Layer):
    """A layer with a layer that is used twice, and a variable of another layer."""

    def __init__(self, shared: Dense | None = None, **kwargs: Any):
        super().__init__(**kwargs)
        self.inner = Dense(6, "tanh")
        self.shared = shared
        self.calls = [self.inner, {"again": self.inner}]

    def call(self, inputs: Any) -> Any:
        return self.inner(self.inner(inputs))


class Subclassed(Model):
    """A model with lists of layers, weights of its own, a metric and an added loss."""

    def __init__(self) -> None:
        super().__init__(name="mine")
        self.blocks = [Twice(), Dense(3, "softmax", kernel_regularizer="l2")]
        self.drop = Dropout(0.3, seed=7)
        self.seen = metrics.Sum(name="seen")
        self.scale = self.add_weight((), "ones", constraint="non_neg", name="scale")

    def call(self, inputs: Any, training: bool = False) -> Any:
        self.seen.update_state(ops.ones(inputs.shape[:1]))
        self.add_loss(ops.square(self.scale) * 0.1)
        return self.blocks[1](self.drop(self.blocks[0](inputs))) * self.scale


def subclassed() -> Subclassed:
    model = Subclassed()
    model.compile("rmsprop", "sparse_categorical_crossentropy", metrics=["accuracy"])
    model.fit(X, Y, batch_size=8, verbose=0)
    return model


@every_way
@pytest.mark.parametrize("make", [classifier, trained, subclassed])
def test_a_copy_is_equal_and_goes_on_as_its_original(make: Callable, way: Callable) -> None:
    model = make()
    other = way(model)
    assert type(other) is type(model)
    assert other.predict(X, verbose=0).tobytes() == model.predict(X, verbose=0).tobytes()
    assert state_of(other) == state_of(model)
    assert outcome(other) == outcome(model)


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_all_protocols_carry_the_same(protocol: int) -> None:
    model = subclassed()
    other = pickled(model, protocol)
    assert state_of(other) == state_of(model)
    assert other(X).numpy().tobytes() == model(X).numpy().tobytes()


def test_a_copy_goes_on_alike_eagerly_and_in_single_steps() -> None:
    for settings in ({"run_eagerly": True}, {"jit_compile": False}, {}):
        model = trained(**settings)
        other = copy.deepcopy(model)
        logs = [[one.train_on_batch(X[:8], Y[:8]) for _ in range(3)] for one in (other, model)]
        assert logs[0] == logs[1]
        assert state_of(other) == state_of(model)


@every_way
def test_a_copy_shares_no_numbers_with_its_original(way: Callable) -> None:
    model = trained()
    before = state_of(model)
    other = way(model)
    outcome(other)
    other.set_weights([weight * 0 for weight in other.get_weights()])
    assert state_of(model) == before
    assert not {id(v) for v in other.variables} & {id(v) for v in model.variables}


@every_way
def test_names_paths_and_flags_are_kept(way: Callable) -> None:
    model = subclassed()
    model.blocks[1].trainable = False
    other = way(model)

    def state_of(one: Any) -> list:
        return [
            (v.name, v.path, v.shape, v.dtype, v.trainable, type(v.constraint), type(v.regularizer))
            for v in [*one.variables, *one.optimizer.variables]
        ]

    assert state_of(other) == state_of(model)
    assert [layer.name for layer in other.layers] == [layer.name for layer in model.layers]
    assert other.metrics_names == model.metrics_names
    other.blocks[1].trainable = True
    assert [v.trainable for v in other.blocks[1].weights] == [True, True]
    assert not any(v.trainable for v in model.blocks[1].weights)


@every_way
def test_what_is_shared_is_shared_in_the_copy(way: Callable) -> None:
    first = Dense(6)
    first.build((None, 6))
    model = Sequential([Input((6,)), first, Twice(first), Dense(1)])
    model.compile("adam", "mse")
    model.fit(X, Y, verbose=0)
    other = way(model)
    assert other.layers[1].shared is other.layers[0]
    assert other.layers[1].calls[0] is other.layers[1].calls[1]["again"]
    assert len(other.weights) == len(model.weights)
    mine = {id(v) for v in other.trainable_variables}
    assert {id(v) for v in other.optimizer._trainable_variables} == mine
    assert all(other.optimizer.place_of(v) < len(mine) for v in other.trainable_variables)


@every_way
def test_model_and_optimizer_copied_together_stay_together(way: Callable) -> None:
    dense = Dense(1)
    dense.build((None, 6))
    optimizer = optimizers.Adam(0.1)
    optimizer.build(dense.trainable_variables)
    optimizer, layer = way((optimizer, dense))
    gradients = [ops.ones(v.shape) for v in layer.weights]
    optimizer.apply(gradients, layer.trainable_variables)
    assert (layer.kernel.numpy() != dense.kernel.numpy()).all()
    assert int(optimizer.iterations) == 1


@every_way
def test_a_copied_optimizer_has_its_own_slots_and_variables(way: Callable) -> None:
    v = Variable([1.0, 2.0], name="v")
    optimizer = optimizers.AdamW(0.1)
    optimizer.exclude_from_weight_decay(var_list=[v])
    optimizer.apply([ops.ones(2)], [v])
    other = way(optimizer)
    before = v.numpy().tolist()
    other.apply([ops.ones(2)])
    assert v.numpy().tolist() == before
    assert int(optimizer.iterations) == 1
    optimizer.apply([ops.ones(2)])
    assert [w.numpy().tobytes() for w in other.variables] == [
        w.numpy().tobytes() for w in optimizer.variables
    ]
    assert other._trainable_variables[0].numpy().tobytes() == v.numpy().tobytes()
    with pytest.raises(ValueError, match="built for other variables"):
        other.apply([ops.ones(2)], [v])


@every_way
def test_copies_of_unbuilt_and_uncompiled_models(way: Callable) -> None:
    model = Sequential([Dense(4), Dropout(0.5), Dense(3)])
    other = way(model)
    assert not other.built
    assert not other.compiled
    weights = []
    for one in (model, other):
        set_random_seed(3)
        one.build((None, 6))
        weights.append([w.tobytes() for w in one.get_weights()])
    assert weights[0] == weights[1]
    assert way(model).predict(X, verbose=0).tobytes() == model.predict(X, verbose=0).tobytes()


def test_an_untrained_copy_has_the_rows_in_the_order_of_its_original() -> None:
    model = classifier()
    copies = [way(model) for way in WAYS.values()]
    expected = outcome(model)
    random.make_default_seed()  # what is drawn meanwhile makes no difference
    copies.append(copy.deepcopy(copies[0]))
    assert all(outcome(other) == expected for other in copies)


def test_a_seed_set_after_copying_counts() -> None:
    model = classifier()
    other = copy.deepcopy(model)
    set_random_seed(5)
    expected = outcome(model)
    set_random_seed(5)
    assert outcome(other) == expected
    assert outcome(classifier()) != expected


def test_copying_leaves_no_trace() -> None:
    """Neither in names nor in random numbers, nor in what the original does next."""
    results = []
    for ways in ([], WAYS.values()):
        set_random_seed(1)
        names.reset_names()
        model = classifier()
        for way in ways:
            way(model)
        first = outcome(model)
        for way in ways:
            way(model)
        layer = Dense(2)
        layer.build((None, 3))
        state = layer.name, Variable(0.0).name, layer.kernel.numpy().tobytes()
        results.append((first, outcome(model), state, random.make_default_seed()))
    assert results[0] == results[1]


def test_copies_are_recorded_anew_and_the_original_is_not() -> None:
    model = trained()
    programs = list(model.programs)
    other = copy.deepcopy(model)
    assert not list(other.programs)
    outcome(model)
    assert [p for p in model.programs if p in programs]
    assert len([p for p in model.programs if p not in programs]) == 1  # that of predict
    other.optimizer.beta_1 = 0.5
    assert outcome(other) != outcome(model)


def test_a_pickle_is_about_as_large_as_the_numbers() -> None:
    model = Sequential([Input((400,)), Dense(300, "relu"), Dense(3, "softmax")])
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    x = np.ones((64, 400), "float32")
    model.fit(x, np.zeros(64), epochs=2, verbose=0)
    model.predict(x, verbose=0)
    variables = [*model.variables, *model.optimizer.variables, *model.metrics_variables]
    numbers = sum(variable.numpy().nbytes for variable in variables)
    assert numbers < len(pickle.dumps(model)) < numbers + 12_000


def test_nothing_that_is_only_remembered_is_pickled() -> None:
    """Caches, and what belongs to calls that are over."""
    model = subclassed()
    model.evaluate(X, Y, verbose=0)
    model.reset_metrics()
    model.history.params = None
    other = pickled(model)
    before = pickle.dumps(other)
    other.evaluate(X, Y, verbose=0)
    other(X)
    other.reset_metrics()
    assert pickle.dumps(other) == before
    metric = metrics.Mean()
    before = pickle.dumps(metric)
    metric.reset_state()
    assert pickle.dumps(metric) == before


def test_the_variables_of_a_copy_have_their_names_in_print_outs() -> None:
    model = trained()
    expected = str(model.program("predict", batch_size=4))
    assert "kernel" in expected
    for way in WAYS.values():
        assert str(way(model).program("predict", batch_size=4)) == expected


class Half:
    """A rate of a user's: half of it after each call."""

    def __init__(self) -> None:
        self.rate = 0.1

    def __call__(self) -> float:
        self.rate /= 2
        return self.rate


def test_functions_as_rates_are_copied_with_their_state() -> None:
    model = trained(optimizer=optimizers.SGD(Half(), momentum=0.9))
    other = copy.deepcopy(model)
    assert outcome(pickled(model)) == outcome(other) == outcome(model)


def test_functions_without_a_name_can_be_copied_but_not_pickled() -> None:
    model = trained(loss=lambda y, p: ops.mean(ops.square(p), -1))
    assert outcome(copy.deepcopy(model)) == outcome(model)
    with pytest.raises((pickle.PicklingError, AttributeError), match="lambda"):
        pickle.dumps(model)


def test_a_shallow_copy_has_the_same_layers_and_grows_by_itself() -> None:
    model = trained()
    model.predict(X, verbose=0)
    other = copy.copy(model)
    assert other.layers == model.layers
    assert other.optimizer is model.optimizer
    assert not list(other.programs)
    assert list(model.programs)
    assert model.history.model is model
    features = other.pop()
    assert len(model.layers) == 4
    assert other.output_shape == (None, 8)
    assert model.output_shape == (None, 3)
    other.add(features)
    assert other.predict(X, verbose=0).tobytes() == model.predict(X, verbose=0).tobytes()
    assert copy.copy(subclassed()).blocks


# ---- in the middle of training ------------------------------------------------------------------


class KeepsBest(Callback):
    """What users write: a copy of the model as it was best, taken while it trains."""

    def __init__(self) -> None:
        self.copies: list[Any] = []
        self.states: list[Any] = []

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        self._keep()

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        if batch == 1:
            self._keep()

    def _keep(self) -> None:
        self.copies.append(copy.deepcopy(self.model))
        self.states.append(state_of(self.model))


@pytest.mark.parametrize("eagerly", [False, True])
def test_a_callback_may_copy_the_model_while_it_trains(eagerly: bool) -> None:
    model = classifier(run_eagerly=eagerly)
    keeper = KeepsBest()
    model.fit(X, Y, batch_size=8, epochs=3, callbacks=[keeper], verbose=0)
    assert [state_of(other) for other in keeper.copies] == keeper.states
    set_random_seed(1)
    assert state_of(trained_for(3, eagerly)) == keeper.states[-1]
    assert outcome(keeper.copies[-1]) == outcome(model)


def trained_for(epochs: int, eagerly: bool) -> Sequential:
    model = classifier(run_eagerly=eagerly)
    model.fit(X, Y, batch_size=8, epochs=epochs, verbose=0)
    return model


def test_copies_inside_a_recording_are_refused_in_words() -> None:
    v = Variable([1.0])

    class Copies(Sequential):
        def train_step(self, data: Any) -> Any:
            copy.deepcopy(self.layers[0])
            return super().train_step(data)

    model = Copies([Input((6,)), Dense(1)])
    model.compile("sgd", "mse")
    with pytest.raises(TypeError, match="looks at the numbers of the variable"):
        model.fit(X, Y, verbose=0)
    for way in (copy.copy, *WAYS.values()):
        with pytest.raises(TypeError, match=r"test_copies.py.* looks at the numbers of a tensor"):
            pylego.function(lambda x, way=way: way(x) + v)(X)
        with pytest.raises(TypeError, match=r"test_copies.py.* looks at the numbers of the var"):
            pylego.function(lambda x, way=way: way(v) + x)(X)
    blob = pickle.dumps(v)
    with pytest.raises(ValueError, match=r"test_copies.py.* makes the variable .* each time"):
        pylego.function(lambda x: pickle.loads(blob) + x)(X)


# ---- in another process -------------------------------------------------------------------------


def fit_elsewhere(model: Any) -> tuple[Any, History, Any, Any]:
    history = model.fit(X, Y, batch_size=8, epochs=2, verbose=0)
    return model, history, model.predict(X, verbose=0), Dense(1).name


@pytest.fixture(scope="module")
def other_process() -> Iterator[Any]:
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        yield pool


def test_models_train_in_a_spawned_process_and_come_back(other_process: Any) -> None:
    for model in (classifier(), trained(), subclassed()):
        before = state_of(model)
        other, history, outputs, name = other_process.apply(fit_elsewhere, (model,))
        assert state_of(model) == before
        expected = model.fit(X, Y, batch_size=8, epochs=2, verbose=0)
        assert history.history == expected.history == other.history.history
        assert history.epoch == [0, 1]
        assert outputs.tobytes() == model.predict(X, verbose=0).tobytes()
        assert state_of(other) == state_of(model)
        assert other.history.model is other
        assert outcome(other) == outcome(model)
        assert name.startswith("dense")


# ---- all layers, optimizers, losses, metrics ----------------------------------------------------

REQUIRED = {
    "activation": "tanh",
    "axes": 1,
    "input_dim": 5,
    "output_dim": 3,
    "dims": None,
    "equation": "ab,bc->ac",
    "filters": 2,
    "kernel_size": 2,
    "n": 3,
    "pool_size": 2,
    "rate": 0.5,
    "factor": 0.2,
    "head_dim": 2,
    "num_heads": 2,
    "num_key_value_heads": 1,
    "num_query_heads": 2,
    "key_dim": 2,
    "output_shape": 3,
    "function": ops.square,
    "height": 4,
    "width": 4,
    "height_factor": 0.2,
    "width_factor": 0.2,
    "output_size": 2,
    "rank": 2,
    "scale": 0.5,
    "stddev": 0.1,
    "units": 3,
}
SPECIAL: dict[str, dict[str, Any]] = {
    "CategoryEncoding": {"num_tokens": 3},
    "CenterCrop": {"height": 4, "width": 4},
    "Discretization": {"bin_boundaries": [0.3, 0.6]},
    "GroupNormalization": {"groups": 2},
    "IntegerLookup": {"vocabulary": [0, 1]},
    "MelSpectrogram": {"fft_length": 4, "sequence_stride": 2, "num_mel_bins": 3},
    "Bidirectional": {"layer": layers.LSTM(3)},
    "Permute": {"dims": (2, 1)},
    "Pipeline": {"layers": [layers.Dense(3), layers.Dropout(0.5)]},
    "RandomPosterization": {"factor": 4},
    "RNN": {"cell": layers.GRUCell(3)},
    "SpectralNormalization": {"layer": layers.Dense(3)},
    "TimeDistributed": {"layer": layers.Dense(3)},
    "RepeatVector": {"n": 2},
    "STFTSpectrogram": {"frame_length": 4},
    "Reshape": {"target_shape": (3, 2)},
}
# These work in front of a model: see test_text_layers.py.
OUTSIDE = (
    layers.HashedCrossing,
    layers.Hashing,
    layers.StringLookup,
    layers.TextVectorization,
)
# Cells are called by RNN, and with states.
CELLS = (layers.SimpleRNNCell, layers.LSTMCell, layers.GRUCell, layers.StackedRNNCells)
SEQUENCES = ("Bidirectional", "GRU", "LSTM", "RNN", "SimpleRNN", "TimeDistributed")
LENGTHS = {"1D": (6, 2), "2D": (6, 6, 2), "3D": (4, 4, 4, 2)}
IMAGE_LAYERS = (
    *(
        "AugMix",
        "AutoContrast",
        "CenterCrop",
        "Crop",
        "CutMix",
        "Equalization",
        "MixUp",
        "RandAugment",
    ),
    *("ContrastLimited", "Random", "Rescaling", "Resizing", "Solarization"),
)


def all_layers() -> list[type[Layer]]:
    parts = {getattr(layers, name) for name in layers.__all__}
    found = [p for p in parts if inspect.isclass(p) and issubclass(p, Layer)]
    bases = {Layer, layers.InputLayer, layers.Wrapper}
    return sorted(set(found) - bases - {*OUTSIDE, *CELLS}, key=lambda cls: cls.__name__)


def layer_and_shape(cls: type[Layer]) -> tuple[Layer, tuple[int, ...]]:
    name = cls.__name__
    signature = inspect.signature(cls.__init__).parameters.values()
    needed = [p.name for p in signature if p.default is p.empty and p.kind < p.VAR_POSITIONAL][1:]
    arguments = SPECIAL.get(name) or {argument: REQUIRED[argument] for argument in needed}
    if name.startswith(IMAGE_LAYERS) and name[-2:] not in LENGTHS:
        return cls(**arguments), (8, 8, 3)
    shape = LENGTHS.get(name.replace("Transpose", "")[-2:], (6,))
    others = {"Permute": (3, 2), "GroupNormalization": (4, 4), "STFTSpectrogram": (6, 2)}
    shape = others.get(name, shape)
    if name.startswith("ConvLSTM"):
        return cls(**arguments), (3, *shape)
    if name in SEQUENCES or "Attention" in name:
        shape = (4, 3)
    return cls(**arguments), shape


class OnTwo(Layer):
    """Calls a layer that takes two inputs, in a stack."""

    def __init__(self, merging: Layer):
        super().__init__()
        self.merging = merging

    def call(self, x: Any) -> Any:
        pair = [x, x * x]
        takes_list = isinstance(self.merging, (BaseMerge, layers.Attention))
        return self.merging(pair) if takes_list else self.merging(*pair)


@pytest.mark.parametrize("cls", all_layers(), ids=lambda cls: cls.__name__)
def test_every_layer_is_copied_in_training(cls: type[Layer]) -> None:
    layer, shape = layer_and_shape(cls)
    x = RNG.uniform(0, 1, (12, *shape)).astype("float32")
    alone = copy.deepcopy(layer), pickled(layer)
    assert [one.get_config() for one in alone] == [layer.get_config()] * 2
    if issubclass(cls, BaseMerge) or "Attention" in cls.__name__:
        layer = OnTwo(layer)
    model = Sequential([Input(shape), layer, Flatten(), Dense(3, "softmax")])
    model.compile(optimizers.SGD(0.1, momentum=0.9), "sparse_categorical_crossentropy")
    model.train_on_batch(x, Y[:12])
    others = [copy.deepcopy(model), pickled(model)]
    results = []
    for one in (model, *others):
        before = one.predict(x, verbose=0).tobytes()
        logs = [one.train_on_batch(x, Y[:12]) for _ in range(3)]
        results.append((before, logs, state_of(one), one.predict(x, verbose=0).tobytes()))
    assert results[1] == results[0]
    assert results[2] == results[0]


OPTIONS = st.fixed_dictionaries(
    {},
    optional={
        "weight_decay": st.just(0.01),
        "clipnorm": st.just(0.5),
        "use_ema": st.just(True),
        "ema_overwrite_frequency": st.sampled_from([None, 2]),
        "gradient_accumulation_steps": st.just(2),
        "loss_scale_factor": st.just(8.0),
        "learning_rate": st.sampled_from([0.01, 0.1]),
    },
)
OWN_OPTIONS = {
    "SGD": {"momentum": st.sampled_from([0.0, 0.9]), "nesterov": st.booleans()},
    "RMSprop": {"momentum": st.sampled_from([0.0, 0.9]), "centered": st.booleans()},
    "Adam": {"amsgrad": st.booleans()},
    "AdamW": {"amsgrad": st.booleans()},
    "Nadam": {},
    "Adamax": {},
    "Adagrad": {"initial_accumulator_value": st.sampled_from([0.1, 1.0])},
    "Adadelta": {"rho": st.sampled_from([0.5, 0.95])},
    "Ftrl": {"l1_regularization_strength": st.just(0.01), "beta": st.just(0.1)},
    "Lion": {"beta_1": st.just(0.5)},
    "Lamb": {},
    "Adafactor": {"relative_step": st.booleans()},
    "Muon": {"nesterov": st.booleans(), "adam_lr_ratio": st.just(0.5)},
    "ScheduleFreeAdamW": {"warmup_steps": st.sampled_from([0, 2])},
}

# test_multi_optimizer.py and test_optimizer_parts.py have theirs.
OF_OPTIMIZERS = {"LossScaleOptimizer", "MultiOptimizer", "OptimizerMap"}


@given(data=st.data())
def test_every_optimizer_goes_on_in_a_copy(data: st.DataObject) -> None:
    for name, own in OWN_OPTIONS.items():
        options = {**data.draw(OPTIONS), **data.draw(st.fixed_dictionaries({}, optional=own))}
        steps = data.draw(st.integers(0, 3))
        v, w = Variable([1.0, -2.0]), Variable([[0.5]])
        optimizer = getattr(optimizers, name)(**options)
        for step in range(steps):
            optimizer.apply([v * (step + 1), w], [v, w])
        wholes = [(optimizer, v, w)]
        wholes += [way(wholes[0]) for way in WAYS.values()]
        numbers = [after_three_steps(*whole) for whole in wholes]
        assert all(others == numbers[0] for others in numbers)


def after_three_steps(optimizer: Any, v: Variable, w: Variable) -> list[bytes]:
    for step in range(3):
        optimizer.apply([v * (step - 1), w], [v, w])
    return [variable.numpy().tobytes() for variable in (*optimizer.variables, v, w)]


def test_all_optimizers_are_tried() -> None:
    parts = [getattr(optimizers, name) for name in optimizers.__all__]
    found = {p.__name__ for p in parts if inspect.isclass(p)} - OF_OPTIMIZERS - {"Optimizer"}
    assert found == set(OWN_OPTIONS)


def instances(package: Any, base: type, **arguments: dict[str, Any]) -> list[Any]:
    parts = {getattr(package, name) for name in package.__all__}
    kinds = sorted(
        (p for p in parts if inspect.isclass(p) and issubclass(p, base) and p is not base),
        key=lambda cls: cls.__name__,
    )
    return [kind(**arguments.get(kind.__name__, {})) for kind in kinds]


def absolute(y_true: Any, y_pred: Any) -> Any:
    return ops.mean(ops.absolute(ops.cast(y_true, "float32") - y_pred), axis=-1)


OF_METRICS: dict[str, dict[str, Any]] = {
    "MeanMetricWrapper": {"fn": absolute},
    "IoU": {"num_classes": 2, "target_class_ids": [0]},
    "MeanIoU": {"num_classes": 2},
    "OneHotIoU": {"num_classes": 2, "target_class_ids": [0]},
    "OneHotMeanIoU": {"num_classes": 2},
    "PrecisionAtRecall": {"recall": 0.5},
    "RecallAtPrecision": {"precision": 0.5},
    "SensitivityAtSpecificity": {"specificity": 0.5},
    "SpecificityAtSensitivity": {"sensitivity": 0.5},
    "F1Score": {"average": "micro"},
    "FBetaScore": {"average": "micro"},
}


@every_way
def test_every_metric_keeps_its_state(way: Callable) -> None:
    outputs = np.array([[0.25, 0.75], [0.4, 0.6]])
    for metric in instances(metrics, metrics.Metric, **OF_METRICS):
        is_plain = type(metric) in (metrics.Mean, metrics.Sum)
        is_sparse = type(metric).__name__.startswith("Sparse")
        targets = np.array([1, 0]) if is_sparse else np.array([[0.0, 1.0], [1.0, 0.0]])
        batch = (outputs,) if is_plain else (targets, outputs)
        metric.update_state(*batch)
        metric.reset_state()
        metric.update_state(*batch)
        other = way(metric)
        assert other.name == metric.name
        for _ in range(2):
            assert [float(one.result()) for one in (other, metric)] == [float(metric.result())] * 2
            metric.update_state(*batch)
            other.update_state(*batch)
        other.reset_state()
        assert any(v.numpy().any() for v in metric.variables)
        assert not any(v.numpy().any() for v in other.variables)


SPARSE = (
    losses.SparseCategoricalCrossentropy,
    losses.CategoricalGeneralizedCrossEntropy,
    losses.Circle,
)


@every_way
def test_every_loss_gives_the_same_bits(way: Callable) -> None:
    outputs = ops.softmax(np.array([[0.5, 2.0], [1.0, -1.0]], "float32"))
    for loss in instances(losses, losses.Loss, LossFunctionWrapper={"fn": absolute}):
        if isinstance(loss, losses.CTC):  # of sequences
            steps = ops.softmax(np.sin(np.arange(12.0, dtype="float32")).reshape(1, 4, 3))
            labels = np.array([[1, 2]])
            assert way(loss)(labels, steps).numpy() == loss(labels, steps).numpy()
            continue
        is_sparse = isinstance(loss, SPARSE)
        targets = np.array([0, 1]) if is_sparse else np.array([[1.0, 0.0], [0.0, 1.0]])
        expected = loss(targets, outputs).numpy().tobytes()
        assert way(loss)(targets, outputs).numpy().tobytes() == expected
        # The copy of what a softmax gave knows its logits as well.
        assert loss(targets, way(outputs)).numpy().tobytes() == expected


@every_way
def test_initializers_regularizers_and_constraints(way: Callable) -> None:
    generator = random.SeedGenerator(5)
    makers = [initializers.GlorotUniform(seed=1), initializers.HeNormal(seed=generator)]
    for maker in makers:
        other = way(maker)
        for _ in range(2):
            assert maker((3, 4)).numpy().tobytes() == other((3, 4)).numpy().tobytes()
    penalty = regularizers.L1L2(0.1, 0.2)
    assert way(penalty)(X).item() == penalty(X).item()
    limit = constraints.MaxNorm(1.0)
    assert way(limit)(X).numpy().tobytes() == limit(X).numpy().tobytes()


# ---- tensors, variables, random numbers ---------------------------------------------------------

DTYPES = ["float32", "float64", "int32", "int64", "bool"]


@given(
    dtype=st.sampled_from(DTYPES),
    shape=st.lists(st.integers(0, 4), max_size=4),
    seed=st.integers(0, 99),
)
def test_tensors_and_variables_keep_their_bits(dtype: str, shape: list[int], seed: int) -> None:
    numbers = np.random.default_rng(seed).normal(size=shape).astype(dtype)
    things = [ops.convert_to_tensor(numbers), ops.transpose(numbers), Variable(numbers, name="v")]
    if shape:
        things.append(ops.convert_to_tensor(numbers)[::-1])
    for thing in things:
        for way in (copy.copy, *WAYS.values()):
            other = way(thing)
            assert type(other) is type(thing)
            assert (other.dtype, other.shape) == (thing.dtype, thing.shape)
            assert other.numpy().tobytes() == thing.numpy().tobytes()


def test_special_numbers_keep_their_bits() -> None:
    numbers = np.array([-0.0, np.nan, np.inf, -np.inf, 1e-45], "float32")
    for way in WAYS.values():
        assert way(ops.convert_to_tensor(numbers)).numpy().tobytes() == numbers.tobytes()


def test_a_copied_tensor_has_neither_history_nor_the_memory_of_the_first() -> None:
    array = np.ones(3, "float32")
    x = ops.convert_to_tensor(array)
    x.requires_grad = True
    y = copy.deepcopy(x * 2)
    z = copy.deepcopy(x)
    array[:] = 5
    assert y.numpy().tolist() == [2, 2, 2]
    assert z.numpy().tolist() == [1, 1, 1]
    assert not y.requires_grad
    assert x.requires_grad


@pytest.mark.parametrize("way", [copy.copy, *WAYS.values()])
def test_a_variable_carries_its_settings_and_not_its_memory(way: Callable) -> None:
    v = Variable([1.0, 2.0], trainable=False, name="mine")
    v.path = "layer/mine"
    v.constraint = constraints.NonNeg()
    v.regularizer = regularizers.L2(0.5)
    other = way(v)
    assert (other.name, other.path, other.trainable) == ("mine", "layer/mine", False)
    assert isinstance(other.constraint, constraints.NonNeg)
    assert other.regularizer(other).item() == 2.5
    other.assign([5.0, 6.0])
    assert v.numpy().tolist() == [1, 2]
    assert {v: 1}[v] == 1
    with pylego.GradientTape() as tape:
        y = way(Variable(3.0)) * 1.0
    assert y.requires_grad
    assert tape is not None


class Named(Variable):
    """A user's variable, with attributes."""


@every_way
def test_subclasses_of_variables_keep_their_attributes(way: Callable) -> None:
    v = Named([1.0])
    v.note = ["mine", v]
    other = way(v)
    assert type(other) is Named
    assert other.note[0] == "mine"
    assert other.note[1] is other


@every_way
def test_random_numbers_go_on_where_they_were(way: Callable) -> None:
    generator = random.SeedGenerator(9, name="draws")
    random.uniform((3,), seed=generator)
    other = way(generator)
    assert other.name == "draws"
    draws = [random.uniform((3,), seed=one).numpy().tobytes() for one in (generator, other)]
    assert draws[0] == draws[1]
    assert random.uniform((3,), seed=generator).numpy().tobytes() != draws[0]


@every_way
def test_masks_are_carried(way: Callable) -> None:
    x = ops.ones((1, 2))
    x._keras_mask = ops.convert_to_tensor([[True, False]])
    assert way(x)._keras_mask.numpy().tolist() == [[True, False]]


# ---- layers alone, callbacks, data, functions ---------------------------------------------------


@every_way
def test_a_copied_layer_forgets_the_losses_of_calls_but_adds_new_ones(way: Callable) -> None:
    layer = Dense(2, activity_regularizer="l2", kernel_regularizer="l1")
    layer(X)
    other = way(layer)
    assert len(layer.losses) == 2
    assert len(other.losses) == 1
    other(X)
    other(X)
    assert len(other.losses) == 2
    assert other.losses[0].item() == layer.losses[0].item()
    assert len(copy.copy(layer).weights) == 2
    assert copy.copy(layer).kernel is layer.kernel


@every_way
def test_what_a_layer_gets_after_copying_belongs_to_it_alone(way: Callable) -> None:
    layer = Twice()
    layer.build((None, 6))
    for copied in (way(layer), copy.copy(layer)):
        copied.add_weight((2,), name="more")
        assert len(copied.weights) == 3
        assert len(layer.weights) == 2
    metric = metrics.Mean()
    copy.copy(metric).add_variable((), name="more")
    assert len(metric.variables) == 2
    optimizer = optimizers.Adam()
    copy.copy(optimizer).build([Variable(1.0)])
    assert len(optimizer.variables) == 2
    assert not optimizer.built


class Settings(Layer):
    """A user's layer with a `__getstate__` of its own."""

    def __init__(self) -> None:
        super().__init__()
        self.dense = Dense(2)
        self.cache = lambda: None

    def __getstate__(self) -> dict[str, Any]:
        return {**super().__getstate__(), "cache": None}

    def call(self, inputs: Any) -> Any:
        return self.dense(inputs)


class AllAttributes(Sequential):
    """A user's model whose `__getstate__` knows nothing of pylego's."""

    def __getstate__(self) -> dict[str, Any]:
        return dict(vars(self))


def test_programs_stay_behind_also_where_all_attributes_are_carried() -> None:
    model = AllAttributes([Input((6,)), Dense(3, "softmax")])
    model.compile("adam", "sparse_categorical_crossentropy")
    model.fit(X, Y, verbose=0)
    for way in WAYS.values():
        other = way(model)
        assert not list(other.programs)
        assert state_of(other) == state_of(model)
    assert outcome(other) == outcome(model)


def test_users_may_say_what_copies_carry() -> None:
    layer = Settings()
    y = layer(X).numpy().tobytes()
    other = pickled(layer)
    assert other.cache is None
    assert other(X).numpy().tobytes() == y


@every_way
def test_histories_come_without_their_model(way: Callable) -> None:
    history = trained().history
    other = way(history)
    assert other.history == history.history
    assert other.epoch == [0, 1]
    assert other.model is None
    assert other.params == history.params
    assert len(pickle.dumps(history)) < 1000


@every_way
def test_a_copied_model_has_a_history_of_its_own(way: Callable) -> None:
    model = trained()
    other = way(model)
    assert other.history.model is other
    assert other.history is not model.history
    other.history.history["loss"].append(0)
    assert len(model.history.history["loss"]) == 2
    model.stop_training = True
    assert way(model).stop_training


@every_way
def test_callbacks_are_copied_with_the_model_they_know(way: Callable) -> None:
    stopping = EarlyStopping("loss", patience=1, restore_best_weights=True)
    model = classifier()
    model.fit(X, Y, epochs=2, callbacks=[stopping], verbose=0)
    other = way(stopping)
    assert other.best == stopping.best
    assert other.model is not model
    assert other.best_weights[0].tobytes() == stopping.best_weights[0].tobytes()
    for callback in (callbacks.TerminateOnNaN(), callbacks.ProgbarLogger(), LambdaCallback(print)):
        model.fit(X, Y, epochs=1, callbacks=[way(callback)], verbose=0)


@every_way
def test_batches_of_images_go_on_where_they_were(way: Callable) -> None:
    images = RNG.uniform(0, 255, (10, 6, 6, 3)).astype("float32")
    generator = ImageDataGenerator(rotation_range=20, featurewise_center=True)
    generator.fit(images)
    batches = generator.flow(images, np.arange(10), batch_size=4, seed=3)
    next(batches)
    other = way(batches)
    for _ in range(5):
        (x, y), (other_x, other_y) = next(batches), next(other)
        assert x.tobytes() == other_x.tobytes()
        assert y.tobytes() == other_y.tobytes()


@pylego.function
def doubled(x: Any) -> Any:
    """A recorded function of a module."""
    return x * 2


def tripled(x: Any) -> Any:
    return x * 3


class Steps(Layer):
    """A layer with a recorded method."""

    def __init__(self) -> None:
        super().__init__()
        self.total = self.add_weight((), "zeros")
        self.recorded = pylego.function(self.plain)

    @pylego.function
    def step(self, x: Any) -> Any:
        self.total.assign_add(ops.sum(x))
        return self.total * 1.0

    def plain(self, x: Any) -> Any:
        return self.step(x) + 1.0


def test_recorded_functions_are_copied_as_functions_are() -> None:
    doubled(X)
    assert copy.deepcopy(doubled) is copy.copy(doubled) is doubled
    assert pickled(doubled) is doubled
    recorded = pylego.function(tripled)
    assert recorded(1.0) == 3
    assert pickled(recorded)(2.0) == 6
    assert copy.deepcopy(pylego.function(lambda x: x + 1))(2.0) == 3
    with pytest.raises((pickle.PicklingError, AttributeError), match="lambda"):
        pickle.dumps(pylego.function(lambda x: x + 1))


@every_way
def test_recorded_methods_belong_to_the_copy(way: Callable) -> None:
    layer = Steps()
    assert layer.step(np.ones(2, "float32")).item() == 2
    assert layer.recorded(np.ones(2, "float32")).item() == 5
    other = way(layer)
    assert other.step(np.ones(3, "float32")).item() == 7
    assert other.recorded(np.ones(3, "float32")).item() == 11
    bound = way(other.step)
    assert bound(np.ones(1, "float32")).item() == 11
    assert len(bound.python_function.__self__.step.programs) == 1  # the instance's own
    assert layer.total.numpy() == 4


def test_programs_are_refused_in_words() -> None:
    model = trained()
    for way in WAYS.values():
        with pytest.raises(TypeError, match="made for this process"):
            way(next(iter(model.programs)))
