"""What arguments of methods, callbacks and generators were called in Keras 1 and 2: tables."""

from __future__ import annotations

from collections.abc import Mapping

_EPOCHS = {"nb_epoch": "epochs"}

# Old name -> new name, by the class or method that took it.
ARGUMENTS: dict[str, Mapping[str, str]] = {
    "MaxNorm": {"m": "max_value"},
    "ImageDataGenerator": {"dim_ordering": "data_format"},
    "ReduceLROnPlateau": {"epsilon": "min_delta"},
    "evaluate_generator": {"val_samples": "samples"},
    "fit": _EPOCHS,
    "load_data": {"nb_words": "num_words"},
    "random_normal": {"std": "stddev"},
    "random_uniform": {"high": "maxval", "low": "minval"},
    "truncated_normal": {"std": "stddev"},
    "fit_generator": {
        **_EPOCHS,
        "nb_val_samples": "validation_samples",
        "samples_per_epoch": "samples",
    },
    "to_categorical": {"nb_classes": "num_classes"},
    "predict_generator": {"val_samples": "samples"},
}

# What is written today where a word is read as one that methods do not take by name.
SAID = {
    "nb_val_samples": "validation_steps",
    "samples_per_epoch": "steps_per_epoch",
    "val_samples": "steps",
}

# What said how something is computed, and is left out today.
_WORKERS = frozenset({"max_queue_size", "use_multiprocessing", "workers"})
IGNORED: dict[str, frozenset[str]] = {
    "Conv2DTranspose": frozenset({"output_shape"}),
    "Conv3DTranspose": frozenset({"output_shape"}),
    "Embedding": frozenset({"dropout"}),
    "Nadam": frozenset({"schedule_decay"}),
    "TensorBoard": frozenset(
        {"batch_size", "embeddings_data", "embeddings_layer_names", "write_grads"}
    ),
    "compile": frozenset({"class_mode", "sample_weight_mode", "theano_mode"}),
    "evaluate": _WORKERS,
    "fit": _WORKERS,
    "predict": _WORKERS,
    "evaluate_generator": frozenset({"max_q_size", "nb_worker", "pickle_safe"}),
    "fit_generator": frozenset({"max_q_size", "nb_worker", "pickle_safe"}),
    "predict_generator": frozenset({"max_q_size", "nb_worker", "pickle_safe"}),
}

# Arguments that are left out where they have a value that still is what happens. mode=2 differs
# from 0 at test time alone, where it went on with the means of the batch.
NEUTRAL: dict[str, dict[str, tuple]] = {"BatchNormalization": {"mode": (0, 2)}}
