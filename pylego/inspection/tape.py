"""The print-out of a tensor's tape: one line for a node, in the order of the backward pass."""

from __future__ import annotations

from collections.abc import Sequence
from string import ascii_lowercase

from pylego.engine import TapeNode, TapeOperand
from pylego.inspection.units import in_shape, table

HEADINGS = ("", "brick", "y", "keeps", "formula")


class Tape:
    """The nodes behind a tensor, the youngest first; print it.

    `%2` is what node 2 made. Letters are leaves: tensors that nothing watched has made, where
    gradients end. A shape, as 10x64, is an input that no gradient flows to. `keeps`: whose numbers
    the gradient reads, so that their memory cannot be used again before the backward pass.

    Args:
        nodes: from `engine.history`.
    """

    def __init__(self, nodes: Sequence[TapeNode]):
        self.nodes = tuple(nodes)

    def __repr__(self) -> str:
        if not self.nodes:
            return "no tape: nothing that was watched made this tensor"
        rows = [HEADINGS, *(self._row(i, node) for i, node in enumerate(self.nodes))]
        return "\n".join([self._headline(), *table(rows, left=range(len(HEADINGS)))])

    def _headline(self) -> str:
        leaves = len({o.leaf for node in self.nodes for o in node.inputs if o.leaf >= 0})
        nodes = len(self.nodes)
        return f"{nodes} {_noun(nodes, 'node')}, {leaves} {_noun(leaves, 'leaf', 'leaves')}"

    def _row(self, index: int, node: TapeNode) -> tuple[str, ...]:
        read = node.inputs[1:] if node.brick.name == "scan" else node.inputs  # less its body
        inputs = [self._name(operand) for operand in read]
        kept = [n for n, operand in zip(inputs, read) if operand.keeps_numbers]
        kept += ["y"] * any(operand.keeps_numbers for operand in node.outputs)
        return (
            f"%{self._number(index)}",
            f"{node.brick.name}({', '.join(inputs)})",
            ", ".join(in_shape(o.shape, o.dtype) for o in node.outputs),
            ", ".join(dict.fromkeys(kept)),
            node.brick.formula,
        )

    def _number(self, index: int) -> int:
        """The oldest node is number 1, as it was applied first."""
        return len(self.nodes) - index

    def _name(self, operand: TapeOperand) -> str:
        if operand.leaf >= 0:
            return _letters(operand.leaf)
        if operand.node < 0:
            return in_shape(operand.shape, operand.dtype)
        several = len(self.nodes[operand.node].outputs) > 1
        output = f".{operand.output}" if several else ""
        return f"%{self._number(operand.node)}{output}"


def _noun(count: int, one: str, more: str = "") -> str:
    return one if count == 1 else more or f"{one}s"


def _letters(number: int) -> str:
    """a to z, then aa, ab, ..."""
    more, last = divmod(number, len(ascii_lowercase))
    return (_letters(more - 1) if more else "") + ascii_lowercase[last]
