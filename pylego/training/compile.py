"""What `compile` was given, made ready: losses and metrics of outputs, named as Keras does."""

from __future__ import annotations

import functools
import operator
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from pylego import checks, given, losses, metrics
from pylego.autograd import stopped_tapes
from pylego.core import recording
from pylego.core.tensor import Tensor
from pylego.losses.serialization import knows as is_known_loss
from pylego.metrics import Mean, Metric
from pylego.names import snake_case
from pylego.optimizers.serialization import knows as is_known_optimizer
from pylego.training import per_output
from pylego.training.per_output import Path
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


class _Part(NamedTuple):
    """The loss of one output."""

    path: Path
    loss: Any  # a name that stands for the cross-entropy that the shapes choose, or an object
    weight: float | None
    average: Mean | None  # over batches, where there are several losses


class CompileLoss(Versioned):
    """The loss of `compile`: the sum of the losses of all outputs, times their weights.

    Args:
        loss: a name, a function of (y_true, y_pred), a class or an object; for several outputs a
            dictionary or list of such.
        loss_weights: what they are multiplied by: a number, or one for each; None leaves them.
        output_names: of the outputs, in the order of Keras, where a graph gives them names.

    Raises:
        ValueError: for an unknown name, with the nearest ones.
    """

    _unversioned = Versioned._unversioned | {"is_looked_over"}

    def __init__(
        self, loss: Any, loss_weights: Any = None, output_names: Sequence[str] | None = None
    ):
        self._names = output_names
        self.is_looked_over = False  # see mistakes.py
        self._asked = per_output.map_parts(_as_loss, loss)
        self._weights = per_output.map_parts(_as_weight, loss_weights)
        self._parts: list[_Part] = []
        asked, weights = per_output.flat(self._asked), per_output.flat(self._weights)
        is_one = len(asked) == 1 and len(weights) < 2
        if is_one and not per_output.names_others(loss, output_names):  # nothing is to be settled
            self._parts = [_Part((), asked[0], weights[0] if weights else None, None)]

    @property
    def metrics(self) -> list[Mean]:
        """The averages of the losses, if there are several, once the outputs are known."""
        return [part.average for part in self._parts if part.average is not None]

    @property
    def crossentropy(self) -> tuple[str, bool] | None:
        """The name of a cross-entropy, and whether it takes logits; None for other losses."""
        loss = self._only_loss()
        if not isinstance(loss, losses.LossFunctionWrapper):
            return None
        if loss.fn not in _CROSSENTROPY_FUNCTIONS:
            return None
        return loss.fn.__name__, bool(loss.get_config().get("from_logits"))

    @property
    def takes_labels(self) -> bool:
        """Whether a loss is pylego's cross-entropy of labels."""
        found = [getattr(part.loss, "fn", part.loss) for part in self._parts]
        return losses.sparse_categorical_crossentropy in found or any(map(_is_by_shape, found))

    def _only_loss(self) -> Any:
        return self._parts[0].loss if len(self._parts) == 1 else None

    def names_for(self, y_pred: Any) -> dict[Path, str]:
        """Return the names of the losses of such outputs, by the outputs' paths."""
        names_of = per_output.named_paths(y_pred, self._names)
        return {path: _name_of(loss) for path, loss in self._matched(y_pred, names_of)}

    def build(self, y_pred: Any) -> None:
        """Settle which loss belongs to which output.

        Raises:
            ValueError: when losses or weights do not match the outputs.
        """
        names_of = per_output.named_paths(y_pred, self._names)
        found = self._matched(y_pred, names_of)
        paths = [path for path, _ in found]
        if paths == [part.path for part in self._parts]:
            return
        names = [
            per_output.loss_name(path, _name_of(loss), names_of.get(path)) for path, loss in found
        ]
        averages = [Mean(name=name) if len(found) > 1 else None for name in names]
        weights = per_output.by_position("loss_weights", self._weights, y_pred, names_of)
        weights = per_output.weights_for(paths, weights, names_of)
        rows = zip(found, weights, averages)
        self._parts = [_Part(*one, weight, average) for one, weight, average in rows]

    def _matched(self, y_pred: Any, names_of: dict[Path, str]) -> list[tuple[Path, Any]]:
        asked = per_output.by_position("loss", self._asked, y_pred, names_of)
        if isinstance(y_pred, Tensor):
            per_output.only_one("loss_weights", self._weights)
            return [((), per_output.only_one("loss", asked))]
        found = per_output.matched("loss", asked, y_pred, names_of, is_spread=True)
        return [(path, per_output.only_one("loss", loss)) for path, loss in found]

    def __call__(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> Tensor:
        """Return the loss of a batch."""
        if not (self._parts and isinstance(y_pred, Tensor)):
            self.build(y_pred)
        if len(self._parts) > 1 and not per_output.is_structure(y_true):
            raise ValueError(
                f"The loss is of {len(self._parts)} outputs, but y is a single array: give targets "
                "for each, in a dictionary or list"
            )
        names_of = per_output.named_paths(y_pred, self._names)
        y_true = per_output.by_position("y", y_true, y_pred, names_of)
        sample_weight = per_output.by_position("sample_weight", sample_weight, y_pred, names_of)
        paths = [part.path for part in self._parts]
        y_true, sample_weight = (
            per_output.spread(one, paths, y_pred) for one in (y_true, sample_weight)
        )
        values = [self._of_part(part, y_true, y_pred, sample_weight) for part in self._parts]
        return functools.reduce(operator.add, values)

    def _of_part(self, part: _Part, y_true: Any, y_pred: Any, sample_weight: Any) -> Tensor:
        target, weight = (
            per_output.of_output(one, y_pred, part.path) for one in (y_true, sample_weight)
        )
        output = per_output.inside(y_pred, part.path)
        if target is None:
            name = _output_at(part.path, y_pred, self._names)
            raise ValueError(f"The loss of the output {name!r} needs targets: y has none")
        loss = part.loss
        if _is_by_shape(loss):
            loss = CROSSENTROPIES[kind_of_targets(target, output)]()
        with recording.Label(loss.name, "loss"):
            value = loss(target, output, weight)
        if value.shape:
            raise ValueError(
                f"The loss {loss.name!r} gave shape {given.shape(value.shape)}; training "
                "needs one number: leave reduction='none' out"
            )
        if part.average is not None:
            with stopped_tapes(), recording.Label(part.average.name, "metric"):
                part.average.update_state(value, sample_weight=output.shape[0])
        return value if part.weight is None else value * part.weight


def _output_at(path: Path, y_pred: Any, names: Sequence[str] | None) -> Any:
    """What messages call an output: its name, key or index."""
    return per_output.named_paths(y_pred, names).get(path, path[-1] if path else "")


def _is_by_shape(loss: Any) -> bool:
    return isinstance(loss, str) and loss.lower() in ("crossentropy", "ce")


def _as_weight(weight: Any) -> float:
    return float(checks.real_number("loss_weights", weight))


def _as_loss(identifier: Any) -> losses.Loss | str:
    """The loss that is meant; 'crossentropy' and 'ce' stay, they depend on shapes."""
    if _is_by_shape(identifier):
        return str(identifier)
    loss = losses.get(identifier)
    if isinstance(loss, losses.Loss):
        return loss
    name = identifier if isinstance(identifier, str) else _name_of(loss)
    return losses.LossFunctionWrapper(loss, name=name)


class _Kept(NamedTuple):
    """A metric of one output."""

    path: Path
    prefix: str  # of its name in logs
    metric: Metric


class CompileMetrics(Versioned):
    """The metrics of `compile`.

    Which output they are of, and what 'accuracy' means, is only settled with the first batch.

    Args:
        plain: names, functions, classes or objects, which see no weights; for several outputs a
            dictionary or list with those of each.
        weighted: the same, with sample weights.
        output_names: see `CompileLoss`.

    Raises:
        ValueError: for an unknown name, with the nearest ones.
    """

    def __init__(
        self,
        plain: Any = None,
        weighted: Any = None,
        output_names: Sequence[str] | None = None,
    ):
        self._names = output_names
        self._asked = [per_output.map_parts(_as_metric, one) for one in (plain, weighted)]
        self._kept: list[list[_Kept]] = [[], []]
        self.built = not any(map(per_output.flat, self._asked))

    def build(self, y_true: Any, y_pred: Any) -> None:
        """Settle which outputs the metrics are of, and which accuracies are meant.

        Raises:
            ValueError: when they do not match the outputs.
        """
        names_of = per_output.named_paths(y_pred, self._names)
        y_true = per_output.by_position("y", y_true, y_pred, names_of)
        plain, weighted = self._asked
        self._kept = [
            self._settled("metrics", plain, y_true, y_pred, names_of),
            self._settled("weighted_metrics", weighted, y_true, y_pred, names_of),
        ]
        self.built = True

    def _settled(
        self, argument: str, asked: Any, y_true: Any, y_pred: Any, names_of: dict[Path, str]
    ) -> list[_Kept]:
        asked = per_output.by_position(argument, asked, y_pred, names_of)
        return [
            _Kept(path, per_output.metric_prefix(path, y_pred, names_of), metric)
            for path, parts in per_output.matched(argument, asked, y_pred, names_of)
            for metric in _settled(per_output.flat(parts), y_true, y_pred, path, names_of)
        ]

    @property
    def metrics(self) -> list[Metric]:
        """The metrics, once they are settled."""
        return [kept.metric for some in self._kept for kept in some]

    @property
    def named(self) -> dict[str, Metric]:
        """The metrics by their names in logs, no two of which are equal."""
        named: dict[str, Metric] = {}
        plain, weighted = self._kept
        for _, prefix, metric in plain:
            named[_free_name(prefix + metric.name, named)] = metric
        for _, prefix, metric in weighted:
            name = prefix + metric.name
            name = f"{prefix}weighted_{metric.name}" if name in named else name
            named[_free_name(name, named)] = metric
        return named

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Take in a batch."""
        if not self.built:
            self.build(y_true, y_pred)
        names_of = per_output.named_paths(y_pred, self._names)
        y_true = per_output.by_position("y", y_true, y_pred, names_of)
        sample_weight = per_output.by_position("sample_weight", sample_weight, y_pred, names_of)
        for some, weights in zip(self._kept, (None, sample_weight)):
            for path, _, metric in some:
                target = per_output.of_output(y_true, y_pred, path)
                weight = per_output.of_output(weights, y_pred, path)
                more = {} if some is self._kept[0] else {"sample_weight": weight}
                with recording.Label(metric.name, "metric"):
                    metric.update_state(target, per_output.inside(y_pred, path), **more)


def result_of(metric: Metric) -> Any:
    """Return the result of a metric.

    Raises:
        TypeError: when it is not a number.
    """
    with recording.Label(metric.name, "metric"):
        result = metric.result()
    if result is None or isinstance(result, str):
        raise TypeError(
            f"metric {metric.name!r}: result() must return a number, or a dictionary of numbers. "
            f"Received: {result!r}"
        )
    return result


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


def _settled(
    parts: list, y_true: Any, y_pred: Any, path: Path, names_of: dict[Path, str]
) -> list[Metric]:
    target, output = per_output.of_output(y_true, y_pred, path), per_output.inside(y_pred, path)
    if target is None:
        name = names_of.get(path, path[-1])
        raise ValueError(f"The metrics of the output {name!r} need targets: y has none")
    return [
        ACCURACIES[kind_of_targets(target, output)](name=part) if isinstance(part, str) else part
        for part in parts
    ]


def _name_of(part: Any) -> str:
    """Its name; what logs call a function or a class, as Keras does: 'my_loss', 'lambda'."""
    if isinstance(part, str):
        return part
    name = getattr(part, "name", None)
    return name or snake_case(getattr(part, "__name__", None) or type(part).__name__)


def _free_name(name: str, taken: Mapping[str, Any]) -> str:
    number = 1
    free = name
    while free in taken:
        free = f"{name}_{number}"
        number += 1
    return free
