"""What Keras calls a session: the counters that names of layers come from."""

from __future__ import annotations

from pylego import names


def clear_session(free_memory: bool = True) -> None:
    """Let names of layers be counted from the start again.

    The memory of a model is free once nobody holds the model: there is nothing else to clear.

    Args:
        free_memory: accepted for Keras's sake.

    >>> from pylego.layers import Dense
    >>> clear_session()
    >>> Dense(1).name
    'dense'
    """
    names.reset_names()
