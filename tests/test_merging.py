"""Merging layers and their functions, beside what Keras answers (tests/golden/merging.json)."""

from __future__ import annotations

import json
import warnings
from typing import Any

import numpy as np
import pytest
from goldens import array, expect_close, load

import pylego
from pylego import layers, ops
from pylego.graph import KerasTensor
from pylego.models import Model
from pylego.testing import check_gradients

GOLDEN = load("merging")


def named(case: dict[str, Any]) -> str:
    shapes = case.get("shapes") or [np.shape(x) for x in case["inputs"]]
    return f"{case['class']}-{case['arguments']}-{shapes}"


def cases(key: str) -> Any:
    return pytest.mark.parametrize("case", GOLDEN[key], ids=named)


def made(case: dict[str, Any], **kwargs: Any) -> layers.Layer:
    return getattr(layers, case["class"])(**case["arguments"], **kwargs)


@cases("values")
def test_values_are_those_of_keras(case: dict[str, Any]) -> None:
    inputs = [array(x) for x in case["inputs"]]
    layer = made(case)
    y = layer(inputs)
    expect_close(y, case["output"])
    assert y.shape == np.shape(case["output"])
    assert y.shape == layer.compute_output_shape([x.shape for x in inputs])
    function = getattr(layers, case["class"].lower())
    assert (function(tuple(inputs), **case["arguments"]).numpy() == y.numpy()).all()
    assert (pylego.function(lambda *given: layer(list(given)))(*inputs).numpy() == y.numpy()).all()


@cases("values")
def test_in_a_graph_the_values_are_the_same(case: dict[str, Any]) -> None:
    arrays = [array(x) for x in case["inputs"]]
    inputs = [layers.Input(x.shape[1:]) for x in arrays]
    model = Model(inputs, made(case)(inputs))
    again = Model.from_config(json.loads(json.dumps(model.get_config())))
    assert (again(arrays).numpy() == model(arrays).numpy()).all()
    if case["arguments"].get("axis") != 0:  # there a batch would be cut where samples were joined
        expect_close(model.predict(arrays, verbose=0), case["output"])


@cases("values")
def test_gradients(case: dict[str, Any]) -> None:
    layer = made(case, dtype="float64")
    order = 1 if case["class"] in ("Maximum", "Minimum") else 2
    check_gradients(lambda *given: layer(list(given)), case["inputs"], order=order)


@cases("values")
def test_configurations(case: dict[str, Any]) -> None:
    config = made(case, name="merged").get_config()
    assert {name: config[name] for name in case["config"]} == case["config"]
    assert config.keys() == {*case["config"], "dtype"}
    again = type(made(case)).from_config(json.loads(json.dumps(config)))
    assert again.get_config() == config


@cases("masked")
@pytest.mark.parametrize("recorded", [False, True])
def test_masks(case: dict[str, Any], recorded: bool) -> None:
    layer = made(case)

    def merge(*given: Any) -> Any:
        tensors = [x * 1.0 for x in given]
        for x, mask in zip(tensors, case["masks"]):
            if mask is not None:
                x._keras_mask = ops.convert_to_tensor(np.array(mask, bool))
        y = layer(tensors)
        mask = getattr(y, "_keras_mask", None)
        return (y,) if mask is None else (y, mask)

    inputs = [ops.convert_to_tensor(array(x)) for x in case["inputs"]]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        y, *mask = (pylego.function(merge) if recorded else merge)(*inputs)
    expect_close(y, case["output"])
    assert [one.numpy().astype(int).tolist() for one in mask] == [
        one for one in [case["mask"]] if one is not None
    ]


@cases("shapes")
def test_free_lengths(case: dict[str, Any]) -> None:
    shapes = [tuple(shape) for shape in case["shapes"]]
    assert made(case).compute_output_shape(shapes) == tuple(case["output"])
    inputs = [layers.Input(batch_shape=shape) for shape in shapes]
    assert made(case)(inputs).shape == tuple(case["output"])


@cases("refused")
def test_what_does_not_fit_is_refused_with_the_name_of_the_layer(case: dict[str, Any]) -> None:
    inputs = [np.ones([length or 1 for length in shape], np.float32) for shape in case["shapes"]]
    with pytest.raises(
        ValueError, match=rf"^Layer 'brick' \({case['class']}\)(: inputs of| is called)"
    ):
        made(case, name="brick")(inputs)


@pytest.mark.parametrize("name", ["Add", "Maximum", "Concatenate", "Subtract"])
@pytest.mark.parametrize("inputs", [np.ones((2, 3)), [], {"a": np.ones((2, 3))}, [[1.0, 2.0]]])
def test_inputs_come_in_a_list(name: str, inputs: Any) -> None:
    with pytest.raises(ValueError, match=r"is called on a list of .*, as in "):
        getattr(layers, name)()(inputs)


def test_a_layer_that_was_built_still_looks_at_its_inputs() -> None:
    rows, columns = np.ones((2, 3)), np.ones((2, 4, 3))
    layer = layers.Add()
    assert layer([rows, rows]).shape == (2, 3)
    assert layer([rows, columns]).shape == (2, 4, 3)
    difference = layers.Subtract()
    difference([rows, rows])
    with pytest.raises(ValueError, match="exactly 2 inputs"):
        difference([rows, rows, rows])
    product = layers.Dot(axes=1)
    product([rows, rows])
    with pytest.raises(ValueError, match="different batch sizes"):
        product([rows, np.ones((1, 3))])


@pytest.mark.parametrize("axes", ["1", None, 1.0])
def test_dot_takes_a_number_or_a_pair(axes: Any) -> None:
    with pytest.raises(TypeError, match="an axis or a pair of axes"):
        layers.Dot(axes=axes)
    with pytest.raises(ValueError, match="one axis for each of the two inputs"):
        layers.Dot(axes=(1, axes))


@pytest.mark.parametrize("axes", [0, (1, 0), -2, 5])
def test_dot_needs_axes_of_samples(axes: Any) -> None:
    with pytest.raises(ValueError, match=r"axis 0 counts samples|have no axes"):
        layers.Dot(axes=axes)([np.ones((2, 3)), np.ones((2, 3))])


def test_dtypes_are_those_of_the_inputs() -> None:
    whole = np.arange(6, dtype=np.int32).reshape(2, 3)
    assert layers.Add()([whole, whole]).dtype == "int32"
    assert layers.Average()([whole, whole]).dtype == "float32"
    assert layers.Concatenate()([whole, whole * 1.0]).dtype == "float32"
    inputs = [layers.Input((3,), dtype="int32")] * 2
    for layer, dtype in ((layers.Add(), "int32"), (layers.Average(), "float32")):
        layer.build([x.shape for x in inputs])
        assert layer.compute_output_spec(inputs).dtype == dtype


def test_masks_of_tensors_with_more_axes() -> None:
    images = [ops.ones((2, 3, 4, 5)) for _ in range(2)]
    mask = ops.convert_to_tensor(np.array([[True, False, True]] * 2))
    for x in images:
        x._keras_mask = mask
    for layer in (layers.Add(), layers.Multiply(), layers.Maximum(), layers.Concatenate()):
        assert (layer(images)._keras_mask.numpy() == mask.numpy()).all()
    assert layers.Concatenate(axis=1)(images)._keras_mask.shape == (2, 6)
    assert not layers.Multiply()(images).numpy()[:, 1].any()


@pytest.mark.parametrize(
    ("inputs", "masks"), [(1, [None]), ([1], 2), ([1, 2], [None])], ids=["inputs", "masks", "count"]
)
def test_compute_mask_takes_a_mask_for_each_input(inputs: Any, masks: Any) -> None:
    for layer in (layers.Add(), layers.Concatenate()):
        with pytest.raises(ValueError, match=r"Layer '\w+': compute_mask\(\) takes"):
            layer.compute_mask(inputs, masks)


# ---- Input ----------------------------------------------------------------------------------


def test_an_input_of_a_tensor_is_that_tensor() -> None:
    bare = KerasTensor((None, 3), "int32")
    x = layers.Input(tensor=bare, name="whole")
    assert x is bare
    assert x.node.operation.name == "whole"
    assert (Model(x, x + 1)(np.array([[1, 2, 3]])).numpy() == [[2, 3, 4]]).all()
    first = layers.Input((3,))
    middle = first * 2
    begins = layers.Input(tensor=middle, shape=(3,), dtype="float32", name="middle")
    assert begins is middle
    model = Model(begins, begins + 1)
    assert (model(np.ones((2, 3))).numpy() == 2).all()
    assert model.inputs[0] is middle


@pytest.mark.parametrize(
    ("arguments", "kind", "says"),
    [
        ({"shape": (4,)}, ValueError, "cannot have another shape"),
        ({"batch_size": 2}, ValueError, "cannot have another batch_size"),
        ({"batch_shape": (2, 3)}, ValueError, "cannot have another batch_shape"),
        ({"dtype": "int32"}, ValueError, "cannot have another dtype"),
        ({"sparse": True}, ValueError, "no sparse tensors"),
        ({"ragged": True}, ValueError, "no ragged tensors"),
        ({"tensor": np.ones((2, 3))}, ValueError, "is a placeholder"),
    ],
    ids=str,
)
def test_inputs_that_contradict_themselves(arguments: Any, kind: Any, says: str) -> None:
    with pytest.raises(kind, match=says):
        layers.Input(**{"tensor": KerasTensor((None, 3)), **arguments})


def test_older_names_of_the_shape_of_an_input_layer() -> None:
    assert layers.InputLayer(batch_input_shape=(2, 3)).batch_shape == (2, 3)
    assert layers.InputLayer(input_shape=(3,)).batch_shape == (None, 3)
