"""A model that tells classes apart, as an estimator."""

from __future__ import annotations

from typing import Any

import numpy as np

from pylego.utils.numerical import to_categorical
from pylego.wrappers.estimator import ModelEstimator

from sklearn.base import ClassifierMixin  # isort: skip  # estimator.py says where it is missing


class SKLearnClassifier(ClassifierMixin, ModelEstimator):
    """A model that tells classes apart, for scikit-learn. `score` is the accuracy.

    Labels may be numbers or texts. The model learns them one-hot: it has an output for each class,
    also where there are two, and a loss such as 'categorical_crossentropy'. `classes_` are the
    labels in the order of the outputs.

    Args:
        model: a compiled model, or a function of `X`, `y` and `model_kwargs` that makes one; `y` is
            one-hot then, of shape (samples, classes).
        warm_start: whether `fit` goes on with the weights of the last `fit`.
        model_kwargs: further arguments of the function.
        fit_kwargs: arguments of the model's `fit`, such as `epochs`.

    Raises:
        ImportError: without scikit-learn.

    >>> import numpy as np
    >>> from pylego.layers import Dense, Input
    >>> from pylego.models import Sequential
    >>> def sides(X, y):
    ...     model = Sequential([Input((X.shape[1],)), Dense(y.shape[1], "softmax")])
    ...     model.compile("adam", "categorical_crossentropy")
    ...     return model
    >>> X = np.linspace(-1, 1, 20)[:, None]
    >>> labels = np.where(X[:, 0] < 0, "left", "right")
    >>> fitted = SKLearnClassifier(sides, fit_kwargs={"epochs": 2, "verbose": 0}).fit(X, labels)
    >>> fitted.classes_.tolist(), fitted.predict(X).shape
    (['left', 'right'], (20,))
    """

    _takes_several_outputs = False

    def decision_function(self, X: Any) -> np.ndarray:  # noqa: N803  # scikit-learn's name
        """Return the model's outputs for rows, one for each class.

        Raises:
            NotFittedError: before `fit`.
        """
        return self._outputs(X)

    def _encoded(self, y: np.ndarray, kind: str) -> np.ndarray:
        if kind not in ("binary", "multiclass"):
            raise ValueError(
                f"Only binary and multiclass target types are supported. Target type: {kind}"
            )
        self.classes_, numbers = np.unique(y, return_inverse=True)
        if len(self.classes_) == 1:
            raise ValueError("Classifier can't train when only one class is present.")
        return to_categorical(numbers, len(self.classes_))

    def _decoded(self, outputs: np.ndarray) -> np.ndarray:
        return self.classes_[outputs.argmax(axis=-1)]

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.classifier_tags.poor_score = True  # nobody knows how long it is trained
        return tags
