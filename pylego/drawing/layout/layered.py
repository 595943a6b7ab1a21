"""The whole layout: ranks, order, coordinates, routes; from above to below."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from pylego.drawing.layout.coordinates import Spacing, coordinates
from pylego.drawing.layout.ordering import order_of
from pylego.drawing.layout.proper import Link, ProperGraph, Segment, proper_graph
from pylego.drawing.layout.ranks import ranks_of
from pylego.drawing.layout.routes import NEAR, Track, ends_of, tracks_of
from pylego.drawing.shapes import Point

MARGIN, LANE_MARGIN = 26.0, 18.0  # beside nodes and beside lines that pass
GAP = 30.0  # between ranks
TRACK = 10.0  # between tracks


@dataclass(frozen=True)
class Node:
    """What takes room: so broad, and so deep in the direction of the links."""

    breadth: float
    depth: float
    is_entry: bool = False
    is_exit: bool = False


@dataclass(frozen=True)
class Layout:
    """Middles of the nodes, corners of the links, and the size of the whole."""

    middles: list[Point]
    routes: list[list[Point]]
    breadth: float
    depth: float


@dataclass
class _Band:
    """The rows of pixels that a rank takes, and the gap below it."""

    begin: float
    end: float
    gap: float


def lay_out(nodes: Sequence[Node], links: Sequence[Link], orthogonal: bool = True) -> Layout:
    """Return a layout of a graph in layers.

    Args:
        nodes: with their sizes.
        links: which make no circle.
        orthogonal: whether lines go round corners; else they go straight from bend to bend.

    Raises:
        ValueError: when the links make a circle.

    >>> layout = lay_out([Node(40, 20)] * 3, [Link(0, 1), Link(1, 2), Link(0, 2)])
    >>> [x for x, _ in layout.middles], layout.breadth
    ([20.0, 20.0, 20.0], 62.0)
    """
    entries = [i for i, node in enumerate(nodes) if node.is_entry]
    exits = [i for i, node in enumerate(nodes) if node.is_exit]
    pairs = [(link.source, link.target) for link in links]
    graph = proper_graph(ranks_of(len(nodes), pairs, entries, exits), links)
    bends = len(graph.ranks) - len(nodes)
    breadths = [*(node.breadth for node in nodes), *[0.0] * bends]
    margins = [*[MARGIN] * len(nodes), *[LANE_MARGIN] * bends]
    rows = order_of(graph, breadths)
    places = coordinates(graph, rows, Spacing(breadths, margins))
    tracks = tracks_of(graph, rows, places)
    bands = _bands(nodes, rows, tracks, orthogonal)
    middles = [
        (places[i], (bands[graph.ranks[i]].begin + bands[graph.ranks[i]].end) / 2)
        for i in range(len(nodes))
    ]
    router = _Router(graph, nodes, middles, places, bands, tracks if orthogonal else [])
    routes = [router.route(chain) for chain in graph.chains]
    breadth = max((x + b / 2 for x, b in zip(places, breadths)), default=0.0)
    return Layout(middles, routes, breadth, bands[-1].end if bands else 0.0)


def _bands(
    nodes: Sequence[Node],
    rows: list[list[int]],
    tracks: list[dict[Segment, Track]],
    orthogonal: bool,
) -> list[_Band]:
    """Rank below rank; a gap has room for its tracks."""
    bands = []
    begin = 0.0
    for rank, row in enumerate(rows):
        depth = max((nodes[v].depth for v in row if v < len(nodes)), default=0.0)
        levels = [track.level for track in tracks[rank].values()] if rank < len(tracks) else []
        gap = GAP + TRACK * max(levels, default=0) * orthogonal
        bands.append(_Band(begin, begin + depth, gap))
        begin += depth + gap
    return bands


@dataclass(frozen=True)
class _Router:
    """Leads links from node to node."""

    graph: ProperGraph
    nodes: Sequence[Node]
    middles: list[Point]
    places: list[float]
    bands: list[_Band]
    tracks: list[dict[Segment, Track]]  # none, where links go straight from bend to bend

    def route(self, chain: list[Segment]) -> list[Point]:
        """Return the corners of a link."""
        points = [self._leaving(chain[0])]
        for segment in chain:
            start, end = ends_of(segment, self.places)
            if self.tracks and abs(start - end) >= NEAR:
                band = self.bands[self.graph.ranks[segment.upper]]
                level = self.tracks[self.graph.ranks[segment.upper]][segment].level
                y = band.end + GAP / 2 + level * TRACK
                points += [(start, y), (end, y)]
            points += self._arriving(segment)
        return _without_needless(points)

    def _leaving(self, segment: Segment) -> Point:
        x, y = self.middles[segment.upper]
        return x + segment.upper_port, y + self.nodes[segment.upper].depth / 2

    def _arriving(self, segment: Segment) -> list[Point]:
        """Where it meets its node; for a bend the way through its rank."""
        if self.graph.is_bend(segment.lower):
            x, band = self.places[segment.lower], self.bands[self.graph.ranks[segment.lower]]
            return [(x, band.begin), (x, band.end)]
        x, y = self.middles[segment.lower]
        return [(x + segment.lower_port, y - self.nodes[segment.lower].depth / 2)]


def _without_needless(points: list[Point]) -> list[Point]:
    """Without points at which nothing turns."""
    kept = points[:1]
    for point, after in pairwise(points[1:]):
        (x, y), (u, v) = kept[-1], point
        turns = abs((u - x) * (after[1] - y) - (v - y) * (after[0] - x)) > NEAR
        if turns and point != kept[-1]:
            kept.append(point)
    return [*kept, points[-1]]
