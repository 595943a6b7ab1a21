"""Schedules as descriptions, and back."""

from __future__ import annotations

from typing import Any

from pylego import lazy, registry
from pylego.optimizers.learning_rate_schedule import LearningRateSchedule

_TABLE = lazy.Names(
    "pylego.optimizers.schedules", without=("LearningRateSchedule", "deserialize", "serialize")
)


def serialize(learning_rate_schedule: LearningRateSchedule) -> Any:
    """Describe a schedule so that `deserialize` makes it again.

    >>> from pylego.optimizers.schedules import CosineDecay
    >>> serialize(CosineDecay(0.1, 50))["class_name"]
    'CosineDecay'
    """
    return registry.serialize(learning_rate_schedule)


def deserialize(config: Any, custom_objects: Any = None) -> LearningRateSchedule:
    """Make the schedule that `serialize` has described.

    Raises:
        ValueError: for an unknown name, with the nearest ones.
        TypeError: for the description of something else.
    """
    schedule = registry.deserialize(
        config, custom_objects, kind="learning rate schedule", table=_TABLE
    )
    if not isinstance(schedule, LearningRateSchedule):
        raise TypeError(f"that is not the description of a schedule. Received: {config!r}")
    return schedule
