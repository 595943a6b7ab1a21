"""Models as estimators of scikit-learn: its own checks, its searches, and the older wrappers."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import numpy as np
import pytest

pytest.importorskip("sklearn")
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import GridSearchCV, KFold, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import parametrize_with_checks

from pylego.layers import Dense, Input
from pylego.models import Model, Sequential
from pylego.optimizers import SGD, Adam
from pylego.utils import set_random_seed
from pylego.wrappers import SKLearnClassifier, SKLearnRegressor, SKLearnTransformer
from pylego.wrappers.scikit_learn import KerasClassifier, KerasRegressor

RNG = np.random.default_rng(0)
X = RNG.normal(size=(60, 2))
LINE = X @ [2.0, -1.0] + 0.5
SIDES = np.where(LINE > 0, "above", "below")


def network(X: Any, y: Any, loss: str, activation: str | None, layers: Any = (10,)) -> Model:  # noqa: N803
    """A network of as many outputs as targets; two trainings are the same."""
    set_random_seed(0)
    inputs = hidden = Input((X.shape[1],))
    for units in layers:
        hidden = Dense(units, "relu")(hidden)
    outputs = y.shape[1] if y.ndim > 1 else 1
    model = Model(inputs, Dense(outputs, activation)(hidden))
    model.compile(Adam(0.05), loss)
    return model


def regression(**fit: Any) -> SKLearnRegressor:
    model_kwargs = {"loss": "mse", "activation": None}
    return SKLearnRegressor(network, model_kwargs=model_kwargs, fit_kwargs={"verbose": 0, **fit})


def classification(**fit: Any) -> SKLearnClassifier:
    model_kwargs = {"loss": "categorical_crossentropy", "activation": "softmax"}
    return SKLearnClassifier(network, model_kwargs=model_kwargs, fit_kwargs={"verbose": 0, **fit})


# ---- scikit-learn's own checks --------------------------------------------------------------

# Keras's wrappers do not pass the first three either, and take one output only.
EXPECTED = {
    "SKLearnClassifier": {
        "check_classifiers_one_label_sample_weights": "zero weights do not drop rows",
        "check_classifiers_classes": "a small network does not find all classes",
        "check_classifiers_train": "outputs are chances of all classes",
    },
    "SKLearnRegressor": {"check_regressor_multioutput": "outputs are float32"},
}


@parametrize_with_checks(
    [
        classification(epochs=5),
        regression(),
        SKLearnTransformer(
            network,
            model_kwargs={"loss": "mse", "activation": None},
            fit_kwargs={"verbose": 0},
        ),
    ],
    expected_failed_checks=lambda estimator: EXPECTED.get(type(estimator).__name__, {}),
)
@pytest.mark.filterwarnings("ignore")
def test_scikit_learn_checks_it(estimator: Any, check: Any) -> None:
    check(estimator)


# ---- training and asking --------------------------------------------------------------------


def test_numbers_are_learned() -> None:
    set_random_seed(1)
    fitted = regression(epochs=60).fit(X, LINE)
    assert fitted.score(X, LINE) > 0.98
    assert fitted.predict(X).shape == LINE.shape
    assert fitted.epoch_ == 60 == len(fitted.history_.history["loss"])
    both = np.stack([LINE, -LINE], axis=1)
    assert regression().fit(X, both).predict(X).shape == both.shape


def test_classes_are_learned_by_their_names() -> None:
    set_random_seed(1)
    fitted = classification(epochs=30).fit(X, SIDES)
    assert fitted.score(X, SIDES) > 0.9
    assert fitted.classes_.tolist() == ["above", "below"]
    assert set(fitted.predict(X)) == {"above", "below"}
    outputs = fitted.decision_function(X)
    np.testing.assert_allclose(outputs.sum(axis=1), 1, rtol=1e-5)
    assert (fitted.predict(X) == fitted.classes_[outputs.argmax(axis=1)]).all()
    with pytest.raises(ValueError, match="only one class"):
        classification().fit(X, SIDES == "neither")
    with pytest.raises(ValueError, match="Only binary and multiclass"):
        classification().fit(X, LINE)


def test_arguments_of_fit_win() -> None:
    fitted = regression(epochs=3).fit(X, LINE, epochs=2)
    assert fitted.epoch_ == 2
    assert fitted.fit_kwargs == {"verbose": 0, "epochs": 3}  # what was given stays


def test_a_model_is_cloned_unless_it_is_warm() -> None:
    model = Sequential([Input((2,)), Dense(1)])
    model.compile(SGD(0.01), "mse")
    before = model.get_weights()
    cold = SKLearnRegressor(model, fit_kwargs={"verbose": 0}).fit(X, LINE)
    assert cold.model_ is not model
    for now, then in zip(model.get_weights(), before):
        np.testing.assert_array_equal(now, then)
    warm = SKLearnRegressor(model, warm_start=True, fit_kwargs={"verbose": 0})
    first = warm.fit(X, LINE).history_.history["loss"][-1]
    assert warm.model_ is model
    assert warm.fit(X, LINE).history_.history["loss"][-1] < first
    made = regression()
    made.warm_start = True
    assert made.fit(X, LINE).model_ is made.fit(X, LINE).model_


def test_clones_are_not_fitted_and_keep_all_settings() -> None:
    fitted = regression(epochs=1).fit(X, LINE)
    copied = clone(fitted)
    assert copied.get_params(deep=False) == fitted.get_params(deep=False)
    with pytest.raises(NotFittedError):
        copied.predict(X)
    model = Sequential([Input((2,)), Dense(1)])
    model.compile("sgd", "mse")
    wrapped = SKLearnRegressor(model, fit_kwargs={"verbose": 0})
    assert clone(wrapped).model is not model
    for again in (copy.deepcopy(fitted), pickle.loads(pickle.dumps(fitted))):
        np.testing.assert_array_equal(again.predict(X), fitted.predict(X))


def test_a_model_that_is_not_compiled_is_refused() -> None:
    with pytest.raises(RuntimeError, match="needs to be compiled"):
        SKLearnRegressor(Sequential([Input((2,)), Dense(1)])).fit(X, LINE)


def test_pipelines_and_searches_in_two_processes() -> None:
    piped = make_pipeline(StandardScaler(), regression(epochs=2))
    assert len(cross_val_score(piped, X, LINE, cv=3)) == 3
    grid = {
        "model_kwargs": [
            {"loss": "mse", "activation": None, "layers": (units,)} for units in (1, 8)
        ],
        "fit_kwargs": [{"verbose": 0, "epochs": epochs} for epochs in (1, 40)],
    }
    search = GridSearchCV(regression(), grid, cv=2, n_jobs=2, error_score="raise").fit(X, LINE)
    assert search.best_params_["fit_kwargs"]["epochs"] == 40
    assert len(search.cv_results_["params"]) == 4


def test_features_for_the_next_step() -> None:
    inputs = Input((2,))
    model = Model(inputs, Dense(3)(inputs))
    model.compile("sgd", "mse")
    features = SKLearnTransformer(model, fit_kwargs={"verbose": 0})
    targets = np.ones((60, 3))
    made = features.fit(X, targets).transform(X)
    np.testing.assert_array_equal(made, features.model_.predict(X, verbose=0))
    assert features.fit_transform(X, targets).shape == (60, 3)


# ---- the older wrappers ---------------------------------------------------------------------


def signs(units: int = 4, rate: float = 0.05) -> Sequential:
    """A chance of the second class."""
    model = Sequential([Input((2,)), Dense(units, "relu"), Dense(1, "sigmoid")])
    model.compile(Adam(rate), "binary_crossentropy", metrics=["accuracy"])
    return model


def test_arguments_go_where_they_are_known() -> None:
    set_random_seed(1)
    wrapped = KerasClassifier(build_fn=signs, units=7, epochs=30, batch_size=20, verbose=0)
    history = wrapped.fit(X, SIDES)
    assert wrapped.model.layers[0].units == 7
    assert history.epoch == list(range(30))
    assert wrapped.score(X, SIDES) > 0.9
    chances = wrapped.predict_proba(X)
    np.testing.assert_allclose(chances.sum(axis=1), 1, rtol=1e-6)
    assert (wrapped.predict(X) == wrapped.classes_[chances.argmax(axis=1)]).all()
    with pytest.raises(ValueError, match=r"unit is not a legal parameter.*'units'"):
        KerasClassifier(build_fn=signs, unit=7)
    assert len(KerasClassifier(build_fn=signs, nb_epoch=2, verbose=0).fit(X, SIDES).epoch) == 2


def test_one_hot_and_numbered_classes() -> None:
    def three() -> Sequential:
        model = Sequential([Input((2,)), Dense(3, "softmax")])
        model.compile("adam", "categorical_crossentropy", metrics=["accuracy"])
        return model

    labels = np.array([10, 20, 30] * 20)
    by_number = KerasClassifier(three, verbose=0)
    by_number.fit(X, labels)
    assert set(by_number.predict(X)) <= {10, 20, 30}
    assert 0 <= by_number.score(X, labels) <= 1
    by_column = KerasClassifier(three, verbose=0)
    by_column.fit(X, np.eye(3)[labels // 10 - 1])
    assert set(by_column.predict(X)) <= {0, 1, 2}
    assert 0 <= by_column.score(X, np.eye(3)[labels // 10 - 1]) <= 1


def test_a_search_over_arguments_in_two_processes() -> None:
    search = GridSearchCV(
        KerasClassifier(build_fn=signs, verbose=0),
        {"units": [1, 6], "epochs": [1, 20]},
        cv=KFold(2),
        n_jobs=2,
        error_score="raise",
    ).fit(X, SIDES)
    assert set(search.best_params_) == {"units", "epochs"}
    assert search.best_score_ > 0.6


def test_numbers_by_the_older_wrapper() -> None:
    def line() -> Sequential:
        model = Sequential([Input((2,)), Dense(1)])
        model.compile(SGD(0.05), "mse")
        return model

    wrapped = KerasRegressor(build_fn=line, epochs=40, verbose=0)
    wrapped.fit(X, LINE)
    assert wrapped.predict(X).shape == LINE.shape
    mean_square = float(np.mean((wrapped.predict(X) - LINE) ** 2))
    assert abs(wrapped.score(X, LINE) + mean_square) < 1e-4
    scores = cross_val_score(KerasRegressor(line, verbose=0), X, LINE, cv=KFold(3))
    assert (scores < 0).all()


def test_accuracy_must_have_been_asked_for() -> None:
    def silent() -> Sequential:
        model = Sequential([Input((2,)), Dense(1, "sigmoid")])
        model.compile("sgd", "binary_crossentropy")
        return model

    wrapped = KerasClassifier(silent, verbose=0)
    wrapped.fit(X, SIDES)
    with pytest.raises(ValueError, match="not configured to compute accuracy"):
        wrapped.score(X, SIDES)
    with pytest.raises(TypeError, match="needs build_fn"):
        KerasClassifier()
