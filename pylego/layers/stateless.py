"""Calls that leave all variables as they are: values go in for them, and new values come out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pylego.core.tensor import Tensor
from pylego.core.variable import replaced_variables


class StatelessCalls:
    """The part of `Layer` that computes with values given for its variables."""

    def stateless_call(
        self: Any,
        trainable_variables: Sequence[Any],
        non_trainable_variables: Sequence[Any],
        *args: Any,
        return_losses: bool = False,
        **kwargs: Any,
    ) -> tuple:
        """Call the layer with values in place of its variables, which stay as they are.

        Gradients reach the values, so `pylego.value_and_grad` can differentiate by them.

        Args:
            trainable_variables: a tensor or array for each of `layer.trainable_variables`.
            non_trainable_variables: the same for `layer.non_trainable_variables`.
            *args: what `call` takes.
            return_losses: whether `layer.losses` of this call come back, too.
            **kwargs: what `call` takes by name.

        Returns the outputs, and the values of the non-trainable variables after the call; the
        losses are third.

        Raises:
            ValueError: before the layer is built, and for values that do not fit the variables.

        >>> from pylego.layers import Dense
        >>> layer = Dense(1)
        >>> layer.build((None, 2))
        >>> outputs, others = layer.stateless_call([[[1.0], [2.0]], [5.0]], [], [[1.0, 1.0]])
        >>> outputs.numpy().tolist(), others
        ([[8.0]], [])
        """
        if not self.built:
            raise ValueError(
                f"Layer {self.name!r} has no variables yet that values could stand for: call it on "
                "data first, or build(input_shape)"
            )
        variables = [*self.trainable_variables, *self.non_trainable_variables]
        others = self.non_trainable_variables
        _check_count(self, "trainable_variables", trainable_variables)
        _check_count(self, "non_trainable_variables", non_trainable_variables)
        values = [*trainable_variables, *non_trainable_variables]
        with replaced_variables(variables, values), self._scope(kwargs.get("training")):
            outputs = self(*args, **kwargs)
            found = [outputs, [Tensor(variable._handle) for variable in others]]
            if return_losses:
                found.append(self.losses)
        return tuple(found)


def _check_count(layer: Any, argument: str, values: Any) -> None:
    mine = getattr(layer, argument)
    if not hasattr(values, "__len__") or len(values) != len(mine):
        received = len(values) if hasattr(values, "__len__") else repr(values)
        raise ValueError(
            f"Layer {layer.name!r} has {len(mine)} {argument}, and stateless_call() takes a list of"
            f" one value for each. Received: {received}"
        )
