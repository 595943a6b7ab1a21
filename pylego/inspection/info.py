"""A finished program as plain data, with names for all buffers that it reads and writes."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from pylego import engine
from pylego.engine import BufferInfo, Handle, Instruction, Op, Operand, Recording

ALIGNMENT = 64  # every buffer of the arena begins at a multiple of it


@dataclass(frozen=True)
class ProgramInfo:
    """A program as plain data: instructions over buffers.

    Args:
        name: what it does: 'train_step'.
        instructions: in the order in which they run.
        buffers: the memory that operands of instructions point into, by number.
        names: of the buffers: a variable's path, 'input 0', or '%7' for what instruction 7 makes.
        arena_bytes: the size of the arena.
        record_bytes: the size of the program itself.
        root: the name that stands before the paths of all layers, and is left out.
        bodies: what instructions that are loops run once per step, by their numbers.
    """

    name: str
    instructions: tuple[Instruction, ...]
    buffers: tuple[BufferInfo, ...]
    names: tuple[str, ...]
    arena_bytes: int
    record_bytes: int
    root: str = ""
    bodies: Mapping[int, ProgramInfo] = field(default_factory=dict)

    @property
    def operations(self) -> int:
        """Operations on numbers in one run."""
        return sum(instruction.operations for instruction in self.instructions)

    @property
    def bytes(self) -> int:
        """Bytes that a run reads from memory and writes to it."""
        return sum(instruction.bytes for instruction in self.instructions)

    @property
    def runs(self) -> int:
        """How many runs were timed."""
        return max((instruction.runs for instruction in self.instructions), default=0)

    @property
    def seconds(self) -> float:
        """Seconds of a run, on the average of those that were timed."""
        return sum(seconds_of(instruction) for instruction in self.instructions)

    def bytes_of(self, kind: str) -> int:
        """Return how many bytes the buffers of one kind ('input', 'variable') have."""
        return sum(buffer.bytes for buffer in self.buffers if buffer.kind == kind)

    def origin(self, op: Op) -> str:
        """Return the origin of an op: 'dense_1', 'dense_1 gradient', 'adam' or '-'."""
        words = [_without_root(op.label, self.root), "gradient" if op.is_gradient else ""]
        return " ".join(filter(None, words)) or "-"

    def origins(self, instruction: Instruction) -> list[str]:
        """Return the origins of the ops of an instruction, each once."""
        return list(dict.fromkeys(self.origin(op) for op in instruction.ops))


def read_program(
    recording: Recording, name: str = "program", paths: Mapping[Handle, str] | None = None
) -> ProgramInfo:
    """Read the instructions and buffers of a finished program.

    Args:
        recording: the engine's program.
        name: what it does.
        paths: of variables, by their handles; others are 'variable 0', 'variable 1' and so on.
    """
    paths = paths or {}
    root = _root_of(paths.values())
    instructions = engine.instructions_of(recording)
    buffers = engine.buffers_of(recording)
    known = {engine.address(handle): _without_root(path, root) for handle, path in paths.items()}
    names = _names(instructions, buffers, known)
    sizes = (engine.arena_bytes(recording), engine.record_bytes(recording))
    bodies = dict(_bodies(recording, instructions, buffers, names))
    return ProgramInfo(name, instructions, buffers, names, *sizes, root, bodies)


def _bodies(
    recording: Recording,
    instructions: tuple[Instruction, ...],
    buffers: tuple[BufferInfo, ...],
    names: tuple[str, ...],
) -> Iterator[tuple[int, ProgramInfo]]:
    """The bodies of loops; what they read of a variable has its name."""
    for number, instruction in enumerate(instructions):
        body = engine.body_of(recording, number, 0)
        if body is None:
            continue
        taken = [operand.buffer for operand in instruction.ops[0].inputs[1:]]
        own = {slot: names[i] for slot, i in enumerate(taken) if buffers[i].kind == "variable"}
        info = read_program(body, "body")
        known = (own.get(b.slot) if b.kind == "input" else None for b in info.buffers)
        named = tuple(path or name for path, name in zip(known, info.names))
        yield number, replace(info, names=named)


def seconds_of(instruction: Instruction) -> float:
    """Return the seconds that the instruction takes in a run; 0 when none was timed."""
    return instruction.seconds / instruction.runs if instruction.runs else 0.0


def inputs_of(op: Op) -> tuple[Operand, ...]:
    """Return the inputs that an op reads: not the variable that is written, nor a loop's body."""
    is_first_read = op.brick.name not in ("assign", "subtract_rows", "scan")
    return op.inputs if is_first_read else op.inputs[1:]


def makers(instructions: Iterable[Instruction]) -> Iterator[tuple[int, Op, Operand]]:
    """Yield the number of the instruction, the op and the operand for each output."""
    for number, instruction in enumerate(instructions):
        for op in instruction.ops:
            for operand in op.outputs:
                yield number, op, operand


# ---- names ----------------------------------------------------------------------------------


def _names(
    instructions: tuple[Instruction, ...], buffers: tuple[BufferInfo, ...], known: Mapping[int, str]
) -> tuple[str, ...]:
    """A name for each buffer."""
    made = _names_of_values(instructions, buffers)
    variables = [index for index, buffer in enumerate(buffers) if buffer.kind == "variable"]
    numbers = {index: place for place, index in enumerate(variables)}
    names = []
    for index, buffer in enumerate(buffers):
        if buffer.kind == "variable":
            names.append(known.get(buffer.address, f"variable {numbers[index]}"))
        elif buffer.kind in ("input", "constant"):
            names.append(f"{buffer.kind} {buffer.slot}" if buffer.kind == "input" else buffer.kind)
        else:
            names.append(made.get(index, "nothing"))
    return tuple(names)


def _names_of_values(
    instructions: tuple[Instruction, ...], buffers: tuple[BufferInfo, ...]
) -> dict[int, str]:
    """'%7' for what instruction 7 makes; '%7.2' where it makes several, or for a tile in it."""
    made: dict[int, list[int]] = {}
    for number, _, operand in makers(instructions):
        if buffers[operand.buffer].kind != "variable":
            made.setdefault(number, []).append(operand.buffer)
    names = {}
    for number, written in made.items():
        lasting = [index for index in written if buffers[index].kind != "tile"]
        for place, index in enumerate(written, 1):
            is_only = lasting == [index]
            names[index] = f"%{number}" if is_only else f"%{number}.{place}"
    return names


def _root_of(paths: Iterable[str]) -> str:
    """What the paths of all weights ('model/dense/kernel') begin with; '' if they differ."""
    roots = {path.split("/")[0] for path in paths if path.count("/") >= 2}
    return roots.pop() if len(roots) == 1 else ""


@functools.lru_cache(maxsize=1000)
def _without_root(path: str, root: str) -> str:
    """'model/dense/kernel' becomes 'dense/kernel', 'adam/model_dense_...' 'adam/dense_...'."""
    if not root:
        return path
    return path.removeprefix(f"{root}/").replace(f"/{root}_", "/")
