"""Connectionist temporal classification, as programs that read writing and speech call it."""

from __future__ import annotations

from typing import Any

from pylego import config, ops

__all__ = ["ctc_batch_cost", "ctc_decode"]


def ctc_batch_cost(y_true: Any, y_pred: Any, input_length: Any, label_length: Any) -> Any:
    """Compute the loss of each sequence (see `ops.ctc_loss`); the last class is the blank.

    Args:
        y_true: labels, (batch, labels).
        y_pred: probabilities, as softmax gives them, (batch, steps, classes).
        input_length: how many steps count, (batch, 1).
        label_length: how many labels count, (batch, 1).

    Returns a tensor (batch, 1).

    >>> print(ctc_batch_cost([[0]], [[[0.5, 0.5], [0.5, 0.5]]], [[2]], [[1]]))
    Tensor(shape=(1, 1), dtype=float32, [[0.2876821]])
    """
    x = _logits(y_pred)
    labels = _whole(y_true)
    counts, steps = (ops.reshape(_whole(n), (-1,)) for n in (label_length, input_length))
    blank = x.shape[-1] - 1
    return ops.expand_dims(ops.ctc_loss(labels, x, counts, steps, mask_index=blank), 1)


def ctc_decode(
    y_pred: Any,
    input_length: Any,
    greedy: bool = True,
    beam_width: int = 100,
    top_paths: int = 1,
) -> tuple[list[Any], Any]:
    """Find what sequences read as (see `ops.ctc_decode`); the last class is the blank.

    Args:
        y_pred: probabilities, as softmax gives them, (batch, steps, classes).
        input_length: how many steps count, (batch,).
        greedy: whether the likeliest class of each step is taken, else beams are searched.
        beam_width: how many beginnings a beam search keeps.
        top_paths: how many readings a beam search returns.

    Returns a list of readings, each (batch, steps) with -1 behind the labels; and (batch, 1), minus
    the sum of the logarithms, or of beams (batch, top_paths), the logarithms of the probabilities.

    >>> read, _ = ctc_decode([[[0.9, 0.1], [0.8, 0.2], [0.3, 0.7]]], [3])
    >>> read[0].numpy().tolist()
    [[0, -1, -1]]
    """
    x = _logits(y_pred)
    strategy = "greedy" if greedy else "beam_search"
    found, scores = ops.ctc_decode(
        x, _whole(input_length), strategy, beam_width, top_paths, mask_index=x.shape[-1] - 1
    )
    return list(found), scores


def _whole(numbers: Any) -> Any:
    """Return whole numbers as int32: through an input of a model they come as floats."""
    return ops.cast(numbers, "int32")


def _logits(probabilities: Any) -> Any:
    return ops.log(ops.add(probabilities, config.epsilon()))
