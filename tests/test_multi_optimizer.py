"""MultiOptimizer and OptimizerMap: variables by their paths, each with an optimizer of its own.

Fifty steps beside Keras's are in test_optimizer_runs.py, a file of Keras's in
test_optimizer_files.py.
"""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from recorded import bits

import pylego as keras
from pylego import Variable, ops, optimizers
from pylego.optimizers import SGD, Adam, LossScaleOptimizer, MultiOptimizer, OptimizerMap

X, Y = np.random.default_rng(0).normal(size=(2, 12, 4)).astype("float32")


def several(**settings: Any) -> MultiOptimizer:
    of_path = OptimizerMap(SGD(0.1, momentum=0.5), {".*/first/.*": Adam(0.01, **settings)})
    return MultiOptimizer(of_path, name="both")


def trained(optimizer: Any, epochs: int = 2, **settings: Any) -> keras.Sequential:
    keras.utils.set_random_seed(3)
    layers = [keras.layers.Dense(4, name="first"), keras.layers.Dense(4, name="second")]
    model = keras.Sequential([keras.Input((4,)), *layers])
    model.compile(optimizer=optimizer, loss="mse", **settings)
    model.fit(X, Y, epochs=epochs, batch_size=4, verbose=0)
    return model


def numbers_of(model: keras.Sequential) -> list[bytes]:
    return bits([*model.get_weights(), *(v.numpy() for v in model.optimizer.variables)])


def test_each_variable_is_changed_by_its_optimizer_alone() -> None:
    model = trained(several(), epochs=1)
    adam, sgd = model.optimizer.optimizers
    adam.learning_rate = 0.0
    before = model.get_weights()
    model.fit(X, Y, batch_size=4, verbose=0)
    same = [np.array_equal(a, b) for a, b in zip(before, model.get_weights())]
    assert same == [True, True, False, False]
    assert int(adam.iterations) == int(sgd.iterations) == int(model.optimizer.iterations) == 6


def test_programs_compute_what_eager_steps_do() -> None:
    assert numbers_of(trained(several())) == numbers_of(trained(several(), run_eagerly=True))


def test_a_function_may_choose() -> None:
    adam, sgd = Adam(0.01), SGD(0.1, momentum=0.5)
    chosen = trained(MultiOptimizer(lambda v: adam if "first" in v.path else sgd, name="both"))
    assert bits(chosen.get_weights()) == bits(trained(several()).get_weights())
    assert chosen.optimizer.optimizers == [adam, sgd]


def test_training_goes_on_from_a_file(tmp_path: Any) -> None:
    model = trained(several())
    model.save(tmp_path / "model.keras")
    opened = keras.models.load_model(tmp_path / "model.keras")
    assert opened.optimizer.get_config() == model.optimizer.get_config()
    for one in (model, opened):
        one.fit(X, Y, batch_size=4, verbose=0)
    assert numbers_of(opened) == numbers_of(model)


@pytest.mark.parametrize("way", [copy.deepcopy, lambda x: pickle.loads(pickle.dumps(x))])
def test_copies_go_on(way: Callable) -> None:
    model = trained(several())
    other = way(model)
    for one in (model, other):
        one.fit(X, Y, batch_size=4, verbose=0)
    assert numbers_of(other) == numbers_of(model)


def test_a_step_without_state() -> None:
    w, b = Variable([1.0, 2.0], name="w"), Variable([3.0], name="b")
    optimizer = MultiOptimizer(OptimizerMap(SGD(0.5), {"w": Adam(0.1)}))
    optimizer.build([w, b])
    gradients = [ops.convert_to_tensor([4.0, 5.0]), ops.convert_to_tensor([2.0])]
    trained, own = optimizer.stateless_apply(
        [v.value for v in optimizer.variables], gradients, [w.value, b.value]
    )
    assert w.numpy().tolist() == [1.0, 2.0]
    optimizer.apply(gradients, [w, b])
    assert bits([t.numpy() for t in (*trained, *own)]) == bits(
        [v.numpy() for v in (w, b, *optimizer.variables)]
    )


def test_averages_are_taken_over_by_the_optimizers_that_have_them() -> None:
    model = trained(several(use_ema=True))
    adam = model.optimizer.optimizers[0]
    first, _ = model.layers
    assert bits(first.get_weights()) == bits([v.numpy() for v in adam._averages])


def test_a_scaled_loss_reaches_all() -> None:
    optimizer = several()
    optimizer.loss_scale_factor = 4.0
    assert [one.loss_scale_factor for one in optimizer.optimizers] == [4.0, 4.0]
    assert optimizer.scale_loss(ops.convert_to_tensor(2.0)).item() == 8.0
    plain, scaled = trained(several()), trained(optimizer)
    for ours, theirs in zip(scaled.get_weights(), plain.get_weights()):
        np.testing.assert_allclose(ours, theirs, rtol=1e-5, atol=1e-6)


def test_a_bad_step_of_a_scaled_loss_changes_nothing() -> None:
    w, b = Variable([1.0], name="w"), Variable([3.0], name="b")
    inner = MultiOptimizer(OptimizerMap(SGD(0.5, momentum=0.9), {"w": Adam(0.1)}))
    optimizer = LossScaleOptimizer(inner, initial_scale=2.0)
    good, bad = (ops.convert_to_tensor([number]) for number in (1.0, np.inf))
    optimizer.apply([good, good], [w, b])
    before = [v.numpy().tolist() for v in (w, b, *inner.variables)]
    optimizer.apply([good, bad], [w, b])
    assert [v.numpy().tolist() for v in (w, b, *inner.variables)] == before
    assert float(optimizer.dynamic_scale) == 1.0


def test_exclusion_from_decay_reaches_all() -> None:
    w, b = Variable([1.0], name="w"), Variable([1.0], name="bias")
    parts = {"w": SGD(0.5, weight_decay=0.5)}
    optimizer = MultiOptimizer(OptimizerMap(SGD(0.5, weight_decay=0.5), parts))
    optimizer.exclude_from_weight_decay(var_names=["bias"])
    optimizer.apply([ops.convert_to_tensor([0.0])] * 2, [w, b])
    assert [w.numpy().item(), b.numpy().item()] == [0.75, 1.0]


def test_there_is_no_one_learning_rate(tmp_path: Any) -> None:
    model = trained(several())
    with pytest.raises(AttributeError, match=r"optimizers\[0\].learning_rate"):
        _ = model.optimizer.learning_rate
    with pytest.raises(AttributeError, match="cannot be set"):
        model.optimizer.learning_rate = 0.1
    model.save_weights(tmp_path / "model.weights.h5")
    again = trained(several(), epochs=0)
    again.load_weights(tmp_path / "model.weights.h5")
    assert numbers_of(again) == numbers_of(model)
    assert "MultiOptimizer" in str(model.figure())


def test_a_map_is_a_mapping() -> None:
    adam, sgd = Adam(), SGD()
    of_path = OptimizerMap(sgd, {"a/.*": adam})
    of_path["exact"] = adam
    assert list(of_path) == ["a/.*", "exact"]
    assert len(of_path) == 2
    assert [of_path[key] for key in ("a/b", "exact", "exact/b", "a")] == [adam, adam, sgd, sgd]
    del of_path["exact"]
    assert of_path["exact"] is of_path.default_optimizer is sgd


@pytest.mark.parametrize(
    ("make", "kind", "message"),
    [
        (lambda: OptimizerMap("adam"), TypeError, "default_optimizer must be an optimizer"),
        (lambda: OptimizerMap(SGD(), [SGD()]), TypeError, "must be a dictionary"),
        (lambda: OptimizerMap(SGD(), {3: SGD()}), ValueError, "key must be a string"),
        (lambda: OptimizerMap(SGD(), {"a": "adam"}), ValueError, "optimizer of variables"),
        (lambda: OptimizerMap(SGD(), {"a": several()}), ValueError, "not MultiOptimizer"),
        (lambda: OptimizerMap(LossScaleOptimizer(SGD())), ValueError, "not LossScaleOptimizer"),
        (lambda: OptimizerMap(SGD(), {"a(": SGD()}), ValueError, "not a regular expression"),
        (lambda: OptimizerMap(SGD(), {"a": SGD()}).update(a=SGD()), ValueError, "there already"),
        (
            lambda: OptimizerMap(SGD(), {"a.*": SGD(), "ab.*": SGD()})["abc"],
            ValueError,
            "several optimizers are meant for the variable 'abc'",
        ),
        (lambda: MultiOptimizer(SGD()), TypeError, "must be an OptimizerMap, or a function"),
        (lambda: MultiOptimizer({"a": SGD()}), TypeError, "must be an OptimizerMap, or a function"),
        (lambda: MultiOptimizer(lambda v: 3).build([Variable(0.0)]), ValueError, "Received: 3"),
        (lambda: several().set_weights([]), ValueError, "build"),
        (lambda: several().apply([ops.ones(1)]), ValueError, "does not know its variables"),
        (lambda: optimizers.get("optimizermap"), ValueError, "Unknown optimizer"),
    ],
)
def test_mistakes_are_named(make: Callable, kind: type[Exception], message: str) -> None:
    with pytest.raises(kind, match=message):
        make()


@pytest.mark.parametrize("name", ["of_first", "sgd"])  # a name of its own, and the same
def test_callbacks_change_each_rate_and_log_it(name: str) -> None:
    of_path = OptimizerMap(SGD(0.25, name="sgd"), {".*/first/.*": SGD(0.5, name=name)})
    optimizer = MultiOptimizer(of_path)
    dense = keras.layers.Dense
    model = keras.Sequential([keras.Input((4,)), dense(3, name="first"), dense(4)])
    model.compile(optimizer, "mse")
    seen = model.fit(
        X,
        Y,
        epochs=3,
        verbose=0,
        callbacks=[
            keras.callbacks.LearningRateScheduler(lambda epoch, rate: rate / 2),
            keras.callbacks.ReduceLROnPlateau("loss", 0.25, patience=1, min_delta=9.0),
        ],
    ).history
    if name == "of_first":
        assert seen["learning_rate_of_first"] == [0.25, 0.125, 0.015625]
    assert seen["learning_rate_sgd"] == [0.125, 0.0625, 0.0078125]
    assert [float(one.learning_rate) for one in optimizer.optimizers] == [2**-8, 2**-9]


def test_a_scope_is_part_of_the_path_that_a_map_reads() -> None:
    adam, sgd = Adam(), SGD()
    with keras.name_scope("encoder"), keras.name_scope("first"):
        kernel = Variable([1.0], name="kernel")
        layer = keras.layers.Dense(1, name="dense")
        layer.build((None, 1))
        with keras.name_scope("own", override_parent="a/b"):
            assert Variable(0.0, name="c").path == "a/b/own/c"
    assert kernel.path == "encoder/first/kernel"
    assert layer.kernel.path == "encoder/first/dense/kernel"
    of_path = OptimizerMap(sgd, {"encoder/.*": adam})
    assert [of_path(v) for v in (kernel, layer.bias, Variable(0.0))] == [adam, adam, sgd]
    with pytest.raises(ValueError, match="without '/'"), keras.name_scope("a/b"):
        pass
