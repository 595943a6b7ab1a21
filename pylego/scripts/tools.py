"""Small functions of Keras 1 and 2."""

from __future__ import annotations

from typing import Any, NoReturn

from pylego import saving


def multi_gpu_model(
    model: Any, gpus: Any = None, cpu_merge: bool = True, cpu_relocation: bool = False
) -> Any:
    """Return the model: pylego computes on the CPU, with all its cores."""
    return model


def model_from_config(config: Any, custom_objects: Any = None) -> Any:
    """Make a model of its description, a dictionary with 'class_name' and 'config'."""
    return saving.deserialize_keras_object(config, custom_objects=custom_objects)


def model_from_yaml(yaml_string: str, custom_objects: Any = None) -> NoReturn:
    """Refuse: a text in YAML can run code.

    Raises:
        RuntimeError: always.
    """
    raise RuntimeError("Models are no longer read from YAML, which can run code: model_from_json")


def slice_arrays(arrays: Any, start: Any = None, stop: int | None = None) -> Any:
    """Return rows of an array, or of each array of a list: from start up to stop, or those whose
    numbers `start` lists."""
    if isinstance(arrays, list):
        return [slice_arrays(one, start, stop) for one in arrays]
    return arrays[start] if hasattr(start, "__len__") else arrays[start:stop]


class Reduction:
    """What becomes of the losses of a batch, in the words of Keras 2: `Reduction.NONE`."""

    AUTO = SUM_OVER_BATCH_SIZE = "sum_over_batch_size"
    NONE = "none"
    SUM = "sum"
