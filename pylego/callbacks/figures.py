"""Numbers by their names, which are found under the names that Keras 2 gave them, too."""

from __future__ import annotations

from typing import Any

from pylego import names

_TODAY = {"acc": "accuracy", "lr": "learning_rate"}


def other_name(name: Any) -> Any:
    """Return what a figure is called today: 'val_acc' is 'val_accuracy'."""
    if not isinstance(name, str):
        return name
    prefix, _, last = name.rpartition("_")
    return f"{prefix}_{_TODAY.get(last, last)}" if prefix else _TODAY.get(last, last)


class Figures(dict):
    """The values of each name, which may be an older one; others are answered by those known.

    >>> Figures(val_accuracy=0.5)["val_acc"]
    0.5
    >>> Figures(val_accuracy=[0.5])["val_auc"]
    Traceback (most recent call last):
    KeyError: "Unknown figure 'val_auc'. Did you mean 'val_accuracy'?"
    """

    def __missing__(self, name: Any) -> Any:
        other = other_name(name)
        if dict.__contains__(self, other):
            names.note_older(f"the figure {name!r}", repr(other))
            return self[other]
        raise KeyError(str(names.unknown("figure", name, self)))

    def get(self, name: Any, default: Any = None) -> Any:
        """Return the value of a name, or the default."""
        is_there = name in self or dict.__contains__(self, other_name(name))
        return self[name] if is_there else default
