"""What `config.json` says of a model: of what it is made, and how it is compiled."""

from __future__ import annotations

import json
import warnings
from typing import Any

from pylego.models import Model, Sequential
from pylego.saving.errors import CorruptFileError


def describe(model: Model) -> str:
    """Return the description of a model as JSON.

    Raises:
        NotImplementedError: for a part that cannot be described.
    """
    config = {"module": "keras", "class_name": "Sequential", "config": model.get_config()}
    config["compile_config"] = model.get_compile_config()
    return json.dumps(config)


def revive(text: bytes, name: str, custom_objects: Any, compile: bool, safe_mode: bool) -> Any:
    """Make a model from its description, with new weights.

    Args:
        text: JSON.
        name: of the file, in messages.
        custom_objects: {name: class or function} of the user's.
        compile: whether it is compiled as it was.
        safe_mode: whether to refuse what would run code from the file.

    Raises:
        CorruptFileError: for a text that is no description.
    """
    try:
        config = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise CorruptFileError(f"{name} is damaged: config.json is no JSON: {error}") from None
    if not isinstance(config, dict) or not isinstance(config.get("config"), dict):
        raise CorruptFileError(f"{name} is damaged: config.json does not describe a model")
    compile_config = config.pop("compile_config", None)
    model = Sequential.from_config(config["config"], custom_objects)
    if compile and compile_config:
        compile_as(model, compile_config, name)
    return model


def compile_as(model: Any, config: Any, name: str) -> None:
    """Compile a model as it was; what is not to be had, a prediction does not need."""
    try:
        model.compile_from_config(config)
    except Exception as error:
        warnings.warn(
            f"{name}: the model was opened without its optimizer, loss and metrics, for they could "
            f"not be made: {error} To train it, call compile(...); to have them opened, give "
            "custom_objects={name: class or function}.",
            stacklevel=5,
        )
