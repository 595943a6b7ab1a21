"""The recording of this thread, and the errors for code that reads numbers while it is recorded.

While bricks are recorded, tensors are symbolic: they have a shape and a dtype, and their numbers
exist only when the program runs. Any code may be recorded, so this module lies low in the package:
tensors, variables, layers and optimizers import it.
"""

from __future__ import annotations

import contextlib
import linecache
import sys
import threading
from collections.abc import Callable, Iterator
from types import FrameType
from typing import Any, NamedTuple

from pylego import engine, tracebacks

# Code of these packages is not where a user's mistake is.
_PLUMBING = frozenset({"pylego", "numpy", "contextlib", "functools", "copy", "copyreg", "pickle"})

tracebacks.install_in_threads()  # quick to import: nothing before needed threads


class Explanation(NamedTuple):
    """A sentence for errors of a class, in instructions with one label or labels of one kind."""

    error_kind: type[Exception]
    label: str  # "" where the kind says it
    kind: str
    sentence: str

    def fits(self, error: Exception, label: str, kind: Any) -> bool:
        is_there = label == self.label if self.label else kind == self.kind
        return is_there and isinstance(error, self.error_kind)


class Recording:
    """A recording under way.

    Args:
        pointer: the engine's program.
        name: of what is recorded.
        way_out: what a user can do whose code must look at numbers, after the word "or".
        may_make_variables: whether variables may come into being meanwhile.
    """

    def __init__(self, pointer: Any, name: str, way_out: str, may_make_variables: bool):
        self.pointer = pointer
        self.name = name
        self.way_out = way_out
        self.may_make_variables = may_make_variables
        self.has_made_variables = False
        self.is_of_loop = False  # whether it will run once per step
        self.was_looked_at = False  # whether numbers were asked for that are not there
        # Variables and functions that say what numbers they have in the next run.
        self.asked_before_runs: list[tuple[Any, Callable[[], Any]]] = []
        self.label = ""  # the innermost one
        self.explanations: list[Explanation] = []
        self.kinds: dict[str, Any] = {}  # of labels: the class of a layer, "loss", "metric" ...
        self._at_end: list[Callable[[], object]] = []

    @property
    def leaves_traces(self) -> bool:
        """Whether the code did something in Python that a run of the program will not do."""
        return bool(self._at_end)

    def at_end(self, action: Callable[[], object]) -> None:
        """Call this when the recording is over, also after an error."""
        self._at_end.append(action)

    @contextlib.contextmanager
    def open(self) -> Iterator[None]:
        """Record what this thread applies inside the `with` block."""
        with _switched_to(self):
            try:
                yield
            finally:
                for action in self._at_end:
                    action()


class _Thread(threading.local):
    recording: Recording | None = None
    is_for_shapes: bool = False  # whether what runs now is asked for shapes alone
    open: tuple[Recording, ...] = ()  # from the outermost to the innermost, also while it is paused


_thread = _Thread()


def now() -> Recording | None:
    """Return what this thread records to; None while bricks run at once."""
    return _thread.recording


@contextlib.contextmanager
def _switched_to(recording: Recording | None) -> Iterator[None]:
    former, former_open = _thread.recording, _thread.open
    former_pointer = engine.record(None if recording is None else recording.pointer)
    former_label = engine.set_label(0)
    _thread.recording = recording
    if recording is not None:
        _thread.open = (*former_open, recording)
    try:
        yield
    finally:
        _thread.recording, _thread.open = former, former_open
        engine.set_label(former_label)
        engine.record(former_pointer)


def paused() -> contextlib.AbstractContextManager[None]:
    """Run bricks at once inside the `with` block, also while something is recorded."""
    return _switched_to(None) if engine.is_recording() else contextlib.nullcontext()


@contextlib.contextmanager
def for_shapes() -> Iterator[None]:
    """Run bricks inside the `with` block on numbers that mean nothing, to learn shapes."""
    former, _thread.is_for_shapes = _thread.is_for_shapes, True
    try:
        with paused():
            yield
    finally:
        _thread.is_for_shapes = former


def is_for_shapes() -> bool:
    """Return whether the numbers of this thread's tensors mean nothing, only their shapes do."""
    return _thread.is_for_shapes


def place(name: str, kind: Any) -> str:
    """Say what a label stands for: "Layer 'dense' (Dense)", "Metric 'accuracy'"."""
    if isinstance(kind, type):
        return f"Layer {name!r} ({kind.__name__})"
    return f"{kind.capitalize()} {name!r}" if kind else f"In {name!r}"


def locate(error: BaseException | None, where: Callable[[], str]) -> None:
    """Begin the message of an engine's error with where it came up.

    Who is asked first is innermost, and the only one who is heard. Other errors stay as they are.
    """
    if getattr(error, "is_of_engine", False):
        assert error is not None
        error.is_of_engine = False  # type: ignore[attr-defined]
        error.args = (f"{where()}: {error}",)


class Label:
    """Mark what is recorded inside the `with` block with where it comes from.

    Errors of the engine inside of it say so as well, whether something is recorded or not.

    Args:
        name: of the layer, loss, metric or optimizer.
        kind: the class of a layer; "loss", "metric" or "optimizer".
    """

    __slots__ = ("_former", "_former_name", "_kind", "_name", "_recording")

    def __init__(self, name: str, kind: Any = ""):
        self._name = name
        self._kind = kind

    def __enter__(self) -> None:
        recording = _thread.recording
        self._former = None
        if recording is not None:
            self._former = engine.set_label(engine.label(recording.pointer, self._name))
            recording.kinds[self._name] = self._kind
            self._recording, self._former_name = recording, recording.label
            recording.label = self._name

    def __exit__(self, *error: Any) -> None:
        if self._former is not None:
            engine.set_label(self._former)
            self._recording.label = self._former_name
        if error and error[1] is not None:
            locate(error[1], lambda: place(self._name, self._kind))


@contextlib.contextmanager
def explained(error_kind: type[Exception], sentence: str, kind: str = "") -> Iterator[None]:
    """Add a sentence to errors of the engine, of this class, that come up inside the `with` block.

    What is recorded fails only when it runs: then it is added to errors of what has a label of this
    kind ("loss"); without a kind, to errors of what has the label that is open now.
    """
    recording = _thread.recording
    if recording is not None:
        label = "" if kind else recording.label
        recording.explanations.append(Explanation(error_kind, label, kind, sentence))
    try:
        yield
    except error_kind as error:
        if not hasattr(error, "is_of_engine"):
            raise
        explained_error = error_kind(f"{error}. {sentence}")
        explained_error.is_of_engine = error.is_of_engine  # type: ignore[attr-defined]
        raise explained_error from error


def note_variable(path: str) -> None:
    """Note that a variable comes into being.

    Raises:
        ValueError: where a recording may make none.
    """
    for recording in _thread.open:
        recording.has_made_variables = True
        if not recording.may_make_variables:
            raise ValueError(
                f"{_users_place()} makes the variable {path!r} each time that {recording.name} is "
                "called. What is recorded may make variables in its first call only: make them "
                "before, and keep them"
            )


# ---- reading numbers -------------------------------------------------------------------------


class LookError(TypeError):
    """Code that is recorded looks at numbers, which are not there."""

    is_of_recording = True


def note_look() -> None:
    """Note that what is recorded asked for numbers, and is refused."""
    if _thread.recording is not None:
        _thread.recording.was_looked_at = True


def refusal(what: str) -> LookError:
    """Make the error for code that looks at the numbers of `what`; the caller raises it."""
    place, recording = _users_place(), _thread.recording
    note_look()
    if not engine.is_recording():
        return LookError(
            f"{place} looks at the numbers of {what}, which has none: it stands for a value of a "
            "recording, and makes sense only inside of it. Return it from what is recorded"
        )
    name, way_out = (recording.name, recording.way_out) if recording else ("a program", "run it")
    return LookError(
        f"{place} looks at the numbers of {what} while {name} is recorded: they will be there only "
        "when the recording runs. Use bricks, such as ops.mean(x) for np.mean(x) and "
        f"ops.where(condition, a, b) for `if`, or {way_out}"
    )


def _users_place() -> str:
    """The file, the line and the code of the innermost frame that is the user's."""
    frame = _users_frame(sys._getframe(2))
    file, line = frame.f_code.co_filename, frame.f_lineno
    code = linecache.getline(file, line, frame.f_globals).strip()
    return f"{file}:{line}" + (f", `{code}`," if code else "")


def _users_frame(innermost: FrameType) -> FrameType:
    frame: FrameType | None = innermost
    while frame is not None:
        module = frame.f_globals.get("__name__", "")
        if module == "pylego.programs.program":  # here the recording began
            break
        if module.partition(".")[0] not in _PLUMBING:
            return frame
        frame = frame.f_back
    return innermost
