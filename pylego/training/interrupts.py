"""Ctrl-C between steps, and in none."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable
from types import FrameType
from typing import Any


class KeyboardInterruptGuard:
    """Inside this `with` block Ctrl-C takes effect between the calls of `run`, not in one, so that
    no weights are half updated.

    A second Ctrl-C does not wait. Where Ctrl-C does not raise KeyboardInterrupt as usual, or in a
    thread, which it never reaches, nothing changes.

    Args:
        is_needed: False where Ctrl-C finds each step whole in any case. Python's `signal` takes as
            long as a step of a small model.
    """

    def __init__(self, is_needed: bool = True):
        self._is_needed = is_needed
        self._is_running = False
        self._is_asked = False
        self._former: Any = None

    def __enter__(self) -> KeyboardInterruptGuard:
        if self._is_needed and _raises_here():
            self._former = signal.signal(signal.SIGINT, self._ask)
        return self

    def __exit__(self, *error: Any) -> None:
        if self._former is not None:
            signal.signal(signal.SIGINT, self._former)

    def run(self, step: Callable, *arguments: Any) -> Any:
        """Run one step, then let Ctrl-C have its way.

        Raises:
            KeyboardInterrupt: when Ctrl-C was pressed meanwhile.
        """
        self._is_running = True
        try:
            result = step(*arguments)
        finally:
            self._is_running = False
        if self._is_asked:
            raise KeyboardInterrupt
        return result

    def _ask(self, number: int, frame: FrameType | None) -> None:
        if self._is_asked or not self._is_running:
            raise KeyboardInterrupt
        self._is_asked = True


def _raises_here() -> bool:
    """Whether Ctrl-C raises KeyboardInterrupt in this thread, as usual."""
    in_main_thread = threading.current_thread() is threading.main_thread()
    return in_main_thread and signal.getsignal(signal.SIGINT) is signal.default_int_handler
