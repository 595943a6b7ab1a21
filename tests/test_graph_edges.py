"""What users do with functional models at the edges, and what is said then."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from pylego import Model, Sequential, layers, models, ops
from pylego.graph import KerasTensor
from pylego.layers import Dense, Input
from pylego.saving import hdf5

X = np.linspace(-1.0, 1.0, 32, dtype=np.float32).reshape(8, 4)
Y = X[:, :1] * 2


def one_to_one() -> Model:
    x = Input((4,), name="image")
    return Model(x, Dense(1, name="score")(x))


def stack() -> Model:
    return Sequential([Input((4,), name="image"), Dense(1, name="score")])


# ---- one input, one output, given by name ---------------------------------------------------


@pytest.mark.parametrize("make", [one_to_one, stack])
def test_one_input_and_one_output_may_be_given_by_name(make):
    model = make()
    model.compile("sgd", "mse", metrics=["mae"])
    by_name, others = ({"image": X}, {"score": Y}), {"image": X, "of_another_model": X}
    expected = model.evaluate(X, Y, verbose=0)
    assert model.evaluate(*by_name, verbose=0) == expected
    assert model.evaluate(others, Y, verbose=0) == expected
    weighted = model.evaluate(*by_name, sample_weight={"score": np.ones(8)}, verbose=0)
    assert weighted == pytest.approx(expected)
    assert np.array_equal(model.predict({"image": X}, verbose=0), model.predict(X, verbose=0))
    assert np.array_equal(model.predict_on_batch({"image": X}), model.predict_on_batch(X))
    history = model.fit(*by_name, validation_data=by_name, shuffle=False, verbose=0).history
    assert list(history) == ["loss", "mae", "val_loss", "val_mae"]
    model.train_on_batch(*by_name)
    model.fit((batch for batch in [by_name]), verbose=0)


@pytest.mark.parametrize("make", [one_to_one, stack])
def test_a_name_that_is_not_there_is_refused_with_the_one_that_is(make):
    model = make()
    model.compile("sgd", "mse")
    with pytest.raises(ValueError, match="the input is named 'image'"):
        model.predict({"img": X}, verbose=0)
    for y in ({"scores": Y}, {"score": Y, "more": Y}):
        with pytest.raises(ValueError, match="the output is named 'score'"):
            model.fit(X, y, verbose=0)


def test_a_loss_for_an_output_that_is_not_there_is_refused():
    model = one_to_one()
    model.compile("sgd", {"scores": "mse"})
    with pytest.raises(ValueError, match=r"Unknown output in loss 'scores'. Did you mean"):
        model.fit(X, Y, verbose=0)
    model.compile("sgd", {"score": "mse"})
    model.fit(X, Y, verbose=0)


def test_nests_of_inputs_are_not_taken_for_rows():
    a, b = Input((4,)), Input((4,))
    model = Model([[a], {"second": b}], ops.concatenate([a, b]))
    given = [[X], {"second": X + 1}]
    assert np.array_equal(model.predict(given, verbose=0), model(given).numpy())


# ---- what is no graph -----------------------------------------------------------------------


@pytest.mark.parametrize("outputs", [None, [], {}])
def test_inputs_without_outputs_are_refused(outputs):
    with pytest.raises((TypeError, ValueError), match="outputs"):
        Model(Input((4,)), outputs)


@pytest.mark.parametrize("shape", [None, 3, "ab", ("a",), (2.0,), (-1,)])
def test_shapes_of_placeholders_are_checked(shape):
    with pytest.raises(ValueError, match="shape"):
        KerasTensor(shape)
    assert KerasTensor([np.int64(3), None]).shape == (3, None)


def test_a_model_is_made_of_a_dictionary():
    with pytest.raises(TypeError, match="dictionary"):
        Model.from_config(None)


# ---- logs -----------------------------------------------------------------------------------


def two_outputs() -> Model:
    x = Input((4,))
    model = Model(x, [Dense(1, name="a")(x), Dense(1, name="b")(x)])
    model.compile("sgd", "mse")
    return model


def test_losses_of_outputs_begin_anew_in_every_epoch_and_every_fit():
    model = two_outputs()
    logs = [
        model.fit(X, [Y, Y], epochs=3, batch_size=4, shuffle=False, verbose=0).history
        for _ in range(2)
    ]
    for history in logs:
        for a, b, loss in zip(history["a_loss"], history["b_loss"], history["loss"]):
            assert a + b == pytest.approx(loss, rel=1e-5)


def test_losses_of_one_name_are_both_listed_by_evaluate():
    x, layer = Input((4,)), Dense(1, name="twice")
    model = Model(x, [layer(x), layer(x * 2)])
    model.compile("sgd", "mse", metrics=["mae", "mae"])
    results = model.evaluate(X, [Y, Y], verbose=0)
    by_name = model.evaluate(X, [Y, Y], verbose=0, return_dict=True)
    names = ["loss", "twice_loss", "twice_loss", "twice_mae", "twice_mae_1"]
    assert results == [by_name[name] for name in names]


# ---- files ----------------------------------------------------------------------------------


def a_loss(y_true, y_pred):
    return (y_true - y_pred) ** 2


@pytest.mark.parametrize("ending", ["keras", "h5"])
def test_a_model_with_a_loss_of_the_users_is_saved_again_after_loading(tmp_path, ending):
    model = one_to_one()
    model.compile("sgd", a_loss, metrics=[a_loss])
    first, second = tmp_path / f"first.{ending}", tmp_path / f"second.{ending}"
    model.save(first)
    models.load_model(first, custom_objects={"a_loss": a_loss}).save(second)
    again = models.load_model(second, custom_objects={"a_loss": a_loss})
    expected = model.evaluate(X, Y, verbose=0)
    assert again.evaluate(X, Y, verbose=0) == pytest.approx(expected)


def test_arrays_are_counted_once_however_often_they_are_read(tmp_path):
    path = tmp_path / "numbers.h5"
    with hdf5.create_hdf5(path) as file:
        for number in range(50):
            file.write(f"group/{number}", np.ones(100, np.float32))
    with hdf5.open_hdf5(path) as file:
        for _ in range(100):
            for number in range(50):
                assert file.read(f"/group/{number}").sum() == 100


def test_a_clone_of_a_subclass_with_a_graph_is_of_its_class() -> None:
    class Own(Model):
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(*args, **kwargs)

    x = Input((4,))
    assert type(models.clone_model(Own(x, Dense(2)(x)))) is Own


@pytest.mark.parametrize(("call", "words"), [
    (lambda x: layers.Dropout(0.5)(x, traning=True), "unexpected keyword argument 'traning'"),
    (lambda x: layers.Dense(2)(x, foo=1), r"Dense.call\(\) got .* 'foo'. It takes: inputs"),
    (lambda x: layers.Flatten()(x, True, 2), "too many positional arguments"),
])  # fmt: skip
def test_arguments_that_call_does_not_have_are_refused(call: Any, words: str) -> None:
    with pytest.raises(TypeError, match=words):
        call(layers.Input((2,)))
    assert layers.Dense(2)(layers.Input((2,)), training=True).shape == (None, 2)
