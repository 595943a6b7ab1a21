"""Estimators as Keras 1 and 2 had them: each argument of the model's maker may be searched.

    KerasClassifier(build_fn=make_model, units=8, epochs=10)

calls make_model(units=8) and fit(epochs=10): every argument goes where it is known.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import numpy as np

from pylego import names
from pylego.models import Model
from pylego.utils.numerical import to_categorical

from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin  # isort: skip

# Of a model's methods these arguments are data, and not settings.
DATA = {"self", "x", "y", "older", "unknown", "kwargs"}


class BaseWrapper(BaseEstimator):
    """What the two wrappers have in common.

    Args:
        build_fn: a function, or an object that can be called, which returns a compiled model; a
            subclass may define `__call__` instead.
        **sk_params: arguments of `build_fn`, and of `fit`, `predict` and `evaluate`.

    Raises:
        ValueError: for an argument that nobody of them takes, with the nearest ones.
    """

    def __init__(self, build_fn: Callable[..., Model] | None = None, **sk_params: Any):
        self.build_fn = build_fn
        self.sk_params = sk_params
        self.check_params(sk_params)

    def check_params(self, params: dict[str, Any]) -> None:
        """Raise the ValueError for names that nobody takes."""
        functions: list[Callable] = [self._maker(), Model.fit, Model.predict, Model.evaluate]
        known = {"build_fn", "nb_epoch"}.union(*map(_settings, functions))
        for name in params:
            if name not in known:
                raise ValueError(
                    f"{name} is not a legal parameter. {names.unknown('parameter', name, known)}"
                )

    def _maker(self) -> Callable[..., Model]:
        if self.build_fn is not None:
            return self.build_fn
        if not callable(self):
            raise TypeError(f"{type(self).__name__} needs build_fn, a function that makes a model")
        return self

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """Return all settings, `build_fn` among them."""
        return {**self.sk_params, "build_fn": self.build_fn}

    def set_params(self, **params: Any) -> BaseWrapper:
        """Set some of them, as searches do."""
        self.check_params(params)
        self.build_fn = params.pop("build_fn", self.build_fn)
        self.sk_params.update(params)
        return self

    def filter_sk_params(
        self, fn: Callable, override: dict[str, Any] | None = None
    ) -> dict[str, Any]:
        """Return those settings that a function takes, and more that win over them."""
        known = _settings(fn)
        mine = {name: value for name, value in self.sk_params.items() if name in known}
        return {**mine, **(override or {})}

    def fit(self, x: Any, y: Any, **kwargs: Any) -> Any:
        """Make a model and train it; return its history.

        Args:
            x: rows of features.
            y: the targets.
            **kwargs: arguments of the model's `fit`, which win over the settings.
        """
        maker = self._maker()
        self.model = maker(**self.filter_sk_params(maker))
        if self.model.loss == "categorical_crossentropy" and np.ndim(y) != 2:
            y = to_categorical(y)
        if "nb_epoch" in self.sk_params:
            kwargs = {"nb_epoch": self.sk_params["nb_epoch"], **kwargs}
        self.history = self.model.fit(x, y, **self.filter_sk_params(Model.fit, kwargs))
        return self.history

    def __sklearn_is_fitted__(self) -> bool:
        return hasattr(self, "model")


class KerasClassifier(ClassifierMixin, BaseWrapper):
    """A model that tells classes apart, as Keras 1 and 2 wrapped it for scikit-learn.

    Labels may be numbers from anywhere, or texts: the model learns their numbers in `classes_`.
    A model with one output gives the chance of the second of two classes.

    >>> import numpy as np
    >>> from pylego.layers import Dense, Input
    >>> from pylego.models import Sequential
    >>> def make(units=4):
    ...     model = Sequential([Input((1,)), Dense(units, "relu"), Dense(1, "sigmoid")])
    ...     model.compile("adam", "binary_crossentropy", metrics=["accuracy"])
    ...     return model
    >>> wrapped = KerasClassifier(build_fn=make, units=8, epochs=2, verbose=0)
    >>> history = wrapped.fit(np.array([[-1.0], [1.0]]), np.array(["left", "right"]))
    >>> wrapped.predict_proba(np.array([[0.5]])).shape
    (1, 2)
    """

    def fit(self, x: Any, y: Any, **kwargs: Any) -> Any:
        """Make a model and train it; return its history.

        Raises:
            ValueError: for targets of more than two axes.
        """
        y = np.asarray(y)
        if y.ndim == 2 and y.shape[1] > 1:  # one-hot
            self.classes_ = np.arange(y.shape[1])
        elif y.ndim == 1 or (y.ndim == 2 and y.shape[1] == 1):
            self.classes_ = np.unique(y)
            y = np.searchsorted(self.classes_, y)
        else:
            raise ValueError(f"Invalid shape for y: {y.shape}")
        self.n_classes_ = len(self.classes_)
        return super().fit(x, y, **kwargs)

    def predict_proba(self, x: Any, **kwargs: Any) -> np.ndarray:
        """Return the chances of all classes, of shape (samples, classes)."""
        chances = self.model.predict(x, **self.filter_sk_params(Model.predict, kwargs))
        return np.hstack([1 - chances, chances]) if chances.shape[1] == 1 else chances

    def predict(self, x: Any, **kwargs: Any) -> np.ndarray:
        """Return the label of each row."""
        chances = self.model.predict(x, **self.filter_sk_params(Model.predict, kwargs))
        if chances.shape[-1] > 1:
            return self.classes_[chances.argmax(axis=-1)]
        return self.classes_[(chances > 0.5).astype(np.int32)[:, 0]]

    def score(self, x: Any, y: Any, **kwargs: Any) -> float:
        """Return the accuracy.

        Raises:
            ValueError: when the model was compiled without it.
        """
        y = np.asarray(y)
        if not (y.ndim == 2 and y.shape[1] > 1):
            y = np.searchsorted(self.classes_, y)
        if self.model.loss == "categorical_crossentropy" and y.ndim != 2:
            y = to_categorical(y, self.n_classes_)
        settings = self.filter_sk_params(Model.evaluate, kwargs)
        results = self.model.evaluate(x, y, **{**settings, "return_dict": True})
        for name in ("accuracy", "acc"):
            if name in results:
                return results[name]
        raise ValueError(
            "The model is not configured to compute accuracy. You should pass "
            '`metrics=["accuracy"]` to the `model.compile()` method.'
        )


class KerasRegressor(RegressorMixin, BaseWrapper):
    """A model that predicts numbers, as Keras 1 and 2 wrapped it for scikit-learn.

    >>> import numpy as np
    >>> from pylego.layers import Dense, Input
    >>> from pylego.models import Sequential
    >>> def make():
    ...     model = Sequential([Input((1,)), Dense(1)])
    ...     model.compile("sgd", "mse")
    ...     return model
    >>> wrapped = KerasRegressor(build_fn=make, verbose=0)
    >>> history = wrapped.fit(np.array([[1.0], [2.0]]), np.array([2.0, 4.0]))
    >>> wrapped.predict(np.array([[3.0]])).shape
    (1,)
    """

    def predict(self, x: Any, **kwargs: Any) -> np.ndarray:
        """Return the number of each row, or several."""
        outputs = self.model.predict(x, **self.filter_sk_params(Model.predict, kwargs))
        return np.squeeze(outputs, -1) if outputs.shape[-1] == 1 else outputs

    def score(self, x: Any, y: Any, **kwargs: Any) -> float:
        """Return the loss with a minus: higher is better."""
        settings = self.filter_sk_params(Model.evaluate, kwargs)
        return -self.model.evaluate(x, y, **{**settings, "return_dict": True})["loss"]


def _settings(function: Callable) -> set[str]:
    return set(inspect.signature(function).parameters) - DATA
