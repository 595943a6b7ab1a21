"""Results of metrics over sequences of updates, and how compile() picks and names metrics."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from keras.src.trainers.compile_utils import get_metric

from areas.encoding import answer, encode, outcome

# name -> list of updates, each (arguments of update_state without the weight, sample weight)
SEQUENCES: dict[str, list[tuple[tuple[Any, ...], Any]]] = {
    "values": [(([1.0, 2.0, 4.0],), None), (([[1.0, 3.0], [5.0, -1.0]],), None), ((7.0,), None)],
    "weighted values": [
        (([1.0, 2.0, 4.0],), [1.0, 0.0, 0.5]),
        (([[1.0, 3.0], [5.0, -1.0]],), [2.0, 1.0]),
        (([[1.0, 3.0], [5.0, -1.0]],), [[2.0, 1.0], [0.0, 0.5]]),
        (([1.0, 3.0],), [0.0, 0.0]),
        ((7.0,), 3.0),
    ],
    "labels": [
        (([1, 2, 3, 4], [1, 2, 0, 4]), None),
        (([[1], [2]], [[1], [0]]), None),
        (([1, 2, 3, 4], [0, 2, 3, 4]), [1.0, 0.0, 0.5, 2.0]),
    ],
    "binary": [
        (([[1], [1], [0], [0]], [[0.9], [0.5], [0.5], [0.7]]), None),
        (([1, 0, 1], [[0.51], [0.2], [0.49]]), None),
        (([[1, 0], [0, 1]], [[0.6, 0.4], [0.7, 0.8]]), None),
        (([[1], [1], [0], [0]], [[0.9], [0.3], [0.1], [0.7]]), [1.0, 2.0, 0.5, 0.0]),
    ],
    "categorical": [
        (([[1, 0, 0], [0, 1, 0]], [[0.7, 0.2, 0.1], [0.6, 0.3, 0.1]]), None),
        (([[0, 0, 1], [0, 1, 0]], [[0.1, 0.1, 0.8], [0.4, 0.4, 0.2]]), None),
        (([[0, 0, 1], [1, 0, 0]], [[0.1, 0.1, 0.8], [0.4, 0.5, 0.1]]), [0.25, 3.0]),
    ],
    "categorical rank 3": [
        (
            ([[[1, 0], [0, 1]], [[0, 1], [1, 0]]], [[[0.9, 0.1], [0.6, 0.4]], [[0, 1], [1, 0]]]),
            None,
        ),
        (
            ([[[1, 0], [0, 1]], [[0, 1], [1, 0]]], [[[0.9, 0.1], [0.6, 0.4]], [[0, 1], [1, 0]]]),
            [1.0, 3.0],
        ),
    ],
    "sparse": [
        (([0, 1], [[0.7, 0.2, 0.1], [0.6, 0.3, 0.1]]), None),
        (([[2], [1]], [[0.1, 0.1, 0.8], [0.4, 0.4, 0.2]]), None),
        (([2, 0], [[0.1, 0.1, 0.8], [0.4, 0.5, 0.1]]), [0.25, 3.0]),
    ],
    "regression": [
        (([[0.0, 1.0], [2.0, 3.0]], [[0.5, 1.0], [0.0, 4.0]]), None),
        (([1.0, 2.0], [[1.5], [4.0]]), None),
        (([[0.0, 1.0], [2.0, 3.0]], [[0.5, 1.0], [0.0, 4.0]]), [2.0, 0.5]),
    ],
    "logits": [(([[1, 0], [0, 1]], [[2.0, -1.0], [0.5, 1e4]]), None)],
    "scores": [
        (([0, 0, 1, 1, 0, 1], [0.0, 0.5, 0.3, 0.9, 1.0, 0.25]), None),
        (([[1], [0], [1]], [[0.75], [0.1], [0.6]]), None),
        (([1, 0, 1, 0], [0.2, 0.8, 0.5, 0.45]), [1.0, 0.0, 2.5, 0.5]),
    ],
    "columns": [
        (
            (
                [[0, 1, 1], [1, 0, 0], [1, 1, 0], [0, 0, 1]],
                [[0.2, 0.6, 0.7], [0.9, 0.1, 0.4], [0.3, 0.35, 0.8], [0.05, 0.5, 0.15]],
            ),
            None,
        ),
        (([[1, 0, 1], [0, 1, 0]], [[0.55, 0.65, 0.2], [0.0, 1.0, 0.25]]), [2.0, 0.5]),
    ],
    "logit columns": [(([[0, 1, 1], [1, 0, 0]], [[-2.0, 0.5, 3.0], [1.0, -1.0, -0.5]]), None)],
    "classes": [
        (([0, 1, 2, 2, 1], [0, 2, 2, 1, 1]), None),
        (([[0, 1], [2, 5]], [[0, 0], [2, 1]]), None),
        (([1, 1, 0], [1, 0, 0]), [2, 0, 3]),
    ],
    "two columns": [
        (([[0.5, 1.0], [2.0, 3.5], [1.0, 0.25]], [[0.25, 1.0], [1.0, 4.0], [1.5, 0.75]]), None),
        (([[4.0, 1.5], [2.0, 3.0]], [[3.5, 1.0], [0.5, 4.0]]), [2.0, 0.5]),
    ],
    "three numbers": [
        (([[0.5, 1.0, 2.0], [2.0, 3.5, 0.0]], [[0.25, 1.0, 3.0], [1.0, 4.0, 3.0]]), None),
        (([[4.0, 1.5, 1.0], [2.0, 3.0, 5.0]], [[3.5, 1.0, 0.5], [0.5, 4.0, 4.5]]), [2.0, 0.5]),
    ],
    "sorted classes": [(([1, 0, 2], [[1.0, 2.0, 0.0], [2.0, 0.0, 1.0], [1.0, 0.0, 2.0]]), None)],
    "sparse logits": [(([1, 0], [[2.0, -1.0], [0.5, 1e4]]), None)],
}

# (class, constructor arguments, sequence)
CASES: list[tuple[str, dict[str, Any], str]] = [
    ("Mean", {}, "values"),
    ("Mean", {}, "weighted values"),
    ("Sum", {}, "values"),
    ("Sum", {}, "weighted values"),
    ("Accuracy", {}, "labels"),
    ("BinaryAccuracy", {}, "binary"),
    ("BinaryAccuracy", {"threshold": 0.3}, "binary"),
    ("CategoricalAccuracy", {}, "categorical"),
    ("CategoricalAccuracy", {}, "categorical rank 3"),
    ("SparseCategoricalAccuracy", {}, "sparse"),
    ("MeanSquaredError", {}, "regression"),
    ("MeanAbsoluteError", {}, "regression"),
    ("RootMeanSquaredError", {}, "regression"),
    ("BinaryCrossentropy", {}, "binary"),
    ("BinaryCrossentropy", {"label_smoothing": 0.2}, "binary"),
    ("BinaryCrossentropy", {"from_logits": True}, "logits"),
    ("CategoricalCrossentropy", {}, "categorical"),
    ("CategoricalCrossentropy", {"label_smoothing": 0.3}, "categorical"),
    ("CategoricalCrossentropy", {"from_logits": True}, "logits"),
    ("SparseCategoricalCrossentropy", {}, "sparse"),
    ("SparseCategoricalCrossentropy", {"from_logits": True}, "sparse logits"),
    ("MeanAbsolutePercentageError", {}, "two columns"),
    ("MeanSquaredLogarithmicError", {}, "two columns"),
    ("LogCoshError", {}, "two columns"),
    ("Poisson", {}, "two columns"),
    ("CosineSimilarity", {}, "three numbers"),
    ("CosineSimilarity", {"axis": -2}, "three numbers"),
    ("KLDivergence", {}, "categorical"),
    ("Hinge", {}, "columns"),
    ("SquaredHinge", {}, "logit columns"),
    ("CategoricalHinge", {}, "categorical"),
    ("TopKCategoricalAccuracy", {"k": 2}, "categorical"),
    ("TopKCategoricalAccuracy", {"k": 1}, "categorical rank 3"),
    ("SparseTopKCategoricalAccuracy", {"k": 2}, "sparse"),
    ("SparseTopKCategoricalAccuracy", {"k": 2, "from_sorted_ids": True}, "sorted classes"),
    ("TruePositives", {}, "scores"),
    ("TrueNegatives", {"thresholds": [0.8, 0.3]}, "scores"),
    ("FalsePositives", {"thresholds": 0.25}, "columns"),
    ("FalseNegatives", {"thresholds": [0.0, 0.25, 0.5, 0.75, 1.0]}, "scores"),
    ("TrueNegatives", {"thresholds": [0.0, 0.25, 0.5, 0.75, 1.0]}, "columns"),
    ("Precision", {}, "scores"),
    ("Precision", {"thresholds": [0.5, 0.2, 0.9]}, "columns"),
    ("Precision", {"top_k": 2}, "columns"),
    ("Precision", {"top_k": 2, "thresholds": 0.5}, "columns"),
    ("Precision", {"class_id": 1}, "columns"),
    ("Precision", {"top_k": 1, "class_id": 2}, "columns"),
    ("Recall", {}, "scores"),
    ("Recall", {"thresholds": [0.0, 0.5, 1.0]}, "scores"),
    ("Recall", {"top_k": 1}, "columns"),
    ("Recall", {"class_id": 0, "thresholds": [0.3, 0.6]}, "columns"),
    ("SensitivityAtSpecificity", {"specificity": 0.5}, "scores"),
    ("SensitivityAtSpecificity", {"specificity": 0.6, "num_thresholds": 5}, "columns"),
    ("SpecificityAtSensitivity", {"sensitivity": 0.7, "num_thresholds": 11}, "scores"),
    ("SpecificityAtSensitivity", {"sensitivity": 0.5, "num_thresholds": 1}, "scores"),
    ("PrecisionAtRecall", {"recall": 0.5, "num_thresholds": 11, "class_id": 1}, "columns"),
    ("RecallAtPrecision", {"precision": 0.6, "num_thresholds": 11}, "scores"),
    ("AUC", {}, "scores"),
    *(
        ("AUC", {"num_thresholds": 6, "curve": curve, "summation_method": method}, "scores")
        for curve in ("ROC", "PR", "PRGAIN")
        for method in ("interpolation", "majoring", "minoring")
    ),
    ("AUC", {"thresholds": [0.7, 0.2, 0.5]}, "scores"),
    ("AUC", {"thresholds": [0.25, 0.5, 0.75]}, "scores"),
    ("AUC", {"num_thresholds": 6}, "columns"),
    ("AUC", {"num_thresholds": 6, "label_weights": [1.0, 0.0, 2.0]}, "columns"),
    ("AUC", {"num_thresholds": 6, "multi_label": True}, "columns"),
    ("AUC", {"num_thresholds": 6, "multi_label": True, "num_labels": 3, "curve": "PR"}, "columns"),
    (
        "AUC",
        {"num_thresholds": 6, "multi_label": True, "label_weights": [1.0, 0.0, 2.0]},
        "columns",
    ),
    ("AUC", {"num_thresholds": 6, "from_logits": True}, "logit columns"),
    *(("FBetaScore", {"average": a}, "columns") for a in (None, "micro", "macro", "weighted")),
    ("FBetaScore", {"beta": 2.0, "threshold": 0.5}, "columns"),
    ("F1Score", {"average": "macro"}, "columns"),
    ("F1Score", {"threshold": 0.25}, "columns"),
    ("IoU", {"num_classes": 3, "target_class_ids": [0, 2]}, "classes"),
    ("IoU", {"num_classes": 6, "target_class_ids": [1], "ignore_class": 2}, "classes"),
    ("IoU", {"num_classes": 3, "target_class_ids": [1], "dtype": "float32"}, "classes"),
    (
        "IoU",
        {
            "num_classes": 3,
            "target_class_ids": [0, 1],
            "sparse_y_true": False,
            "sparse_y_pred": False,
            "dtype": "float32",
        },
        "categorical",
    ),
    ("MeanIoU", {"num_classes": 3}, "classes"),
    ("MeanIoU", {"num_classes": 3, "ignore_class": 1}, "classes"),
    ("BinaryIoU", {"dtype": "float32"}, "scores"),
    ("BinaryIoU", {"target_class_ids": [1], "threshold": 0.3, "dtype": "float32"}, "scores"),
    (
        "OneHotIoU",
        {"num_classes": 3, "target_class_ids": [0, 1], "dtype": "float32"},
        "categorical",
    ),
    ("OneHotMeanIoU", {"num_classes": 3, "dtype": "float32"}, "categorical"),
    ("R2Score", {}, "two columns"),
    ("R2Score", {"class_aggregation": "variance_weighted_average"}, "two columns"),
    ("R2Score", {"class_aggregation": None}, "two columns"),
    ("R2Score", {"num_regressors": 2}, "two columns"),
    ("PearsonCorrelation", {}, "three numbers"),
    ("PearsonCorrelation", {"axis": 0}, "three numbers"),
    ("ConcordanceCorrelation", {}, "three numbers"),
    ("ConcordanceCorrelation", {"axis": 0}, "three numbers"),
]

# (shape of y_true, shape of y_pred)
TARGETS_AND_OUTPUTS = [
    ((8,), (8, 1)), ((8, 1), (8, 1)), ((8,), (8, 3)), ((8, 1), (8, 3)), ((8, 3), (8, 3)),
    ((8, 2), (8, 2)), ((8,), (8, 2)), ((8, 5), (8, 5, 3)), ((8, 5, 1), (8, 5, 3)),
    ((8, 5, 3), (8, 5, 3)), ((8, 5), (8, 5, 1)), ((8, 5, 1), (8, 5, 1)),
]  # fmt: skip

STRINGS = (
    "mse", "MSE", "mae", "MAE", "bce", "mean_squared_error", "MeanSquaredError",
    "binary_accuracy", "BinaryAccuracy", "categorical_accuracy", "sparse_categorical_accuracy",
    "binary_crossentropy", "categorical_crossentropy", "sparse_categorical_crossentropy",
    "accuracy", "acc", "Accuracy", "ACC", "mean", "acuracy", "mape", "MAPE", "msle", "MSLE", "AUC",
    "auc", "Precision", "recall", "hinge", "squared_hinge", "poisson", "kl_divergence",
    "cosine_similarity", "CosineSimilarity", "true_positives", "r2_score", "F1Score", "f1_score",
    "top_k_categorical_accuracy", "SparseTopKCategoricalAccuracy", "PearsonCorrelation",
    "pearson_correlation", "log_cosh_error",
)  # fmt: skip


def own_error(y_true: Any, y_pred: Any) -> Any:
    """Return a metric written by a user, as a plain function."""
    return keras.ops.mean(keras.ops.abs(y_true - y_pred), axis=-1)


def compile_cases() -> dict[str, dict[str, Any]]:
    """Return arguments of compile(), fresh objects each time."""
    metrics = keras.metrics
    return {
        "loss only": {},
        "accuracy": {"metrics": ["accuracy"]},
        "acc": {"metrics": ["acc"]},
        "accuracy, mse": {"metrics": ["accuracy", "mse"]},
        "mse, accuracy": {"metrics": ["mse", "accuracy"]},
        "MAE": {"metrics": ["MAE"]},
        "mean_squared_error": {"metrics": ["mean_squared_error"]},
        "MeanSquaredError": {"metrics": ["MeanSquaredError"]},
        "binary_accuracy": {"metrics": ["binary_accuracy"]},
        "object with a name": {"metrics": [metrics.BinaryAccuracy(name="x")]},
        "object": {"metrics": [metrics.BinaryAccuracy()]},
        "function": {"metrics": [own_error]},
        "loss function": {"metrics": [keras.losses.mean_absolute_error]},
        "accuracy twice": {"metrics": ["accuracy", "accuracy"]},
        "accuracy, acc": {"metrics": ["accuracy", "acc"]},
        "two objects of a class": {
            "metrics": [metrics.BinaryAccuracy(), metrics.BinaryAccuracy(threshold=0.1)]
        },
        "weighted": {"weighted_metrics": ["accuracy"]},
        "both": {"metrics": ["accuracy"], "weighted_metrics": ["accuracy", "mse"]},
        "empty list": {"metrics": []},
        "string": {"metrics": "accuracy"},
        "nested list": {"metrics": [["accuracy"]]},
        "dict by output name": {"metrics": {"out": ["accuracy"]}},
        "wrong name": {"metrics": ["acuracy"]},
    }


def as_data(value: Any) -> np.ndarray:
    """Return an array with 32-bit numbers."""
    array = np.asarray(value)
    return array.astype("int32" if array.dtype.kind == "i" else "float32")


def sequence(name: str, arguments: dict[str, Any], data: str) -> dict[str, Any]:
    """Return the result after each update, and after a reset at the end."""
    keras.utils.clear_session(free_memory=False)  # names are counted from the start
    metric = getattr(keras.metrics, name)(**arguments)
    results = []
    for values, weight in SEQUENCES[data]:
        results.append(update(metric, [as_data(value) for value in values], weight))
    state = encode([variable.value for variable in metric.variables])
    metric.reset_state()
    return {
        "class": name,
        "arguments": arguments,
        "sequence": data,
        "name": metric.name,
        "results": results,
        "state": state,
        "state_paths": [variable.path for variable in metric.variables],
        "after_reset": encode(metric.result()),
        "config": encode(metric.get_config()),
    }


def update(metric: keras.metrics.Metric, values: list[np.ndarray], weight: Any) -> Any:
    """Return the result after one update, or {"raises": ...} when Keras refuses the shapes."""

    def result() -> Any:
        metric.update_state(*values, sample_weight=weight)
        return metric.result()

    facts = outcome(result)
    return facts.get("value", facts)


def resolved() -> list[dict[str, Any]]:
    """Return the class behind "accuracy" for each pair of shapes (the loss plays no part)."""
    return [
        {
            "y_true": list(y_true),
            "y_pred": list(y_pred),
            "class": type(get_metric("accuracy", np.zeros(y_true), np.zeros(y_pred))).__name__,
        }
        for y_true, y_pred in TARGETS_AND_OUTPUTS
    ]


def compiled(arguments: dict[str, Any]) -> dict[str, Any]:
    """Return every name that a small model shows when compiled with `arguments`."""
    keras.utils.set_random_seed(0)
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1, "sigmoid", name="out")])
    model.compile(loss="binary_crossentropy", optimizer="sgd", **arguments)
    x, y = np.ones((8, 2), "float32"), np.array([0, 1] * 4)
    history = model.fit(x, y, epochs=1, verbose=0, validation_data=(x, y))
    logs = model.evaluate(x, y, verbose=0, return_dict=True)
    return {
        "metrics_names": model.metrics_names,
        "history": list(history.history),
        "evaluate_dict": list(logs),
        "evaluate": model._flatten_metrics_in_order({name: name for name in logs}),
    }


def strings() -> dict[str, str]:
    """Return what `keras.metrics.get` gives for each string."""
    return {s: answer(lambda name: type(keras.metrics.get(name)).__name__, s) for s in STRINGS}


def facts() -> dict[str, Any]:
    """Return the content of metrics.json."""
    return {
        "about": "results[i]: result() after updates 0..i; evaluate: the names in its list's order",
        "sequences": {
            name: [{"values": list(values), "sample_weight": weight} for values, weight in updates]
            for name, updates in SEQUENCES.items()
        },
        "cases": [sequence(*case) for case in CASES],
        "accuracy_by_shapes": resolved(),
        "strings": strings(),
        "compile": {
            label: outcome_of_compile(arguments) for label, arguments in compile_cases().items()
        },
    }


def outcome_of_compile(arguments: dict[str, Any]) -> dict[str, Any]:
    """Return the names, or the exception type that compile() or fit() raises."""
    result = outcome(lambda: compiled(arguments))
    return result.get("value", result)
