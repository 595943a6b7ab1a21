"""Every class is described as Keras describes it, key by key, and made again of that."""

from __future__ import annotations

import json
from typing import Any

import pytest
from goldens import load

import pylego
from pylego import names, saving

# Layers that are not there yet are compared once they are.
CASES = [
    case
    for case in load("configs")["cases"]
    if case["class"] in dir(getattr(pylego, case["family"]))
]


@pytest.fixture(autouse=True)
def names_from_the_start() -> None:
    names.reset_names()


def called(case: dict[str, Any]) -> str:
    return f"{case['class']}({', '.join(case['arguments'])})"


def expect_equal(ours: Any, golden: Any, place: str = "") -> None:
    """Keras rounds some numbers to float32 on their way."""
    assert type(ours) is type(golden) or {type(ours), type(golden)} == {int, float}, place
    if isinstance(golden, dict):
        assert set(ours) == set(golden), place
        for key in golden:
            expect_equal(ours[key], golden[key], f"{place}.{key}")
    elif isinstance(golden, list):
        assert len(ours) == len(golden), place
        for number, (one, other) in enumerate(zip(ours, golden)):
            expect_equal(one, other, f"{place}[{number}]")
    elif isinstance(golden, float):
        assert ours == pytest.approx(golden, rel=1e-6), place
    else:
        assert ours == golden, place


def as_json(description: Any) -> Any:
    return json.loads(json.dumps(description))


@pytest.mark.parametrize("case", CASES, ids=called)
def test_it_is_described_as_keras_does(case: dict[str, Any]) -> None:
    cls = getattr(getattr(pylego, case["family"]), case["class"])
    made = cls(**as_json(case["arguments"]))
    expect_equal(as_json(saving.serialize_keras_object(made)), case["is"])


@pytest.mark.parametrize("case", CASES, ids=called)
def test_it_is_made_again_of_keras_description(case: dict[str, Any]) -> None:
    again = saving.deserialize_keras_object(case["is"])
    assert type(again) is getattr(getattr(pylego, case["family"]), case["class"])
    expect_equal(as_json(saving.serialize_keras_object(again)), case["is"])
