"""Random small programs give the bits that the same bricks give now, run after run."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from graphs import Graph, graphs
from hypothesis import assume, given, settings, strategies as st
from recorded import ALL, Recorded, bits

from pylego import config, engine

RUNS = 3


@pytest.fixture(autouse=True)
def _same_threads_afterwards() -> Iterator[None]:
    count = config.num_threads()
    yield
    config.set_num_threads(count)


def seen_now(graph: Graph) -> list[list[bytes]]:
    """Outputs and variables after each run."""
    variables = graph.variables()
    function = graph.function(variables)
    seen = []
    for run in range(RUNS):
        outputs = function(*graph.inputs(run))
        seen.append(bits([*outputs, *variables]))
    return seen


def seen_recorded(graph: Graph, passes: int) -> list[list[bytes]]:
    variables = graph.variables()
    recorded = Recorded(graph.function(variables), graph.inputs(0), passes)
    seen = []
    for run in range(RUNS):
        outputs = recorded(*graph.inputs(run))
        seen.append(bits([*outputs, *variables]))
    return seen


@given(graph=graphs(), passes=st.sets(st.sampled_from(sorted(engine.PASSES))))
@settings(max_examples=20 * settings().max_examples)
def test_graphs_give_the_same_bits(graph: Graph, passes: set[str]) -> None:
    config.set_num_threads(1)
    try:
        wanted = seen_now(graph)
    except ValueError as refusal:  # a gradient through what a variable was before it was written
        assume("after it had been used" not in str(refusal))
        raise
    for count, some in ((2, ALL), (1, sum(engine.PASSES[name] for name in passes))):
        config.set_num_threads(count)
        assert seen_recorded(graph, some) == wanted
