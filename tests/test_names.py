"""Names: what "did you mean" says, and the automatic names of layers."""

import importlib
import importlib.util
import json
import os
import pickle
import subprocess
import sys
import time
from collections.abc import Callable

import pytest
from hypothesis import given, strategies as st

import pylego
from pylego import keras_names, names

LOSSES = [
    "mean_squared_error",
    "mean_absolute_error",
    "binary_crossentropy",
    "categorical_crossentropy",
    "sparse_categorical_crossentropy",
    "MeanSquaredError",
]
words = st.text(st.sampled_from("abcdeXY_19"), min_size=1, max_size=12)


@pytest.fixture(autouse=True)
def _counters_from_the_start():
    names.reset_names()
    yield
    names.reset_names()


def test_only_the_near_name_is_suggested():
    error = names.unknown("loss", "categorical_crossentrophy", LOSSES)
    assert isinstance(error, ValueError)
    assert str(error) == (
        "Unknown loss 'categorical_crossentrophy'. Did you mean 'categorical_crossentropy'?"
    )


def test_of_two_spellings_the_one_nearer_to_the_users_is_suggested():
    assert names.closest("mean_sqared_error", LOSSES)[0] == "mean_squared_error"
    assert names.closest("MeanSqaredError", LOSSES)[0] == "MeanSquaredError"
    assert "MeanSquaredError" not in names.closest("mean_sqared_error", LOSSES)


def test_equally_near_names_are_all_suggested():
    error = names.unknown("activation", "elo", ["elu", "tanh", "ela"])
    assert str(error).endswith("Did you mean 'ela' or 'elu'?")


def test_known_names_are_listed_when_none_is_near():
    known = [f"name{letter}" for letter in "abcdefghijklmnopq"]
    message = str(names.unknown("optimizer", "qqq", known))
    assert message.startswith("Unknown optimizer 'qqq'. Known: 'namea', 'nameb'")
    assert message.endswith("'namel' and 5 more.")
    assert str(names.unknown("optimizer", "qqq", [])) == "Unknown optimizer 'qqq'."


@pytest.mark.parametrize("name", [3, None, ["adam"], b"adam"])
def test_what_is_no_string_is_shown_and_known_names_listed(name):
    message = str(names.unknown("optimizer", name, ["adam", "sgd"]))
    assert message == f"Unknown optimizer {name!r}. Known: 'adam', 'sgd'."


def test_a_huge_name_is_shortened_and_costs_no_time():
    start = time.perf_counter()
    message = str(names.unknown("loss", "mse" * 1_000_000, LOSSES * 100))
    assert time.perf_counter() - start < 1
    assert len(message) < 500


def test_unknown_argument_names_owner_and_near_argument():
    error = names.unknown_argument("Dense", "activaton", ["units", "activation", "use_bias"])
    assert isinstance(error, TypeError)
    assert str(error) == "Dense got an unknown argument 'activaton'. Did you mean 'activation'?"


@given(st.lists(words, min_size=1, max_size=8), st.data())
def test_a_known_name_is_its_own_best_suggestion(candidates, data):
    name = data.draw(st.sampled_from(candidates))
    near = names.closest(name, candidates)
    assert near[0] == name
    assert len(near) <= names.MOST_SUGGESTIONS
    assert set(near) <= set(candidates)


# What keras.src.utils.naming.to_snake_case of Keras 3.15.1 gives.
@pytest.mark.parametrize(
    ("class_name", "expected"),
    [
        ("Dense", "dense"),
        ("InputLayer", "input_layer"),
        ("Conv2DTranspose", "conv2d_transpose"),
        ("SeparableConv1D", "separable_conv1d"),
        ("GlobalAveragePooling2D", "global_average_pooling2d"),
        ("LSTM", "lstm"),
        ("GRUCell", "gru_cell"),
        ("ReLU", "re_lu"),
        ("PReLU", "p_re_lu"),
        ("ELU", "elu"),
        ("LeakyReLU", "leaky_re_lu"),
        ("TFSMLayer", "tfsm_layer"),
        ("AUC", "auc"),
        ("my model 2", "mymodel2"),
        ("My_Layer", "my__layer"),
        ("ABcDe", "a_bc_de"),
        ("층Dense", "층_dense"),
    ],
)
def test_snake_case_is_that_of_keras(class_name, expected):
    assert names.snake_case(class_name) == expected


@given(words)
def test_snake_case_of_snake_case_changes_nothing(name):
    once = names.snake_case(name)
    assert names.snake_case(once) == once


def test_names_are_counted_apart_and_from_zero_after_a_reset():
    drawn = [names.unique_name(prefix) for prefix in ("Dense", "dense", "Conv2D", "Dense")]
    assert drawn == ["dense", "dense_1", "conv2d", "dense_2"]
    names.reset_names()
    assert names.unique_name("Dense") == "dense"


# ---- names that a module does not have -------------------------------------------------------


MODULES = {
    "pylego": ("Sequental", "Sequential"),
    "pylego.activations": ("rellu", "relu"),
    "pylego.callbacks": ("EarlyStoping", "EarlyStopping"),
    "pylego.config": ("set_floatX", "set_floatx"),
    "pylego.constraints": ("MaxNrm", "MaxNorm"),
    "pylego.datasets": ("mnits", "mnist"),
    "pylego.initializers": ("GlorotUnifrom", "GlorotUniform"),
    "pylego.layers": ("Conv2d", "Conv2D"),
    "pylego.losses": ("MeanSquareError", "MeanSquaredError"),
    "pylego.metrics": ("BinaryAcuracy", "BinaryAccuracy"),
    "pylego.models": ("Sequental", "Sequential"),
    "pylego.ops": ("matmull", "matmul"),
    "pylego.ops.image": ("resise", "resize"),
    "pylego.ops.nn": ("softmaxx", "softmax"),
    "pylego.optimizers": ("Adamm", "Adam"),
    "pylego.preprocessing.image": ("ImageDataGenrator", "ImageDataGenerator"),
    "pylego.random": ("nomal", "normal"),
    "pylego.regularizers": ("L1l2", "L1L2"),
    "pylego.utils": ("to_categoricl", "to_categorical"),
}


@pytest.mark.parametrize("module", MODULES)
def test_a_misspelled_name_is_answered_by_the_near_one(module):
    wrong, right = MODULES[module]
    with pytest.raises(AttributeError, match=f"no attribute '{wrong}'. Did you mean: '{right}'"):
        getattr(importlib.import_module(module), wrong)
    with pytest.raises(ImportError, match=f"no attribute '{wrong}'. Did you mean: '{right}'"):
        exec(f"from {module} import {wrong}")


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ("from pylego.layers import FlaxLayer", "Keras has it, pylego does not have it yet"),
        ("from pylego.layers import Flaxlayer", "'FlaxLayer'.? Keras has it, pylego does not have"),
        ("from pylego import quantizers", "Keras has it, pylego does not have it yet"),
        ("from pylego.models import Graph", "today it is Sequential, or a subclass of Model"),
        ("from pylego.layers import Sequential", "it is pylego.Sequential"),
        ("import pylego; pylego.Dense", "it is pylego.layers.Dense"),
        ("import pylego; pylego.ops.eig", "Keras has it, pylego does not have it yet"),
    ],
)
def test_a_name_from_elsewhere_says_where_it_is(statement, words):
    with pytest.raises((AttributeError, ImportError), match=words):
        exec(statement)


def test_asking_whether_a_name_is_there_stays_quick_and_quiet():
    assert not hasattr(pylego.layers, "Nothing")
    assert getattr(pylego.ops, "nothing", 3) == 3
    program = "import pylego, sys; hasattr(pylego.layers, 'X'); assert 'difflib' not in sys.modules"
    subprocess.run([sys.executable, "-c", program], check=True)


def test_an_error_about_a_name_can_be_pickled():
    with pytest.raises(AttributeError) as caught:
        pylego.layers.Dens  # noqa: B018
    assert repr(type(caught.value)) == "<class 'AttributeError'>"
    copy = pickle.loads(pickle.dumps(caught.value))
    assert str(copy) == str(caught.value)


def not_there_yet():
    return [
        (package, name)
        for package, listed in keras_names.NOT_THERE_YET.items()
        for name in listed.split()
    ]


def test_no_name_that_is_said_to_come_later_is_there_already():
    there = [
        f"{package}.{name}"
        for package, name in not_there_yet()
        if hasattr(importlib.import_module(f"pylego.{package}".rstrip(".")), name)
    ]
    assert not there, f"strike them from pylego/keras_names.py: {there}"
    model = pylego.Sequential([pylego.layers.Dense(1, input_shape=(1,))])
    methods = [*keras_names.METHODS_NOT_THERE_YET.split(), *keras_names.OLDER_METHODS]
    assert not [name for name in methods if hasattr(model, name)]


def test_no_name_of_keras_is_forgotten():
    path = os.environ.get("KERAS_API")  # a list of Keras's public names by their modules, as JSON
    if path is None:
        pytest.skip("KERAS_API names no list of Keras's names")
    with open(path, encoding="utf-8") as file:
        spaces = json.load(file)["namespaces"]
    forgotten = []
    for space, listed in spaces.items():
        package = space.partition(".")[2]
        try:
            module = importlib.import_module(f"pylego.{package}".rstrip("."))
        except ImportError:
            continue
        later = keras_names.NOT_THERE_YET.get(package, "").split()
        forgotten += [(package, n) for n in listed if not hasattr(module, n) and n not in later]
    assert not forgotten


# ---- words of former times -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("call", "word"),
    [
        ("Conv2D(3, 3, border_mode='same')", "padding"),
        ("Conv2D(nb_filter=3, kernel_size=3)", "filters"),
        ("Conv2D(3, 3, subsample=(2, 2))", "strides"),
        ("Conv2D(3, 3, dim_ordering='tf')", "data_format"),
        ("Conv2D(3, 3, W_constraint=None)", "kernel_constraint"),
        ("Conv2D(3, 3, atrous_rate=2)", "dilation_rate"),
        ("Dense(output_dim=3)", "units"),
        ("Dense(3, init='uniform')", "kernel_initializer"),
        ("Dense(3, W_regularizer='l2')", "kernel_regularizer"),
        ("Dense(3, b_regularizer='l2')", "bias_regularizer"),
        ("Dense(3, bias=False)", "use_bias"),
        ("Dropout(p=0.5)", "rate"),
        ("GaussianNoise(sigma=0.1)", "stddev"),
        ("MaxPooling1D(pool_length=2)", "pool_size"),
        ("BatchNormalization(gamma_init='ones')", "gamma_initializer"),
    ],
)
def test_an_argument_of_keras_1_is_understood_and_its_word_today_said(call, word):
    with pytest.warns(UserWarning, match=f"is an older word: today it is {word}="):
        layer = eval(f"layers.{call}", {"layers": pylego.layers})
    assert word in layer.get_config()


@pytest.mark.parametrize("module", ["layers", "optimizers", "losses", "metrics", "callbacks"])
def test_every_public_class_answers_to_its_own_name(module):
    package = importlib.import_module(f"pylego.{module}")
    for name in package.__all__:
        part = getattr(package, name)
        if not isinstance(part, type) or part.__name__ in ("InputSpec", "Layer", "CallbackList"):
            continue
        with pytest.raises(TypeError) as caught:
            part(wrong_argument=1)
        assert str(caught.value).startswith(part.__name__), name
        assert "_init__" not in str(caught.value)


def test_missing_arguments_are_named_with_the_public_class():
    with pytest.raises(TypeError, match=r"^Conv2D needs the argument kernel_size: Conv2D\(filters"):
        pylego.layers.Conv2D(32)
    with pytest.raises(TypeError, match=r"^Conv2D needs the arguments filters and kernel_size"):
        pylego.layers.Conv2D()
    with pytest.raises(
        TypeError,
        match=r"^Dense: takes at most 1\d arguments without a name, 19 were given: Dense\(units",
    ):
        pylego.layers.Dense(*range(1, 20))
    with pytest.raises(TypeError, match=r"Dense got .* 'unit'\. Did you mean 'units'"):
        pylego.layers.Dense(unit=3)


def test_classes_of_users_answer_in_the_same_way():
    class Mine(pylego.layers.Layer):
        def __init__(self, units, activation=None):
            super().__init__()
            if units == 0:
                raise TypeError("units must not be 0")

    class Yours(pylego.layers.Dense):
        def __init__(self):
            super().__init__(unit=3)

    with pytest.raises(TypeError, match=r"Mine got .* 'unit'\. Did you mean 'units'"):
        Mine(unit=3)
    with pytest.raises(TypeError, match=r"^units must not be 0$"):
        Mine(0)
    with pytest.raises(TypeError, match="Dense got an unknown argument 'unit'"):
        Yours()


@pytest.mark.parametrize(
    ("call", "words"),
    [
        ("to_yaml()", r"write model\.to_json\(\)"),
        ("export('m')", "Keras has it, pylego does not have it yet"),
        (
            "predict([1.0], batchsize=1)",
            "predict got .*'batchsize'.*'batch_size'",
        ),
        ("evaluate([1.0], batchsize=1)", "evaluate got .*'batchsize'.*'batch_size'"),
        ("fit([1.0], [1.0], samples_per_epoch=1)", "called 'steps_per_epoch' today"),
        ("fit_generator([], nb_samples=1)", "fit_generator got an unknown .*'nb_samples'"),
        ("summary(line_lenght=3)", "summary got an unknown argument.*'line_length'"),
    ],
)
def test_methods_answer_in_the_same_way(call, words):
    model = pylego.Sequential([pylego.layers.Dense(1)])
    model.compile("sgd", "mse")
    with pytest.raises((AttributeError, TypeError), match=words):
        eval(f"model.{call}", {"model": model})


def test_a_history_without_a_figure_lists_those_it_has():
    history = pylego.callbacks.History()
    history.on_epoch_end(0, {"accuracy": 0.5, "val_accuracy": 0.5})
    with pytest.raises(KeyError, match="Did you mean 'val_accuracy'"):
        history.history["val_accurracy"]
    assert history.history == {"accuracy": [0.5], "val_accuracy": [0.5]}
    assert history.history.get("auc") is None


def test_a_history_has_its_figures_under_the_names_of_keras_2():
    history = pylego.callbacks.History()
    history.on_epoch_end(0, {"accuracy": 0.5, "val_accuracy": 0.25})
    with pytest.warns(UserWarning, match="'acc' is an older word: today it is 'accuracy'"):
        assert history.history["acc"] == [0.5]
    with pytest.warns(UserWarning, match="'val_acc'"):
        assert history.history.get("val_acc") == [0.25]


@pytest.mark.parametrize(
    ("optimizer", "loss", "words"),
    [
        ("mse", "adam", r"exchanged\. Write compile\(optimizer='adam', loss='mse'\)"),
        ("categorical_crossentropy", "RMSprop", "exchanged"),
        (pylego.losses.MeanSquaredError(), pylego.optimizers.Adam(), "exchanged"),
        (pylego.losses.MeanSquaredError, pylego.optimizers.Adam, "exchanged"),
        ("mse", None, r"that is a loss\. Write compile\(optimizer='adam', loss='mse'\)"),
        ("mse", "mae", "'mse' is a loss, no optimizer"),
        ("adam", "sgd", "'sgd' is an optimizer, no loss"),
    ],
)
def test_loss_and_optimizer_exchanged(optimizer, loss, words):
    with pytest.raises(ValueError, match=words):
        pylego.Sequential([pylego.layers.Dense(1)]).compile(optimizer, loss)


def test_parts_of_keras_that_come_later_say_so_by_name():
    with pytest.raises(AttributeError, match="Keras has it, pylego does not have it yet"):
        _ = pylego.layers.MaxNumBoundingBoxes


def message_of(action: Callable[[], object], kind: type[Exception]) -> str:
    with pytest.raises(kind) as caught:
        action()
    return str(caught.value)


@pytest.mark.parametrize(
    ("module", "advice"),
    [
        ("pylego.optimizer", "Did you mean 'pylego.optimizers'?"),
        ("pylego.layer", "Did you mean 'pylego.layers'?"),
        ("pylego.layers.recurrent", "today its names are in pylego.layers"),
        ("pylego.layers.embeddings", "today its names are in pylego.layers"),
        ("pylego.quantizers", "Keras has it, pylego does not have it yet"),
        ("pylego.applications.vgg17", "Did you mean 'pylego.applications.vgg16'?"),
    ],
)
def test_a_module_that_is_not_there_is_explained(module, advice):
    message = message_of(lambda: importlib.import_module(module), ModuleNotFoundError)
    assert message.startswith("No module named 'pylego.")
    assert message.endswith(advice)


def test_a_module_may_be_looked_for_without_an_error():
    assert importlib.util.find_spec("pylego.optimizer") is None
    with pytest.raises(ModuleNotFoundError, match=r"^No module named 'nothing_of_ours'$"):
        importlib.import_module("nothing_of_ours")


@pytest.mark.parametrize(
    ("typo", "method"),
    [("sumary", "summary"), ("complie", "compile"), ("Add", "add"), ("predcit", "predict")],
)
def test_a_typo_of_a_method_gets_a_suggestion(typo, method):
    message = message_of(lambda: getattr(pylego.Sequential(), typo), AttributeError)
    assert f"Did you mean '{method}'" in message
    assert "weight" not in message


@pytest.mark.parametrize("name", ["kernel", "bias"])
def test_a_weight_that_is_not_there_yet_is_no_typo(name):
    message = message_of(lambda: getattr(pylego.layers.Dense(3), name), AttributeError)
    assert "comes into being when the layer is built" in message


def test_arguments_without_names_are_counted_without_self():
    message = message_of(lambda: pylego.layers.Reshape(28, 28, 1), TypeError)
    assert message.startswith("Reshape: takes at most 1 argument without a name, 3 were given")
    message = message_of(lambda: pylego.layers.Dense(3, "relu", activation="relu"), TypeError)
    assert message == "Dense: got multiple values for argument 'activation'"


def test_what_keras_took_away_is_said_to_be_gone():
    with pytest.warns(UserWarning, match="BatchNormalization.mode=. .*today it is left out"):
        pylego.layers.BatchNormalization(mode=0)
    with pytest.raises(TypeError, match="'mode'"):
        pylego.layers.BatchNormalization(mode=1)
    with pytest.warns(UserWarning, match="normal is an older word: today it is RandomNormal"):
        pylego.initializers.normal()
    with pytest.warns(UserWarning, match="Merge is an older word: today it is Concatenate"):
        pylego.layers.Merge(mode="concat")


def test_older_names_of_placeholders_mean_the_functional_model():
    x = pylego.Input((3,))
    assert pylego.Model(input=x, output=x * 2).output_shape == (None, 3)


def test_older_modules_of_layers_offer_their_names() -> None:
    """`from keras.layers.core import Dense, Flatten`, as Keras 1 and 2 had it."""
    for folder in ("core", "convolutional", "pooling", "normalization"):
        module = importlib.import_module(f"pylego.layers.{folder}")
        assert module.Dense is pylego.layers.Dense
        with pytest.raises(AttributeError, match="Did you mean: 'Dense'"):
            module.Dens  # noqa: B018
