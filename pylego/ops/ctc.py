"""Connectionist temporal classification: labels whose places in a longer sequence are not known.

Graves, Fernandez, Gomez and Schmidhuber: "Connectionist Temporal Classification: Labelling
Unsegmented Sequence Data with Recurrent Neural Networks", ICML 2006.

A path gives each step a class or the blank. It reads as the labels that are left when repeated
classes are merged and then blanks dropped: a a _ a b reads a a b.
"""

from __future__ import annotations

import math
from typing import Any

from pylego import names
from pylego.core import dtypes
from pylego.core.tensor import Tensor, cast, convert_to_tensor
from pylego.ops.activations import log_softmax
from pylego.ops.arithmetic import logaddexp
from pylego.ops.control_flow import scan
from pylego.ops.core import where
from pylego.ops.creation import arange, full, full_like
from pylego.ops.ctc_beams import search
from pylego.ops.elementwise import clip
from pylego.ops.indexing import take_along_axis
from pylego.ops.reductions import argmax, max, sum
from pylego.ops.shapes import concatenate, expand_dims, stack, transpose
from pylego.ops.sorting import argsort

__all__ = ["ctc_decode", "ctc_loss"]

# The logarithm of the probability of what a path may not do, as in Keras: a target that no path
# reads has a large loss, not an infinite one.
FORBIDDEN = -1e5


def ctc_loss(
    target: Any, output: Any, target_length: Any, output_length: Any, mask_index: int = 0
) -> Tensor:
    """Compute -log(p), p the probability that a sequence reads as its labels: that of all paths
    which do, p = sum over paths of the product over steps of softmax(output)[step, path[step]].

    The sum is taken step by step (Graves et al., 2006): with blanks around the labels,
    s = _ a _ b _, alpha[t, i] is the logarithm of the probability of all beginnings that are at
    s[i] after step t,

        alpha[t, i] = log softmax(output)[t, s[i]]
                      + log(exp(alpha[t-1, i]) + exp(alpha[t-1, i-1]) + exp(alpha[t-1, i-2]))

    where the last term is only that of a label which differs from the label before it.

    Args:
        target: labels, whole numbers of shape (N, L).
        output: logits of shape (N, T, classes).
        target_length: how many labels count, (N,); more than L count as L.
        output_length: how many steps count, (N,); more than T count as T.
        mask_index: the class that is the blank.

    Returns a loss for each sequence, (N,): about 100,000 or more where the steps do not suffice for
    the labels.

    Raises:
        ValueError: when the shapes do not fit.
        IndexError: for a label that counts and is not a class.

    >>> print(ctc_loss([[1]], [[[0.0, 0.0], [0.0, 0.0]]], [1], [2]))
    Tensor(shape=(1,), dtype=float32, [0.2876821])
    """
    target, output = cast(target, "int64"), _at_least_float32(output)
    lengths, steps = cast(target_length, "int32"), cast(output_length, "int32")
    _check_shapes(target, output, lengths, steps, mask_index)
    _, count, classes = output.shape
    longest = target.shape[1]
    lengths = expand_dims(clip(lengths, 0, longest), 1)
    target = where(arange(longest) < lengths, _as_classes(target, classes), mask_index)
    path = _interleave(target, mask_index)  # (N, 2 L + 1)
    scores = take_along_axis(log_softmax(output), expand_dims(path, 1), axis=2)
    counts = arange(count) < expand_dims(steps, 1)
    alpha = _forward(
        transpose(scores, (1, 0, 2)), expand_dims(transpose(counts), -1), _skip(target, scores)
    )
    # A reading ends at the last blank or at the last label; alpha[:, 2 + i] is that of path[:, i].
    at_blank, at_label = (
        take_along_axis(alpha, cast(2 * lengths + place, "int64"), axis=1) for place in (2, 1)
    )
    return -logaddexp(at_blank, at_label).reshape(-1)


def _forward(scores: Tensor, counts: Tensor, skip: Tensor) -> Tensor:
    """Return alpha after the last step that counts, behind two columns of -infinity: (N, 2 + S).

    Shapes: scores (T, N, S), counts (T, N, 1), skip (N, S).
    """
    _, batch, size = scores.shape
    nothing, begin, behind = (
        full((batch, width), value, scores.dtype)
        for width, value in ((2, -math.inf), (1, 0.0), (size - 1, FORBIDDEN))
    )

    def step(alpha: Tensor, row: tuple[Tensor, Tensor]) -> tuple[Tensor, None]:
        score, does_count = row
        stays, moves, skips = alpha[:, 2:], alpha[:, 1:-1], alpha[:, :-2] + skip
        following = score + logaddexp(logaddexp(stays, moves), skips)
        return concatenate([nothing, where(does_count, following, stays)], axis=1), None

    first = concatenate([nothing, begin, behind], axis=1)
    return scan(step, first, (scores, counts))[0]


def _skip(target: Tensor, scores: Tensor) -> Tensor:
    """Return the logarithm of whether a path may come from two places before, (N, 2 L + 1): to a
    label, past the blank before it, unless the label before is the same."""
    before = concatenate([full_like(target[:, :1], -1), target[:, :-1]], axis=1)
    return _interleave(cast(where(target == before, FORBIDDEN, 0.0), scores.dtype), -math.inf)


def _interleave(x: Tensor, between: float) -> Tensor:
    """Put a number before, between and behind the columns of x: (N, L) gives (N, 2 L + 1)."""
    batch, count = x.shape
    pairs = stack([full_like(x, between), x], axis=-1).reshape((batch, 2 * count))
    return concatenate([pairs, full((batch, 1), between, x.dtype)], axis=1)


def _as_classes(target: Tensor, classes: int) -> Tensor:
    """Send what is not a class where take_along_axis refuses it, not to a class from the end."""
    return where(target >= 0, target, classes)


def _at_least_float32(x: Any) -> Tensor:
    x = convert_to_tensor(x)
    return cast(x, dtypes.common(x.dtype, "float32"))


def _check_shapes(
    target: Tensor, output: Tensor, lengths: Tensor, steps: Tensor, mask_index: int
) -> None:
    batch = target.shape[:1]
    if (target.ndim, output.ndim) != (2, 3) or not (
        batch == output.shape[:1] == lengths.shape == steps.shape
    ):
        raise ValueError(
            "ctc_loss: target (N, L), output (N, T, classes), target_length (N,) and output_length "
            f"(N,) are wanted. Received: {target.shape}, {output.shape}, {lengths.shape} and "
            f"{steps.shape}"
        )
    if not 0 <= mask_index < output.shape[2]:
        raise ValueError(
            f"ctc_loss: mask_index={mask_index} is not a class of output {output.shape}"
        )


# ---- decoding ---------------------------------------------------------------------------------


def ctc_decode(
    inputs: Any,
    sequence_lengths: Any,
    strategy: str = "greedy",
    beam_width: int = 100,
    top_paths: int = 1,
    merge_repeated: bool = True,
    mask_index: int = 0,
) -> tuple[Tensor, Tensor]:
    """Find what sequences read as (see `ctc_loss`).

    'greedy' reads the path of the largest logit at each step. 'beam_search' looks for the labels
    whose paths have the largest probability together; it keeps the best `beam_width` beginnings at
    each step (Hannun et al.: "First-Pass Large Vocabulary Continuous Speech Recognition using
    Bi-Directional Recurrent DNNs", 2014). It looks at numbers, so it cannot be recorded.

    Args:
        inputs: logits of shape (N, T, classes).
        sequence_lengths: how many steps count, (N,).
        strategy: 'greedy' or 'beam_search'.
        beam_width: how many beginnings the beam search keeps.
        top_paths: how many readings the beam search returns of each sequence, the best first.
        merge_repeated: whether the greedy reading merges a class that is repeated.
        mask_index: the class that is the blank.

    Returns the labels, int32 of shape (1, N, T) or (top_paths, N, T), with -1 behind them; and
    (N, 1), minus the sum of the largest logits, or (N, top_paths), the logarithms of the
    probabilities. Where there are fewer readings than `top_paths`, the others have no labels and
    -infinity.

    Raises:
        ValueError: for an unknown strategy, and when the shapes do not fit.
        TypeError: while a program is recorded, for 'beam_search'.

    >>> logits = [[[0.0, 2.0, 0.0], [0.0, 2.0, 0.0], [3.0, 0.0, 0.0], [0.0, 0.0, 1.0]]]
    >>> labels, scores = ctc_decode(logits, [4])
    >>> labels.numpy().tolist(), scores.numpy().tolist()
    ([[[1, 2, -1, -1]]], [[-8.0]])
    """
    x, lengths = _at_least_float32(inputs), cast(sequence_lengths, "int32")
    if x.ndim != 3 or lengths.shape != x.shape[:1]:
        raise ValueError(
            "ctc_decode: inputs (N, T, classes) and sequence_lengths (N,) are wanted. Received: "
            f"{x.shape} and {lengths.shape}"
        )
    if strategy == "greedy":
        return _decode_greedily(x, lengths, merge_repeated, mask_index)
    if strategy != "beam_search":
        raise names.unknown("strategy", strategy, ["greedy", "beam_search"])
    log_p = log_softmax(x).numpy()
    labels, scores = search(log_p, lengths.numpy(), beam_width, top_paths, mask_index)
    return convert_to_tensor(labels), convert_to_tensor(scores, x.dtype)


def _decode_greedily(
    x: Tensor, lengths: Tensor, merges: bool, mask_index: int
) -> tuple[Tensor, Tensor]:
    places = arange(x.shape[1])
    counts = places < expand_dims(lengths, 1)
    labels = where(counts, argmax(x, axis=-1), mask_index)
    is_kept = labels != mask_index
    if merges:
        before = concatenate([full_like(labels[:, :1], mask_index), labels[:, :-1]], axis=1)
        is_kept = is_kept & (labels != before)
    order = argsort(where(is_kept, places, x.shape[1]), axis=-1)
    labels = take_along_axis(where(is_kept, labels, -1), order, axis=-1)
    scores = sum(where(counts, max(x, axis=-1), 0.0), axis=1, keepdims=True)
    return expand_dims(labels, 0), -scores
