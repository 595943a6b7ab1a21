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
from typing import NoReturn

from pylego.scripts.finder import as_keras

USAGE = """\
usage: python -m pylego program.py [arguments]
       python -m pylego -m module [arguments]

Runs a program that is written for Keras, of any year, as it is printed: 'import keras' and
'import tensorflow' reach pylego.
"""


def main(arguments: list[str]) -> NoReturn:
    """Run what the arguments of `python -m pylego` name, and leave as that program leaves."""
    if not arguments or arguments[0] in ("-h", "--help"):
        (sys.stdout if arguments else sys.stderr).write(USAGE)
        sys.exit(0 if arguments else 2)
    is_module = arguments[0] == "-m"
    if arguments[0].startswith("-") and not (is_module and len(arguments) > 1):
        sys.stderr.write(f"python -m pylego: unknown option {arguments[0]}\n{USAGE}")
        sys.exit(2)
    as_keras()
    try:
        if is_module:
            _run_module(arguments[1], arguments[2:])
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
    module = ModuleType("__main__")
    vars(module).update(
        __file__=path, __builtins__=__builtins__, __loader__=SourceFileLoader("__main__", path)
    )
    sys.modules["__main__"] = module
    code = compile(source, path, "exec", dont_inherit=True)
    exec(code, vars(module))


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
