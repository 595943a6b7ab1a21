"""A model whose outputs are features for the next step, as an estimator."""

from __future__ import annotations

from typing import Any

import numpy as np

from pylego.wrappers.estimator import ModelEstimator

from sklearn.base import TransformerMixin  # isort: skip  # estimator.py says where it is missing


class SKLearnTransformer(TransformerMixin, ModelEstimator):
    """A model whose outputs are features for the next step of a pipeline of scikit-learn.

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
    >>> model = Sequential([Input((3,)), Dense(3)])
    >>> model.compile("sgd", "mse")
    >>> X = np.ones((4, 3))
    >>> SKLearnTransformer(model, fit_kwargs={"verbose": 0}).fit(X, X).transform(X).shape
    (4, 3)
    """

    def transform(self, X: Any) -> np.ndarray:  # noqa: N803  # scikit-learn's name
        """Return the model's outputs for rows.

        Raises:
            NotFittedError: before `fit`.
        """
        return self._outputs(X)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.transformer_tags.preserves_dtype = []
        return tags
