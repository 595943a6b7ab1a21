"""The numbers of a model as nested dictionaries."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from pylego import layers, ops, tree, utils
from pylego.core.tensor import Tensor
from pylego.models import Model, Sequential

X, Y = np.linspace(-1, 1, 16).reshape(8, 2).astype("float32"), np.ones((8, 2), "float32")


def model(name: str = "model") -> Model:
    utils.clear_session()  # paths are those of a new process
    x = layers.Input((2,))
    inner = Sequential([layers.Input((3,)), layers.Dense(2, name="last")], name="inner")
    hidden = layers.BatchNormalization(name="normal")(layers.Dense(3, name="first")(x))
    made = Model(x, inner(layers.Dropout(0.5)(hidden)), name=name)
    made.compile("adam", "mse", metrics=["mae"])
    return made


def test_dictionaries_lie_along_the_paths() -> None:
    made = model()
    made.fit(X, Y, verbose=0)
    found = made.get_state_tree("numpy_array")
    assert {key: sorted(part) for key, part in found.items()} == {  # as in Keras
        "trainable_variables": ["first", "inner", "normal"],
        "non_trainable_variables": ["normal", "seed_generator"],
        "optimizer_variables": ["adam"],
        "metrics_variables": ["loss", "mean_absolute_error"],
    }
    kernel = found["trainable_variables"]["inner"]["last"]["kernel"]
    assert np.array_equal(kernel, made.get_layer("inner").get_weights()[0])
    assert found["optimizer_variables"]["adam"]["iteration"] == 1
    assert found["optimizer_variables"]["adam"]["inner_last_kernel_momentum"].shape == (3, 2)
    assert all(type(leaf) is Tensor for leaf in tree.flatten(made.get_state_tree()))


@pytest.mark.parametrize("value_format", ["backend_tensor", "numpy_array"])
def test_another_model_goes_on_from_the_tree(value_format: str) -> None:
    one, other = model(), model()
    one.fit(X, Y, shuffle=False, verbose=0)
    other.fit(X, -Y, shuffle=False, verbose=0)
    other.set_state_tree(one.get_state_tree(value_format))
    for _ in range(2):
        histories = [each.fit(X, Y, shuffle=False, verbose=0).history for each in (one, other)]
        assert histories[0] == histories[1]
    for ours, theirs in zip(one.get_weights(), other.get_weights(), strict=True):
        assert np.array_equal(ours, theirs)


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ({"weights": {}}, "group of variables 'weights'"),
        ({"trainable_variables": {"first": {"kernal": 1.0}}}, "Did you mean 'first/kernel'"),
        ({"trainable_variables": {"first": {"bias": [1.0]}}}, "'first/bias' has shape"),
    ],
)
def test_what_does_not_fit_changes_nothing(state: dict[str, Any], words: str) -> None:
    made = model()
    before = made.get_weights()
    good = {"non_trainable_variables": {"normal": {"moving_mean": np.full(3, 7.0)}}}
    with pytest.raises(ValueError, match=words):
        made.set_state_tree({**good, **state})
    assert all(map(np.array_equal, before, made.get_weights()))


def test_paths_are_unique_and_formats_known() -> None:
    class Twins(Model):
        def __init__(self) -> None:
            super().__init__()
            self.one, self.two = layers.Dense(1, name="twin"), layers.Dense(1, name="twin")

        def call(self, inputs: Any) -> Any:
            return ops.add(self.one(inputs), self.two(inputs))

    twins = Twins()
    twins(X)
    with pytest.raises(ValueError, match="Two variables have the path"):
        twins.get_state_tree()
    with pytest.raises(ValueError, match="numpy_array"):
        model().get_state_tree("numpy")
