"""What is done to gradients before an optimizer steps by them."""

from __future__ import annotations

import warnings
from collections.abc import Sequence

from pylego import ops
from pylego.core.tensor import Tensor
from pylego.core.variable import Variable


def put_in_place(grads: Sequence, variables: list[Variable]) -> tuple[list, list[Variable]]:
    """Put gradients in the place of variables that ask for it; return the other ones."""
    pairs = list(zip(grads, variables))
    for gradient, variable in pairs:
        if variable.overwrite_with_gradient and gradient is not None:
            variable.assign(gradient)
    others = [(g, v) for g, v in pairs if not v.overwrite_with_gradient]
    return [gradient for gradient, _ in others], [variable for _, variable in others]


def with_gradients(
    grads: Sequence[Tensor | None], variables: Sequence[Variable]
) -> tuple[list[Tensor], list[Variable]]:
    """Leave out variables without a gradient, with a warning; refuse shapes that do not fit."""
    missing = [v.path for gradient, v in zip(grads, variables) if gradient is None]
    pairs = [
        (ops.convert_to_tensor(gradient), v)
        for gradient, v in zip(grads, variables)
        if gradient is not None
    ]
    if not pairs:
        raise ValueError("there is no gradient for any variable: the loss depends on none of them")
    if missing:
        warnings.warn(
            f"the loss does not depend on the variables {missing}: they stay as they are",
            stacklevel=3,
        )
    for gradient, variable in pairs:
        if gradient.shape != variable.shape:
            raise ValueError(
                f"the gradient for {variable.path!r} has shape {gradient.shape}, the variable "
                f"{variable.shape}"
            )
    return [gradient for gradient, _ in pairs], [v for _, v in pairs]


def check_limits(*limits: float | None) -> None:
    """Refuse more than one limit."""
    if sum(limit is not None for limit in limits) > 1:
        raise ValueError("only one of clipnorm, clipvalue and global_clipnorm can be set")


def clipped(
    gradients: list[Tensor],
    clipnorm: float | None,
    clipvalue: float | None,
    global_clipnorm: float | None,
) -> list[Tensor]:
    """Bound each gradient's norm, all numbers, or the norm of all gradients together."""
    if clipnorm:
        return [_with_norm(g, clipnorm, _sum_of_squares(g)) for g in gradients]
    if global_clipnorm:
        squares = sum((_sum_of_squares(g) for g in gradients[1:]), _sum_of_squares(gradients[0]))
        return [_with_norm(g, global_clipnorm, squares) for g in gradients]
    if clipvalue:
        return [ops.clip(g, -clipvalue, clipvalue) for g in gradients]
    return gradients


def _sum_of_squares(gradient: Tensor) -> Tensor:
    return ops.sum(ops.square(gradient))


def _with_norm(gradient: Tensor, limit: float, squares: Tensor) -> Tensor:
    """gradient * limit / max(norm, limit), where norm^2 = squares."""
    norm = ops.cast(ops.sqrt(squares), gradient.dtype)
    return gradient * (limit / ops.maximum(norm, limit))
