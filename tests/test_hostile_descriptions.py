"""Descriptions that nobody vouches for: each gives an object or one clear error."""

from __future__ import annotations

import copy
import json
import random
import warnings
from typing import Any

import pytest
from goldens import load

from pylego import config, models, registry, saving
from pylego.registry import limits, weights_within

deserialize = saving.deserialize_keras_object
REFUSALS = (ValueError, TypeError, NotImplementedError)
DENSE = {"module": "keras.layers", "class_name": "Dense", "config": {"units": 2}}


def nested(depth: int) -> Any:
    found: Any = []
    for _ in range(depth):
        found = [found]
    return found


def of_dense(**config: Any) -> dict[str, Any]:
    return {**DENSE, "config": {"units": 2, **config}}


def graph(layers: Any, inputs: Any = ("x", 0, 0), outputs: Any = ("x", 0, 0)) -> dict[str, Any]:
    config = {"name": "m", "layers": layers, "input_layers": [*inputs], "output_layers": [*outputs]}
    module = "keras.src.models.functional"
    return {"module": module, "class_name": "Functional", "config": config}


X = {
    "module": "keras.layers", "class_name": "InputLayer", "name": "x", "inbound_nodes": [],
    "config": {"batch_shape": [None, 2], "name": "x"},
}  # fmt: skip


def called(*places: Any, **layer: Any) -> dict[str, Any]:
    refs = [
        {"class_name": "__keras_tensor__",
         "config": {"shape": [None, 2], "dtype": "float32", "keras_history": place}}
        for place in places
    ]  # fmt: skip
    calls = [{"args": [ref], "kwargs": {}} for ref in refs]
    return {**DENSE, "name": "d", "inbound_nodes": calls, **layer}


HOSTILE: list[tuple[Any, str]] = [
    (nested(100_000), "nested 400 levels deep"),
    (of_dense(name=nested(100_000)), "nested 400 levels deep"),
    ({"class_name": 3, "config": {}}, "must be the name of a class. Received: 3"),
    ({"class_name": "Dense", "config": 3}, "a dictionary of its arguments. Received: config=3"),
    ({"class_name": "Dense", "config": {}}, "Dense needs the argument units"),
    ({"class_name": "Dens", "config": {}}, "Did you mean 'Dense'"),
    ({**DENSE, "module": "os"}, "it is of 'os'"),
    ({**DENSE, "module": "subprocess", "class_name": "Popen"}, "Unknown class 'Popen'"),
    ({**DENSE, "class_name": "Layer.__init__"}, "Unknown layer"),
    ({**DENSE, "class_name": "deserialize"}, "Unknown layer 'deserialize'"),
    ({"module": "os", "class_name": "function", "config": "system"}, "Unknown function 'system'"),
    ({"class_name": "function", "config": "get"}, "Unknown function 'get'"),
    ({"class_name": "function", "config": ["relu"]}, "described by its name"),
    (
        {**DENSE, "module": "keras.layers", "class_name": "MaxNumBoundingBoxes"},
        "pylego does not have it yet",
    ),
    (of_dense(units=2**70), "below 2\\*\\*63"),
    (of_dense(units=10**5000), "Dense cannot be made"),
    (of_dense(units=[2]), "units must be a whole number"),
    (of_dense(dtype={"class_name": "DTypePolicy", "config": 3}), "DTypePolicy is described"),
    (of_dense(dtype="mixed_float8"), "A dtype policy is"),
    (of_dense(activation="os.system"), "Unknown activation"),
    (
        of_dense(bias_initializer={"class_name": "Sequential", "config": {}}),
        "Unknown initializer",
    ),
    (of_dense(kernel_regularizer={"config": {}}), "must be described by 'class_name'"),
    (of_dense(quantization_config={"bits": 8}), "quantization_config is not there"),
    (of_dense(sparse=True), "unknown argument 'sparse'"),
    ({**of_dense(units=10**6), "build_config": {"input_shape": [None, 10**6]}}, "4e\\+12 bytes"),
    ({**DENSE, "build_config": {"input_shape": "abc"}}, "shape of a batch"),
    ({**DENSE, "build_config": [1]}, "build_config must be a dictionary"),
    ({"class_name": "__numpy__", "config": {"value": [1], "dtype": "O8"}}, "__numpy__"),
    ({"class_name": "__tensor__", "config": 3}, "__tensor__ is not described"),
    ({"class_name": "__lambda__", "config": {"value": "4wEAAA=="}}, "safe_mode=False"),
    ({"class_name": "Sequential", "config": {"name": "a", "layers": 5}}, "a list of 'layers'"),
    ({"class_name": "Sequential", "config": {"name": 5, "layers": []}}, "is a string"),
    (graph(5), "layers of a graph are a list"),
    (graph([5]), "described by a dictionary"),
    (graph([X, X]), "two layers of the name 'x'"),
    (graph([X], outputs=("y", 0, 0)), "no layer 'y'"),
    (graph([X], outputs=("x", 0, 7)), "no number 7"),
    (graph([X], outputs=("x", 9, 0)), "no call 9"),
    (graph([X, called(["d", 0, 0])]), "'d' waits for call 0 of 'd'"),
    (graph([X, called(["x", -1, 0])]), "numbers from 0"),
    (graph([X, called(["x", 0])]), "A tensor comes"),
    (graph([X, {**called(), "inbound_nodes": [5]}]), "A call has args and kwargs"),
    (graph([X, {**called(), "inbound_nodes": [{"args": [3], "kwargs": {}}]}]), "'?d'?"),
    (graph([X, {**called(), "name": [1]}]), "has a name and a list of calls"),
]


@pytest.mark.parametrize(("description", "message"), HOSTILE, ids=[m for _, m in HOSTILE])
def test_what_is_wrong_is_said(description: Any, message: str) -> None:
    with pytest.raises(REFUSALS, match=message) as caught:
        deserialize(description)
    assert len(str(caught.value)) < 2000


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[" * 100_000, "nested too deeply"),
        ("{", "not described in JSON"),
        ("[]", "must be described by 'class_name'"),
        (json.dumps(DENSE), "which is not a model"),
        (f'{{"class_name": "Dense", "config": {{"units": {"9" * 5000}}}}}', "JSON"),
    ],
)
def test_what_is_no_model_in_json_is_refused(text: str, message: str) -> None:
    with pytest.raises(REFUSALS, match=message):
        models.model_from_json(text)


def test_code_is_refused_unless_somebody_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    code = {"class_name": "__lambda__", "config": {"value": ["!", None, None]}}
    with pytest.raises(ValueError, match="safe_mode=False"):
        deserialize([{"a": code}])
    assert config.refuses_code()
    monkeypatch.setitem(config._settings, "refuses_code", True)
    config.enable_unsafe_deserialization()
    assert not config.refuses_code()
    with registry.reading({}):
        assert not registry.is_safe()
    monkeypatch.setitem(config._settings, "refuses_code", True)
    with registry.reading({}, safe_mode=False):
        assert not registry.is_safe()
        with registry.reading({}, safe_mode=True):
            assert not registry.is_safe()  # the outermost call has said so
    assert registry.is_safe()


def test_weights_are_counted_before_memory_is_taken() -> None:
    description = {**of_dense(units=1000), "build_config": {"input_shape": [None, 1000]}}
    with weights_within(5_000_000):
        deserialize(description)
        with pytest.raises(ValueError, match=r"takes 4e\+06 bytes, where at most 9.96e\+05 are"):
            deserialize(description)
    assert limits._thread.bytes_left is None


# ---- descriptions of Keras, with something changed at random --------------------------------

BASES = [case["is"] for case in load("graphs")["cases"]] + [
    case["is"] for case in load("configs")["cases"][::4]
]
VALUES: list[Any] = [
    None, True, False, 0, -1, 3, 2**31, 2**62, 2**200, 0.5, -1e308, float("nan"), float("inf"), "",
    "x", "Dense", "keras.layers", "os", [], [[]], [None], [1, 2, 3, 4, 5], {}, {"a": 1},
    {"class_name": "Dense", "config": {}}, {"class_name": "__slice__", "config": {}}, nested(50),
]  # fmt: skip


def places_in(thing: Any) -> list[tuple[Any, Any]]:
    """All (container, key) of a description."""
    found: list[tuple[Any, Any]] = []
    todo = [thing]
    while todo:
        container = todo.pop()
        keys: Any = container if isinstance(container, dict) else range(len(container))
        for key in keys:
            found.append((container, key))
            if isinstance(container[key], (dict, list)):
                todo.append(container[key])
    return found


def mutated(base: Any, numbers: random.Random) -> Any:
    changed = copy.deepcopy(base)
    for _ in range(numbers.choice((1, 1, 2, 3))):
        places = places_in(changed)
        container, key = numbers.choice(places)
        way = numbers.randrange(4)
        if way == 0:
            del container[key]
        elif way == 1 and isinstance(container, dict):
            container[numbers.choice(("name", "config", "x", "dtype"))] = container.pop(key)
        elif way == 2:
            other, other_key = numbers.choice(places)
            container[key] = copy.deepcopy(other.get(other_key)) if isinstance(other, dict) else 0
        else:
            container[key] = copy.deepcopy(numbers.choice(VALUES))
        if not isinstance(changed, dict) or not changed:
            break
    return changed


@pytest.mark.parametrize("seed", range(6))
def test_a_changed_description_gives_an_object_or_one_clear_error(seed: int) -> None:
    numbers = random.Random(seed)
    made = 0
    for _ in range(60):
        description = mutated(numbers.choice(BASES), numbers)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                deserialize(description)
                made += 1
            except REFUSALS as error:
                text = str(error)
                assert text, description
                assert len(text) < 3000, description
    assert made > 0
