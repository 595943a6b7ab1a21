"""Inspection of programs: info, print-outs, times, memory and pictures of recorded steps."""

from __future__ import annotations

import gc
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from recordings import ALL_PASSES, finished, numbers_network, paths_of, record_step, recording_to

from pylego import Variable, engine, ops
from pylego.autograd import GradientTape
from pylego.inspection import compare_passes, memory_of, read_program, view_program
from pylego.inspection.graph import edges_of, levels_of
from pylego.inspection.timing import seconds_of_origins, timing_text

ARENA_ALIGNMENT = 64


@pytest.fixture(scope="module")
def step() -> Any:
    """A training step of the numbers network: model, program, inputs."""
    model, x, y = numbers_network()
    program = record_step(model, x, y)
    return model, program, [ops.convert_to_tensor(part)._handle for part in (x, y)]


def dense(passes: int = ALL_PASSES) -> tuple[Any, dict]:
    """tanh(x w + b) of two rows, recorded; and the paths of w and b."""
    w = Variable(np.ones((3, 4), "float32"), name="w")
    b = Variable(np.ones(4, "float32"), name="b")
    program = finished(lambda x: ops.tanh(x @ w + b), [np.ones((2, 3), "float32")], passes)
    return program, {w._handle: "w", b._handle: "b"}


# ---- info ----------------------------------------------------------------------------------


def test_each_brick_is_an_instruction_without_passes() -> None:
    program, paths = dense(passes=0)
    info = read_program(program, "dense", paths)
    assert [i.ops[0].brick.name for i in info.instructions] == ["matmul", "add", "tanh"]
    product = info.instructions[0]
    assert product.operations == 2 * 2 * 3 * 4
    assert product.bytes == 4 * (2 * 3 + 3 * 4 + 2 * 4)
    assert [operand.shape for operand in product.ops[0].inputs] == [(2, 3), (3, 4)]
    assert [info.names[o.buffer] for o in product.ops[0].inputs] == ["input 0", "w"]
    assert info.arena_bytes == 2 * ARENA_ALIGNMENT  # the product and the sum; tanh is the output


def test_tiles_have_no_offset_and_cost_no_bytes() -> None:
    program, paths = dense(engine.PASSES["fuse"])
    info = read_program(program, "dense", paths)
    loop = info.instructions[-1]
    assert [op.brick.name for op in loop.ops] == ["add", "tanh"]
    inner = info.buffers[loop.ops[0].outputs[0].buffer]
    assert (inner.kind, inner.offset) == ("tile", -1)
    assert loop.bytes == 4 * (2 * 4 + 4 + 2 * 4)


def test_constants_show_their_number_also_from_the_middle_of_an_array() -> None:
    array = ops.convert_to_tensor([1.0, 2.0, 3.0]) * 1.0  # memory of the engine's own
    x = np.zeros(2, "float32")
    program = finished(lambda x: (x + array[2:]) * array[0], [x], passes=0)
    numbers = [
        operand.number
        for i in engine.instructions_of(program)
        for operand in i.ops[0].inputs
        if operand.number is not None
    ]
    assert numbers == [3.0, 1.0]


def test_attributes_come_back_as_they_were_packed() -> None:
    program = finished(lambda x: ops.sum(x, axis=(0, 2), keepdims=True), [np.zeros((2, 3, 4))], 0)
    (instruction,) = engine.instructions_of(program)
    assert instruction.ops[0].attributes == {"axes": (0, 2), "keepdims": 1}


def test_gradient_ops_carry_the_label_of_the_forward_pass() -> None:
    w = Variable([2.0], name="w")
    program = engine.new_program()
    with recording_to(program), GradientTape() as tape:
        former = engine.set_label(engine.label(program, "cube"))
        y = w * w * w
        engine.set_label(former)
        (gradient,) = tape.gradient(y, [w])
    engine.finish_program(program, [gradient._handle], engine.PASSES["dead"])
    info = read_program(program)
    origins = [origin for i in info.instructions for origin in info.origins(i)]
    assert origins[0] == "cube"
    assert "cube gradient" in origins


def test_inputs_and_outputs_know_their_slots() -> None:
    program = finished(lambda a, b: [b * 2.0, a + b], [np.ones(3), np.ones(3)], passes=0)
    info = read_program(program)
    slots = {kind: [h.slot for h in info.buffers if h.kind == kind] for kind in ("input", "output")}
    assert slots == {"input": [0, 1], "output": [0, 1]}
    first = info.instructions[0].ops[0]
    assert info.names[first.inputs[0].buffer] == "input 1"


def test_what_is_not_there_is_refused() -> None:
    program, _ = dense()
    info = engine.ffi.new("lego_buffer_info *")
    for index in (-1, len(engine.buffers_of(program))):
        assert engine.lib.lego_program_buffer(program, index, info) == engine.lib.LEGO_BAD_INDEX
    for part in (-1, 1000):
        assert engine.lib.lego_program_attributes(program, 0, part) == engine.ffi.NULL


# ---- lifetimes in the arena: laws over random programs --------------------------------------

MAKERS = (
    lambda a, b: a + b,
    lambda a, b: ops.tanh(a),
    lambda a, b: ops.matmul(a, ops.transpose(b)) @ a,
    lambda a, b: a * ops.sum(b, axis=0),
    lambda a, b: ops.reshape(ops.reshape(a, (-1,)), (4, 6)) - b,
    lambda a, b: ops.where(a > b, a, 0.5),
)
random_steps = st.lists(
    st.tuples(st.integers(0, len(MAKERS) - 1), st.integers(0, 99), st.integers(0, 99)),
    min_size=1,
    max_size=20,
)
pass_sets = st.sampled_from([0, engine.PASSES["reuse"], ALL_PASSES])


def random_program(steps: list[tuple[int, int, int]], passes: int) -> Any:
    variable = Variable(np.ones((4, 6), "float32"))

    def make(x: Any) -> list:
        made = [x, variable]
        for maker, a, b in steps:
            made.append(MAKERS[maker](made[a % len(made)], made[b % len(made)]))
        variable.assign(made[-1])
        return [ops.sum(made[-1]), made[len(made) // 2]]

    return finished(make, [np.ones((4, 6), "float32")], passes)


def lives(info: Any) -> dict[int, tuple[int, int]]:
    """The first and the last instruction that touch each buffer of the arena, by its operands."""
    found: dict[int, tuple[int, int]] = {}
    for number, instruction in enumerate(info.instructions):
        for part in instruction.ops:
            for operand in (*part.inputs, *part.outputs):
                if info.buffers[operand.buffer].kind == "arena":
                    found[operand.buffer] = (found.get(operand.buffer, (number,))[0], number)
    return found


@given(random_steps, pass_sets)
def test_buffers_that_live_at_the_same_time_share_no_byte(steps: list, passes: int) -> None:
    info = read_program(random_program(steps, passes))
    found = lives(info)
    for index, (first, last) in found.items():
        buffer = info.buffers[index]
        assert (buffer.first, buffer.last) == (first, last)
        assert 0 <= buffer.offset <= info.arena_bytes - buffer.bytes
        for other, (other_first, other_last) in found.items():
            neighbour = info.buffers[other]
            together = other > index and first <= other_last and other_first <= last
            apart = (
                buffer.offset + buffer.bytes <= neighbour.offset
                or neighbour.offset + neighbour.bytes <= buffer.offset
            )
            hands_over = (
                buffer.offset == neighbour.offset
                and buffer.bytes == neighbour.bytes
                and (last == other_first or other_last == first)
            )
            assert not together or apart or hands_over, f"buffers {index} and {other} overlap"


@given(random_steps)
def test_without_reuse_the_arena_is_the_sum_of_all(steps: list) -> None:
    info = read_program(random_program(steps, 0))
    sizes = [info.buffers[index].bytes for index in lives(info)]
    assert info.arena_bytes == sum(-(-size // ARENA_ALIGNMENT) * ARENA_ALIGNMENT for size in sizes)


@given(random_steps, pass_sets)
def test_everything_is_made_before_it_is_read(steps: list, passes: int) -> None:
    info = read_program(random_program(steps, passes))
    edges = edges_of(info)
    levels = levels_of(len(info.instructions), edges)
    assert all(begin < end and levels[begin] < levels[end] for begin, end, _ in edges)
    made = {buffer for _, _, buffer in edges}
    read = {o.buffer for i in info.instructions for part in i.ops for o in part.inputs}
    assert {h for h in read if info.buffers[h].kind == "arena"} <= made


# ---- the print-out --------------------------------------------------------------------------


def test_the_print_out_of_a_training_step(step: Any) -> None:
    model, program, _ = step
    printed = str(view_program(program, "train_step", paths_of(model)))
    lines = printed.splitlines()
    assert lines[0].startswith(f"train_step: {len(engine.instructions_of(program))} instructions")
    assert max(map(len, lines)) <= 130
    for variable in model.variables:
        assert variable.path.removeprefix("numbers/") in printed
    for word in ("dense_1 gradient", "adam", "loss", "accuracy", "10x64, 64x1 -> 10x1", "1e-07"):
        assert word in printed, word


def test_a_repeated_fused_loop_is_printed_once(step: Any) -> None:
    model, program, _ = step
    info = read_program(program, "train_step", paths_of(model))
    printed = str(view_program(program, "train_step", paths_of(model)))
    updates = [i for i in info.instructions if set(info.origins(i)) == {"adam"}]
    assert len(updates) > 2
    assert printed.count("as ") >= len(updates) - 1
    assert printed.count(", with ") >= len(updates) - 1


def test_variables_without_a_path_are_numbered() -> None:
    program, _ = dense(passes=0)
    printed = str(view_program(program))
    assert "matmul(input 0, variable 0)" in printed
    assert "add(%0, variable 1)" in printed


# ---- times ----------------------------------------------------------------------------------


def test_times_add_up(step: Any) -> None:
    model, program, inputs = step
    run = lambda: engine.run_program(program, inputs, 2)  # noqa: E731
    view = view_program(program, "train_step", paths_of(model), run, steps=3)
    assert view.info.runs == 3
    assert view.info.seconds > 0
    sums = seconds_of_origins(view.info)
    assert sum(sums.values()) == pytest.approx(view.info.seconds)
    assert {"adam", "dense", "dense gradient", "loss"} <= sums.keys()
    printed = str(view)
    assert "GFLOP/s" in printed
    assert "the average of 3" in printed
    run()
    assert read_program(program).runs == 3, "profiling ends with the profile"


def test_without_times_there_is_no_table() -> None:
    program, _ = dense()
    info = read_program(program, "dense")
    assert "GFLOP/s" not in str(view_program(program))
    with pytest.raises(ValueError, match="no run of dense was timed"):
        timing_text(info)


# ---- memory ---------------------------------------------------------------------------------


@pytest.fixture(scope="module", autouse=True)
def _collects_quickly() -> Iterator[None]:
    """What the whole suite has left is passed over by each of the collections here."""
    gc.collect()
    gc.freeze()
    yield
    gc.unfreeze()


def used_by(make: Any) -> tuple[int, Any]:
    """The bytes that the engine holds more of afterwards, and what keeps them."""
    gc.collect()
    before = engine.memory_used()
    made = make()
    gc.collect()
    return engine.memory_used() - before, made


@settings(max_examples=20)  # each collects garbage
@given(st.integers(1024, 1 << 20))  # fewer bytes share the block of their record
def test_blocks_are_as_large_as_the_allocator_makes_them(count: int) -> None:
    most = 1 << 20
    used, _kept = used_by(lambda: engine.variable_from(np.zeros(most, "uint8"), False))
    overhead = used - engine.block_bytes(most)
    del _kept
    used, _kept = used_by(lambda: engine.variable_from(np.zeros(count, "uint8"), False))
    assert used - overhead == engine.block_bytes(count)


@pytest.mark.parametrize("units", [3, 64, 100])
def test_the_arena_is_as_large_as_the_bill_says(units: int) -> None:
    model, x, y = numbers_network(hidden=1, units=units)
    program = record_step(model, x, y)
    bill = memory_of(read_program(program), is_gathered=False)
    inputs = [ops.convert_to_tensor(part)._handle for part in (x, y)]
    used, outputs = used_by(lambda: engine.run_program(program, inputs, 2))
    structs = 2 * used_by(lambda: engine.number(0, "float32"))[0] - 2 * 64
    assert used - structs == bill["arena"].allocated + bill["outputs"].allocated
    del outputs


def test_a_gathered_batch_is_as_large_as_the_bill_says() -> None:
    model, x, y = numbers_network(hidden=1)
    program = record_step(model, x, y)
    bill = memory_of(read_program(program))
    columns = [ops.convert_to_tensor(part)._handle for part in (x, y)]
    outputs = [engine.number(0, "float32") for _ in range(2)]
    order = np.arange(10)[::-1].copy()
    used, done = used_by(
        lambda: engine.run_program_over_rows(program, columns, order, 0, 1, 9, outputs, False)
    )
    assert done == 1
    assert used == bill["arena"].allocated + bill["gathered batch"].allocated
    assert bill["gathered batch"].planned == 64 + 128  # 10 float32 and 10 int64


def test_the_bill_knows_what_variables_are_for(step: Any) -> None:
    model, program, _ = step
    known = {
        "parameters": [v._handle for v in model.variables],
        "optimizer": [v._handle for v in model.optimizer.variables],
    }
    bill = memory_of(read_program(program, "train_step"), known)
    parameters = 4 * model.count_params()
    assert bill["parameters"].planned == parameters
    assert bill["optimizer"].planned == 2 * parameters + 8 + 4  # m and v, iteration, rate
    assert bill["other variables"].planned == 4 * 4  # totals and counts of loss and accuracy
    assert bill.total == sum(line.planned for line in bill.lines)
    assert f"{bill.total:,}" in str(bill)


# ---- passes ---------------------------------------------------------------------------------


def test_passes_are_shown_one_after_another() -> None:
    model, x, y = numbers_network(hidden=1)
    compared = compare_passes(lambda passes: record_step(model, x, y, passes), paths_of(model))
    names = [name for name, _ in compared.stages]
    assert names == ["recorded", *engine.PASSES]
    counts = [len(info.instructions) for _, info in compared.stages]
    assert counts == sorted(counts, reverse=True)
    assert counts[names.index("fuse")] < counts[names.index("common")] / 2
    assert compared.stages[-1][1].arena_bytes < compared.stages[-2][1].arena_bytes
    assert "---- fuse ----" in str(compared)


def test_a_pass_that_changes_nothing_is_not_printed() -> None:
    compared = compare_passes(lambda passes: dense(passes)[0])
    printed = str(compared)
    assert "---- recorded ----" in printed
    assert "---- common ----" not in printed


# ---- pictures -------------------------------------------------------------------------------

SVG = "{http://www.w3.org/2000/svg}"
VOID = {"meta"}


class Balance(HTMLParser):
    """Notices tags that are not closed in their order."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[str] = []

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.seen.append(tag)
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_the_page_is_whole_and_needs_nothing_else(step: Any, tmp_path: Path) -> None:
    model, program, _ = step
    view = view_program(program, "train_step", paths_of(model))
    view.save_html(tmp_path / "page.html")
    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    balance = Balance()
    balance.feed(page)
    assert not balance.open
    assert balance.seen.count("svg") == 2
    assert not {"script", "link", "img", "iframe"} & set(balance.seen)
    assert view._repr_html_() in page
    assert "binary_crossentropy" in page


def test_the_timeline_has_a_bar_for_each_tensor_of_the_arena(step: Any) -> None:
    _, program, _ = step
    view = view_program(program)
    root = ElementTree.fromstring(view._repr_svg_())
    bars = root.findall(f"{SVG}rect")
    buffers = [h for h in view.info.buffers if h.kind == "arena" and h.first >= 0]
    assert len(bars) == len(buffers)
    titles = [bar.find(f"{SVG}title").text for bar in bars]
    for buffer in buffers:
        assert any(
            f"at {buffer.offset}..{buffer.offset + buffer.bytes}," in title for title in titles
        )


def test_the_graph_has_a_place_for_each_of_300_instructions() -> None:
    def long(x: Any) -> Any:
        for _ in range(150):
            x = ops.tanh(x) @ x
        return x

    program = finished(long, [np.ones((1, 1), "float32")], passes=0)
    view = view_program(program)
    assert len(view) == 300
    page = view._repr_html_()
    assert len(page) < 1_000_000
    graph = ElementTree.fromstring(page[page.rindex("<svg") : page.rindex("</svg>") + 6])
    boxes = graph.findall(f"{SVG}rect")
    places = {(box.get("x"), box.get("y")) for box in boxes}
    assert len(places) == len(boxes) == 600  # a stripe of colour and a box
    assert len(graph.findall(f"{SVG}path")) == len(edges_of(view.info))
