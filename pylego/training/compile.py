"""What `compile` was given, made ready: one loss, and metrics named as Keras names them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pylego import checks, given, losses, metrics
from pylego.core import recording
from pylego.core.tensor import Tensor
from pylego.losses.serialization import knows as is_known_loss
from pylego.metrics import Metric
from pylego.optimizers.serialization import knows as is_known_optimizer
from pylego.versions import Versioned

ACCURACIES = {
    "binary": metrics.BinaryAccuracy,
    "categorical": metrics.CategoricalAccuracy,
    "sparse": metrics.SparseCategoricalAccuracy,
}
CROSSENTROPIES = {
    "binary": losses.BinaryCrossentropy,
    "categorical": losses.CategoricalCrossentropy,
    "sparse": losses.SparseCategoricalCrossentropy,
}
_CROSSENTROPY_FUNCTIONS = (
    losses.binary_crossentropy,
    losses.categorical_crossentropy,
    losses.sparse_categorical_crossentropy,
)


def refuse_exchanged(optimizer: Any, loss: Any) -> None:
    """Refuse a loss that came as the optimizer, and an optimizer as the loss.

    Raises:
        ValueError: for one of them in the other's place.
    """
    is_loss, is_optimizer = is_known_loss(optimizer), is_known_optimizer(loss)
    if is_loss and (is_optimizer or loss is None):
        optimizer, loss = loss, optimizer
        slip = "loss and optimizer look exchanged" if is_optimizer else "that is a loss"
    elif is_loss:
        slip, optimizer = f"{_shown(optimizer)} is a loss, no optimizer", None
    elif is_optimizer:
        slip, loss = f"{_shown(loss)} is an optimizer, no loss", "mse"
    else:
        return
    better = f"optimizer={_shown(optimizer or 'adam')}, loss={_shown(loss)}"
    raise ValueError(f"compile: {slip}. Write compile({better})")


def _shown(part: Any) -> str:
    """The part as a program would write it."""
    if isinstance(part, str) or part is None:
        return repr(part)
    return part.__name__ if isinstance(part, type) else f"{type(part).__name__}(...)"


def kind_of_targets(y_true: Tensor, y_pred: Tensor) -> str:
    """Return 'binary', 'categorical' or 'sparse', on which 'accuracy' and 'crossentropy' depend.

    One output per sample: binary. As many targets as outputs: one-hot rows. One target per sample:
    labels.
    """
    outputs = y_pred.shape[-1] if y_pred.shape else 1
    if outputs == 1:
        return "binary"
    has_labels = y_true.ndim < y_pred.ndim or y_true.shape[-1] == 1
    return "sparse" if has_labels else "categorical"


def _only_one(argument: str, value: Any) -> Any:
    """Lists and dictionaries by output are taken where there is one output."""
    while isinstance(value, (list, tuple, Mapping)):
        if len(value) != 1:
            raise ValueError(
                f"compile: {argument} must be for one output, the model has no more. "
                f"Received: {argument}={value!r}"
            )
        value = next(iter(value.values() if isinstance(value, Mapping) else value))
    return value


class CompileLoss(Versioned):
    """The loss of `compile`, times its weight.

    Args:
        loss: a name, a function of (y_true, y_pred), a class or an object.
        weight: what it is multiplied by; None leaves it.

    Raises:
        ValueError: for an unknown name, with the nearest ones.
    """

    _unversioned = frozenset({"is_looked_over"})

    def __init__(self, loss: Any, weight: Any = None):
        self.is_looked_over = False  # see models/mistakes.py
        weight = _only_one("loss_weights", weight)
        self._weight = None if weight is None else checks.real_number("loss_weights", weight)
        self._identifier = _only_one("loss", loss)
        self._is_by_shape = str(self._identifier).lower() in ("crossentropy", "ce")
        self._loss = None if self._is_by_shape else _as_loss(self._identifier)

    @property
    def crossentropy(self) -> tuple[str, bool] | None:
        """The name of a cross-entropy, and whether it takes logits; None for another loss."""
        if not isinstance(self._loss, losses.LossFunctionWrapper):
            return None
        if self._loss.fn not in _CROSSENTROPY_FUNCTIONS:
            return None
        return self._loss.fn.__name__, bool(self._loss.get_config().get("from_logits"))

    def __call__(self, y_true: Tensor, y_pred: Tensor, sample_weight: Any = None) -> Tensor:
        """Return the loss of a batch."""
        if self._loss is None:
            self._loss = CROSSENTROPIES[kind_of_targets(y_true, y_pred)]()
        with recording.Label(self._loss.name, "loss"):
            loss = self._loss(y_true, y_pred, sample_weight)
        if loss.shape:
            raise ValueError(
                f"The loss {self._loss.name!r} gave shape {given.shape(loss.shape)}; training "
                "needs one number: leave reduction='none' out"
            )
        return loss if self._weight is None else loss * float(self._weight)

    def is_of_labels(self) -> bool:
        """Return whether it is pylego's own cross-entropy of labels."""
        function = getattr(self._loss, "fn", None)
        return function is losses.sparse_categorical_crossentropy


def _as_loss(identifier: Any) -> losses.Loss:
    loss = losses.get(identifier)
    if isinstance(loss, losses.Loss):
        return loss
    name = identifier if isinstance(identifier, str) else _name_of(loss)
    return losses.LossFunctionWrapper(loss, name=name)


class CompileMetrics(Versioned):
    """The metrics of `compile`.

    'accuracy' is only settled with the first batch, by the shapes of targets and outputs.

    Args:
        plain: names, functions, classes or objects, which see no weights.
        weighted: the same, with sample weights.

    Raises:
        ValueError: for an unknown name, with the nearest ones.
    """

    def __init__(self, plain: Any = None, weighted: Any = None):
        self._asked_plain = [_as_metric(part) for part in _flat(plain)]
        self._asked_weighted = [_as_metric(part) for part in _flat(weighted)]
        self._plain: list[Metric] = []
        self._weighted: list[Metric] = []
        self.built = not (self._asked_plain or self._asked_weighted)

    def build(self, y_true: Tensor, y_pred: Tensor) -> None:
        """Settle which accuracies are meant."""
        self._plain = [_settled(part, y_true, y_pred) for part in self._asked_plain]
        self._weighted = [_settled(part, y_true, y_pred) for part in self._asked_weighted]
        self.built = True

    @property
    def metrics(self) -> list[Metric]:
        """The metrics, once they are settled."""
        return [*self._plain, *self._weighted]

    @property
    def named(self) -> dict[str, Metric]:
        """The metrics by their names in logs, no two of which are equal."""
        named: dict[str, Metric] = {}
        for metric in self._plain:
            named[_free_name(metric.name, named)] = metric
        for metric in self._weighted:
            name = f"weighted_{metric.name}" if metric.name in named else metric.name
            named[_free_name(name, named)] = metric
        return named

    def update_state(self, y_true: Tensor, y_pred: Tensor, sample_weight: Any = None) -> None:
        """Take in a batch."""
        if not self.built:
            self.build(y_true, y_pred)
        for metric in self._plain:
            with recording.Label(metric.name, "metric"):
                metric.update_state(y_true, y_pred)
        for metric in self._weighted:
            with recording.Label(metric.name, "metric"):
                metric.update_state(y_true, y_pred, sample_weight=sample_weight)


def _flat(parts: Any) -> list:
    """A list of whatever is nested in lists, and in dictionaries by output."""
    if parts is None:
        return []
    if isinstance(parts, Mapping) and "class_name" not in parts:
        parts = list(parts.values())
    if isinstance(parts, (list, tuple)):
        return [leaf for part in parts for leaf in _flat(part)]
    return [parts]


def _as_metric(identifier: Any) -> Metric | str:
    """The metric that is meant; 'accuracy' and 'acc' stay, they depend on shapes."""
    if str(identifier).lower() in ("accuracy", "acc"):
        return str(identifier)
    metric = metrics.get(identifier)
    name = identifier if isinstance(identifier, str) else _name_of(metric)
    if not isinstance(metric, Metric):
        return metrics.MeanMetricWrapper(metric, name=name)
    metric.name = name
    return metric


def _settled(part: Metric | str, y_true: Tensor, y_pred: Tensor) -> Metric:
    if isinstance(part, Metric):
        return part
    return ACCURACIES[kind_of_targets(y_true, y_pred)](name=part)


def _name_of(part: Any) -> str:
    name = getattr(part, "name", None) or getattr(part, "__name__", None)
    return name or type(part).__name__


def _free_name(name: str, taken: Mapping[str, Any]) -> str:
    number = 1
    free = name
    while free in taken:
        free = f"{name}_{number}"
        number += 1
    return free
