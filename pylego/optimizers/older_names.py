"""What optimizers were asked for in Keras 2."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pylego.autograd import GradientTape
from pylego.names import note_older


class OlderNames:
    """The part of `Optimizer` that programs for Keras 2 still call."""

    def minimize(self: Any, loss: Callable, var_list: Any, tape: Any = None) -> Any:
        """Do one step that makes a loss smaller.

        Args:
            loss: a function without arguments; or a tensor that was computed under `tape`.
            var_list: the variables to change, or a function that returns them.
            tape: the open tape that has seen the loss.

        Raises:
            ValueError: for a tensor without its tape.
        """
        note_older("minimize()", "GradientTape and apply_gradients()")
        if callable(loss) and not hasattr(loss, "shape"):
            with GradientTape() as tape:
                loss = loss()
        elif tape is None:
            raise ValueError("minimize takes a function that returns the loss, or a tape beside it")
        variables = var_list() if callable(var_list) else list(var_list)
        return self.apply_gradients(zip(tape.gradient(loss, variables), variables))
