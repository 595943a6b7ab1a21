"""A graph whose segments lead from each rank to the next one: long links pass through bends.

All long links that leave a node share their bends, and branch off where they reach their targets:
a tensor that many layers read is one line.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from pylego.drawing.layout.ranks import Pair, shortcuts

LANE, STEP, SHORTCUT = 2, 1, 0  # how much a segment wants to be straight


@dataclass(frozen=True)
class Link:
    """A line from a node to another; ports say where it meets them, from their middles."""

    source: int
    target: int
    source_port: float = 0.0
    target_port: float = 0.0


@dataclass(frozen=True)
class Segment:
    """The part of a link between two ranks."""

    upper: int
    lower: int
    weight: int
    upper_port: float = 0.0
    lower_port: float = 0.0

    @property
    def key(self) -> tuple:
        """What two links share when they share this segment."""
        return self.upper, self.lower, self.upper_port, self.lower_port


@dataclass
class ProperGraph:
    """Nodes and bends in rows, with segments between neighbouring rows.

    `chains` has the segments of each link, from its source to its target.
    """

    ranks: list[int]
    node_count: int
    segments: list[Segment] = field(default_factory=list)
    chains: list[list[Segment]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.above: list[list[Segment]] = []
        self.below: list[list[Segment]] = []

    def is_bend(self, vertex: int) -> bool:
        """Return whether it is a place that a link passes, and no node."""
        return vertex >= self.node_count

    def list_neighbours(self) -> None:
        """Take down the segments at each vertex, when all are there."""
        self.above = [[] for _ in self.ranks]
        self.below = [[] for _ in self.ranks]
        for segment in self.segments:
            self.above[segment.lower].append(segment)
            self.below[segment.upper].append(segment)


def proper_graph(ranks: Sequence[int], links: Sequence[Link]) -> ProperGraph:
    """Return the graph with bends where links pass a rank."""
    graph = ProperGraph(list(ranks), len(ranks))
    skipping = shortcuts(len(ranks), [(link.source, link.target) for link in links])
    lanes: dict[tuple[int, float], list[int]] = {}
    made: dict[tuple, Segment] = {}
    chains = []
    for link in links:
        lane = lanes.setdefault((link.source, link.source_port), [])
        weight = SHORTCUT if (link.source, link.target) in skipping else STEP
        _lengthen(graph, lane, ranks[link.source] + 1, ranks[link.target])
        bends = lane[: ranks[link.target] - ranks[link.source] - 1]
        chain = [link.source, *bends, link.target]
        segments = [_segment(graph, link, ends, weight) for ends in pairwise(chain)]
        for segment in segments:
            heaviest = made.setdefault(segment.key, segment)
            if heaviest.weight < segment.weight:
                made[segment.key] = segment
        chains.append(segments)
    graph.segments = list(made.values())
    graph.chains = [[made[segment.key] for segment in chain] for chain in chains]
    graph.list_neighbours()
    return graph


def _lengthen(graph: ProperGraph, lane: list[int], first: int, end: int) -> None:
    """Add bends to a lane, until it reaches the rank before `end`."""
    for rank in range(first + len(lane), end):
        lane.append(len(graph.ranks))
        graph.ranks.append(rank)


def _segment(graph: ProperGraph, link: Link, ends: Pair, weight: int) -> Segment:
    upper, lower = ends
    if graph.is_bend(upper) and graph.is_bend(lower):
        return Segment(upper, lower, LANE)
    upper_port = 0.0 if graph.is_bend(upper) else link.source_port
    lower_port = 0.0 if graph.is_bend(lower) else link.target_port
    return Segment(upper, lower, weight, upper_port, lower_port)
