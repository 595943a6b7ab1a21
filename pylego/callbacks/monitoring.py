"""What callbacks that watch a number in the logs ask: where better is, and why it is not there."""

from __future__ import annotations

from typing import Any

from pylego import names
from pylego.callbacks.callback import Logs
from pylego.callbacks.figures import other_name

MODES = ("auto", "min", "max")


def check_mode(owner: str, mode: Any) -> None:
    """Raise the ValueError for what is not 'auto', 'min' or 'max'."""
    if mode not in MODES:
        raise names.unknown(f"mode of {owner}", mode, MODES)


def should_fall(owner: str, monitor: str, mode: str, model: Any) -> bool:
    """Return whether smaller is better.

    Args:
        owner: the callback's name, for the message.
        monitor: the name of the number in the logs.
        mode: 'min' or 'max' say it; 'auto' knows it of losses and of the model's metrics.
        model: its metrics know where better is.

    Raises:
        ValueError: when 'auto' cannot tell.
    """
    name = monitor.removeprefix("val_")
    if mode != "auto" or name == "loss":
        return mode != "max"
    for metric in getattr(model, "metrics", ()):
        direction = getattr(metric, "_direction", None)
        if metric.name in (name, other_name(name)) and direction:
            return direction == "down"
    raise ValueError(
        f"{owner} cannot tell whether {monitor!r} should rise or fall: say mode='max' or mode='min'"
    )


def monitored(owner: str, monitor: str, logs: Logs) -> float | None:
    """Return the number that is watched; None where it is not in the logs.

    Raises:
        ValueError: for several numbers, of which none is the better one.
    """
    value = logs.get(monitor)
    count = getattr(value, "size", 1)
    if count != 1:
        raise ValueError(
            f"{owner} watches {monitor!r}, which is {count} numbers, one for each class: let the "
            "metric average them, as F1Score(average='macro') does, or watch another number"
        )
    return value


def missing(monitor: str, logs: Logs) -> str:
    """Return the rest of a sentence about a number that is not in the logs."""
    near = names.closest(monitor, logs)
    advice = f" Did you mean {near[0]!r}?" if near else ""
    if monitor.startswith("val_") and monitor.removeprefix("val_") in logs:
        advice = " Pass validation_data or validation_split to fit."
    return f"which is not in the logs: {', '.join(map(repr, logs)) or 'they are empty'}.{advice}"
