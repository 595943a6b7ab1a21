"""The one door to the engine in C: applies bricks, carries arrays in and out, raises its errors.

Nothing else in pylego touches cffi. A *handle* is a tensor of the engine that Python owns: when the
last reference to it goes, the engine's reference goes with it. Everything above this module deals
in handles, NumPy arrays, names of bricks and plain numbers.
"""

from __future__ import annotations

import itertools
import operator
import os
import struct
import warnings
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

from pylego._lego import ffi, lib

Handle = Any  # a cdata 'lego_tensor *'
CData = ffi.CData

MAX_RANK = int(lib.LEGO_MAX_RANK)

_EXCEPTIONS: dict[int, type[Exception]] = {
    lib.LEGO_BAD_SHAPE: ValueError,
    lib.LEGO_BAD_DTYPE: TypeError,
    lib.LEGO_BAD_VALUE: ValueError,
    lib.LEGO_BAD_INDEX: IndexError,
    lib.LEGO_BAD_NAME: NameError,
    lib.LEGO_NO_GRADIENT: ValueError,
    lib.LEGO_NO_MEMORY: MemoryError,
}


def _raise(status: int) -> None:
    sentence = ffi.string(lib.lego_last_error()).decode("utf-8", "replace")
    raise _EXCEPTIONS[status](sentence)


def _check(status: int) -> None:
    if status:
        _raise(status)


# ---- dtypes ---------------------------------------------------------------------------------

DTYPES: tuple[str, ...] = tuple(
    ffi.string(lib.lego_dtype_name(i)).decode() for i in range(lib.LEGO_DTYPE_COUNT)
)
_NUMPY_DTYPES = tuple(np.dtype(name) for name in DTYPES)
_DTYPE_NUMBERS = {name: number for number, name in enumerate(DTYPES)}
_NUMBER_OF_NUMPY = {dtype: number for number, dtype in enumerate(_NUMPY_DTYPES)}


def dtype_number(name: str) -> int:
    """Return the engine's number of a dtype, as attributes of bricks hold it."""
    return _DTYPE_NUMBERS[name]


# ---- lifetimes ------------------------------------------------------------------------------

_lent_arrays: dict[int, np.ndarray] = {}  # what the engine reads in place, by owner number
_owner_numbers = itertools.count(1)


def _take_back(room: int = 64) -> None:
    """Let go of the arrays that no tensor lies over any more."""
    owners = ffi.new("int64_t[]", room)
    while count := lib.lego_released_owners(owners, room):
        for index in range(count):
            _lent_arrays.pop(owners[index], None)


# The defaults keep what it needs alive until the very end of the interpreter.
def _release(pointer: Handle, release=lib.lego_tensor_release, take_back=_take_back) -> None:
    if release(pointer):
        take_back()


def _own(pointer: Any) -> Handle:
    """Own a new reference that came out of the engine; NULL means that it failed."""
    if pointer == ffi.NULL:
        _raise(lib.lego_last_status())
    return ffi.gc(pointer, _release)


# ---- arrays in and out ----------------------------------------------------------------------


_INTS = ffi.typeof("int64_t[]")  # looked up once: cffi parses a name each time
_MEMORY = ffi.typeof("void *")


def _dims(numbers: Sequence[int]) -> Any:
    return ffi.new(_INTS, numbers)


def has_dtype_of(array: np.ndarray) -> bool:
    """Return whether a tensor may lie over the array as it is."""
    return array.dtype in _NUMBER_OF_NUMPY


def tensor_around(array: np.ndarray) -> Handle:
    """Make a tensor over the array's own memory; array.dtype must be one of DTYPES."""
    number = _NUMBER_OF_NUMPY[array.dtype]
    itemsize = array.itemsize
    if not array.flags.aligned or any(stride % itemsize for stride in array.strides):
        array = array.copy(order="C")
    strides = [stride // itemsize for stride in array.strides]
    owner = next(_owner_numbers)
    _lent_arrays[owner] = array
    data = ffi.cast(_MEMORY, array.__array_interface__["data"][0])
    pointer = lib.lego_tensor_wrap(
        number, array.ndim, _dims(array.shape), _dims(strides), data, owner
    )
    if pointer == ffi.NULL:
        del _lent_arrays[owner]
    return _own(pointer)


_C_NUMBERS = tuple(
    ffi.typeof(name)
    for name in ("bool *", "uint8_t *", "int32_t *", "int64_t *", "float *", "double *")
)
_numbers: dict[tuple[str, float], Handle] = {}  # the few that programs write again and again


def number(value: bool | int | float, dtype: str) -> Handle:
    """Make a tensor without axes. It may be shared: nobody may watch or write it.

    Raises:
        OverflowError: when the dtype cannot hold the value.
    """
    handle = _numbers.get((dtype, value)) if value else None  # 0.0 would find -0.0
    if handle is None:
        type_number = _DTYPE_NUMBERS[dtype]
        word = ffi.new(_C_NUMBERS[type_number], value)
        handle = _own(lib.lego_tensor_new(type_number, 0, ffi.NULL, word))
        if len(_numbers) > 1000:
            _numbers.clear()
        _numbers[dtype, value] = handle
    return handle


def variable_from(array: np.ndarray, trainable: bool) -> Handle:
    """Make a variable with a copy of the array's numbers."""
    array = np.asarray(array, order="C")
    data = ffi.cast(_MEMORY, array.__array_interface__["data"][0])
    number = _NUMBER_OF_NUMPY[array.dtype]
    return _own(
        lib.lego_variable_new(number, array.ndim, _dims(array.shape), data, bool(trainable))
    )


class _Window:
    """What NumPy looks at a tensor's memory through; it keeps the tensor alive."""

    def __init__(self, handle: Handle, is_writable: bool):
        self.handle = handle
        dtype = _NUMPY_DTYPES[lib.lego_tensor_dtype(handle)]
        rank = lib.lego_tensor_rank(handle)
        strides = ffi.unpack(lib.lego_tensor_strides(handle), rank)
        self.__array_interface__ = {
            "version": 3,
            "shape": shape(handle),
            "strides": tuple(stride * dtype.itemsize for stride in strides),
            "typestr": dtype.str,
            "data": (int(ffi.cast("uintptr_t", lib.lego_tensor_data(handle))), not is_writable),
        }


def array_over(handle: Handle, is_writable: bool = False) -> np.ndarray:
    """Look at the tensor's memory as a NumPy array, which keeps it alive; nothing is copied."""
    return np.asarray(_Window(handle, is_writable))


# ---- looking at tensors ---------------------------------------------------------------------


def shape(handle: Handle) -> tuple[int, ...]:
    """Return the tensor's shape."""
    return tuple(ffi.unpack(lib.lego_tensor_shape(handle), lib.lego_tensor_rank(handle)))


def dtype(handle: Handle) -> str:
    """Return the name of the tensor's dtype."""
    return DTYPES[lib.lego_tensor_dtype(handle)]


def dtype_number_of(handle: Handle) -> int:
    """Return the number of the tensor's dtype; of two dtypes the larger number holds both."""
    return lib.lego_tensor_dtype(handle)


def detach(handle: Handle) -> Handle:
    """Return the same numbers without their history."""
    return _own(lib.lego_tensor_detach(handle))


def is_watched(handle: Handle) -> bool:
    """Return whether gradients can reach the tensor now."""
    return bool(lib.lego_tensor_is_watched(handle))


def watch(handle: Handle, is_asked: bool) -> None:
    """Ask for the tensor's gradient from now on, or no longer."""
    _check(lib.lego_tensor_watch(handle, is_asked))


def set_trainable(handle: Handle, is_trainable: bool) -> None:
    """Set whether open tapes watch the variable."""
    lib.lego_variable_set_trainable(handle, is_trainable)


# ---- bricks ---------------------------------------------------------------------------------


class Brick:
    """A brick of the registry: its name, its formula, and how its attributes are packed."""

    __slots__ = (
        "_packed",
        "_words",
        "attributes",
        "formula",
        "has_gradient",
        "inputs",
        "name",
        "outputs",
        "pointer",
    )  # fmt: skip

    def __init__(self, pointer: Any):
        self.pointer = pointer
        self.name = ffi.string(lib.lego_brick_name(pointer)).decode()
        self.formula = ffi.string(lib.lego_brick_formula(pointer)).decode()
        self.inputs: int = lib.lego_brick_inputs(pointer)
        self.outputs: int = lib.lego_brick_outputs(pointer)
        self.has_gradient = bool(lib.lego_brick_has_gradient(pointer))
        self.attributes = tuple(
            (
                ffi.string(lib.lego_brick_attribute_name(pointer, i)).decode(),
                int(lib.lego_brick_attribute_kind(pointer, i)),
            )
            for i in range(lib.lego_brick_attribute_count(pointer))
        )
        formats = {lib.LEGO_INT: "q", lib.LEGO_FLOAT: "d", lib.LEGO_INTS: f"q{MAX_RANK}q"}
        self._words = struct.Struct("=" + "".join(formats[kind] for _, kind in self.attributes))
        self._packed: dict[tuple, bytes] = {}

    def __repr__(self) -> str:
        return f"<Brick {self.name}: {self.formula}>"

    def pack(self, attributes: dict[str, Any]) -> bytes:
        """Lay the attributes out as the words that the engine reads."""
        key = tuple(attributes.items())
        packed = self._packed.get(key)
        if packed is None:
            packed = self._words.pack(*self._to_words(attributes))
            if len(self._packed) > 1000:  # endless new shapes must not leak
                self._packed.clear()
            self._packed[key] = packed
        return packed

    def unpack(self, words: bytes) -> dict[str, Any]:
        """Read the words that `pack` laid out."""
        numbers = iter(self._words.unpack(words))
        return {name: _next_value(numbers, kind) for name, kind in self.attributes}

    @property
    def attribute_bytes(self) -> int:
        """How many bytes the words of its attributes have."""
        return self._words.size

    def _to_words(self, attributes: dict[str, Any]) -> list:
        if attributes.keys() != {name for name, _ in self.attributes}:
            wanted = ", ".join(name for name, _ in self.attributes) or "none"
            raise TypeError(f"{self.name} has the attributes {wanted}; got {list(attributes)}")
        words: list = []
        for name, kind in self.attributes:
            value = attributes[name]
            if kind == lib.LEGO_INTS:
                words += self._ints_to_words(name, value)
            else:
                words.append(self._number_to_word(name, value, kind))
        return words

    def _number_to_word(self, name: str, value: Any, kind: int) -> int | float:
        try:
            if kind == lib.LEGO_FLOAT:
                return float(value)
            number = int(value) if isinstance(value, np.bool_) else operator.index(value)
        except (TypeError, ValueError, OverflowError) as error:
            wanted = "number" if kind == lib.LEGO_FLOAT else "whole number"
            raise TypeError(
                f"{self.name}: {name} must be a {wanted}. Received: {name}={value!r}"
            ) from error
        if not -(2**63) <= number < 2**63:
            raise ValueError(f"{self.name}: {name} does not fit into 64 bits: {number}")
        return number

    def _ints_to_words(self, name: str, values: Sequence[int]) -> list[int | float]:
        if len(values) > MAX_RANK:
            raise ValueError(
                f"{self.name}: a tensor has at most {MAX_RANK} axes, but {name} has {len(values)} "
                f"numbers: {tuple(values)}"
            )
        numbers: list = [self._number_to_word(name, value, lib.LEGO_INT) for value in values]
        return [len(values), *numbers, *[0] * (MAX_RANK - len(values))]


def _next_value(words: Iterator[Any], kind: int) -> Any:
    if kind != lib.LEGO_INTS:
        return next(words)
    count = next(words)
    return tuple(itertools.islice(words, MAX_RANK))[:count]


BRICKS: dict[str, Brick] = {
    brick.name: brick
    for brick in (Brick(lib.lego_brick_at(i)) for i in range(lib.lego_brick_count()))
}

# ---- instruction sets -----------------------------------------------------------------------


def isas() -> tuple[str, ...]:
    """Return the instruction sets that this machine runs, the best one last."""
    return tuple(ffi.string(lib.lego_isa_at(i)).decode() for i in range(lib.lego_isa_count()))


def isa() -> str:
    """Return the instruction set that bricks are compiled for."""
    return ffi.string(lib.lego_isa()).decode()


def set_isa(name: str) -> None:
    """Take the bricks of another instruction set from now on."""
    _check(lib.lego_set_isa(name.encode()))
    for brick in BRICKS.values():
        brick.pointer = lib.lego_brick_find(brick.name.encode())


_wish = os.environ.get("PYLEGO_ISA")
if _wish is not None and _wish != isa():
    warnings.warn(
        f"PYLEGO_ISA={_wish!r} is none of {isas()}, which this machine runs: it stays {isa()!r}",
        stacklevel=2,
    )

# ---- applying bricks ------------------------------------------------------------------------

_ONE_OUTPUT = ffi.typeof("lego_tensor *[1]")
_OUTPUTS = ffi.typeof("lego_tensor *[]")
_COUNT = ffi.typeof("int *")


def apply(name: str, inputs: Sequence[Handle], attributes: dict[str, Any]) -> Handle:
    """Apply a brick that has one output."""
    brick = BRICKS[name]
    output = ffi.new(_ONE_OUTPUT)
    words = brick.pack(attributes) if attributes else ffi.NULL
    status = lib.lego_apply(brick.pointer, inputs, len(inputs), words, output, 1, ffi.new(_COUNT))
    if status:
        _raise(status)
    return ffi.gc(output[0], _release)


def apply_all(
    name: str, inputs: Sequence[Handle], attributes: dict[str, Any], room: int
) -> list[Handle]:
    """Apply a brick that has up to `room` outputs."""
    brick = BRICKS[name]
    outputs = ffi.new(_OUTPUTS, room)
    count = ffi.new(_COUNT)
    words = brick.pack(attributes) if attributes else ffi.NULL
    _check(lib.lego_apply(brick.pointer, inputs, len(inputs), words, outputs, room, count))
    return [_own(outputs[i]) for i in range(count[0])]


# ---- gradients ------------------------------------------------------------------------------

TAPE_PAUSED = int(lib.LEGO_TAPE_PAUSED)
TAPE_ASKED = int(lib.LEGO_TAPE_ASKED)
TAPE_VARIABLES = int(lib.LEGO_TAPE_VARIABLES)


def tape(taping: int) -> int:
    """Set what this thread writes down while bricks are applied; return what it was."""
    return lib.lego_tape(taping)


def gradients(
    targets: Sequence[Handle],
    seeds: Sequence[Handle | None],
    sources: Sequence[Handle],
    is_recorded: bool,
) -> list[Handle | None]:
    """Walk back from the targets; None for sources that no target depends on."""
    found = ffi.new(_OUTPUTS, len(sources))
    plain_seeds = [ffi.NULL if seed is None else seed for seed in seeds]
    _check(
        lib.lego_gradients(
            targets, plain_seeds, len(targets), sources, len(sources), is_recorded, found
        )
    )
    return [None if pointer == ffi.NULL else _own(pointer) for pointer in found]


def backward(handle: Handle, seed: Handle | None, is_recorded: bool) -> None:
    """Walk back from the tensor and leave gradients at all watched leaves."""
    _check(lib.lego_backward(handle, ffi.NULL if seed is None else seed, is_recorded))


def gradient_of(handle: Handle) -> Handle | None:
    """Return what backward() left at the tensor."""
    pointer = lib.lego_tensor_gradient(handle)
    return None if pointer == ffi.NULL else _own(pointer)


def forget_gradient(handle: Handle) -> None:
    """Drop what backward() left at the tensor."""
    lib.lego_tensor_forget_gradient(handle)


# ---- programs -------------------------------------------------------------------------------

PASSES = {
    name: int(getattr(lib, f"LEGO_PASS_{name.upper()}"))
    for name in ("dead", "fold", "common", "fuse", "product", "reuse")
}
HOME_KINDS = ("arena", "input", "output", "constant", "variable", "tile")
Recording = Any  # a cdata 'lego_program *'


def new_program(sibling: Recording | None = None) -> Recording:
    """Make an empty program; siblings share an arena and run one at a time."""
    pointer = lib.lego_program_new(ffi.NULL if sibling is None else sibling)
    if pointer == ffi.NULL:
        _raise(lib.lego_last_status())
    return ffi.gc(pointer, lib.lego_program_release)


def record(program: Recording | None) -> Recording | None:
    """Append bricks to the program from now on (None: run them); return what was before."""
    former = lib.lego_record(ffi.NULL if program is None else program)
    return None if former == ffi.NULL else former


def is_recording() -> bool:
    """Return whether bricks that this thread applies are recorded."""
    return lib.lego_is_recording()


def is_promised(handle: Handle) -> bool:
    """Return whether the tensor came out of a recording and has no numbers."""
    return lib.lego_tensor_is_promised(handle)


def layout(handle: Handle) -> tuple:
    """Return what a program's input must have in common: dtype, shape and strides."""
    rank = lib.lego_tensor_rank(handle)
    strides = ffi.unpack(lib.lego_tensor_strides(handle), rank)
    return (lib.lego_tensor_dtype(handle), shape(handle), tuple(strides))


def program_input(program: Recording, like: Handle) -> Handle:
    """Make the tensor that stands for the program's next input, of the layout of `like`."""
    rank = lib.lego_tensor_rank(like)
    shape, strides = lib.lego_tensor_shape(like), lib.lego_tensor_strides(like)
    number = lib.lego_tensor_dtype(like)
    return _own(lib.lego_program_input(program, number, rank, shape, strides))


def label(program: Recording, name: str) -> int:
    """Return the number of a name for where instructions come from."""
    return lib.lego_program_label(program, name.encode())


def set_label(number: int) -> int:
    """Mark what is recorded from now on with a label's number; return the former one."""
    return lib.lego_set_label(number)


def finish_program(program: Recording, outputs: Sequence[Handle], passes: int) -> None:
    """End the recording: what is given by a run, and what is done to it before."""
    _check(lib.lego_program_finish(program, outputs, len(outputs), passes))


def run_program(program: Recording, inputs: Sequence[Handle], room: int) -> list[Handle]:
    """Run it once; return its `room` outputs as new tensors."""
    outputs = ffi.new(_OUTPUTS, room)
    status = lib.lego_program_run(program, inputs, len(inputs), outputs, room)
    if status:
        _raise(status)
    return [ffi.gc(pointer, _release) for pointer in outputs]


def run_program_over_rows(
    program: Recording,
    columns: Sequence[Handle],
    order: np.ndarray | None,
    first: int,
    steps: int,
    seconds: float,
    outputs: Sequence[Handle],
    is_stacked: bool,
) -> int:
    """Run it once per batch of rows, for about so many seconds; return the number of batches.

    Args:
        program: finished.
        columns: what the inputs' rows are taken from.
        order: whole numbers, the rows of all batches one behind the other; None: as they lie.
        first: without an order, the row that the first batch begins with.
        steps: how many batches at most.
        seconds: no batch but the first begins after them.
        outputs: tensors in row-major order that nobody reads yet.
        is_stacked: whether the outputs of all batches lie one behind the other.
    """
    done = ffi.new("int64_t *")
    order = None if order is None else np.ascontiguousarray(order, np.int64)
    places = ffi.NULL if order is None else ffi.from_buffer("int64_t[]", order)
    count = 0 if order is None else order.size
    status = lib.lego_program_run_rows(
        program, columns, len(columns), places, count, first, steps, seconds, outputs, len(outputs),
        is_stacked, done,
    )  # fmt: skip
    if status:
        _raise(status)
    return done[0]


def is_program_watched(program: Recording) -> bool:
    """Return whether gradients are asked for of something that the program reads."""
    return lib.lego_program_is_watched(program)


def arena_bytes(program: Recording) -> int:
    """Return how many bytes the finished program's arena has."""
    return lib.lego_program_arena_bytes(program)


def profile_program(program: Recording, is_on: bool) -> None:
    """Time each instruction from now on, or no longer."""
    lib.lego_program_profile(program, is_on)


class Home(NamedTuple):
    """Memory that a program works with; see lego_home_facts in lego.h."""

    kind: str  # one of HOME_KINDS
    bytes: int
    place: int
    first: int
    last: int
    slot: int
    address: int  # of a constant's or a variable's memory; else 0


class Operand(NamedTuple):
    """What a part of an instruction reads or writes, and where in its home that lies."""

    home: int
    dtype: str
    shape: tuple[int, ...]
    strides: tuple[int, ...]
    offset: int
    number: bool | int | float | None  # what a constant says, where all its elements are the same


class Part(NamedTuple):
    """One brick inside an instruction."""

    brick: Brick
    attributes: dict[str, Any]
    label: str
    is_gradient: bool
    operations: int
    inputs: tuple[Operand, ...]
    outputs: tuple[Operand, ...]


class Instruction(NamedTuple):
    """One step of a program: a brick, or several that passes have put together."""

    parts: tuple[Part, ...]
    threads: int
    bytes: int
    operations: int
    seconds: float
    runs: int


def address(handle: Handle) -> int:
    """Return where the tensor's numbers lie."""
    return int(ffi.cast("uintptr_t", lib.lego_tensor_data(handle)))


def homes_of(program: Recording) -> tuple[Home, ...]:
    """Return the memory that the program works with."""
    return tuple(_home(program, i) for i in range(lib.lego_program_home_count(program)))


def _home(program: Recording, index: int) -> Home:
    facts = ffi.new("lego_home_facts *")
    _check(lib.lego_program_home(program, index, facts))
    kind, memory = HOME_KINDS[facts.kind], int(ffi.cast("uintptr_t", facts.memory))
    return Home(kind, facts.bytes, facts.place, facts.first, facts.last, facts.slot, memory)


def instructions_of(program: Recording) -> tuple[Instruction, ...]:
    """Return what the program does, step by step."""
    homes = homes_of(program)
    count = lib.lego_program_instruction_count(program)
    return tuple(_instruction(program, homes, i) for i in range(count))


def _instruction(program: Recording, homes: Sequence[Home], index: int) -> Instruction:
    facts = ffi.new("lego_instruction_facts *")
    _check(lib.lego_program_instruction(program, index, facts))
    parts = tuple(_part(program, homes, index, i) for i in range(facts.parts))
    return Instruction(
        parts, facts.threads, facts.bytes, facts.operations, facts.seconds, facts.runs
    )


def _part(program: Recording, homes: Sequence[Home], index: int, which: int) -> Part:
    facts = ffi.new("lego_part_facts *")
    _check(lib.lego_program_part(program, index, which, facts))
    brick = BRICKS[ffi.string(lib.lego_brick_name(facts.brick)).decode()]
    words = lib.lego_program_attributes(program, index, which)
    label = lib.lego_program_label_name(program, facts.label)
    count = facts.inputs + facts.outputs
    operands = tuple(_operand(program, homes, index, which, i) for i in range(count))
    return Part(
        brick,
        brick.unpack(bytes(ffi.buffer(words, brick.attribute_bytes))),
        "" if label == ffi.NULL else ffi.string(label).decode(),
        facts.is_gradient,
        facts.operations,
        operands[: facts.inputs],
        operands[facts.inputs :],
    )


def _operand(
    program: Recording, homes: Sequence[Home], index: int, part: int, which: int
) -> Operand:
    facts = ffi.new("lego_operand_facts *")
    _check(lib.lego_program_operand(program, index, part, which, facts))
    shape, strides = (tuple(ffi.unpack(d, facts.rank)) for d in (facts.shape, facts.strides))
    number = _number_at(homes[facts.home], facts) if _is_uniform(shape, strides) else None
    return Operand(facts.home, DTYPES[facts.dtype], shape, strides, facts.offset, number)


def _is_uniform(shape: Sequence[int], strides: Sequence[int]) -> bool:
    """Whether all elements are one and the same."""
    return 0 not in shape and all(n == 1 or stride == 0 for n, stride in zip(shape, strides))


def _number_at(home: Home, facts: Any) -> bool | int | float | None:
    if home.kind != "constant":
        return None
    return ffi.cast(_C_NUMBERS[facts.dtype], home.address + facts.offset)[0]


# ---- threads and memory ---------------------------------------------------------------------


def set_threads(count: int) -> None:
    """Set how many threads large work is spread over."""
    _check(lib.lego_set_threads(count))


def threads() -> int:
    """Return how many threads large work is spread over."""
    return lib.lego_threads()


def memory_used() -> int:
    """Return the bytes that tensors hold now."""
    return lib.lego_memory_used()


def trim_memory() -> None:
    """Give the memory that waits for the next tensors back to the system."""
    lib.lego_memory_trim()
