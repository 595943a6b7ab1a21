"""A model that predicts numbers, as an estimator."""

from __future__ import annotations

from typing import Any

from pylego.wrappers.estimator import ModelEstimator

from sklearn.base import RegressorMixin  # isort: skip  # estimator.py says where it is missing


class SKLearnRegressor(RegressorMixin, ModelEstimator):
    """A model that predicts numbers, for scikit-learn. `score` is R squared.

    Args:
        model: a compiled model, or a function of `X`, `y` and `model_kwargs` that makes one.
        warm_start: whether `fit` goes on with the weights of the last `fit`.
        model_kwargs: further arguments of the function.
        fit_kwargs: arguments of the model's `fit`, such as `epochs`.

    Raises:
        ImportError: without scikit-learn.

    >>> import numpy as np
    >>> from pylego.layers import Dense, Input
    >>> from pylego.models import Sequential
    >>> from pylego.optimizers import SGD
    >>> def line(X, y, rate=0.1):
    ...     model = Sequential([Input((X.shape[1],)), Dense(1)])
    ...     model.compile(SGD(rate), "mse")
    ...     return model
    >>> X = np.linspace(-1, 1, 20)[:, None]
    >>> estimator = SKLearnRegressor(line, fit_kwargs={"epochs": 100, "verbose": 0})
    >>> fitted = estimator.fit(X, 3 * X[:, 0])
    >>> bool(fitted.score(X, 3 * X[:, 0]) > 0.99)
    True
    """

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.regressor_tags.poor_score = True  # nobody knows how long it is trained
        return tags
