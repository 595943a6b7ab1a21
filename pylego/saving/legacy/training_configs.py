"""What a model was compiled with, from a .h5 file: arguments for `Model.compile`.

Names of losses, metrics and optimizers were others in Keras 1 and 2; so were their settings.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from pylego import losses, metrics, optimizers
from pylego.saving.legacy import parts

_FUNCTIONS = {  # losses and metrics
    "cosine": "cosine_similarity",
    "cosine_proximity": "cosine_similarity",
    "huber_loss": "huber",
    "kld": "kl_divergence",
    "kullback_leibler_divergence": "kl_divergence",
    "logcosh": "log_cosh",
}
_CLASSES = {
    "CosineProximity": "CosineSimilarity",
    "KullbackLeiblerDivergence": "KLDivergence",
    "LogCoshError": "LogCosh",
}
# tf.keras wrapped functions: what they are called is in the config.
_WRAPPERS = ("LossFunctionWrapper", "MeanMetricWrapper", "SumOverBatchSizeMetricWrapper")
_ASKED_OF_COMPILE = ("acc", "accuracy", "ce", "crossentropy")
_ACCURACIES = ("binary_accuracy", "categorical_accuracy", "sparse_categorical_accuracy")
_REDUCTIONS = {"auto": "sum_over_batch_size"}

_SETTINGS = {"lr": "learning_rate"}
_FORGOTTEN = (  # what optimizers no longer have; it does not change their steps
    "decay",
    "is_legacy_optimizer",
    "jit_compile",
    "schedule_decay",
)


def compile_arguments(config: Any) -> dict[str, Any]:
    """Return the arguments of `compile` that a training_config describes.

    Args:
        config: what the file has; names in it mean pylego's own parts, and custom objects.

    Raises:
        TypeError: for what is not a description.
        ValueError: for parts that are not there.
    """
    if not isinstance(config, Mapping):
        raise TypeError("the training_config is not a dictionary")
    arguments: dict[str, Any] = {"optimizer": _optimizer(config.get("optimizer_config"))}
    arguments["loss"] = _each(config.get("loss"), _loss)
    for name in ("metrics", "weighted_metrics"):
        if config.get(name) is not None:
            arguments[name] = _each(config[name], _metric)
    for name in ("loss_weights", "run_eagerly", "steps_per_execution"):
        if config.get(name) is not None:
            arguments[name] = config[name]
    return arguments


def _each(config: Any, make: Callable[[Any], Any]) -> Any:
    """Make what is described, in lists and dictionaries by the names of outputs."""
    if config is None:
        return None
    if isinstance(config, list):
        return [_each(item, make) for item in config]
    if isinstance(config, Mapping) and "class_name" not in config:
        return {key: _each(value, make) for key, value in config.items()}
    return make(config)


def _loss(config: Any) -> Any:
    name, settings = _name_and_settings(config)
    if settings is None:
        return _known(losses, _FUNCTIONS.get(name, name))
    if isinstance(settings.get("reduction"), str):
        settings["reduction"] = _REDUCTIONS.get(settings["reduction"], settings["reduction"])
    return losses.get(_described(name, settings))


def _metric(config: Any) -> Any:
    name, settings = _name_and_settings(config)
    if settings is None:
        return name if name in _ASKED_OF_COMPILE else _known(metrics, _FUNCTIONS.get(name, name))
    return metrics.get(_described(name, settings))


def _known(family: Any, name: str) -> str:
    """Return a name, which logs will show; refuse one that nobody knows."""
    family.get(name)
    return name


def _name_and_settings(config: Any) -> tuple[str, dict[str, Any] | None]:
    """Return a name alone, or the name of a class and its settings."""
    if isinstance(config, str):
        return config, None
    if not isinstance(config, Mapping) or not isinstance(config.get("class_name"), str):
        raise TypeError(
            "a loss or metric is described by its name, or by 'class_name' and 'config'"
        )
    if isinstance(config.get("config"), str):  # a function
        return config["config"], None
    settings = {key: parts.plain(value) for key, value in _settings_in(config).items()}
    function = settings.pop("fn", None)
    name: str = config["class_name"]
    if name in _WRAPPERS and isinstance(function, str):
        return ("accuracy" if function in _ACCURACIES else function), None
    if "dtype" in settings:
        settings["dtype"] = parts.dtype(settings["dtype"])
    return _CLASSES.get(name, name), settings


def _settings_in(config: Mapping[str, Any]) -> Mapping[str, Any]:
    settings = config.get("config") or {}
    if not isinstance(settings, Mapping):
        raise TypeError(f"the 'config' of {config['class_name']!r} is not a dictionary")
    return settings


def _described(name: str, settings: Mapping[str, Any]) -> dict[str, Any]:
    return {"class_name": name, "config": dict(settings)}


def _optimizer(config: Any) -> Any:
    if isinstance(config, str):
        return optimizers.get(config)
    if not isinstance(config, Mapping) or not isinstance(config.get("class_name"), str):
        raise TypeError("the optimizer is not described by 'class_name' and 'config'")
    name = config["class_name"]
    name = name.removeprefix("Custom>").removeprefix("Experimental")
    given = _settings_in(config)
    if name == "LossScaleOptimizer" and isinstance(given.get("inner_optimizer"), Mapping):
        return _optimizer(given["inner_optimizer"])
    settings = {_SETTINGS.get(key, key): parts.plain(value) for key, value in given.items()}
    decay = settings.get("decay")
    if decay and isinstance(settings.get("learning_rate"), (int, float)):
        settings["learning_rate"] = _decayed(settings["learning_rate"], decay)
    settings = {
        key: value
        for key, value in settings.items()
        if key not in _FORGOTTEN and not (key == "epsilon" and value is None)
    }
    return optimizers.get(_described(name, settings))


def _decayed(rate: float, decay: float) -> dict[str, Any]:
    """Keras 2's `decay=`: the rate divided by 1 + decay * step."""
    return {
        "module": "keras.optimizers.schedules",
        "class_name": "InverseTimeDecay",
        "config": {"initial_learning_rate": rate, "decay_steps": 1, "decay_rate": decay},
        "registered_name": None,
    }
