"""Watch one attempt to open a damaged file: how it ends, how long it takes, what it touches.

It may succeed, or be refused by a sentence that pylego raises itself. Anything else is a fault: a
crash, an accident in the depth (also one that is a ValueError by chance), five seconds, half a
gigabyte, a file that is written or read elsewhere, a program that is started.
"""

from __future__ import annotations

import contextlib
import linecache
import os
import resource
import signal
import sys
import traceback
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pylego

PACKAGE = str(Path(pylego.__file__).parent)
SECONDS = 5
MEMORY = 500 << 20  # bytes more than before
REFUSALS = (ValueError, TypeError)
# What no file may cause. `open` is looked at more closely.
FORBIDDEN = (
    "os.system", "os.exec", "os.posix_spawn", "os.remove", "os.rename", "os.mkdir", "os.rmdir",
    "os.symlink", "os.link", "os.chmod", "subprocess.Popen", "socket.", "shutil.", "ctypes.",
    "pickle.find_class", "tempfile.", "urllib.", "code.__new__",
)  # fmt: skip
READ_BY_PYTHON = tuple({sys.prefix, sys.base_prefix, str(Path(PACKAGE).parent)})

_watched: list[str] | None = None  # what was done that is forbidden, while one is watched
_allowed = ""


class FaultError(Exception):
    """What must not happen."""


class _Late(BaseException):
    """Time is up; no `except Exception` catches it."""


def _listen(event: str, details: tuple[Any, ...]) -> None:
    if _watched is None:
        return
    if event == "open":
        path, mode, flags = details
        name = os.fsdecode(path) if isinstance(path, (str, bytes, os.PathLike)) else ""
        writes = bool(flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT)) or (mode or "r")[0] in "wax"
        if name and (writes or not (name.startswith(READ_BY_PYTHON) or name == _allowed)):
            _watched.append(f"{event} {name!r} {mode}")
    elif event.startswith(FORBIDDEN):
        _watched.append(f"{event} {details!r}"[:200])


def install() -> None:
    """Begin to listen; there is no way to stop."""
    sys.addaudithook(_listen)
    signal.signal(signal.SIGALRM, _stop)
    warnings.simplefilter("ignore")


def _stop(number: int, frame: Any) -> None:
    raise _Late


@contextlib.contextmanager
def _limits() -> Iterator[None]:
    with open("/proc/self/statm" if os.path.exists("/proc/self/statm") else os.devnull) as file:
        pages = file.read().split()
    former = resource.getrlimit(resource.RLIMIT_AS)
    if pages:
        most = int(pages[0]) * resource.getpagesize() + MEMORY
        resource.setrlimit(resource.RLIMIT_AS, (most, former[1]))
    signal.setitimer(signal.ITIMER_REAL, SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        resource.setrlimit(resource.RLIMIT_AS, former)


def attempt(door: Callable[[], Any], path: str = "") -> str:
    """Open a file, and return how that ended: 'opened', or the name of the error.

    Args:
        door: what opens it.
        path: of the file, which it may read.

    Raises:
        FaultError: for what must not happen.
    """
    global _watched, _allowed
    try:
        with _limits():
            _watched, _allowed = [], path
            door()
        ended = "opened"
    except REFUSALS as error:
        ended = type(error).__name__
        _check_refusal(error)
    except _Late:
        raise FaultError(f"it took {SECONDS} seconds") from None
    except MemoryError as error:
        raise FaultError(f"it took {MEMORY:,} bytes") from error
    except Exception as error:
        raise FaultError(f"accident: {_last_lines(error)}") from error
    finally:
        seen, _watched = _watched or [], None
    if seen:
        raise FaultError(f"it did {seen[:3]}")
    return ended


def _check_refusal(error: BaseException) -> None:
    """A refusal is raised by a `raise` in pylego, and its message is a sentence."""
    frame = traceback.extract_tb(error.__traceback__)[-1]
    line = linecache.getline(frame.filename, frame.lineno or 0).strip()
    is_ours = frame.filename.startswith(PACKAGE) and line.startswith("raise")
    if not is_ours or len(str(error).split()) < 4:
        raise FaultError(f"accident: {_last_lines(error)}") from error


def _last_lines(error: BaseException) -> str:
    frames = traceback.extract_tb(error.__traceback__)[-3:]
    places = " < ".join(f"{Path(f.filename).name}:{f.lineno} {f.name}" for f in reversed(frames))
    return f"{type(error).__name__}: {str(error)[:200]} ({places})"
