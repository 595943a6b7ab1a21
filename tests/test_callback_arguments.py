"""Every argument of every callback changes something: what is printed, written, sent or learnt.

The table is walked beside the public classes: an argument without an entry is red.
"""

from __future__ import annotations

import inspect
import io
import re
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import pylego as keras
from pylego import callbacks, names

X = np.arange(8, dtype=np.float32).reshape(8, 1) / 8
# What the monitored figures are after each epoch: the first falls, rises and falls again.
SCRIPT = {"val_loss": [5.0, 4.0, 4.5, 4.6, 4.7, 3.9, 4.1, 4.2], "other": [1.0] * 4 + [0.5] * 4}
EPOCHS = 8

KINDS = [
    kind
    for name in callbacks.__all__
    if inspect.isclass(kind := getattr(callbacks, name)) and name != "Callback"
]


class Script(callbacks.Callback):
    """Say the figures of the script, whatever is learnt."""

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        logs.update({name: values[epoch] for name, values in SCRIPT.items()})


class Weights(callbacks.Callback):
    """Note what the weights are after each epoch, and after each save."""

    def __init__(self) -> None:
        self.noted: list[bytes] = []

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        self.noted.append(b"".join(w.tobytes() for w in self.model.get_weights()))


def printing(word: str) -> Callable:
    return lambda *args, **kwargs: print(word)


BEST, PATIENT = {"save_best_only": True}, {"patience": 1}
# A callback: what it needs, then another value of each argument, or that and what is beside it.
NEEDED: dict[str, dict[str, Any]] = {
    "BackupAndRestore": {"backup_dir": "backup"},
    "CSVLogger": {"filename": "log.csv"},
    "LearningRateScheduler": {"schedule": lambda epoch, rate: rate / 2},
    "ModelCheckpoint": {"filepath": "at-{epoch}.keras"},
}
OTHERS: dict[str, dict[str, Any]] = {
    "BackupAndRestore": {
        "backup_dir": ("else", {"delete_checkpoint": False}),
        "save_freq": (1, {"delete_checkpoint": False}),
        "double_checkpoint": (True, {"delete_checkpoint": False}),
        "delete_checkpoint": False,
    },
    "CSVLogger": {"filename": "other.csv", "separator": ";", "append": True},
    "CallbackList": {
        "callbacks": [callbacks.TerminateOnNaN()], "add_history": True, "add_progbar": True,
        "model": "a model",
    },
    "EarlyStopping": {
        "monitor": ("other", {"patience": 3}), "min_delta": 2.0, "patience": 2, "verbose": 1,
        "mode": "max", "baseline": (3.0, {"patience": 3}), "restore_best_weights": True,
        "start_from_epoch": 5,
    },
    "LambdaCallback": {
        name: printing(name)
        for name in (
            "on_epoch_begin", "on_epoch_end", "on_train_begin", "on_train_end",
            "on_train_batch_begin", "on_train_batch_end",
        )
    },
    "LearningRateScheduler": {"schedule": lambda epoch: 0.2, "verbose": 1},
    "ModelCheckpoint": {
        "filepath": "else-{epoch}.keras", "monitor": ("other", BEST), "verbose": 1,
        "save_best_only": True, "save_weights_only": (True, {"filepath": "at-{epoch}.weights.h5"}),
        "mode": ("max", BEST), "save_freq": 1, "initial_value_threshold": (4.2, BEST),
    },
    "ReduceLROnPlateau": {
        "monitor": ("other", PATIENT), "factor": (0.5, PATIENT), "patience": 2,
        "verbose": (1, PATIENT), "mode": ("max", PATIENT), "min_delta": (2.0, PATIENT),
        "cooldown": (2, PATIENT), "min_lr": (0.05, PATIENT),
    },
    "RemoteMonitor": {
        "root": "http://localhost:7000", "path": "/else", "field": "other",
        "headers": {"x": "y"}, "send_as_json": True,
    },
    "SwapEMAWeights": {"swap_on_epoch": True},
    "TensorBoard": {
        "log_dir": "else", "histogram_freq": 1, "write_graph": False,
        "write_images": (True, {"histogram_freq": 1}), "write_steps_per_second": True,
        "update_freq": 1, "profile_batch": 2, "embeddings_freq": 1,
        "embeddings_metadata": ("words.tsv", {"embeddings_freq": 1}),
    },
    "TerminateOnNaN": {"raise_error": True},
}  # fmt: skip
CASES = [
    (kind, name)
    for kind in KINDS
    for name, p in inspect.signature(kind).parameters.items()
    if p.kind not in (p.VAR_KEYWORD, p.VAR_POSITIONAL)
]


def model_for(kind: type) -> keras.Sequential:
    layers = [keras.layers.Embedding(8, 2), keras.layers.Flatten(), keras.layers.Dense(1)]
    model = keras.Sequential([keras.Input((1,)), *layers], name="model")
    uses_ema = kind is callbacks.SwapEMAWeights
    model.compile(keras.optimizers.SGD(0.1, use_ema=uses_ema, ema_momentum=0.5), "mse")
    return model


def written_in(folder: Path) -> list[tuple[str, Any]]:
    """All files, without what names and contents say of the time."""
    found = []
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        name = re.sub(r"tfevents\..*", "tfevents", str(path.relative_to(folder)))
        is_text = path.suffix in (".csv", ".json", ".pbtxt", ".tsv")
        found.append((name, path.read_bytes() if is_text else path.stat().st_size))
    return found


def outcome_of_list(arguments: dict[str, Any]) -> Any:
    several = callbacks.CallbackList(**arguments)
    return [type(one).__name__ for one in several.callbacks], several.model


def outcome(kind: type, arguments: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> list:
    """What eight epochs leave: weights, logs, requests, warnings and errors."""
    noted = Weights()
    requests: list[tuple] = []
    errors: list[str] = []

    def urlopen(request: urllib.request.Request, **_: Any) -> io.BytesIO:
        requests.append((request.full_url, request.data, sorted(request.headers.items())))
        return io.BytesIO()

    monkeypatch.setattr(urllib.request, "urlopen", urlopen)
    names.reset_names()
    keras.utils.set_random_seed(1)
    model = model_for(kind)
    saves: list[str] = []
    for way in ("save", "save_weights"):
        saver = getattr(model, way)
        monkeypatch.setattr(
            model, way, lambda path, *a, saver=saver, **k: (saves.append(str(path)), saver(path))
        )
    x = X * np.nan if kind is callbacks.TerminateOnNaN else X
    history: Any = None
    try:
        one = kind(**arguments)
        history = model.fit(
            np.arange(8),
            x,
            batch_size=4,
            epochs=EPOCHS,
            verbose=0,
            callbacks=[Script(), one, noted],
        )
    except (RuntimeError, ValueError) as error:
        errors.append(str(error))
    logs = history and {k: v for k, v in history.history.items() if "per_second" not in k}
    return [noted.noted, model.get_weights()[0].tobytes(), str(logs), saves, requests, errors]


@pytest.mark.filterwarnings("ignore:.*NaN.*", "ignore:.*nan.*")
@pytest.mark.parametrize(("kind", "argument"), CASES, ids=lambda v: getattr(v, "__name__", v))
def test_every_argument_changes_something(
    kind: type,
    argument: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture,
    recwarn: pytest.WarningsRecorder,
) -> None:
    table = OTHERS.get(kind.__name__, {})
    assert argument in table, f"{kind.__name__}: no other value of {argument} is tried here"
    other = table[argument] if isinstance(table[argument], tuple) else (table[argument], {})
    if kind is callbacks.TensorBoard:
        pytest.importorskip("tensorboard")
    needed, found = {**NEEDED.get(kind.__name__, {}), **other[1]}, []
    for arguments in (needed, {**needed, argument: other[0]}):
        folder = tmp_path / str(len(found))
        folder.mkdir()
        (folder / "log.csv").write_text("epoch,loss\n0,1\n")
        monkeypatch.chdir(folder)
        recwarn.clear()
        if kind is callbacks.CallbackList:
            result = outcome_of_list(arguments)
        else:
            result = outcome(kind, arguments, monkeypatch)
        warned = [str(w.message) for w in recwarn.list]
        found.append([result, written_in(folder), capfd.readouterr().out, warned])
    assert found[0] != found[1]


@pytest.mark.parametrize(
    "kind", [k for k in KINDS if k.__name__ in OTHERS], ids=lambda k: k.__name__
)
def test_the_same_arguments_leave_the_same(
    kind: type, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture
) -> None:
    """Else the test above would see a difference where there is none."""
    if kind is callbacks.TensorBoard:
        pytest.importorskip("tensorboard")
    found = []
    for folder in (tmp_path / "a", tmp_path / "b"):
        folder.mkdir()
        monkeypatch.chdir(folder)
        arguments = NEEDED.get(kind.__name__, {})
        is_list = kind is callbacks.CallbackList
        result = outcome_of_list(arguments) if is_list else outcome(kind, arguments, monkeypatch)
        found.append([result, written_in(folder), capfd.readouterr().out])
    assert found[0] == found[1]
