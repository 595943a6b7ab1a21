"""Names: what "did you mean" says, and the automatic names of layers."""

import time

import pytest
from hypothesis import given, strategies as st

from pylego import names

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
