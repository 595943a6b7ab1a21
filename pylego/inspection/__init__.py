"""Inspection of programs: print-outs, times, memory, pictures."""

from pylego.inspection.info import ProgramInfo, read_program
from pylego.inspection.memory import MemoryBill, MemoryLine, memory_of
from pylego.inspection.passes import PassComparison, compare_passes
from pylego.inspection.view import ProgramView, view_program

__all__ = [
    "MemoryBill",
    "MemoryLine",
    "PassComparison",
    "ProgramInfo",
    "ProgramView",
    "compare_passes",
    "memory_of",
    "read_program",
    "view_program",
]
