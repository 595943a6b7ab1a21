"""Names of `tf.keras.optimizers.legacy`: they say what is written in their place."""

from __future__ import annotations

from typing import Any


class _Replaced:
    def __init__(self, *args: Any, **kwargs: Any):
        name = type(self).__name__
        raise ImportError(
            f"optimizers.legacy.{name} has gone with Keras 2: write optimizers.{name}, which takes "
            "the same arguments. In the place of `decay`, give a schedule as learning_rate: "
            "optimizers.schedules.InverseTimeDecay(0.01, decay_steps=1, decay_rate=decay)"
        )


class Adagrad(_Replaced):
    """See `pylego.optimizers.Adagrad`."""


class Adam(_Replaced):
    """See `pylego.optimizers.Adam`."""


class Ftrl(_Replaced):
    """See `pylego.optimizers.Ftrl`."""


class Optimizer(_Replaced):
    """See `pylego.optimizers.Optimizer`."""


class RMSprop(_Replaced):
    """See `pylego.optimizers.RMSprop`."""


class SGD(_Replaced):
    """See `pylego.optimizers.SGD`."""
