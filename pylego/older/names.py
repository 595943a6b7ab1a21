"""What public names of Keras 1 and 2 mean today."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Any

from pylego.older import layer_words
from pylego.older.callables import OlderCallable

PACKAGE = __name__.partition(".")[0]
_LAYERS = f"{PACKAGE}.scripts.layers"

# In files, or names of today: not for programs.
_NO_NAMES = frozenset({"DenseFeaturesV2", "ThresholdedReLU"})

# Old name -> the name of today in the same package, or a module and a name in it.
NAMES: dict[str, Mapping[str, str]] = {
    "callbacks": {"BaseLogger": "Callback", "CallbackBase": "Callback"},
    "constraints": {"maxnorm": "MaxNorm", "nonneg": "NonNeg", "unitnorm": "UnitNorm"},
    "initializers": {
        "normal": "RandomNormal",
        "one": "Ones",
        "ones": "Ones",
        "uniform": "RandomUniform",
        "zero": "Zeros",
        "zeros": "Zeros",
    },
    "layers": {
        **{old: new for old, new in layer_words.CLASSES.items() if old not in _NO_NAMES},
        "Highway": f"{_LAYERS}.highway:Highway",
        "LocallyConnected1D": f"{_LAYERS}.locally_connected:LocallyConnected1D",
        "LocallyConnected2D": f"{_LAYERS}.locally_connected:LocallyConnected2D",
        "MaxoutDense": f"{_LAYERS}.maxout_dense:MaxoutDense",
        "Merge": f"{_LAYERS}.merge:Merge",
        "merge": f"{_LAYERS}.merge:merge",
        "ThresholdedReLU": f"{_LAYERS}.thresholded_relu:ThresholdedReLU",
    },
    "metrics": {"cosine_proximity": "CosineSimilarity"},
    "models": {
        "slice_X": f"{PACKAGE}.scripts.tools:slice_arrays",
        "model_from_config": f"{PACKAGE}.scripts.tools:model_from_config",
        "model_from_yaml": f"{PACKAGE}.scripts.tools:model_from_yaml",
    },
    "losses": {
        "Reduction": f"{PACKAGE}.scripts.tools:Reduction",
        "cosine_proximity": "cosine_similarity",
        "kullback_leibler_divergence": "kl_divergence",
    },
    "regularizers": {
        "ActivityRegularizer": "L1L2",
        "WeightRegularizer": "L1L2",
        "activity_l1": "L1",
        "activity_l1l2": "L1L2",
        "activity_l2": "L2",
        "l1l2": "L1L2",
    },
    "utils": {
        "multi_gpu_model": f"{PACKAGE}.scripts.tools:multi_gpu_model",
        "plot": "plot_model",
        "slice_arrays": f"{PACKAGE}.scripts.tools:slice_arrays",
        "to_graph": "model_to_dot",
    },
}

# Functions whose arguments had other names in Keras 1 (see words.ARGUMENTS), by package.
_FUNCTIONS = {
    "backend": frozenset({"random_normal", "random_uniform", "truncated_normal"}),
    "datasets.reuters": frozenset({"load_data"}),
}

# What is written in the place of layers that Keras 3 no longer has.
INSTEAD = {
    "Highway": "a layer of your own",
    "LocallyConnected1D": "Conv1D, whose weights are shared",
    "LocallyConnected2D": "Conv2D, whose weights are shared",
    "MaxoutDense": "Dense, Reshape and the maximum over an axis",
    "ThresholdedReLU": "ReLU(threshold=), or ops.threshold",
    "Merge": "Concatenate, Add, Average, Multiply or Dot",
    "merge": "concatenate, add, average, multiply or dot",
    "model_from_config": "saving.deserialize_keras_object",
    "model_from_yaml": "model_from_json",
    "multi_gpu_model": "the model itself",
    "slice_X": "a slice of each array",
    "slice_arrays": "a slice of each array",
}


def find(package: str, name: str) -> Any:
    """Return what an old name of a package means; None where it is not one.

    Args:
        package: its name without 'pylego', such as 'layers'.
        name: what a program imports of it.
    """
    target = NAMES.get(package, {}).get(name)
    if target is None:
        return None
    module, _, attribute = target.rpartition(":")
    found = getattr(import_module(module or f"{PACKAGE}.{package}"), attribute)
    return OlderCallable(name, found, INSTEAD.get(name, attribute), _order(package, name))


def as_called(package: str, name: str, found: Any) -> Any:
    """Return a class or function that takes arguments in the order of Keras 1 and by its names,
    where those were others.

    `Convolution2D` is a name of today, too: `pylego.layers` reads its arguments as Keras 3 does,
    `keras.layers` in a program of Keras 1 as that did.
    """
    if name in _FUNCTIONS.get(package, ()):
        return OlderCallable(name, found, None)
    order = _order(package, name)
    is_older = isinstance(found, OlderCallable) or name == getattr(found, "__name__", None)
    return OlderCallable(name, found, None, order) if order and not is_older else found


def _order(package: str, name: str) -> str:
    return layer_words.ORDERS.get(name, "") if package == "layers" else ""
