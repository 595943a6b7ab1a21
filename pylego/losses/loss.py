"""The base of all losses: how losses of samples are weighted and become one number."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pylego import config, dtype_policies, given, names, ops, registry
from pylego.construction import check_options
from pylego.core import dtypes
from pylego.core.tensor import Tensor
from pylego.losses.masking import masked_weight
from pylego.losses.shapes import same_rank
from pylego.versions import Versioned

REDUCTIONS = ("sum_over_batch_size", "sum", "mean", "mean_with_sample_weight", "none", None)


class Loss(Versioned):
    """A loss: what `compile` takes as the torso of the figure. Subclass it and write `call`.

    Args:
        name: what messages and logs call it.
        reduction: how the samples' losses become one number. 'sum_over_batch_size' (or 'mean'):
            their weighted sum divided by how many they are; 'sum': the weighted sum;
            'mean_with_sample_weight': divided by the sum of the weights; 'none' or None: as they
            are.
        dtype: the float dtype it computes in, or a policy that has one; `config.floatx()` by
            default.

    Raises:
        ValueError: for an unknown reduction.

    >>> class Distance(Loss):
    ...     def call(self, y_true, y_pred):
    ...         return ops.mean(ops.absolute(y_true - y_pred), axis=-1)
    >>> float(Distance()([[1.0], [2.0]], [[1.0], [4.0]]))
    1.0
    """

    _set_by_base = "reduction"

    def __init__(
        self,
        name: str | None = None,
        reduction: str | None = "sum_over_batch_size",
        dtype: Any = None,
    ):
        if reduction not in REDUCTIONS:
            raise names.unknown("reduction", reduction, [r for r in REDUCTIONS if r])
        self.name = name or names.snake_case(type(self).__name__)
        self.reduction = reduction
        self._dtype = dtype_policies.get(dtype or config.floatx()).compute_dtype

    @property
    def dtype(self) -> str:
        """What it computes in; fixed when it is made."""
        return self._dtype

    def __call__(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> Tensor:
        """Return the loss of the outputs `y_pred` where `y_true` was wanted.

        Args:
            y_true: the targets.
            y_pred: the outputs; what their mask leaves out does not count.
            sample_weight: how much each sample counts; broadcast to the samples' losses.
        """
        is_mean = self.reduction in ("sum_over_batch_size", "mean")
        sample_weight = masked_weight(y_pred, sample_weight, self.dtype, is_mean)
        y_true = _float_or_label(y_true, self.dtype)
        y_pred = _with_logits(ops.cast(y_pred, self.dtype), y_pred)
        losses = self.call(y_true, y_pred)
        try:
            losses = ops.convert_to_tensor(losses)
        except (TypeError, ValueError) as error:
            raise TypeError(f"The loss {self.name!r} must return numbers: {error}") from error
        return reduce_weighted(losses, sample_weight, self.reduction, self.counted(y_true, losses))

    def counted(self, y_true: Tensor, losses: Tensor) -> Tensor | None:
        """Return which samples a mean divides by, as booleans; None means all of them.

        Args:
            y_true: the targets.
            losses: of the samples.
        """
        return None

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        """Return one loss per sample; each loss writes its own."""
        raise NotImplementedError(f"{type(self).__name__} must write call(self, y_true, y_pred)")

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make this loss again."""
        config = {"name": self.name, "reduction": self.reduction}
        return registry.completed(self, config)

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Loss:
        """Make a loss from what `get_config` gave."""
        return cls(**registry.read_arguments(cls, config))


class LossFunctionWrapper(Loss):
    """A loss made of a function of (y_true, y_pred) that returns one loss per sample.

    Args:
        fn: the function.
        reduction: see `Loss`.
        name: by default the function's.
        dtype: see `Loss`.
        **kwargs: handed to the function.

    Raises:
        TypeError: for something that is not a function, and for options that it does not take.
    """

    def __init__(
        self,
        fn: Callable,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = None,
        dtype: Any = None,
        **kwargs: Any,
    ):
        if not callable(fn):
            raise TypeError(f"{type(self).__name__} needs a function. Received: fn={fn!r}")
        check_options(type(self).__name__, fn, kwargs, ("reduction", "name", "dtype"))
        super().__init__(name or getattr(fn, "__name__", None), reduction, dtype)
        self.fn = fn
        self._is_ours = str(getattr(fn, "__module__", "")).startswith(__package__ or "pylego")
        self._options = kwargs

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        if not self._is_ours:  # (N,) beside (N, 1) would broadcast to (N, N), and learn nothing
            y_true, y_pred = same_rank(y_true, y_pred)
        return self.fn(y_true, y_pred, **self._options)

    def get_config(self) -> dict[str, Any]:
        if type(self) is not LossFunctionWrapper:
            return {**super().get_config(), **self._options}
        own = {"fn": registry.serialize(self.fn), **registry.serialize(self._options)}
        return {**super().get_config(), **own}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Loss:
        return cls(**(registry.read_parts(config) if "fn" in config else config))


def _with_logits(outputs: Tensor, given: Any) -> Tensor:
    """Let outputs of 16 bits that became wider keep what their probabilities were made of."""
    logits = getattr(given, "logits", None)
    if logits is not None and outputs is not given:
        outputs.logits = (logits[0], ops.cast(logits[1], outputs.dtype))
    return outputs


def _float_or_label(y_true: Any, dtype: str) -> Tensor:
    """Integers stay integers: they may be labels."""
    y_true = ops.convert_to_tensor(y_true)
    return y_true if dtypes.is_integer(y_true.dtype) else ops.cast(y_true, dtype)


def reduce_weighted(
    losses: Tensor, sample_weight: Any, reduction: str | None, counted: Tensor | None = None
) -> Tensor:
    """Weigh the samples' losses and make one number of them (see `Loss`)."""
    weight = None
    if sample_weight is not None:
        weight = ops.cast(sample_weight, losses.dtype)
        losses, weight = same_rank(losses, weight)
        losses = losses * _fit_weight(weight, losses)
    if reduction in ("none", None):
        return losses
    total = ops.sum(losses)
    if reduction == "sum":
        return total
    counts = None if counted is None else ops.cast(counted, losses.dtype)
    if reduction == "mean_with_sample_weight" and weight is not None:
        counts = weight if counts is None else weight * counts
    if counts is None:
        return total / max(losses.size, 1)
    return ops.divide_no_nan(total, ops.sum(counts))  # weights of 0 give a loss of 0


def _fit_weight(weight: Tensor, losses: Tensor) -> Tensor:
    """A weight per sample counts for all losses of that sample."""
    if 0 < weight.ndim < losses.ndim and weight.shape == losses.shape[: weight.ndim]:
        weight = ops.reshape(weight, weight.shape + (1,) * (losses.ndim - weight.ndim))
    fits = weight.ndim <= losses.ndim and all(
        w in (1, n) for w, n in zip(reversed(weight.shape), reversed(losses.shape))
    )
    if losses.ndim > 0 and not fits:
        raise ValueError(
            f"sample_weight of shape {given.shape(weight.shape)} does not fit the losses of shape "
            f"{given.shape(losses.shape)}: give one weight per sample, or one per loss"
        )
    return weight
