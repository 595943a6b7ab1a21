"""The row of each node: links lead from smaller ranks to greater ones, and are short."""

from __future__ import annotations

from collections.abc import Collection, Iterable

Pair = tuple[int, int]


def ranks_of(
    count: int, links: Collection[Pair], entries: Collection[int], exits: Collection[int]
) -> list[int]:
    """Return a rank for each node.

    Each stands as high as its links allow. A node without a link from above, such as a second
    input that is read late, stands right above its reader.

    Args:
        count: how many nodes there are.
        links: pairs of nodes that make no circle.
        entries: nodes of the first rank, which they have for themselves.
        exits: nodes of the last rank, which they have for themselves.
    """
    sources, targets = neighbours(count, links)
    order = topological(count, links)
    first = {node: 0 if node in entries or not entries else 1 for node in order}
    ranks = [0] * count
    for node in order:
        above = [ranks[source] + 1 for source in sources[node]]
        ranks[node] = max([first[node], *above])
    _lower(ranks, order, sources, targets, entries)
    inner = [ranks[node] for node in order if node not in exits]
    for node in exits:
        ranks[node] = max([*inner, 0]) + 1
    return ranks


def _lower(
    ranks: list[int],
    order: list[int],
    sources: list[list[int]],
    targets: list[list[int]],
    entries: Collection[int],
) -> None:
    """Move branches that begin by themselves down to what reads them."""
    is_loose = [False] * len(order)
    for node in order:
        only_for_it = all(is_loose[s] and len(set(targets[s])) == 1 for s in sources[node])
        is_loose[node] = only_for_it and node not in entries
    for node in reversed(order):
        if is_loose[node] and targets[node]:
            ranks[node] = min(ranks[target] for target in targets[node]) - 1


def neighbours(count: int, links: Iterable[Pair]) -> tuple[list[list[int]], list[list[int]]]:
    """Return for each node those whose links come in, and those to which its links lead."""
    sources: list[list[int]] = [[] for _ in range(count)]
    targets: list[list[int]] = [[] for _ in range(count)]
    for source, target in links:
        sources[target].append(source)
        targets[source].append(target)
    return sources, targets


def topological(count: int, links: Collection[Pair]) -> list[int]:
    """Return the nodes, each behind all whose links come in.

    Raises:
        ValueError: when links make a circle.

    >>> topological(3, [(2, 0), (0, 1)])
    [2, 0, 1]
    """
    sources, targets = neighbours(count, links)
    missing = [len(above) for above in sources]
    order = [node for node in range(count) if not missing[node]]
    for node in order:  # grows on the way
        for target in targets[node]:
            missing[target] -= 1
            if not missing[target]:
                order.append(target)
    if len(order) < count:
        raise ValueError("A graph in layers has no circles, this one has")
    return order


def shortcuts(count: int, links: Collection[Pair]) -> set[Pair]:
    """Return the links beside which a longer way leads from the one end to the other.

    >>> shortcuts(3, [(0, 1), (1, 2), (0, 2)])
    {(0, 2)}
    """
    _, targets = neighbours(count, links)
    reached = [0] * count  # a bit for each node that links lead to
    for node in reversed(topological(count, links)):
        for target in targets[node]:
            reached[node] |= reached[target] | 1 << target
    found = set()
    for node in range(count):
        beyond = 0
        for target in targets[node]:
            beyond |= reached[target]
        found |= {(node, target) for target in targets[node] if beyond >> target & 1}
    return found
