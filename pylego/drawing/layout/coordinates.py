"""Where the vertices of each rank stand, in the given order, so that most lines are straight.

After U. Brandes and B. Koepf, Fast and Simple Horizontal Coordinate Assignment (2001): vertices
are joined to blocks that stand upright, with the median neighbour above or below, from the left or
from the right; each of the four ways is made compact; a vertex gets the mean of the two middle
ones of its four places. Two things are added. Segments have weights: where a main line and a
shortcut leave one node, the main line is the straight one. And lines may meet a node beside its
middle: then its block holds it that much aside.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from pylego.drawing.layout.proper import LANE, ProperGraph, Segment
from pylego.drawing.layout.ranks import topological

Rows = list[list[int]]


@dataclass(frozen=True)
class Spacing:
    """How broad each vertex is, and the space that it wants beside it."""

    breadths: list[float]
    margins: list[float]

    def distance(self, left: int, right: int) -> float:
        """Return how far the middles of neighbours are apart, at least."""
        breadth = self.breadths[left] + self.breadths[right]
        return (breadth + self.margins[left] + self.margins[right]) / 2


def coordinates(graph: ProperGraph, rows: Rows, spacing: Spacing) -> list[float]:
    """Return the middle of each vertex."""
    if not graph.ranks:
        return []
    straight = _straightened(graph, rows)
    found = []
    for downwards in (True, False):
        for from_left in (True, False):
            side = 1 if from_left else -1
            view = rows if from_left else [row[::-1] for row in rows]
            blocks = _align(straight, view, downwards, side)
            found.append((side, [side * x for x in _compact(view, blocks, spacing)]))
    return _balanced(found, spacing.breadths)


# ---- which segments can be straight ---------------------------------------------------------


def _straightened(graph: ProperGraph, rows: Rows) -> ProperGraph:
    """The graph of the segments that may be straight: the most important ones at both ends, and
    none that crosses a lane."""
    places = {vertex: place for row in rows for place, vertex in enumerate(row)}
    heaviest_above = [max((s.weight for s in at), default=0) for at in graph.above]
    heaviest_below = [max((s.weight for s in at), default=0) for at in graph.below]
    found = ProperGraph(graph.ranks, graph.node_count)
    for row in rows:
        segments = [segment for vertex in row for segment in graph.below[vertex]]
        lanes = [s for s in segments if s.weight == LANE]
        found.segments += [
            s
            for s in segments
            if s.weight == heaviest_below[s.upper] == heaviest_above[s.lower]
            and not (s.weight < LANE and any(_cross(s, lane, places) for lane in lanes))
        ]
    found.list_neighbours()
    return found


def _cross(a: Segment, b: Segment, places: dict[int, int]) -> bool:
    above = places[a.upper] - places[b.upper]
    return above * (places[a.lower] - places[b.lower]) < 0


# ---- blocks ---------------------------------------------------------------------------------


@dataclass
class _Blocks:
    root: list[int]  # the vertex that stands for the block
    shift: list[float]  # how far the vertex stands to the right of the block


def _align(graph: ProperGraph, rows: Rows, downwards: bool, side: int) -> _Blocks:
    """Join each vertex with the median of its neighbours in the rank before, if nobody has it."""
    places = {vertex: place for row in rows for place, vertex in enumerate(row)}
    blocks = _Blocks(list(range(len(graph.ranks))), [0.0] * len(graph.ranks))
    is_taken = [False] * len(graph.ranks)
    for row in rows if downwards else rows[::-1]:
        last = -1
        for vertex in row:
            for neighbour, shift in _medians(graph, vertex, places, downwards):
                if is_taken[neighbour] or places[neighbour] <= last:
                    continue
                blocks.root[vertex] = blocks.root[neighbour]
                blocks.shift[vertex] = blocks.shift[neighbour] + side * shift
                is_taken[neighbour] = True
                last = places[neighbour]
                break
    return blocks


def _medians(
    graph: ProperGraph, vertex: int, places: dict[int, int], downwards: bool
) -> list[tuple[int, float]]:
    """One or two neighbours in the middle, and where the vertex stands from them."""
    if downwards:
        ends = [(s.upper, s.upper_port - s.lower_port) for s in graph.above[vertex]]
    else:
        ends = [(s.lower, s.lower_port - s.upper_port) for s in graph.below[vertex]]
    ends.sort(key=lambda end: places[end[0]])
    return ends[(len(ends) - 1) // 2 : len(ends) // 2 + 1]


def _compact(rows: Rows, blocks: _Blocks, spacing: Spacing) -> list[float]:
    """Put the blocks as far to the left as they go, then back toward what holds them."""
    needed: dict[tuple[int, int], float] = {}
    for row in rows:
        for left, right in pairwise(row):
            pair = blocks.root[left], blocks.root[right]
            space = spacing.distance(left, right) + blocks.shift[left] - blocks.shift[right]
            needed[pair] = max(needed.get(pair, space), space)
    order = topological(len(blocks.root), list(needed))
    place = [0.0] * len(order)
    after: list[list[tuple[int, float]]] = [[] for _ in order]
    for (left, right), space in needed.items():
        after[left].append((right, space))
    is_held = [False] * len(order)
    for block in order:
        for right, space in after[block]:
            least = place[block] + space
            place[right] = max(place[right], least) if is_held[right] else least
            is_held[right] = True
    for block in reversed(order):
        if after[block]:
            place[block] = max(place[block], min(place[r] - space for r, space in after[block]))
    return [place[root] + shift for root, shift in zip(blocks.root, blocks.shift)]


# ---- four become one ------------------------------------------------------------------------


def _balanced(found: list[tuple[int, list[float]]], breadths: list[float]) -> list[float]:
    """The mean of the two middle ones of four places, after all are aligned with the narrowest."""
    ends = [_ends(places, breadths) for _, places in found]
    left, right = min(ends, key=lambda end: end[1] - end[0])
    aligned = []
    for (side, places), (begin, end) in zip(found, ends):
        offset = left - begin if side > 0 else right - end
        aligned.append([x + offset for x in places])
    middles = [sum(sorted(four)[1:3]) / 2 for four in zip(*aligned)]
    begin, _ = _ends(middles, breadths)
    return [x - begin for x in middles]


def _ends(places: list[float], breadths: list[float]) -> tuple[float, float]:
    """The left and the right end of all vertices."""
    return (
        min(x - breadth / 2 for x, breadth in zip(places, breadths)),
        max(x + breadth / 2 for x, breadth in zip(places, breadths)),
    )
