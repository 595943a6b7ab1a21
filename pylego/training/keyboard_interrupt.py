"""Let Ctrl-C wait until the running step is done, so that no weights are half updated."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable
from types import FrameType
from typing import Any


class KeyboardInterruptGuard:
    """Inside this `with` block Ctrl-C takes effect between the calls of `run`, not in one.

    A second Ctrl-C does not wait. Where Ctrl-C does not raise KeyboardInterrupt as usual, or in a
    thread, which it never reaches, nothing changes.
    """

    def __init__(self) -> None:
        self._is_running = False
        self._is_asked = False
        self._former: Any = None

    def __enter__(self) -> KeyboardInterruptGuard:
        in_main_thread = threading.current_thread() is threading.main_thread()
        if in_main_thread and signal.getsignal(signal.SIGINT) is signal.default_int_handler:
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
