"""What models have in common as estimators of scikit-learn."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import numpy as np

from pylego.models import Model, clone_model

try:
    from sklearn.base import BaseEstimator
    from sklearn.utils.multiclass import type_of_target
    from sklearn.utils.validation import check_is_fitted, validate_data
except ImportError as error:
    raise ImportError(
        "pylego.wrappers need scikit-learn 1.6 or newer: pip install 'scikit-learn>=1.6'"
    ) from error


class ModelEstimator(BaseEstimator):
    """A model that scikit-learn trains and asks.

    A family says what targets become for the model, `_encoded`, and predictions for the user,
    `_decoded`.

    Args:
        model: a compiled model, which is cloned before it is trained; or a function that makes one
            for `X`, `y` (what the model will be trained on) and `model_kwargs`.
        warm_start: whether `fit` goes on with the weights of the last `fit`, and trains a model
            that was given itself, not a clone.
        model_kwargs: further arguments of the function.
        fit_kwargs: arguments of the model's `fit`.
    """

    def __init__(
        self,
        model: Model | Callable[..., Model],
        warm_start: bool = False,
        model_kwargs: dict[str, Any] | None = None,
        fit_kwargs: dict[str, Any] | None = None,
    ):
        # Estimators keep what they are given as it is: scikit-learn clones them by it.
        self.model = model
        self.warm_start = warm_start
        self.model_kwargs = model_kwargs
        self.fit_kwargs = fit_kwargs

    def __sklearn_clone__(self) -> ModelEstimator:
        """Return an estimator that is not fitted, with a model of its own."""
        given = self.get_params(deep=False)
        if isinstance(self.model, Model):
            given["model"] = copy.deepcopy(self.model)
        return type(self)(**given)

    @property
    def epoch_(self) -> int:
        """How many epochs the last `fit` had."""
        return len(self.history_.epoch) if hasattr(self, "history_") else 0

    def fit(self, X: Any, y: Any, **kwargs: Any) -> ModelEstimator:  # noqa: N803  # scikit-learn's name
        """Train the model.

        Args:
            X: rows of features, of shape (samples, features).
            y: the targets, of shape (samples,) or (samples, outputs).
            **kwargs: arguments of the model's `fit`, which win over `fit_kwargs`.

        Returns the estimator: `model_` is the trained model, `history_` its history.

        Raises:
            ValueError: for data that scikit-learn or the model cannot use.
            RuntimeError: for a model that is not compiled.
        """
        X, y = validate_data(self, X, y, multi_output=self._takes_several_outputs)  # noqa: N806
        kind = type_of_target(y)
        if kind == "unknown":
            raise ValueError(f"Unknown label type for data: {y!r}")
        targets = self._encoded(y, kind)
        model = self._model_for(X, targets)
        if not model.compiled or model.optimizer is None:
            raise RuntimeError(
                "Given model needs to be compiled, and have a loss and an optimizer: call "
                "model.compile(...)"
            )
        self.history_ = model.fit(X, targets, **{**(self.fit_kwargs or {}), **kwargs})
        self.model_ = model
        return self

    def _model_for(self, X: np.ndarray, targets: np.ndarray) -> Model:  # noqa: N803
        if self.warm_start and hasattr(self, "model_"):
            return self.model_
        if isinstance(self.model, Model):
            return self.model if self.warm_start else clone_model(self.model)
        return self.model(X=X, y=targets, **(self.model_kwargs or {}))

    def predict(self, X: Any) -> np.ndarray:  # noqa: N803
        """Return what the model says of rows.

        Raises:
            NotFittedError: before `fit`.
            ValueError: for rows of another width than those of `fit`.
        """
        return self._decoded(self._outputs(X))

    def _outputs(self, X: Any) -> np.ndarray:  # noqa: N803
        check_is_fitted(self)
        X = validate_data(self, X, reset=False)  # noqa: N806
        return self.model_.predict(X, verbose=(self.fit_kwargs or {}).get("verbose", "auto"))

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = self._takes_several_outputs
        return tags

    # ---- what a family may say otherwise ----

    _takes_several_outputs = True

    def _encoded(self, y: np.ndarray, kind: str) -> np.ndarray:
        """A column for each output; `kind` is what scikit-learn calls such targets."""
        self._is_column = y.ndim == 1
        return y.reshape(-1, 1) if self._is_column else y

    def _decoded(self, outputs: np.ndarray) -> np.ndarray:
        is_column = self._is_column and outputs.ndim == 2
        return np.squeeze(outputs, axis=1) if is_column else outputs
