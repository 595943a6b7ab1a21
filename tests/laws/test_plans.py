"""What must hold of the memory of any program, by what the program tells of itself."""

from __future__ import annotations

from itertools import combinations

from graphs import Graph, graphs
from hypothesis import given, settings, strategies as st
from recorded import ALL, Part, Recorded, buffers, instructions, reach

from pylego import engine

WITHOUT_REUSE = ALL & ~engine.PASSES["reuse"]

any_graph = given(graph=graphs(), passes=st.sets(st.sampled_from(sorted(engine.PASSES))))
many = settings(max_examples=3 * settings().max_examples)


def recorded(graph: Graph, passes: int) -> Recorded:
    graph.has_gradients = False
    return Recorded(graph.function(graph.variables()), graph.inputs(0), passes)


def with_passes(graph: Graph, names: set[str]) -> Recorded:
    return recorded(graph, sum(engine.PASSES[name] for name in names))


def share_bytes(a: engine.BufferInfo, b: engine.BufferInfo) -> bool:
    return a.offset < b.offset + b.bytes and b.offset < a.offset + a.bytes


def live_together(a: engine.BufferInfo, b: engine.BufferInfo) -> bool:
    return a.first <= b.last and b.first <= a.last


def is_whole(operand: engine.Operand, result: engine.Operand, buffer: engine.BufferInfo) -> bool:
    """Whether all of the buffer is read in the order in which it lies, or in that of the result."""
    in_order = list(operand.strides) == sorted(operand.strides, reverse=True)
    is_all = reach(operand) == (0, buffer.bytes)
    return is_all and (in_order or operand.strides == result.strides)


def is_taken_over(parts: list[Part], number: int, by: int, buffer: engine.BufferInfo) -> bool:
    """Whether nothing reads the first buffer once the second one is being written."""
    readers = [i for i, part in enumerate(parts) for x in part.reads if x.buffer == number]
    reads = [x for part in parts for x in part.reads if x.buffer == number]
    made = [(i, y) for i, part in enumerate(parts) for y in part.writes if y.buffer == by]
    maker, result = made[0]
    return max(readers) <= maker and all(is_whole(x, result, buffer) for x in reads)


@any_graph
@many
def test_no_two_homes_that_live_at_once_share_bytes(graph: Graph, passes: set[str]) -> None:
    program = with_passes(graph, passes)
    steps = instructions(program)
    placed = [(i, h) for i, h in enumerate(buffers(program)) if h.kind == "arena" and h.first >= 0]
    for (i, a), (j, b) in combinations(placed, 2):
        if not (a.bytes and b.bytes and share_bytes(a, b) and live_together(a, b)):
            continue
        (i, a), (j, b) = sorted(((i, a), (j, b)), key=lambda pair: pair[1].first)
        assert (a.offset, a.bytes, a.last) == (b.offset, b.bytes, b.first)
        assert is_taken_over(steps[b.first], i, j, a)


@any_graph
@many
def test_the_arena_holds_all_that_is_placed(graph: Graph, passes: set[str]) -> None:
    program = with_passes(graph, passes)
    size = engine.arena_bytes(program.program)
    for buffer in buffers(program):
        if buffer.kind == "arena" and buffer.first >= 0:
            assert buffer.offset % 64 == 0
            assert 0 <= buffer.offset <= buffer.offset + buffer.bytes <= size
        else:
            assert buffer.offset == -1


@any_graph
@many
def test_operands_lie_inside_of_their_homes(graph: Graph, passes: set[str]) -> None:
    program = with_passes(graph, passes)
    all_homes = buffers(program)
    for parts in instructions(program):
        for part in parts:
            for operand in (*part.reads, *part.writes):
                buffer = all_homes[operand.buffer]
                low, high = reach(operand)
                assert buffer.kind == "input" or 0 <= low <= high <= buffer.bytes


@any_graph
@many
def test_lifetimes_are_from_the_first_touch_to_the_last(graph: Graph, passes: set[str]) -> None:
    program = with_passes(graph, passes)
    touched: dict[int, list[int]] = {}
    for number, parts in enumerate(instructions(program)):
        for part in parts:
            for operand in (*part.reads, *part.writes):
                touched.setdefault(operand.buffer, []).append(number)
    for index, buffer in enumerate(buffers(program)):
        places = touched.get(index, [-1])
        assert (buffer.first, buffer.last) == (places[0], places[-1])
        assert buffer.kind != "tile" or buffer.first == buffer.last, (
            "a tile does not outlive its chain"
        )


@any_graph
@many
def test_nothing_is_read_before_it_is_made(graph: Graph, passes: set[str]) -> None:
    program = with_passes(graph, passes)
    all_homes = buffers(program)
    made = set()
    for parts in instructions(program):
        for part in parts:
            for operand in part.reads:
                kind = all_homes[operand.buffer].kind
                assert operand.buffer in made or kind in ("input", "constant", "variable")
            made |= {operand.buffer for operand in part.writes}
    assert all(i in made for i, buffer in enumerate(all_homes) if buffer.kind == "output")


@any_graph
@many
def test_reuse_never_needs_more(graph: Graph, passes: set[str]) -> None:
    del passes
    reused, plain = (recorded(graph, some) for some in (ALL, WITHOUT_REUSE))
    assert engine.arena_bytes(reused.program) <= engine.arena_bytes(plain.program)
