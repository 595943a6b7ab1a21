"""The order within each rank, such that few lines cross: barycentres, then exchanges of neighbours.

Where the order makes no difference, the order of the links is kept: the first branch of a program
is the left one of the picture.
"""

from __future__ import annotations

from bisect import bisect_right, insort

from pylego.drawing.layout.proper import ProperGraph, Segment

SWEEPS = 24
PATIENCE = 4  # sweeps without a gain
MOST_EXCHANGES = 12
SMALL = 2000  # vertices up to which neighbours are exchanged

Rows = list[list[int]]


def order_of(graph: ProperGraph, breadths: list[float]) -> Rows:
    """Return the vertices of each rank from left to right.

    Args:
        graph: with segments between neighbouring ranks.
        breadths: of the nodes, to tell where ports are.
    """
    rows = best = _first_order(graph)
    fewest = crossings(graph, rows)
    waited = 0
    for sweep in range(SWEEPS):
        if not fewest or waited >= PATIENCE:
            break
        rows = _swept(graph, rows, breadths, downwards=sweep % 2 == 0)
        count = crossings(graph, rows)
        waited += 1
        if count < fewest:
            best, fewest, waited = rows, count, 0
    if fewest and len(graph.ranks) <= SMALL:
        best = _exchanged(graph, [list(row) for row in best])
    return best


def _first_order(graph: ProperGraph) -> Rows:
    """Depth first from the top, main lines before shortcuts."""
    rows: Rows = [[] for _ in range(max(graph.ranks, default=-1) + 1)]
    seen = [False] * len(graph.ranks)
    roots = [v for v in range(len(graph.ranks)) if not graph.above[v]]
    stack = roots[::-1]
    while stack:
        vertex = stack.pop()
        if seen[vertex]:
            continue
        seen[vertex] = True
        rows[graph.ranks[vertex]].append(vertex)
        after = sorted(graph.below[vertex], key=lambda s: s.weight == 0)
        stack += [segment.lower for segment in reversed(after)]
    return rows


def _places(rows: Rows) -> dict[int, int]:
    return {vertex: place for row in rows for place, vertex in enumerate(row)}


def _swept(graph: ProperGraph, rows: Rows, breadths: list[float], downwards: bool) -> Rows:
    """Each rank in the order of the means of its neighbours in the rank before."""
    found = [list(row) for row in rows]
    places = _places(rows)
    for row in found if downwards else reversed(found):
        wanted = {v: _barycentre(graph, v, places, breadths, downwards) for v in row}
        row.sort(key=wanted.__getitem__)
        places.update((vertex, place) for place, vertex in enumerate(row))
    return found


def _barycentre(
    graph: ProperGraph, vertex: int, places: dict[int, int], breadths: list[float], downwards: bool
) -> float:
    """The mean place of the neighbours, a port on the left of one being a bit further left."""
    ends = [
        (segment.upper, segment.upper_port) if downwards else (segment.lower, segment.lower_port)
        for segment in (graph.above if downwards else graph.below)[vertex]
    ]
    if not ends:
        return places[vertex]
    return sum(places[v] + 0.8 * port / (breadths[v] or 1) for v, port in ends) / len(ends)


def crossings(graph: ProperGraph, rows: Rows) -> int:
    """Return how many pairs of segments cross."""
    places = _places(rows)
    count = 0
    for row in rows:
        ends = sorted(
            (places[s.upper], s.upper_port, places[s.lower], s.lower_port)
            for vertex in row
            for s in graph.below[vertex]
        )
        passed: list[tuple[int, float]] = []
        for _, _, place, port in ends:
            count += len(passed) - bisect_right(passed, (place, port))
            insort(passed, (place, port))
    return count


def _exchanged(graph: ProperGraph, rows: Rows) -> Rows:
    """Exchange neighbours wherever that leaves fewer crossings."""
    places = _places(rows)
    for _ in range(MOST_EXCHANGES):
        has_gained = False
        for row in rows:
            for i in range(len(row) - 1):
                left, right = row[i], row[i + 1]
                if _between(graph, left, right, places) > _between(graph, right, left, places):
                    row[i], row[i + 1] = right, left
                    places[left], places[right] = i + 1, i
                    has_gained = True
        if not has_gained:
            break
    return rows


def _between(graph: ProperGraph, left: int, right: int, places: dict[int, int]) -> int:
    """How many of their segments cross, if the one stands left of the other."""
    upwards = _crossed(graph.above[left], graph.above[right], places, "upper")
    return upwards + _crossed(graph.below[left], graph.below[right], places, "lower")


def _crossed(a: list[Segment], b: list[Segment], places: dict[int, int], end: str) -> int:
    ends_of_b = sorted(_end(segment, places, end) for segment in b)
    count = 0
    for segment in a:
        place = _end(segment, places, end)
        count += sum(other < place for other in ends_of_b)
    return count


def _end(segment: Segment, places: dict[int, int], end: str) -> tuple[int, float]:
    return places[getattr(segment, end)], getattr(segment, f"{end}_port")
