"""Who makes a mistake sees their own line and one message, in scripts, threads and notebooks."""

from __future__ import annotations

import os
import subprocess
import sys
import traceback
from pathlib import Path

import pytest

import pylego
from pylego import config, tracebacks

PACKAGE = str(Path(pylego.__file__).parent)
BEGIN = "import numpy as np\nimport pylego as keras\nops, L = keras.ops, keras.layers\n"
MODEL = "model = keras.Sequential([L.Dense(3, input_shape=(4,))])\nmodel.compile('sgd', 'mse')\n"

MISTAKES = {
    "fit": "model.fit(np.ones((100, 5)), np.ones((100, 3)), verbose=0)",
    "targets": "model.fit(np.ones((100, 4)), np.ones((100, 2)), verbose=0)",
    "evaluate": "model.evaluate(np.ones((100, 5)), np.ones((100, 3)), verbose=0)",
    "predict": "model.predict(np.ones((100, 5)), verbose=0)",
    "a call": "model(np.ones((100, 5)))",
    "compile": "model.compile('adma', 'mse')",
    "add": "model.add(L.Conv2D(3, 3))",
    "rows": "model.fit([[1, 2], [3]], [1, 2])",
    "a constructor": "L.Dense(-1)",
    "an argument": "L.Dense(3, activaton='relu')",
    "no argument": "L.Conv2D(32)",
    "an operation": "ops.matmul(ops.ones((2, 3)), ops.ones((2, 3)))",
    "an operator": "ops.ones((2, 3)) + ops.ones((2, 4))",
    "text in a tensor": "ops.convert_to_tensor('a')",
    "ragged": "ops.convert_to_tensor([[1], [2, 3]])",
    "a name": "L.Dens",
    "an import": "from pylego.layers import Dens",
    "a module": "from pylego.optimizer import Adam",
    "a typo of a method": "model.predcit(3)",
    "a method": "model.predict_classes(3)",
    "an optimizer": "keras.optimizers.Adam(learning_rate='a')",
    "a loss": "keras.losses.get('mse_')",
    "a setting": "keras.config.set_floatx('int8')",
    "labels": "ops.sparse_categorical_crossentropy([5], [[0.1, 0.9]])",
}


def run(*arguments: str) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, *arguments],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(Path(PACKAGE).parent)},
    )


def script(tmp_path: Path, text: str) -> list[str]:
    path = tmp_path / "learner.py"
    path.write_text(text)
    return run(str(path)).stderr.splitlines()


def frames(lines: list[str]) -> list[str]:
    return [line for line in lines if line.startswith('  File "')]


@pytest.mark.parametrize("mistake", ["targets", "an operation", "an import", "no argument"])
def test_a_script_shows_the_users_line_and_one_message(mistake: str, tmp_path: Path) -> None:
    lines = script(tmp_path, BEGIN + MODEL + MISTAKES[mistake] + "\n")
    assert MISTAKES[mistake] in [line.strip() for line in lines]
    assert len(frames(lines)) == 1
    assert not any(PACKAGE in line for line in lines)
    assert sum(line.startswith("Traceback") for line in lines) == 1
    assert "Error: " in lines[-1]


@pytest.mark.parametrize("mistake", MISTAKES)
def test_what_is_shown_has_no_frame_inside_pylego(mistake: str) -> None:
    names: dict = {}
    exec(BEGIN + MODEL, names)
    with pytest.raises(Exception) as caught:  # noqa: PT011 - whatever it is
        exec(compile(MISTAKES[mistake], "learner.py", "exec"), names)
    tracebacks.clean(caught.value)
    text = "".join(traceback.format_exception(caught.value))
    assert PACKAGE not in text
    assert text.count("Traceback") == 1
    assert text.count('File "learner.py"') == 1


def test_lines_of_the_users_own_layer_stay(tmp_path: Path) -> None:
    lines = script(
        tmp_path,
        BEGIN
        + """
class Mine(L.Layer):
    def call(self, inputs):
        return {}["missing"]

model = keras.Sequential([Mine()])
model.predict(np.ones((2, 2)), verbose=0)
""",
    )
    shown = [line.strip() for line in lines]
    assert "model.predict(np.ones((2, 2)), verbose=0)" in shown
    assert 'return {}["missing"]' in shown
    assert not any(PACKAGE in line for line in lines)


def test_errors_of_the_users_own_that_led_to_another_stay(tmp_path: Path) -> None:
    lines = script(
        tmp_path,
        BEGIN
        + """
try:
    {}["mine"]
except KeyError as error:
    L.Dense(-1)
""",
    )
    assert "KeyError: 'mine'" in lines
    assert "    L.Dense(-1)" in lines
    assert not any(PACKAGE in line for line in lines)


def test_threads_show_the_users_line(tmp_path: Path) -> None:
    lines = script(
        tmp_path,
        BEGIN
        + """
import threading

def work():
    L.Dense(-1)

thread = threading.Thread(target=work)
thread.start()
thread.join()
""",
    )
    assert "    L.Dense(-1)" in lines
    assert not any(PACKAGE in line for line in lines)


def test_all_frames_are_shown_when_asked_for(tmp_path: Path) -> None:
    lines = script(tmp_path, BEGIN + "keras.config.disable_traceback_filtering()\nL.Dense(-1)\n")
    assert any(PACKAGE in line for line in frames(lines))
    again = (
        "keras.config.disable_traceback_filtering()\nkeras.config.enable_traceback_filtering()\n"
    )
    assert not any(PACKAGE in line for line in script(tmp_path, BEGIN + again + "L.Dense(-1)\n"))


def test_an_earlier_hook_is_called_with_what_is_left(tmp_path: Path) -> None:
    lines = script(
        tmp_path,
        """
import sys, traceback

def mine(kind, error, place):
    print("mine:", kind.__name__, len(traceback.extract_tb(place)), file=sys.stderr)

sys.excepthook = mine
import pylego
pylego.layers.Dense(-1)
""",
    )
    assert lines == ["mine: ValueError 1"]


def test_a_debugger_sees_all_frames_when_filtering_is_off(tmp_path: Path) -> None:
    lines = script(
        tmp_path,
        BEGIN
        + """
import sys, traceback
keras.config.disable_traceback_filtering()
try:
    L.Dense(-1)
except ValueError as error:
    sys.excepthook(type(error), error, error.__traceback__)
    print(len(traceback.extract_tb(error.__traceback__)) > 2, file=sys.stderr)
""",
    )
    assert lines[-1] == "True"


def test_the_settings_are_those_of_keras() -> None:
    assert config.is_traceback_filtering_enabled()
    config.disable_traceback_filtering()
    try:
        assert not config.is_traceback_filtering_enabled()
    finally:
        config.enable_traceback_filtering()
    assert config.is_traceback_filtering_enabled()


def test_an_error_without_a_users_line_keeps_its_frames() -> None:
    with pytest.raises(ValueError, match="units") as caught:
        pylego.layers.Dense(-1)
    inside = caught.value.with_traceback(caught.value.__traceback__.tb_next)  # type: ignore
    tracebacks.clean(inside)
    assert len(traceback.extract_tb(inside.__traceback__)) > 1


def test_other_peoples_errors_are_left_alone() -> None:
    with pytest.raises(KeyError) as caught:
        {}["mine"]
    before = caught.value.__traceback__
    tracebacks.clean(caught.value)
    assert caught.value.__traceback__ is before
    assert not caught.value.__suppress_context__


def test_a_circle_of_errors_ends() -> None:
    first, second = ValueError("a"), ValueError("b")
    first.__cause__, second.__cause__ = second, first
    tracebacks.clean(first)
    tracebacks.clean(None)


NOTEBOOK = """
from IPython.core.interactiveshell import InteractiveShell
shell = InteractiveShell.instance()
shell.colors = "NoColor"
shell.run_cell({begin!r})
shell.run_cell({cell!r})
"""


@pytest.mark.parametrize("mistake", ["fit", "an import"])
def test_a_notebook_shows_the_users_line_and_one_message(mistake: str) -> None:
    pytest.importorskip("IPython")
    program = NOTEBOOK.format(begin=BEGIN + MODEL, cell=MISTAKES[mistake])
    done = run("-c", program)
    assert f"----> 1 {MISTAKES[mistake]}" in done.stdout
    assert done.stdout.count("Traceback") == 1
    assert PACKAGE not in done.stdout
    assert "Error: " in done.stdout.splitlines()[-1]


def test_ipython_runs_scripts_with_short_tracebacks(tmp_path: Path) -> None:
    pytest.importorskip("IPython")
    path = tmp_path / "learner.py"
    path.write_text(BEGIN + "L.Dense(-1)\n")
    program = NOTEBOOK.format(begin=BEGIN, cell=f"%run {path}")
    done = run("-c", program)
    assert "L.Dense(-1)" in done.stdout
    assert PACKAGE not in done.stdout
