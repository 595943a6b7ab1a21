"""Dtype policies as descriptions, and back."""

from __future__ import annotations

from typing import Any

from pylego import registry
from pylego.dtype_policies.dtype_policy import DTypePolicy


def serialize(dtype_policy: DTypePolicy) -> dict[str, Any]:
    """Describe a policy so that `deserialize` makes it again."""
    return registry.serialize(dtype_policy)


def deserialize(config: Any, custom_objects: Any = None) -> Any:
    """Make the policy that `serialize` has described.

    Args:
        config: the description.
        custom_objects: {name: class} of the user's own.
    """
    with registry.reading(config, custom_objects):
        return registry.deserialize(config)
