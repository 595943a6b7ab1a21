"""Inspection of models and functions: their programs in print, and the memory that they need."""

from __future__ import annotations

import gc
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import pylego
from pylego import engine, ops
from pylego.layers import Dense
from pylego.models import Model, Sequential

ROWS = 24


def digits(rows: int = ROWS) -> tuple[np.ndarray, np.ndarray]:
    (x, y), _ = pylego.datasets.digits.load_data()
    return x[:rows].reshape(rows, -1).astype("float32"), y[:rows].astype("int64")


def network(loss: str = "sparse_categorical_crossentropy") -> Sequential:
    model = Sequential([Dense(16, "relu", input_shape=(64,)), Dense(10, "softmax")], name="net")
    model.compile("adam", loss, metrics=["accuracy"])
    return model


def test_the_program_of_the_last_training_step_is_shown() -> None:
    model = network()
    x, y = digits()
    model.fit(x, y, batch_size=8, verbose=0)
    printed = str(model.program())
    assert printed.startswith("train: ")
    for word in ("matmul", "dense/kernel", "softmax", "adam", "8x64", "gradient"):
        assert word.replace("dense", model.layers[0].name) in printed, word


def test_the_batch_size_may_be_asked_for() -> None:
    model = network()
    x, y = digits()
    model.fit(x, y, batch_size=8, verbose=0)
    assert "5x64" in str(model.program(batch_size=5))
    assert "8x64" in str(model.program()), "what was only looked at counts as the last step"


@pytest.mark.parametrize("step", ["train", "test", "predict"])
@pytest.mark.parametrize("loss", ["sparse_categorical_crossentropy", "categorical_crossentropy"])
def test_the_program_is_known_before_any_data(step: str, loss: str) -> None:
    printed = str(network(loss).program(step, batch_size=7))
    assert printed.startswith(f"{step}: ")
    assert "7x64" in printed
    assert ("adam" in printed) == (step == "train")


def test_a_program_without_passes_shows_what_was_recorded() -> None:
    model = network()
    recorded, improved = model.program(passes=0), model.program()
    assert len(recorded) > 3 * len(improved)
    assert all(len(i.ops) == 1 for i in recorded.info.instructions)


def test_times_are_taken_without_training() -> None:
    model = network()
    model.fit(*digits(), batch_size=8, verbose=0)
    variables = [*model.variables, *model.optimizer.variables]
    before = [v.numpy() for v in variables]
    printed = str(model.program(profile=True))
    assert "GFLOP/s" in printed
    assert "a run, the average of" in printed
    for variable, numbers in zip(variables, before):
        np.testing.assert_array_equal(variable.numpy(), numbers, variable.path)


def test_unknown_steps_are_refused() -> None:
    with pytest.raises(ValueError, match=r"'training'.*train"):
        network().program("training")
    with pytest.raises(ValueError, match="call compile"):
        Sequential([Dense(1, input_shape=(2,))]).program("train")
    with pytest.raises(ValueError, match="input_shape"):
        Sequential([Dense(1)]).program()


def test_a_subclassed_model_is_known_after_its_first_data() -> None:
    class Own(Model):
        def __init__(self) -> None:
            super().__init__()
            self.dense = Dense(1)

        def call(self, inputs: Any) -> Any:
            return self.dense(inputs)

    model = Own()
    model.compile("sgd", "mse")
    with pytest.raises(ValueError, match="fit or predict first"):
        model.program()
    model.predict(np.zeros((4, 3), "float32"), verbose=0)
    assert "4x3" in str(model.program())


def test_the_bill_is_that_of_the_step_and_takes_no_memory() -> None:
    model = network()
    model.memory(batch_size=3)  # variables come into being
    gc.collect()
    before = engine.memory_used()
    bill = model.memory(batch_size=8)
    gc.collect()
    assert engine.memory_used() == before
    parameters = 4 * model.count_params()
    assert bill["parameters"].planned == parameters
    assert bill["optimizer"].planned == 2 * parameters + 8 + 4
    assert bill["gathered batch"].planned == 8 * 64 * 4 + 8 * 8
    model.fit(*digits(8), batch_size=8, verbose=0)
    program = model.programs.latest("train")
    assert program is not None
    assert bill["arena"].planned == -(-engine.arena_bytes(program._recording) // 64) * 64
    assert bill.total == sum(line.planned for line in bill.lines)


def test_more_rows_take_more_memory() -> None:
    model = network()
    few, many = model.memory(batch_size=1), model.memory(batch_size=1000)
    assert many["arena"].planned > 100 * few["arena"].planned
    assert many["parameters"] == few["parameters"]


def test_functions_show_their_programs(tmp_path: Path) -> None:
    w = pylego.Variable([1.0, 2.0], name="w")

    @pylego.function
    def shrink(x: Any) -> Any:
        w.assign_sub(0.5 * w)
        return ops.sum(w * x)

    shrink(np.ones(2, "float32"))
    assert "w = assign" in str(shrink.program)
    assert "<svg" in shrink.program._repr_html_()
    page = tmp_path / "program.html"
    shrink.program.save_html(page)
    assert page.read_text(encoding="utf-8").lstrip().startswith("<!")
    network().program("predict").save_html(page)
    assert "softmax" in page.read_text(encoding="utf-8")
