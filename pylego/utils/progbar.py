"""Show how far a long loop has come: a bar on a terminal, one line at the end anywhere else."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Collection, Iterable
from typing import Any

import numpy as np

from pylego import console
from pylego.console import tell
from pylego.construction import explained

GREEN, GREY, PLAIN = "\33[32m", "\33[37m", "\33[0m"


class Progbar:
    """Show steps done, time, and values, as Keras does.

    On a terminal and in a notebook one line is redrawn in place, a few times a second. Where the
    output goes into a file or a pipe there is one line, at the end.

    Args:
        target: how many steps there are; None if that is not known.
        width: of the bar, in characters.
        verbose: 0 shows nothing, 1 the bar, 2 one line at the end.
        interval: seconds between two drawings, at least.
        stateful_metrics: names of values that are shown as they come; the others are averaged over
            the steps.
        stateless_metrics: or, the other way round, names of those that are averaged.
        unit_name: what a step is called.
        title: what the one line begins with.

    Raises:
        ValueError: when both kinds of metrics are named.

    >>> bar = Progbar(3)
    >>> for step in range(3):
    ...     bar.update(step + 1, [("loss", 1 / (step + 1))])  # doctest: +ELLIPSIS
    3/3 - 0s - .../step - loss: 0.6111
    """

    @explained
    def __init__(
        self,
        target: int | None,
        width: int = 20,
        verbose: int = 1,
        interval: float = 0.2,
        stateful_metrics: Collection[str] | None = None,
        stateless_metrics: Collection[str] | None = None,
        unit_name: str = "step",
        title: str = "",
    ):
        if stateful_metrics is not None and stateless_metrics is not None:
            raise ValueError("Progbar takes stateful_metrics or stateless_metrics, not both")
        self.target = target
        self.width = width
        self.verbose = verbose
        self.interval = interval
        self.unit_name = unit_name
        self.title = title
        self._stateful = stateful_metrics
        self._stateless = stateless_metrics
        self._is_drawn = verbose == 1 and is_live()
        self._sums: dict[str, float] = {}
        self._counts: dict[str, int] = {}
        self._seen = 0
        self._start = time.monotonic()
        self._first_step_end: float | None = None
        self._last_drawing = 0.0
        self._drawn_length = 0

    def is_due(self) -> bool:
        """Return whether the next update will be drawn, so that it pays to prepare its values."""
        return self._is_drawn and time.monotonic() - self._last_drawing >= self.interval

    @explained
    def update(
        self,
        current: int,
        values: Iterable[tuple[str, Any]] | None = None,
        finalize: bool | None = None,
    ) -> None:
        """Say that `current` steps are done.

        Args:
            current: the number of steps done.
            values: names and numbers to show; of several the mean is shown.
            finalize: whether that was the last update; by default when the target is reached.
        """
        if finalize is None:
            finalize = self.target is not None and current >= self.target
        for name, value in values or ():
            number = value if getattr(value, "size", 1) == 1 else np.mean(value)
            self._take(name, float(number), max(current - self._seen, 1))
        self._seen = current
        if current == 1:
            self._first_step_end = time.monotonic()
        if finalize and not self._is_drawn and self.verbose:
            tell(self._line(current))
        elif self._is_drawn and (finalize or self.is_due()):
            self._draw(current, finalize)

    @explained
    def add(self, n: int, values: Iterable[tuple[str, Any]] | None = None) -> None:
        """Say that `n` more steps are done."""
        self.update(self._seen + n, values)

    def close(self) -> None:
        """End a line that was begun, so that what follows starts on one of its own."""
        if self._drawn_length:
            tell("")
            self._drawn_length = 0

    def _take(self, name: str, value: float, steps: int) -> None:
        if self._is_averaged(name):
            self._sums[name] = self._sums.get(name, 0.0) + value * steps
            self._counts[name] = self._counts.get(name, 0) + steps
        else:
            self._sums[name] = value
            self._counts[name] = 1

    def _is_averaged(self, name: str) -> bool:
        if self._stateless is not None:
            return name in self._stateless
        return name not in (self._stateful or ())

    # ---- the text ----

    def _line(self, current: int) -> str:
        """Everything in one line, without a bar."""
        now = time.monotonic()
        count = f"{current}/{self.target}" if self.target else f"{current}"
        pace = _pace(self._seconds_per_step(current, now), self.unit_name)
        return f"{self.title}{count} - {now - self._start:.0f}s - {pace}{self._values()}"

    def _draw(self, current: int, is_last: bool) -> None:
        """Draw the line with the bar over the one that stands there."""
        now = time.monotonic()
        count, bar = self._count_and_bar(current)
        tail = self._times(current, now, is_last) + self._values()
        if not is_last:
            tail = tail[: max(0, _columns() - 1 - len(count) - self.width)]
        length = len(count) + self.width + len(tail)
        padding = " " * (self._drawn_length - length)
        end = "\n" if is_last else ""
        tell(f"\r{count}{bar}{tail}{padding}", end)
        self._drawn_length = 0 if is_last else length
        self._last_drawing = now

    def _count_and_bar(self, current: int) -> tuple[str, str]:
        if not self.target:
            return f"{current:7}/Unknown", ""
        digits = len(str(self.target))
        done = min(self.width, self.width * current // self.target)
        return f"{current:{digits}}/{self.target} ", _bar(done, self.width - done)

    def _times(self, current: int, now: float, is_last: bool) -> str:
        """Seconds so far at the end, else those still to come; and those of one step."""
        pace = self._seconds_per_step(current, now)
        if is_last or not self.target:
            return f" {now - self._start:.0f}s {_pace(pace, self.unit_name)}"
        return f" {_clock(pace * (self.target - current))} {_pace(pace, self.unit_name)}"

    def _seconds_per_step(self, current: int, now: float) -> float:
        """The first step, which warms everything up, counts only while there is no other."""
        if self._first_step_end is not None and current > 1:
            return (now - self._first_step_end) / (current - 1)
        return (now - self._start) / max(current, 1)

    def _values(self) -> str:
        means = {name: total / self._counts[name] for name, total in self._sums.items()}
        return "".join(
            f" - {name}: {mean:{'.4f' if abs(mean) > 1e-3 else '.4e'}}"
            for name, mean in means.items()
        )


def is_live() -> bool:
    """Return whether the output can be redrawn in place: a terminal or a notebook."""
    if not console.is_enabled():
        return False
    return is_terminal() or "ipykernel" in sys.modules or "PYCHARM_HOSTED" in os.environ


def is_terminal() -> bool:
    """Return whether the output is a terminal."""
    return sys.stdout is not None and sys.stdout.isatty()


def can_print(text: str) -> bool:
    """Return whether the output's encoding has the characters of the text."""
    encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
    try:
        text.encode(encoding)
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def _bar(done: int, left: int) -> str:
    if not can_print("━"):
        return "=" * done + "." * left
    if os.name == "nt" or "NO_COLOR" in os.environ:  # older Windows consoles print codes as text
        return "━" * done + " " * left
    return f"{GREEN}{'━' * done}{GREY}{'━' * left}{PLAIN}"


def _columns() -> int:
    # A notebook scrolls sideways; a terminal would wrap, and then cannot redraw in place.
    if not is_terminal():
        return 1000
    import shutil  # brings the compressors with it

    return shutil.get_terminal_size().columns


def _clock(seconds: float) -> str:
    whole = int(seconds)
    if whole <= 60:
        return f"{whole}s"
    if whole <= 3600:
        return f"{whole // 60}:{whole % 60:02}"
    return f"{whole // 3600}:{whole % 3600 // 60:02}:{whole % 60:02}"


def _pace(seconds: float, unit: str) -> str:
    if seconds >= 1 or seconds == 0:
        return f"{seconds:.0f}s/{unit}"
    if seconds >= 1e-3:
        return f"{seconds * 1e3:.0f}ms/{unit}"
    return f"{seconds * 1e6:.0f}us/{unit}"
