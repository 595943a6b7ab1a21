"""What a traceback shows: the user's own lines and the message, without the frames inside pylego.

Frames are left out where an error is shown, by `sys.excepthook`, in threads and in IPython, so they
cost nothing where none is raised. Whoever had put a hook of their own there is called as before.
`config.disable_traceback_filtering()` shows all frames, to debug pylego itself.
"""

from __future__ import annotations

import sys
from types import TracebackType
from typing import Any

PACKAGE = __name__.partition(".")[0]
# What pylego calls, and what calls pylego back: nobody's mistake is there.
PLUMBING = frozenset({"contextlib", "functools", "importlib", "inspect", "numpy"})

_is_on = True


def enable() -> None:
    """Leave out the frames inside pylego."""
    global _is_on
    _is_on = True


def disable() -> None:
    """Show all frames."""
    global _is_on
    _is_on = False


def is_enabled() -> bool:
    """Return whether the frames inside pylego are left out."""
    return _is_on


def clean(error: BaseException | None) -> None:
    """Take the frames inside pylego out of an error, and out of those that led to it.

    An error that was raised and caught inside pylego says nothing that its successor does not say:
    it is not shown. One that went through the user's own lines is.
    """
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        former = _former(error)
        telling = _telling(former)
        if _clean_frames(error) and telling is not former:
            error.__cause__ = telling  # which also hides the context
        for part in getattr(error, "exceptions", ()):  # of an ExceptionGroup
            clean(part)
        error = _former(error)


def install() -> None:
    """Put the filter in front of what shows errors: once, and silently."""
    if getattr(sys.excepthook, "__module__", None) == __name__:
        return
    _install_in_scripts()
    _install_in_notebooks()


def _install_in_scripts() -> None:
    shown_by = sys.excepthook

    def show(kind: Any, error: BaseException, traceback: TracebackType | None) -> None:
        if _is_on:
            clean(error)
            traceback = _begun_by_user(traceback)
        shown_by(kind, error, traceback)

    sys.excepthook = show


def install_in_threads() -> None:
    """The same for errors in threads: where pylego runs in one, `threading` is loaded anyway."""
    import threading

    if getattr(threading.excepthook, "__module__", None) == __name__:
        return
    shown_by = threading.excepthook

    def show(arguments: Any, /) -> None:
        if _is_on:
            clean(arguments.exc_value)
            kind, error, traceback, thread = arguments
            arguments = type(arguments)((kind, error, _begun_by_user(traceback), thread))
        shown_by(arguments)

    threading.excepthook = show


def _install_in_notebooks() -> None:
    """Clean errors before IPython shows them, where it runs."""
    package = sys.modules.get("IPython")
    shell = package.get_ipython() if package is not None else None
    if shell is None:
        return
    shown_by = shell.showtraceback

    def show(exc_tuple: Any = None, *args: Any, **kwargs: Any) -> Any:
        if _is_on:
            clean(exc_tuple[1] if exc_tuple else sys.exc_info()[1])
        return shown_by(exc_tuple, *args, **kwargs)

    shell.showtraceback = show


def _former(error: BaseException) -> BaseException | None:
    """The error that is shown above this one."""
    return error.__cause__ or (None if error.__suppress_context__ else error.__context__)


def _telling(error: BaseException | None) -> BaseException | None:
    """The first earlier error that was not raised and caught inside pylego."""
    while error is not None and (frames := _frames(error.__traceback__)) and not _users(frames):
        error = _former(error)
    return error


def _clean_frames(error: BaseException) -> bool:
    """Take out frames, unless none would be left; return whether there were any."""
    frames = _frames(error.__traceback__)
    kept = _users(frames)
    if not kept or len(kept) == len(frames):
        return len(kept) < len(frames)
    # The places are linked anew where they lie: others hold the first one.
    for place, following in zip(kept, [*kept[1:], None]):
        place.tb_next = following
    error.__traceback__ = kept[0]
    return True


def _begun_by_user(traceback: TracebackType | None) -> TracebackType | None:
    kept = _users(_frames(traceback))
    return kept[0] if kept else traceback


def _frames(traceback: TracebackType | None) -> list[TracebackType]:
    found = []
    while traceback is not None:
        found.append(traceback)
        traceback = traceback.tb_next
    return found


def _users(frames: list[TracebackType]) -> list[TracebackType]:
    """The frames that are not pylego's, nor of plumbing that pylego called."""
    kept, is_inside = [], False
    for frame in frames:
        package = str(frame.tb_frame.f_globals.get("__name__")).partition(".")[0]
        is_inside = package == PACKAGE or (is_inside and package in PLUMBING)
        if not is_inside:
            kept.append(frame)
    return kept
