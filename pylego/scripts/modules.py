"""Which module of pylego offers the names of a module of Keras, of any year: a table."""

from __future__ import annotations

import importlib.util
from functools import cache

PACKAGE = __name__.partition(".")[0]

# Modules of Keras 1, 2 and 3 whose names are elsewhere today: in which package, and their names.
_FOLDED: dict[str, str] = {
    "backend": "common load_backend tensorflow_backend theano_backend",
    "callbacks": "callbacks tensorboard_v1 tensorboard_v2",
    "engine": """
        base_layer base_layer_v1 functional input_layer input_spec keras_tensor network sequential
        topology training training_utils
    """,
    "layers": """
        advanced_activations attention convolutional convolutional_recurrent core cudnn_recurrent
        dense_attention embeddings experimental local merge merging noise normalization
        normalization_v2 pooling preprocessing recurrent recurrent_v2 regularization reshaping rnn
        wrappers
    """,
    "legacy": "layers models",
    "optimizers": """
        adadelta_v2 adagrad_v2 adam_v2 adamax_v2 experimental ftrl gradient_descent_v2 legacy
        nadam_v2 optimizer_v2 rmsprop_v2 schedules
    """,
    "utils": """
        all_utils conv_utils data_utils generic_utils io_utils layer_utils multi_gpu_utils np_utils
        training_utils vis_utils visualize_util
    """,
}
_ELSEWHERE: dict[str, str] = {
    "backend": "backend",
    "engine": "layers models",
    "experimental": "layers optimizers.schedules",
    "initializations": "scripts.initializations",
    "layers.experimental.preprocessing": "layers",
    "legacy": "layers",
    "mixed_precision.experimental": "mixed_precision",
    "objectives": "losses",
    "preprocessing.image_dataset": "utils",
}
# Modules that are those of pylego, and packages of such.
_SAME = frozenset(
    {
        "activations", "callbacks", "config", "constraints", "datasets", "initializers", "layers",
        "losses", "metrics", "models", "ops", "ops.image", "ops.nn", "optimizers",
        "optimizers.schedules", "preprocessing", "preprocessing.image", "preprocessing.sequence",
        "preprocessing.text", "random", "regularizers", "saving", "utils", "utils.image_utils",
        "utils.np_utils", "wrappers", "wrappers.scikit_learn", "applications", "dtype_policies",
        "mixed_precision", "ops.linalg", "ops.numpy", "tree",
    }
)  # fmt: skip

# What stands before the path of a module of Keras.
_PREFIXES = (
    "tensorflow.compat.v1.keras", "tensorflow.compat.v2.keras", "tensorflow.contrib.keras",
    "tensorflow.python.keras", "tensorflow.keras", "tf_keras", "keras.api", "keras.src", "keras",
)  # fmt: skip
# Packages of their own, in years, with a part of Keras.
_PARTS = {"keras_preprocessing": "preprocessing"}
ROOTS = frozenset({"keras", "tensorflow", "tf_keras", "keras_preprocessing"})

# Modules of the stand-in for tensorflow.
TENSORFLOW = frozenset(
    {
        "", "audio", "autograph", "autograph.experimental", "compat", "compat.v1",
        "compat.v1.logging", "compat.v2",
        "config", "config.experimental", "config.optimizer", "config.threading", "data",
        "data.experimental", "debugging", "distribute", "dtypes", "errors", "image", "io",
        "io.gfile", "linalg", "logging", "lookup", "contrib", "math", "nest", "nn", "python",
        "ragged", "random", "signal", "sparse", "strings", "summary", "test", "train", "version",
    }
)  # fmt: skip


@cache
def sources(name: str) -> tuple[str, ...] | None:
    """Return the modules that offer what is in a module of that name; None where there is none.

    >>> sources("keras.layers.convolutional")
    ('pylego.layers',)
    >>> sources("tensorflow.keras.backend")
    ('pylego.backend',)
    """
    path = path_in_keras(name)
    if path is not None:
        return _of_keras(path)
    return None


def path_in_keras(name: str) -> str | None:
    """Return the path below Keras, as 'layers' for 'tensorflow.keras.layers'; else None."""
    for prefix in _PREFIXES:
        if name == prefix or name.startswith(f"{prefix}."):
            return name[len(prefix) + 1 :]
    root, _, rest = name.partition(".")
    return f"{_PARTS[root]}.{rest}".rstrip(".") if root in _PARTS else None


def _of_keras(path: str) -> tuple[str, ...] | None:
    if not path:
        return (PACKAGE,)
    is_dataset = path.startswith("datasets.") or path.startswith("applications.")
    if (path in _SAME or is_dataset) and _exists(path):
        return _inside(path)
    if path in _ELSEWHERE:
        return _inside(_ELSEWHERE[path])
    package, _, last = path.rpartition(".")
    is_folded = last in _FOLDED.get(package, "").split()
    return _inside(_ELSEWHERE.get(package, package)) if is_folded else None


def _exists(path: str) -> bool:
    try:
        return importlib.util.find_spec(f"{PACKAGE}.{path}") is not None
    except ModuleNotFoundError:
        return False


def _inside(paths: str) -> tuple[str, ...]:
    return tuple(f"{PACKAGE}.{path}" for path in paths.split())
