"""Run a program as Python would, with Keras's names reaching pylego.

`sys.argv`, `__main__`, `sys.path` and exit codes are those of `python program.py`; tracebacks begin
with the program's own lines.
"""

from __future__ import annotations

import io
import os
import runpy
import signal
import sys
from importlib.machinery import SourceFileLoader
from types import ModuleType, TracebackType
from typing import Any, NoReturn

from pylego.scripts.finder import as_keras

USAGE = """\
usage: python -m pylego program.py [arguments]
       python -m pylego -m module [arguments]
       python -m pylego -c code [arguments]
       python -m pylego - [arguments]          (the program comes from standard input)

Runs a program that is written for Keras, of any year, as it is printed: 'import keras' and
'import tensorflow' reach pylego.
"""


def main(arguments: list[str]) -> NoReturn:
    """Run what the arguments of `python -m pylego` name, and leave as that program leaves."""
    if not arguments or arguments[0] in ("-h", "--help"):
        (sys.stdout if arguments else sys.stderr).write(USAGE)
        sys.exit(0 if arguments else 2)
    option = arguments[0] if arguments[0].startswith("-") else ""
    if option not in ("", "-", "-c", "-m") or (option in ("-c", "-m") and len(arguments) < 2):
        reason = "argument expected for" if option in ("-c", "-m") else "unknown option"
        sys.stderr.write(f"python -m pylego: {reason} {option}\n{USAGE}")
        sys.exit(2)
    as_keras()
    try:
        if option == "-m":
            _run_module(arguments[1], arguments[2:])
        elif option == "-c":
            _run_text(arguments[1], "<string>", ["-c", *arguments[2:]])
        elif option == "-":
            _run_text(sys.stdin.read(), "<stdin>", arguments)
        else:
            _run_file(arguments[0], arguments[1:])
    except SystemExit:
        raise
    except BaseException as error:
        _show(error)
        if isinstance(error, KeyboardInterrupt):
            _end_as_interrupted()
        sys.exit(1)
    sys.exit(0)


def _run_file(path: str, arguments: list[str]) -> None:
    try:
        with io.open_code(os.path.abspath(path)) as file:
            source = file.read()
    except OSError as error:
        reason = f"[Errno {error.errno}] {error.strerror}"
        sys.stderr.write(f"{sys.executable}: can't open file {path!r}: {reason}\n")
        sys.exit(2)
    sys.argv[:] = [path, *arguments]
    sys.path[0] = os.path.dirname(os.path.realpath(path))
    _run_as_main(source, path, __file__=path, __loader__=SourceFileLoader("__main__", path))


def _run_text(source: str, name: str, arguments: list[str]) -> None:
    """Run a program that is in no file; it imports from the folder that one is in."""
    sys.argv[:] = arguments
    sys.path[0] = ""
    _run_as_main(source, name)


def _run_as_main(source: str | bytes, name: str, **attributes: Any) -> None:
    module = ModuleType("__main__")
    vars(module).update(__builtins__=__builtins__, **attributes)
    sys.modules["__main__"] = module
    exec(compile(source, name, "exec", dont_inherit=True), vars(module))


def _run_module(name: str, arguments: list[str]) -> None:
    sys.argv[:] = [name, *arguments]
    runpy.run_module(name, run_name="__main__", alter_sys=True)


def _show(error: BaseException) -> None:
    """Show an error as Python does, beginning with the program's own lines."""
    traceback = error.__traceback__
    while traceback is not None and _is_plumbing(traceback):
        traceback = traceback.tb_next
    error.__traceback__ = traceback
    sys.stdout.flush()
    sys.excepthook(type(error), error, traceback)


def _is_plumbing(place: TracebackType) -> bool:
    return place.tb_frame.f_globals.get("__name__") in (__name__, "runpy")


def _end_as_interrupted() -> None:
    """End by the signal, as Python does, so that a shell knows."""
    sys.stderr.flush()
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    os.kill(os.getpid(), signal.SIGINT)
