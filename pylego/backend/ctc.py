"""CTC as Keras 2 had it: of probabilities, with the last class as the blank."""

from __future__ import annotations

from typing import Any

from pylego import config, ops

__all__ = ["ctc_batch_cost", "ctc_decode"]


def ctc_batch_cost(y_true: Any, y_pred: Any, input_length: Any, label_length: Any) -> Any:
    """Return minus the logarithm of how probable it is that sequences read as their labels.

    Args:
        y_true: labels, (N, L).
        y_pred: probabilities, (N, T, classes), of which the last class is the blank.
        input_length: how many steps count, (N, 1).
        label_length: how many labels count, (N, 1).

    Returns a loss for each sequence, (N, 1). See `ops.ctc_loss`.
    """
    labels, steps = (ops.cast(ops.squeeze(n, -1), "int32") for n in (label_length, input_length))
    logits, blank = _logits(y_pred)
    loss = ops.ctc_loss(ops.cast(y_true, "int32"), logits, labels, steps, mask_index=blank)
    return ops.expand_dims(loss, 1)


def ctc_decode(
    y_pred: Any,
    input_length: Any,
    greedy: bool = True,
    beam_width: int = 100,
    top_paths: int = 1,
) -> tuple[list[Any], Any]:
    """Find what sequences read as.

    Args:
        y_pred: probabilities, (N, T, classes), of which the last class is the blank.
        input_length: how many steps count, (N,).
        greedy: whether the most probable class of each step is read, without a search.
        beam_width: how many beginnings the search keeps.
        top_paths: how many readings the search returns.

    Returns a list of readings, each int32 (N, T) with -1 behind the labels, and how probable they
    are, as logarithms: see `ops.ctc_decode`.
    """
    logits, blank = _logits(y_pred)
    found, scores = ops.ctc_decode(
        logits,
        ops.cast(input_length, "int32"),
        "greedy" if greedy else "beam_search",
        beam_width,
        top_paths,
        mask_index=blank,
    )
    return ops.unstack(found), scores


def _logits(y_pred: Any) -> tuple[Any, int]:
    logits = ops.log(ops.convert_to_tensor(y_pred) + config.epsilon())
    return logits, ops.shape(y_pred)[-1] - 1
