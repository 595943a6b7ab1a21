"""Metrics that layers add in their calls, as in Keras 2."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from pylego import names, ops
from pylego.core.variable import lasting
from pylego.metrics import Mean


class AddedMetrics:
    """The part of `Layer` that adds metrics."""

    _added_metrics: Mapping[str, Mean] = MappingProxyType({})

    def add_metric(
        self: Any, value: Any, name: str | None = None, aggregation: str | None = "mean"
    ) -> None:
        """Show the mean of a tensor in the logs of training; call it in `call`.

        Args:
            value: a tensor, whose mean over all batches of an epoch is taken.
            name: in the logs.
            aggregation: "mean", or None, which is the same.

        Raises:
            ValueError: without a name, and for another aggregation.
        """
        self._added_metric(name, aggregation).update_state(ops.mean(value))

    def _added_metric(self: Any, name: str | None, aggregation: str | None) -> Mean:
        if aggregation not in ("mean", None):
            raise names.unknown("aggregation", str(aggregation), ("mean",))
        if not isinstance(name, str):
            raise ValueError(f"add_metric: a metric has a name, name='loss'. Received: {name!r}")
        if name not in self._added_metrics:
            with lasting():  # in whatever recording the first call is
                self._added_metrics = {**self._added_metrics, name: Mean(name)}
        return self._added_metrics[name]
