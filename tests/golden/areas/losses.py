"""Values and gradients of the losses as classes and as functions, with reductions and weights."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import keras
import numpy as np

from areas.encoding import answer, encode, outcome

REDUCTIONS = ("sum_over_batch_size", "sum", "mean", "mean_with_sample_weight", "none", None)

# name -> (y_true, y_pred)
INPUTS: dict[str, tuple[Any, Any]] = {
    "regression": (
        [[0.0, 1.5, -2.0], [0.5, -0.5, 0.25], [3.0, 0.0, 1.0], [1.0, 1.0, 1.0]],
        [[0.5, 1.5, -1.0], [-0.5, -0.75, 0.25], [2.0, 1.0, 100.0], [1.0, 0.5, -1.0]],
    ),
    "regression_rank_3": (
        [[[1.0, 2.0], [0.0, 0.5], [-1.0, 0.0]], [[0.0, 0.0], [1.0, 1.0], [2.0, -2.0]]],
        [[[0.5, 2.5], [0.0, 1.5], [1.0, 1.0]], [[0.25, -0.25], [1.0, 2.0], [-2.0, 2.0]]],
    ),
    "regression_rank_1": ([1.0, 2.0, 3.0, 4.0], [1.5, 2.0, 1.0, 8.0]),
    "regression_flat_targets": ([1.0, 2.0, 3.0, 4.0], [[1.5], [2.0], [1.0], [8.0]]),
    "regression_flat_outputs": ([[1.0], [2.0], [3.0], [4.0]], [1.5, 2.0, 1.0, 8.0]),
    "regression_extra_axis": ([[[1.0], [2.0]], [[3.0], [4.0]]], [[1.5, 2.0], [1.0, 8.0]]),
    "binary": (
        [[0, 1], [1, 1], [0, 0], [1, 0]],
        [[0.25, 0.75], [0.0, 1.0], [0.0, 1.0], [0.9, 0.5]],
    ),
    "binary_rank_3": (
        [[[0.0, 1.0], [1.0, 0.5], [0.0, 0.0]], [[1.0, 1.0], [0.25, 0.0], [1.0, 0.0]]],
        [[[0.1, 0.9], [0.6, 0.5], [0.3, 0.2]], [[0.7, 0.8], [0.4, 0.6], [0.01, 0.99]]],
    ),
    "binary_flat_targets": ([0, 1, 1, 0], [[0.25], [0.75], [0.5], [0.125]]),
    "binary_logits": (
        [[0, 1], [1, 1], [0, 0], [1, 0]],
        [[-1.5, 2.0], [-1e4, 1e4], [-1e4, 1e4], [0.0, 30.0]],
    ),
    "binary_logits_rank_3": (
        [[[0.0, 1.0], [1.0, 0.5], [0.0, 0.0]], [[1.0, 1.0], [0.25, 0.0], [1.0, 0.0]]],
        [[[-2.0, 3.0], [0.5, 0.0], [-1.0, 1.0]], [[4.0, -4.0], [0.25, 8.0], [-16.0, 16.0]]],
    ),
    "categorical": (
        [[1, 0, 0], [0, 1, 0], [0, 0, 1], [0, 1, 0]],
        [[0.7, 0.2, 0.1], [0.0, 1.0, 0.0], [0.0, 1.0, 0.0], [0.5, 0.5, 1.0]],
    ),
    "categorical_soft": ([[0.2, 0.3, 0.5], [1.0, 1.0, 0.0]], [[0.1, 0.6, 0.3], [0.3, 0.3, 0.4]]),
    "categorical_rank_3": (
        [[[1, 0, 0], [0, 1, 0]], [[0, 0, 1], [1, 0, 0]]],
        [[[0.6, 0.3, 0.1], [0.2, 0.2, 0.6]], [[0.1, 0.1, 0.8], [0.3, 0.3, 0.4]]],
    ),
    "categorical_logits": (
        [[1, 0, 0], [0, 1, 0], [0, 0, 1], [0, 1, 0]],
        [[1.0, 2.0, -1.0], [-1e4, 1e4, 0.0], [-1e4, 1e4, 0.0], [0.5, 0.5, 0.5]],
    ),
    "categorical_logits_rank_3": (
        [[[1, 0, 0], [0, 1, 0]], [[0, 0, 1], [1, 0, 0]]],
        [[[2.0, 1.0, 0.0], [-1.0, 0.5, 3.0]], [[0.0, 0.0, 4.0], [-2.0, 2.0, 1.0]]],
    ),
    "sparse": (
        [0, 1, 2, 1],
        [[0.7, 0.2, 0.1], [0.0, 1.0, 0.0], [0.0, 1.0, 0.0], [0.5, 0.5, 1.0]],
    ),
    "sparse_column": ([[0], [1], [2]], [[0.7, 0.2, 0.1], [0.2, 0.5, 0.3], [0.1, 0.8, 0.1]]),
    "sparse_float_labels": ([0.0, 2.0], [[0.7, 0.2, 0.1], [0.2, 0.5, 0.3]]),
    "sparse_rank_3": (
        [[0, 1], [2, 0]],
        [[[0.6, 0.3, 0.1], [0.2, 0.2, 0.6]], [[0.1, 0.1, 0.8], [0.3, 0.3, 0.4]]],
    ),
    "sparse_logits": (
        [0, 1, 2, 1],
        [[1.0, 2.0, -1.0], [-1e4, 1e4, 0.0], [-1e4, 1e4, 0.0], [0.5, 0.5, 0.5]],
    ),
    "positive": (
        [[0.0, 1.5, 2.0], [0.5, 3.0, 0.25], [1.0, 4.0, 0.125]],
        [[0.5, 1.25, 3.0], [0.25, 2.5, 0.75], [3.0, 0.5, 2.0]],
    ),
    "signs": ([[-1.0, 1.0], [1.0, 1.0], [-1.0, -1.0]], [[-2.0, 0.5], [0.25, -3.0], [0.5, -0.5]]),
    "zero_and_one": ([[0, 1], [1, 1], [0, 0]], [[-2.0, 0.5], [0.25, -3.0], [0.5, -0.5]]),
    "embeddings": (
        [0, 1, 0, 1, 2],
        [[0.6, 0.8], [0.8, 0.6], [0.0, 1.0], [1.0, 0.0], [-0.6, 0.8]],
    ),
    "embeddings_column": ([[0], [1], [0]], [[0.6, 0.8], [0.8, 0.6], [0.0, 1.0]]),
    "sparse_with_void": (
        [[0, -1], [2, 0]],
        [[[0.6, 0.3, 0.1], [0.2, 0.2, 0.6]], [[0.1, 0.1, 0.8], [0.3, 0.3, 0.4]]],
    ),
}

# (class, input, arguments): value with and without reduction, and the gradient
VARIANTS: list[tuple[str, str, dict[str, Any]]] = [
    ("MeanSquaredError", "regression", {}),
    ("MeanSquaredError", "regression_rank_3", {}),
    ("MeanSquaredError", "regression_rank_1", {}),
    ("MeanSquaredError", "regression_flat_targets", {}),
    ("MeanSquaredError", "regression_flat_outputs", {}),
    ("MeanSquaredError", "regression_extra_axis", {}),
    ("MeanAbsoluteError", "regression", {}),
    ("MeanAbsoluteError", "regression_rank_3", {}),
    ("MeanAbsoluteError", "regression_flat_targets", {}),
    ("BinaryCrossentropy", "binary", {}),
    ("BinaryCrossentropy", "binary", {"label_smoothing": 0.2}),
    ("BinaryCrossentropy", "binary", {"axis": 0}),
    ("BinaryCrossentropy", "binary_rank_3", {}),
    ("BinaryCrossentropy", "binary_rank_3", {"axis": 1, "label_smoothing": 0.1}),
    ("BinaryCrossentropy", "binary_flat_targets", {}),
    ("BinaryCrossentropy", "binary_logits", {"from_logits": True}),
    ("BinaryCrossentropy", "binary_logits", {"from_logits": True, "label_smoothing": 0.2}),
    ("BinaryCrossentropy", "binary_logits_rank_3", {"from_logits": True}),
    ("BinaryCrossentropy", "binary_logits_rank_3", {"from_logits": True, "axis": 1}),
    ("CategoricalCrossentropy", "categorical", {}),
    ("CategoricalCrossentropy", "categorical", {"label_smoothing": 0.3}),
    ("CategoricalCrossentropy", "categorical_soft", {}),
    ("CategoricalCrossentropy", "categorical_rank_3", {}),
    ("CategoricalCrossentropy", "categorical_rank_3", {"axis": 1}),
    ("CategoricalCrossentropy", "categorical_rank_3", {"axis": 1, "label_smoothing": 0.3}),
    ("CategoricalCrossentropy", "categorical_logits", {"from_logits": True}),
    (
        "CategoricalCrossentropy",
        "categorical_logits",
        {"from_logits": True, "label_smoothing": 0.3},
    ),
    ("CategoricalCrossentropy", "categorical_logits_rank_3", {"from_logits": True}),
    ("CategoricalCrossentropy", "categorical_logits_rank_3", {"from_logits": True, "axis": 1}),
    ("SparseCategoricalCrossentropy", "sparse", {}),
    ("SparseCategoricalCrossentropy", "sparse_column", {}),
    ("SparseCategoricalCrossentropy", "sparse_float_labels", {}),
    ("SparseCategoricalCrossentropy", "sparse_rank_3", {}),
    ("SparseCategoricalCrossentropy", "sparse_logits", {"from_logits": True}),
    ("SparseCategoricalCrossentropy", "sparse", {"ignore_class": 1}),
    ("SparseCategoricalCrossentropy", "sparse_with_void", {"ignore_class": -1}),
    ("SparseCategoricalCrossentropy", "sparse_logits", {"from_logits": True, "ignore_class": 2}),
    ("MeanAbsolutePercentageError", "positive", {}),
    ("MeanAbsolutePercentageError", "regression_flat_targets", {}),
    ("MeanSquaredLogarithmicError", "positive", {}),
    ("MeanSquaredLogarithmicError", "regression_flat_outputs", {}),
    ("Huber", "regression", {}),
    ("Huber", "regression_rank_3", {"delta": 0.375}),
    ("Huber", "regression_flat_targets", {"delta": 2.0}),
    ("LogCosh", "regression", {}),
    ("LogCosh", "regression_rank_3", {}),
    ("CosineSimilarity", "positive", {}),
    ("CosineSimilarity", "regression_rank_3", {"axis": 1}),
    ("Poisson", "positive", {}),
    ("KLDivergence", "categorical_soft", {}),
    ("KLDivergence", "categorical_rank_3", {}),
    ("Hinge", "signs", {}),
    ("Hinge", "zero_and_one", {}),
    ("SquaredHinge", "signs", {}),
    ("SquaredHinge", "zero_and_one", {}),
    ("CategoricalHinge", "categorical_rank_3", {}),
    ("CategoricalHinge", "categorical_soft", {}),
    ("BinaryFocalCrossentropy", "binary_rank_3", {}),
    ("BinaryFocalCrossentropy", "binary_rank_3", {"gamma": 1.5, "axis": 1}),
    ("BinaryFocalCrossentropy", "binary_rank_3", {"apply_class_balancing": True, "alpha": 0.75}),
    ("BinaryFocalCrossentropy", "binary_rank_3", {"label_smoothing": 0.25}),
    ("BinaryFocalCrossentropy", "signs", {"from_logits": True}),
    ("BinaryFocalCrossentropy", "binary_flat_targets", {"apply_class_balancing": True}),
    ("CategoricalFocalCrossentropy", "categorical_soft", {}),
    ("CategoricalFocalCrossentropy", "categorical_rank_3", {"gamma": 1.5, "alpha": 0.5}),
    ("CategoricalFocalCrossentropy", "categorical_rank_3", {"alpha": [0.1, 0.2, 0.7]}),
    ("CategoricalFocalCrossentropy", "categorical_rank_3", {"axis": 1}),
    ("CategoricalFocalCrossentropy", "categorical_soft", {"label_smoothing": 0.25}),
    ("CategoricalFocalCrossentropy", "categorical_logits_rank_3", {"from_logits": True}),
    ("Dice", "binary_rank_3", {}),
    ("Dice", "binary_rank_3", {"axis": [1, 2]}),
    ("Tversky", "binary_rank_3", {}),
    ("Tversky", "binary_rank_3", {"alpha": 0.2, "beta": 0.7, "axis": [1]}),
    ("Circle", "embeddings", {}),
    ("Circle", "embeddings", {"gamma": 2.0, "margin": 0.25}),
    ("Circle", "embeddings", {"gamma": 1.5, "remove_diagonal": False}),
    ("Circle", "embeddings_column", {"gamma": 4.0}),
    ("CategoricalGeneralizedCrossEntropy", "sparse_rank_3", {"q": 0.5}),
    ("CategoricalGeneralizedCrossEntropy", "sparse_rank_3", {"q": 0.25}),
]

# (class, input, arguments, sample weight): value for every reduction
WEIGHTED: list[tuple[str, str, dict[str, Any], Any]] = [
    ("MeanSquaredError", "regression", {}, None),
    ("MeanSquaredError", "regression", {}, [1.0, 0.0, 2.0, 0.5]),
    ("MeanSquaredError", "regression", {}, [[1.0], [0.0], [2.0], [0.5]]),
    ("MeanSquaredError", "regression", {}, [0.0, 0.0, 0.0, 0.0]),
    ("MeanSquaredError", "regression", {}, 0.5),
    ("MeanSquaredError", "regression", {}, [0.5]),
    ("MeanSquaredError", "regression_rank_3", {}, [[1.0, 0.0, 2.0], [0.5, 1.0, 0.0]]),
    ("MeanSquaredError", "regression_rank_3", {}, [[1.0], [3.0]]),
    ("MeanSquaredError", "regression_flat_targets", {}, [1.0, 0.0, 2.0, 0.5]),
    ("MeanSquaredError", "regression_rank_1", {}, [1.0, 0.0, 2.0, 0.5]),
    ("MeanAbsoluteError", "regression", {}, [1.0, 0.0, 2.0, 0.5]),
    ("BinaryCrossentropy", "binary", {}, None),
    ("BinaryCrossentropy", "binary", {}, [1.0, 0.0, 2.0, 0.5]),
    ("BinaryCrossentropy", "binary", {}, [[1.0], [0.0], [2.0], [0.5]]),
    ("BinaryCrossentropy", "binary_rank_3", {}, [[1.0, 0.0, 2.0], [0.5, 1.0, 0.0]]),
    ("BinaryCrossentropy", "binary_logits", {"from_logits": True}, [1.0, 0.0, 2.0, 0.5]),
    ("CategoricalCrossentropy", "categorical", {}, None),
    ("CategoricalCrossentropy", "categorical", {}, [1.0, 0.0, 2.0, 0.5]),
    ("CategoricalCrossentropy", "categorical_rank_3", {}, [[1.0, 0.0], [2.0, 0.5]]),
    ("SparseCategoricalCrossentropy", "sparse", {}, None),
    ("SparseCategoricalCrossentropy", "sparse", {}, [1.0, 0.0, 2.0, 0.5]),
    ("SparseCategoricalCrossentropy", "sparse_column", {}, [[1.0], [0.0], [2.0]]),
    ("SparseCategoricalCrossentropy", "sparse_rank_3", {}, [[1.0, 0.0], [2.0, 0.5]]),
    ("SparseCategoricalCrossentropy", "sparse_with_void", {"ignore_class": -1}, None),
    (
        "SparseCategoricalCrossentropy",
        "sparse_with_void",
        {"ignore_class": -1},
        [[1.0, 5.0], [2.0, 0.5]],
    ),
    ("MeanAbsolutePercentageError", "positive", {}, [1.0, 0.0, 2.0]),
    ("MeanSquaredLogarithmicError", "positive", {}, [1.0, 0.0, 2.0]),
    ("Huber", "regression_rank_3", {}, [[1.0, 0.0, 2.0], [0.5, 1.0, 0.0]]),
    ("LogCosh", "regression", {}, [1.0, 0.0, 2.0, 0.5]),
    ("CosineSimilarity", "positive", {}, [1.0, 0.0, 2.0]),
    ("Poisson", "positive", {}, [[1.0], [0.0], [2.0]]),
    ("KLDivergence", "categorical_rank_3", {}, [[1.0, 0.0], [2.0, 0.5]]),
    ("Hinge", "signs", {}, [1.0, 0.0, 2.0]),
    ("SquaredHinge", "zero_and_one", {}, [1.0, 0.0, 2.0]),
    ("CategoricalHinge", "categorical_rank_3", {}, [[1.0, 0.0], [2.0, 0.5]]),
    ("BinaryFocalCrossentropy", "binary_rank_3", {}, [[1.0, 0.0, 2.0], [0.5, 1.0, 0.0]]),
    ("CategoricalFocalCrossentropy", "categorical_rank_3", {}, [[1.0, 0.0], [2.0, 0.5]]),
    ("Dice", "binary_rank_3", {"axis": [1, 2]}, [1.0, 3.0]),
    ("Dice", "binary_rank_3", {}, [1.0, 3.0]),
    ("Tversky", "binary_rank_3", {"axis": [1]}, [[1.0, 0.5], [3.0, 0.0]]),
    ("Circle", "embeddings", {"gamma": 2.0}, None),
    ("Circle", "embeddings", {"gamma": 2.0}, [1.0, 0.0, 2.0, 0.5, 4.0]),
    ("CategoricalGeneralizedCrossEntropy", "sparse_rank_3", {}, [[1.0, 0.0], [2.0, 0.5]]),
]

FUNCTIONS = {
    "MeanSquaredError": "mean_squared_error",
    "MeanAbsoluteError": "mean_absolute_error",
    "BinaryCrossentropy": "binary_crossentropy",
    "CategoricalCrossentropy": "categorical_crossentropy",
    "SparseCategoricalCrossentropy": "sparse_categorical_crossentropy",
    "MeanAbsolutePercentageError": "mean_absolute_percentage_error",
    "MeanSquaredLogarithmicError": "mean_squared_logarithmic_error",
    "Huber": "huber",
    "LogCosh": "log_cosh",
    "CosineSimilarity": "cosine_similarity",
    "Poisson": "poisson",
    "KLDivergence": "kl_divergence",
    "Hinge": "hinge",
    "SquaredHinge": "squared_hinge",
    "CategoricalHinge": "categorical_hinge",
    "BinaryFocalCrossentropy": "binary_focal_crossentropy",
    "CategoricalFocalCrossentropy": "categorical_focal_crossentropy",
    "Dice": "dice",
    "Tversky": "tversky",
    "Circle": "circle",
    "CategoricalGeneralizedCrossEntropy": "categorical_generalized_cross_entropy",
}

STRINGS = (
    "mse", "MSE", "mean_squared_error", "MeanSquaredError", "mae", "MAE", "mean_absolute_error",
    "binary_crossentropy", "bce", "BCE", "BinaryCrossentropy", "categorical_crossentropy",
    "sparse_categorical_crossentropy", "CategoricalCrossentropy", "crossentropy",
    "categorical_crossentrophy", "mape", "MAPE", "msle", "MSLE", "kld", "KLD", "huber", "Huber",
    "log_cosh", "LogCosh", "cosine_similarity", "CosineSimilarity", "poisson", "Poisson",
    "kl_divergence", "KLDivergence", "hinge", "Hinge", "squared_hinge", "SquaredHinge",
    "categorical_hinge", "CategoricalHinge", "BinaryFocalCrossentropy", "binary_focal_crossentropy",
    "CategoricalFocalCrossentropy", "categorical_focal_crossentropy", "dice", "Dice", "tversky",
    "Tversky", "circle", "Circle",
    "mean_absolute_percentage_error", "MeanAbsolutePercentageError",
    "mean_squared_logarithmic_error", "MeanSquaredLogarithmicError",
)  # fmt: skip

# label -> (class, constructor arguments, y_true, y_pred)
ERRORS: dict[str, tuple[str, dict[str, Any], Any, Any]] = {
    "unknown reduction": ("MeanSquaredError", {"reduction": "average"}, [1.0], [1.0]),
    "mse (4,) against (4, 3)": ("MeanSquaredError", {}, np.zeros(4), np.zeros((4, 3))),
    "mse (3,) against (4, 3)": ("MeanSquaredError", {}, np.zeros(3), np.zeros((4, 3))),
    "mse (4, 1) against (4, 3)": ("MeanSquaredError", {}, np.zeros((4, 1)), np.zeros((4, 3))),
    "bce (4, 1) against (4, 3)": ("BinaryCrossentropy", {}, np.zeros((4, 1)), np.zeros((4, 3))),
    "cce (4,) against (4, 3)": ("CategoricalCrossentropy", {}, np.zeros(4), np.ones((4, 3))),
    "scce (4, 3) against (4, 3)": (
        "SparseCategoricalCrossentropy", {}, np.zeros((4, 3)), np.ones((4, 3)),
    ),
    "scce (3,) against (4, 3)": (
        "SparseCategoricalCrossentropy", {}, np.zeros(3), np.ones((4, 3)),
    ),
    "scce label 3 of 3 classes": (
        "SparseCategoricalCrossentropy", {}, np.array([3]), np.ones((1, 3)),
    ),
    "scce label -1": ("SparseCategoricalCrossentropy", {}, np.array([-1]), np.ones((1, 3))),
    "cce with axis=True": (
        "CategoricalCrossentropy", {"axis": True}, np.ones((1, 3)), np.ones((1, 3)),
    ),
    "bce label 2": ("BinaryCrossentropy", {}, np.array([[2.0]]), np.array([[0.5]])),
}  # fmt: skip


def arrays(name: str) -> tuple[np.ndarray, jax.Array]:
    """Return (y_true, y_pred) of an input; y_pred is float32, integer labels stay int32."""
    y_true = np.asarray(INPUTS[name][0])
    y_true = y_true.astype("int32" if y_true.dtype.kind == "i" else "float32")
    return y_true, jnp.asarray(INPUTS[name][1], "float32")


def make(name: str, arguments: dict[str, Any], reduction: str | None) -> keras.losses.Loss:
    """Return a loss object."""
    return getattr(keras.losses, name)(**arguments, reduction=reduction)


def variant(name: str, data: str, arguments: dict[str, Any]) -> dict[str, Any]:
    """Return values and the gradient of the default reduction with respect to y_pred."""
    y_true, y_pred = arrays(data)
    loss = make(name, arguments, "sum_over_batch_size")
    return {
        "class": name,
        "function": FUNCTIONS[name],
        "input": data,
        "arguments": arguments,
        "value": encode(loss(y_true, y_pred)),
        "unreduced": encode(make(name, arguments, None)(y_true, y_pred)),
        "gradient": encode(jax.grad(lambda p: loss(y_true, p))(y_pred)),
    }


def weighted(name: str, data: str, arguments: dict[str, Any], weight: Any) -> dict[str, Any]:
    """Return the value for every reduction, under one sample weight."""
    y_true, y_pred = arrays(data)
    weights = None if weight is None else np.asarray(weight, "float32")
    values = {
        str(reduction): encode(make(name, arguments, reduction)(y_true, y_pred, weights))
        for reduction in REDUCTIONS
    }
    return {
        "class": name,
        "input": data,
        "arguments": arguments,
        "sample_weight": weight,
        "values": values,
    }


def function_facts(name: str, data: str, arguments: dict[str, Any]) -> dict[str, Any]:
    """Return what the function form gives, which keeps y_true and y_pred as they come."""
    y_true, y_pred = arrays(data)
    function = getattr(keras.losses, FUNCTIONS[name])
    result = outcome(lambda: function(y_true, y_pred, **arguments))
    return {"function": FUNCTIONS[name], "input": data, "arguments": arguments} | result


def strings() -> dict[str, str]:
    """Return the name of what `keras.losses.get` gives for each string."""
    return {string: answer(describe, string) for string in STRINGS}


def describe(string: str) -> str:
    """Return whether a string gives a function or an object, and its name."""
    loss = keras.losses.get(string)
    if isinstance(loss, keras.losses.Loss):
        return f"object {type(loss).__name__}"
    return f"function {loss.__name__}"


def errors() -> dict[str, Any]:
    """Return the exception type for misfits, or the value Keras computes in silence."""
    return {
        label: outcome(compute, name, arguments, y_true, y_pred)
        for label, (name, arguments, y_true, y_pred) in ERRORS.items()
    }


def compute(name: str, arguments: dict[str, Any], y_true: Any, y_pred: Any) -> Any:
    """Return the value of a loss made with `arguments`."""
    return getattr(keras.losses, name)(**arguments)(y_true, y_pred)


def default_configs() -> dict[str, Any]:
    """Return the default config of each class."""
    return {name: encode(getattr(keras.losses, name)().get_config()) for name in FUNCTIONS}


def facts() -> dict[str, Any]:
    """Return the content of losses.json."""
    return {
        "about": "gradient: d value / d y_pred; integer y_true means int32, all else float32",
        "epsilon": keras.backend.epsilon(),
        "inputs": {k: {"y_true": t, "y_pred": p} for k, (t, p) in INPUTS.items()},
        "variants": [variant(*row) for row in VARIANTS],
        "weighted": [weighted(*row) for row in WEIGHTED],
        "functions": [function_facts(*row) for row in VARIANTS],
        "default_configs": default_configs(),
        "strings": strings(),
        "errors": errors(),
    }
