"""What `config.json` says of a model: of what it is made, and how it is compiled."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from pylego import registry
from pylego.layers import Layer
from pylego.saving.errors import CorruptFileError


def describe(model: Layer) -> str:
    """Return the description of a model as JSON.

    Raises:
        TypeError: for a part that cannot be described.
    """
    with registry.sharing():
        return json.dumps(registry.serialize(model))


def revive(
    text: bytes,
    name: str,
    custom_objects: Mapping[str, Any] | None,
    is_compiled: bool,
    safe_mode: bool,
) -> Any:
    """Make a model from its description, with new weights.

    Args:
        text: JSON.
        name: of the file, in messages.
        custom_objects: {name: class or function} of the user's.
        is_compiled: whether it is compiled as it was.
        safe_mode: whether to refuse what would run code from the file.

    Raises:
        CorruptFileError: for a text that is not a description.
        ValueError: for classes that nobody knows, and arguments that they do not take.
    """
    try:
        config = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise CorruptFileError(f"{name} is damaged: config.json is not JSON: {error}") from None
    if not isinstance(config, dict):
        raise CorruptFileError(f"{name} is damaged: config.json does not describe a model.")
    if not is_compiled:
        config.pop("compile_config", None)
    try:
        model = registry.deserialize(config, custom_objects, safe_mode)
    except (TypeError, ValueError, NotImplementedError) as error:
        raise ValueError(f"{name} cannot be opened: {error}") from error
    if not isinstance(model, Layer):
        raise CorruptFileError(f"{name} describes a {type(model).__name__}, which is not a model.")
    return model
