"""Numbers by their names, which are found under the names that Keras 2 gave them, too."""

from __future__ import annotations

from typing import Any

from pylego import names

# Before Keras 2.3, a metric that compile was given by its short name was logged by its full one.
_TODAY = {
    "acc": "accuracy",
    "lr": "learning_rate",
    "mean_absolute_error": "mae",
    "mean_absolute_percentage_error": "mape",
    "mean_squared_error": "mse",
    "mean_squared_logarithmic_error": "msle",
}


def other_name(name: Any) -> Any:
    """Return what a figure is called today: 'val_acc' is 'val_accuracy'."""
    if not isinstance(name, str):
        return name
    for older, today in _TODAY.items():
        if f"_{name}".endswith(f"_{older}"):
            return name.removesuffix(older) + today
    return name


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
