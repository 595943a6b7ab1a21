"""Lines from node to node, through the bends that keep them away from other nodes.

Between two ranks a line that must move aside does so on a track. Lines that leave one node share
their track, and so do lines that arrive at one node; others that overlap get tracks of their own.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from pylego.drawing.layout.proper import ProperGraph, Segment
from pylego.drawing.shapes import Point

NEAR = 0.05  # what differs by less lies on one line


@dataclass
class Track:
    """A stretch between two ranks on which lines move aside."""

    starts: set[float] = field(default_factory=set)  # where lines come down to it
    ends: set[float] = field(default_factory=set)  # where they leave it downwards
    level: int = 0

    def overlaps(self, other: Track) -> bool:
        """Return whether both want the same stretch."""
        mine, its = self.starts | self.ends, other.starts | other.ends
        return max(min(mine), min(its)) < min(max(mine), max(its)) + 1


def tracks_of(
    graph: ProperGraph, rows: list[list[int]], places: list[float]
) -> list[dict[Segment, Track]]:
    """Return for each gap below a rank the tracks of its segments, with their levels."""
    return [_tracks_below(graph, row, places) for row in rows[:-1]]


def ends_of(segment: Segment, places: list[float]) -> Point:
    """Return where a segment leaves the upper rank, and where it meets the lower one."""
    return (
        places[segment.upper] + segment.upper_port,
        places[segment.lower] + segment.lower_port,
    )


def _tracks_below(graph: ProperGraph, row: list[int], places: list[float]) -> dict[Segment, Track]:
    groups: dict[tuple, Track] = {}
    found = {}
    for vertex in row:
        for segment in graph.below[vertex]:
            start, end = ends_of(segment, places)
            if abs(start - end) < NEAR:
                continue
            track = groups.setdefault(_group(graph, segment), Track())
            track.starts.add(start)
            track.ends.add(end)
            found[segment] = track
    _set_levels(list(groups.values()))
    return found


def _group(graph: ProperGraph, segment: Segment) -> tuple:
    """Segments with the same key share a track: those of the busier one of both ends."""
    leaving = sum(s.upper_port == segment.upper_port for s in graph.below[segment.upper])
    arriving = sum(s.lower_port == segment.lower_port for s in graph.above[segment.lower])
    if arriving > leaving:
        return ("arriving", segment.lower, segment.lower_port)
    return ("leaving", segment.upper, segment.upper_port)


def _set_levels(tracks: list[Track]) -> None:
    """Level 0 is the uppermost. A track whose lines leave where those of another come down lies
    below that one, so that they do not run on top of each other."""
    waiting = sorted(tracks, key=lambda track: (min(track.starts | track.ends), len(track.ends)))
    done: list[Track] = []
    while waiting:
        track = next((t for t in waiting if not _must_wait(t, waiting)), waiting[0])
        waiting.remove(track)
        track.level = max([other.level + 1 for other in done if other.overlaps(track)], default=0)
        done.append(track)


def _must_wait(track: Track, waiting: list[Track]) -> bool:
    return any(
        abs(end - start) < 1
        for other in waiting
        if other is not track
        for end in track.ends
        for start in other.starts
    )
