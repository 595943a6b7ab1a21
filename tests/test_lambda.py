"""The Lambda layer: what it computes, how it is described, and when its code is run."""

from __future__ import annotations

import base64
import copy
import json
import marshal
import pickle
import sys
import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from goldens import load

import pylego
from pylego import config, ops, saving
from pylego.layers import Dense, Input, Lambda
from pylego.layers.core import lambda_code
from pylego.models import Model, Sequential

GOLDEN = load("lambda_layers")
X = np.arange(6, dtype=np.float32).reshape(2, 3)


@saving.register_keras_serializable("golden")
def scaled(x: Any, times: float = 2.0) -> Any:
    return x * times


def shape_of(shape: Any) -> tuple:
    return (shape[0], 7)


def as_json(value: Any) -> Any:
    return json.loads(json.dumps(value))


def tuples(value: Any) -> Any:
    if isinstance(value, list) and all(x is None or isinstance(x, int) for x in value):
        return tuple(value)
    return [tuples(item) for item in value] if isinstance(value, list) else value


# ---- what it computes -----------------------------------------------------------------------


def test_it_calls_the_function() -> None:
    assert (Lambda(lambda x: x * 2 + 1)(X).numpy() == X * 2 + 1).all()
    assert (Lambda(scaled, arguments={"times": 3})(X).numpy() == X * 3).all()
    assert (Lambda(ops.sum)(X).numpy() == 15).all()
    one, other = Lambda(lambda ab: [ab[0] + ab[1], ab[0]])([X, X])
    assert (one.numpy() == 2 * X).all()
    assert (other.numpy() == X).all()


def test_the_function_is_told_of_training_and_masks() -> None:
    layer = Lambda(lambda x, training=None: x * 2 if training else x)
    assert (layer(X, training=True).numpy() == 2 * X).all()
    assert (layer(X).numpy() == X).all()
    model = Sequential([Input((3,)), layer])
    assert (model(X, training=True).numpy() == 2 * X).all()
    assert (model.predict(X, verbose=0) == X).all()
    kept = np.array([[True, False, True]] * 2)
    masked = Lambda(lambda x, mask=None: ops.where(mask, x, 0.0))
    assert (masked(X, mask=kept).numpy() == np.where(kept, X, 0)).all()


def test_masks_are_passed_on_only_where_it_says_which() -> None:
    x = ops.convert_to_tensor(X.reshape(2, 3, 1))
    x._keras_mask = ops.convert_to_tensor(np.array([[True, False, True]] * 2))
    with pytest.warns(UserWarning, match="was given inputs with a mask"):
        assert getattr(Lambda(lambda x: x * 1.0)(x), "_keras_mask", None) is None
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        same = Lambda(lambda x: x * 1.0, mask=lambda inputs, mask: mask)(x)
        fixed = Lambda(lambda x: x * 1.0, mask=ops.ones((2, 3), "bool"))(x)
    assert (same._keras_mask.numpy() == x._keras_mask.numpy()).all()
    assert fixed._keras_mask.numpy().all()


@pytest.mark.parametrize("case", GOLDEN["shapes"], ids=str)
def test_shapes(case: dict[str, Any]) -> None:
    layer = Lambda(lambda x: x, **{key: tuples(value) for key, value in case["arguments"].items()})
    found = layer.compute_output_shape(tuples(case["shape"]))
    assert as_json(found) == case["output"]


def test_in_a_graph_shape_and_dtype_are_those_of_what_comes_out() -> None:
    x = Input((3,))
    assert Lambda(lambda x: x > 0)(x).dtype == "bool"
    assert Lambda(lambda x: ops.sum(x, axis=-1))(x).shape == (None,)
    assert Lambda(lambda x: x[:, :2], output_shape=(2,))(x).shape == (None, 2)
    assert Lambda(lambda x: x, output_shape=shape_of)(x).shape == (None, 7)
    y = Lambda(lambda ab: {"sum": ab[0] + ab[1]})([x, x])
    assert y["sum"].shape == (None, 3)
    model = Model(x, Lambda(lambda x, times: x * times, arguments={"times": 2})(x))
    assert (model.predict(X, verbose=0) == 2 * X).all()


def test_it_trains_in_a_program_and_sees_values_that_change() -> None:
    settings = {"times": 2.0}
    model = Sequential([Input((3,)), Lambda(lambda x: x * settings["times"]), Dense(1)])
    model.compile("sgd", "mse")
    model.fit(X, X[:, :1], epochs=2, verbose=0)
    first = model.predict(X, verbose=0)
    settings["times"] = 0.0
    assert (model.predict(X, verbose=0) != first).any()
    assert np.ptp(model.predict(X, verbose=0)) == 0


@pytest.mark.parametrize("function", [None, 3, "relu", [1]])
def test_it_needs_a_function(function: Any) -> None:
    with pytest.raises(TypeError, match="'brick': a Lambda layer is made with a function"):
        Lambda(function, name="brick")


def test_it_is_copied() -> None:
    layer = Lambda(scaled, arguments={"times": 3.0}, output_shape=(3,))
    for again in (copy.deepcopy(layer), pickle.loads(pickle.dumps(layer))):
        assert (again(X).numpy() == 3 * X).all()
        assert again.get_config() == layer.get_config()


# ---- how it is described --------------------------------------------------------------------


def golden_layers() -> Iterator[tuple[str, Lambda]]:
    named = {"name": "named"}
    yield "registered", Lambda(scaled, arguments={"times": 3.0}, **named)
    yield "tensor", Lambda(scaled, arguments={"times": ops.ones(2)}, **named)
    yield "relu", Lambda(pylego.activations.relu, output_shape=(5,), **named)
    yield "op", Lambda(ops.relu, output_shape=scaled, mask=scaled, **named)


@pytest.mark.parametrize(("key", "layer"), golden_layers(), ids=lambda x: str(x)[:10])
def test_it_is_described_as_keras_does(key: str, layer: Lambda) -> None:
    assert as_json(saving.serialize_keras_object(layer)) == GOLDEN[key]
    again = saving.deserialize_keras_object(GOLDEN[key])
    assert as_json(saving.serialize_keras_object(again)) == GOLDEN[key]
    assert (again.function is scaled) == (layer.function is scaled)


def test_functions_of_ones_own_are_found_by_registered_names_or_given_ones() -> None:
    described = as_json(saving.serialize_keras_object(Lambda(shape_of)))
    with pytest.raises(ValueError, match=r"Unknown function 'shape_of'.*custom_objects"):
        saving.deserialize_keras_object(described)
    again = saving.deserialize_keras_object(described, custom_objects={"shape_of": shape_of})
    assert again.function is shape_of
    again = Lambda.from_config(described["config"], custom_objects={"shape_of": shape_of})
    assert again.function is shape_of


# ---- code -----------------------------------------------------------------------------------

CODE = GOLDEN["code"]
is_of_this_python = pytest.mark.skipif(
    list(sys.version_info[:2]) != GOLDEN["python"], reason="the bytecode is of another Python"
)


def test_a_lambda_is_written_as_its_code() -> None:
    described = as_json(saving.serialize_keras_object(Lambda(lambda x: x * 2 + 1, name="named")))
    code = described["config"]["function"]["config"].pop("code")
    golden = copy.deepcopy(CODE)
    assert golden["config"]["function"]["config"].pop("code")
    assert described == golden
    assert marshal.loads(base64.b64decode(code)).co_name == "<lambda>"


def test_code_is_refused_unless_the_user_says_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(marshal, "loads", lambda code: pytest.fail("the code was read"))
    of_shape = copy.deepcopy(GOLDEN["relu"])
    of_shape["config"]["output_shape"] = CODE["config"]["function"]
    of_mask = copy.deepcopy(GOLDEN["relu"])
    of_mask["config"]["mask"] = CODE["config"]["function"]
    for described in (CODE, of_shape, of_mask):
        for read in (
            lambda described: saving.deserialize_keras_object(described),
            lambda described: saving.deserialize_keras_object(described, safe_mode=True),
            lambda described: Lambda.from_config(described["config"]),
            lambda described: Lambda.from_config(described["config"], safe_mode=True),
        ):
            with pytest.raises(ValueError, match=r"^The Lambda layer 'named'.*safe_mode=False$"):
                read(described)


@is_of_this_python
def test_code_of_keras_runs_where_the_user_says_so() -> None:
    for again in (
        saving.deserialize_keras_object(CODE, safe_mode=False),
        Lambda.from_config(CODE["config"], safe_mode=False),
    ):
        assert (again(X).numpy() == X * 2 + 1).all()


def test_unsafe_deserialization_is_allowed_by_the_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    described = as_json(Lambda(lambda x: x + 1).get_config())
    monkeypatch.setitem(config._settings, "refuses_code", False)
    assert (Lambda.from_config(described)(X).numpy() == X + 1).all()


def test_what_a_lambda_encloses_comes_back() -> None:
    def made(shift: float) -> Any:
        return lambda x, times=2.0: np.pi * x * times + shift + ops.sum(x) * 0

    layer = Lambda(made(3.0), mask=lambda inputs, mask: mask)
    again = Lambda.from_config(as_json(layer.get_config()), safe_mode=False)
    assert (again(X).numpy() == layer(X).numpy()).all()
    described = again.get_config()["function"]["config"]
    assert (described["defaults"], described["closure"]) == ((2.0,), (3.0,))
    model = Sequential([Input((3,)), again])
    assert (model.predict(X, verbose=0) == layer(X).numpy()).all()


def test_arrays_come_back_and_what_cannot_be_written_is_refused() -> None:
    table = np.arange(3.0, dtype=np.float32)
    layer = Lambda(lambda x, shift=table: x + shift - table)
    described = as_json(saving.serialize_keras_object(layer))
    again = saving.deserialize_keras_object(described, safe_mode=False)
    assert (again(X).numpy() == X).all()
    module = np
    with pytest.raises(TypeError, match="A lambda in a Lambda layer uses what cannot be described"):
        Lambda(lambda x: module.add(x, x)).get_config()


def damaged(**changes: Any) -> dict[str, Any]:
    described = lambda_code.dump(lambda x: x)
    return {**described, "config": {**described["config"], **changes}}


@pytest.mark.parametrize(
    "described",
    [
        damaged(code="no base64!"),
        damaged(code="AAAA"),
        damaged(code=""),
        damaged(code=None),
        damaged(code=3),
        damaged(code=base64.b64encode(marshal.dumps([1, 2])).decode()),
        {"class_name": "__lambda__", "config": {}},
        {"class_name": "__lambda__", "config": None},
        {"class_name": "__lambda__"},
        damaged(closure=[1]),
        damaged(closure=3),
        damaged(defaults=3),
    ],
    ids=range(12),
)
def test_damaged_code_is_one_clear_error(described: Any) -> None:
    settings = {**Lambda(scaled).get_config(), "function": described}
    with pytest.raises(ValueError, match=r"^(A|The .*) (of a )?lambda "):
        Lambda.from_config(settings, safe_mode=False)
