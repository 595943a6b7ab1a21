"""Ops in Keras's files: described as Keras describes them, and found again."""

from __future__ import annotations

import inspect
import json
from typing import Any

import numpy as np
import pytest
from goldens import load

from pylego import Input, names, ops
from pylego.graph import FunctionOperation, KerasTensor, keras_operations
from pylego.graph.keras_operations import KerasOperation, class_name, describe, rebuild
from pylego.models import Model

GOLDEN = load("operations")
EXPRESSIONS = pytest.mark.parametrize(
    "case", GOLDEN["expressions"], ids=lambda case: case["expression"]
)


def plain(value: Any) -> Any:
    """The value as a file has it: the names of inputs for placeholders."""
    if isinstance(value, KerasTensor):
        return {"input": value.name}
    if isinstance(value, slice):
        config = {"start": value.start, "stop": value.stop, "step": value.step}
        return {"class_name": "__slice__", "config": config}
    if value is ...:
        return {"class_name": "__ellipsis__", "config": {}}
    if hasattr(value, "numpy"):
        config = {"value": value.numpy().tolist(), "dtype": value.dtype}
        return {"class_name": "__tensor__", "config": config}
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    return [plain(item) for item in value] if isinstance(value, (list, tuple)) else value


def read(value: Any, inputs: dict[str, KerasTensor]) -> Any:
    """The value that a file has, with placeholders."""
    if isinstance(value, dict):
        if "input" in value:
            return inputs[value["input"]]
        made = {"__slice__": slice, "__ellipsis__": lambda: ..., "__tensor__": make_tensor}
        return made[value["class_name"]](*value["config"].values())
    return [read(item, inputs) for item in value] if isinstance(value, list) else value


def make_tensor(value: Any, dtype: str) -> Any:
    return ops.convert_to_tensor(np.array(value, dtype))


def make_inputs() -> dict[str, KerasTensor]:
    return {
        name: Input(batch_shape=shape, dtype=dtype, name=name)
        for name, (shape, dtype) in GOLDEN["inputs"].items()
    }


def node_of(expression: str, inputs: dict[str, KerasTensor]) -> Any:
    found = eval(expression, {"ops": ops, **inputs})
    return (found[0] if isinstance(found, (list, tuple)) else found).node


def as_golden(case: dict[str, Any]) -> tuple:
    return tuple(case[key] for key in KerasOperation._fields)


@EXPRESSIONS
def test_ops_are_written_as_keras_writes_them(case: dict[str, Any]) -> None:
    if "convert_to_tensor" in case["expression"]:
        written = describe("convert_to_tensor", ("x",), {"dtype": case["config"]["dtype"]})
        assert written.config == case["config"]
        return
    node = node_of(case["expression"], make_inputs())
    written = describe(node.operation.function.__name__, node.args, node.kwargs)
    assert tuple(map(plain, written)) == as_golden(case)
    names.reset_names()
    assert FunctionOperation(node.operation.function).name == case["name"]


@EXPRESSIONS
def test_ops_are_found_again(case: dict[str, Any]) -> None:
    inputs = make_inputs()
    config = {"name": "op", **case["config"]}
    args, kwargs = (
        read(case["args"], inputs),
        {k: read(v, inputs) for k, v in case["kwargs"].items()},
    )
    operation = KerasOperation(case["module"], case["class_name"], config, tuple(args), kwargs)
    function, args, kwargs = rebuild(operation)
    again = describe(function.__name__, args, kwargs)
    assert json.loads(json.dumps(tuple(map(plain, again)))) == list(as_golden(case))


def test_every_op_of_keras_is_in_the_table() -> None:
    """What is not there Keras lacks, or it makes no tensor of tensors."""
    functions = set(ops.__all__)
    known = {case["class_name"] for case in GOLDEN["expressions"]}
    assert known == {entry.class_name for entry in keras_operations._by_function().values()}
    of_their_own = {name for name in functions if describe_on_one(name).module == "pylego.ops"}
    assert of_their_own == {
        *("arange", "eye", "identity", "ones", "tri", "zeros"),
        *("convert_to_numpy", "is_tensor", "ndim", "shape", "size"),
        *("cond", "fori_loop", "map", "nonzero", "scan", "while_loop"),
        *("lerp", "mish", "normal_cdf", "tanh_normal_cdf"),
        *("bartlett", "blackman", "dtype", "empty", "hamming", "hanning", "kaiser", "meshgrid"),
        *("associative_scan", "custom_gradient", "jvp", "switch", "vectorize", "vectorized_map"),
        *("multi_hot", "rearrange", "view"),
    }


def describe_on_one(name: str) -> KerasOperation:
    parameters = inspect.signature(getattr(ops, name)).parameters.values()
    needed = [p.name for p in parameters if p.default is p.empty and p.kind is not p.VAR_POSITIONAL]
    return describe(name, (), {one: "int32" if one == "dtype" else 1 for one in needed})


def test_what_keras_cannot_write_has_a_form_of_our_own() -> None:
    x = Input((4,), name="x")
    for node in (ops.mish(x).node, ops.clip(x, x, 1.0).node, ops.lerp(x, x, weight=0.5).node):
        name = node.operation.function.__name__
        written = describe(name, node.args, node.kwargs)
        assert written == ("pylego.ops", name, {}, node.args, node.kwargs)
        assert rebuild(written) == (getattr(ops, name), node.args, node.kwargs)
    assert describe("clip", (x,), {"x_min": np.float32(0.5), "x_max": 1}).config == {
        "x_min": 0.5,
        "x_max": 1,
    }


@pytest.mark.parametrize(
    "name", ["numpy", "engine", "_deferral", "__import__", "lazy", "Tensor", None, 3, ["sum"], "nn"]
)
def test_a_name_in_a_file_means_a_function_of_ops_or_nothing(name: Any) -> None:
    for module in ("pylego.ops", "keras.src.ops.numpy", "os", None, 3):
        with pytest.raises(ValueError, match=r"^Unknown function of ops|^pylego does not have"):
            rebuild(KerasOperation(module, name, {}, (), {}))


@pytest.mark.parametrize(
    ("class_name", "config", "args", "kwargs", "says"),
    [
        ("Eig", {}, [1], {}, "does not have the op 'Eig' of Keras"),
        ("Sum", {"axis": 1, "where": 3}, [1], {}, "ops.sum has no where=3"),
        ("Sum", {"axis": 1}, [1, 2], {}, "The op 'Sum' is called with x"),
        ("Sum", {"axis": 1}, [], {"y": 2}, "The op 'Sum' is called with x"),
        ("Sum", {"axis": 1}, [1], {"x": 2}, "The op 'Sum' is called with x"),
        ("Sum", [1], [1], {}, "is described by a dictionary"),
        ("Sum", {}, 3, {}, "is described by a dictionary"),
    ],
)
def test_entries_that_do_not_fit_are_refused(
    class_name: str, config: Any, args: Any, kwargs: Any, says: str
) -> None:
    with pytest.raises(ValueError, match=says):
        rebuild(KerasOperation("keras.src.ops.numpy", class_name, config, args, kwargs))


def test_arguments_that_a_newer_keras_leaves_at_rest_are_no_obstacle() -> None:
    written = describe("sum", (np.ones((2, 3), np.float32),), {"axis": 1})
    function, args, kwargs = rebuild(written._replace(config={**written.config, "where": None}))
    assert function(*args, **kwargs).shape == (2,)
    with pytest.raises(ValueError, match="has no where=True"):
        rebuild(written._replace(config={**written.config, "where": True}))


def test_indices_that_pick_rows_are_arrays_in_files() -> None:
    x = Input((4,))
    (_, key) = describe("get_item", (x, [0, 2]), {}).args
    assert isinstance(key, np.ndarray)
    (_, key) = describe("get_item", (x, (slice(None), [0, 2])), {}).args
    assert key[0] == slice(None)
    assert key[1].tolist() == [0, 2]
    function, args, _ = rebuild(
        KerasOperation("keras.src.ops.numpy", "GetItem", {}, (x, [1, 2]), {})
    )
    assert args[1] == (1, 2)
    assert function(np.arange(12).reshape(3, 4), args[1]) == 6


def test_names_count_as_kerass_do() -> None:
    names.reset_names()
    x = Input((4,))
    outputs = [x + 1.0, x / 2, x[:, 0], x + x, ops.expand_dims(x, 1)]
    assert [y.node.operation.name for y in outputs] == [
        "add", "true_divide", "get_item", "add_1", "expand_dims"
    ]  # fmt: skip
    assert class_name("mish") == "Mish"


def test_ops_within_ops_are_one_node() -> None:
    """Functions of ops.nn and ops.image call others that defer calls as well."""
    x, image = Input((4,)), Input((8, 8, 3))
    y = ops.binary_crossentropy(x, x, from_logits=True)
    assert y.node.operation.function is ops.binary_crossentropy
    assert ops.image.resize(image, (4, 4)).node.operation.function is ops.image.resize
    model = Model(x, y)
    ones = np.ones((2, 4), np.float32)
    assert (model(ones).numpy() == ops.binary_crossentropy(ones, ones, True).numpy()).all()
