"""Callbacks that write down what training gave: tables, event files, events for a server."""

from __future__ import annotations

import csv
import http.server
import json
import threading
import urllib.parse
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from goldens import load

from pylego.callbacks import (
    BackupAndRestore,
    Callback,
    CSVLogger,
    EarlyStopping,
    ModelCheckpoint,
    ReduceLROnPlateau,
    RemoteMonitor,
    TensorBoard,
)
from pylego.callbacks.event_files import buckets_of, pictures_of
from pylego.layers import Conv2D, Dense, Embedding, Flatten, GlobalAveragePooling1D, Input
from pylego.metrics import F1Score
from pylego.models import Sequential

GOLDEN = load("callbacks")
X = np.arange(8, dtype=np.float32).reshape(8, 1) / 8
Y = 2 * X


def line() -> Sequential:
    model = Sequential([Input((1,)), Dense(1, name="weight", kernel_initializer="ones")], "line")
    model.compile("sgd", "mse", metrics=["mae"])
    return model


# ---- tables ---------------------------------------------------------------------------------


@pytest.mark.parametrize("case", GOLDEN["tables"], ids=str)
def test_a_table_is_keras_s_to_the_byte(case: dict[str, Any], tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    log = CSVLogger(path, **case["arguments"])
    log.on_train_begin()
    for epoch, numbers in enumerate(case["logs"]):
        log.on_epoch_end(epoch, dict(numbers))
    log.on_train_end()
    assert path.read_bytes().decode() == case["text"]


def test_a_table_says_what_the_history_says(tmp_path: Path) -> None:
    path = tmp_path / "new" / "folder" / "log.csv"
    history = line().fit(
        X, Y, epochs=3, validation_data=(X, Y), callbacks=[CSVLogger(path)], verbose=0
    )
    rows = list(csv.DictReader(path.open(newline="")))
    assert [int(row["epoch"]) for row in rows] == history.epoch
    for name, values in history.history.items():
        assert [float(row[name]) for row in rows] == values


def test_rows_are_added_or_the_table_begins_anew(tmp_path: Path) -> None:
    path, model = tmp_path / "log.csv", line()
    for append, rows in ((False, 2), (False, 2), (True, 4), (True, 6)):
        model.fit(X, Y, epochs=2, callbacks=[CSVLogger(path, append=append)], verbose=0)
        lines = path.read_text().splitlines()
        assert len(lines) == 1 + rows
        assert lines[0].startswith("epoch,")
        assert not lines[-1].startswith("epoch,")


def test_several_numbers_are_written_in_brackets(tmp_path: Path) -> None:
    log = CSVLogger(tmp_path / "log.csv", separator="\t")
    log.on_epoch_end(0, {"loss": np.float32(0.5), "each": np.array([1, 2]), "word": "good"})
    assert (tmp_path / "log.csv").read_text().splitlines()[1].split("\t")[:4] == [
        "0",
        "[1, 2]",
        "0.5",
        "good",
    ]


@pytest.mark.parametrize("separator", ["", ", ", 3])
def test_a_separator_is_one_character(separator: Any) -> None:
    with pytest.raises(ValueError, match="separator is one character"):
        CSVLogger("log.csv", separator=separator)


class PowerCut(Callback):
    """Stop the program in the middle of training."""

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        if epoch == 2:
            raise RuntimeError("no current")


def test_a_table_goes_on_where_training_goes_on(tmp_path: Path) -> None:
    def fit(*more: Callback) -> None:
        log = CSVLogger(tmp_path / "log.csv")
        backup = BackupAndRestore(tmp_path / "backup")
        line().fit(X, Y, epochs=4, callbacks=[log, backup, *more], verbose=0)

    with pytest.raises(RuntimeError):
        fit(PowerCut())
    fit()
    rows = list(csv.DictReader((tmp_path / "log.csv").open(newline="")))
    assert [row["epoch"] for row in rows] == ["0", "1", "2", "3"]


# ---- a server -------------------------------------------------------------------------------


class Listener(http.server.BaseHTTPRequestHandler):
    """Keep what is sent."""

    heard: list[tuple[str, str | None, str]]

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self.heard.append((self.path, self.headers["Content-Type"], body))
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def server() -> Iterator[tuple[str, list]]:
    heard: list = []
    listener = type("OwnListener", (Listener,), {"heard": heard})
    with http.server.HTTPServer(("127.0.0.1", 0), listener) as running:
        threading.Thread(target=running.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{running.server_port}", heard
        running.shutdown()


@pytest.mark.parametrize("as_json", [False, True])
def test_a_server_hears_of_each_epoch(server: tuple[str, list], as_json: bool) -> None:
    root, heard = server
    monitor = RemoteMonitor(root, path="/epochs", field="what", send_as_json=as_json)
    history = line().fit(X, Y, epochs=2, callbacks=[monitor], verbose=0)
    assert [path for path, _, _ in heard] == ["/epochs", "/epochs"]
    for epoch, (_, kind, body) in enumerate(heard):
        text = body if as_json else urllib.parse.parse_qs(body)["what"][0]
        assert kind == ("application/json" if as_json else "application/x-www-form-urlencoded")
        numbers = {name: values[epoch] for name, values in history.history.items()}
        assert json.loads(text) == {"epoch": epoch, **numbers}


def test_a_server_that_is_not_there_costs_a_warning() -> None:
    with pytest.warns(UserWarning, match="Could not reach RemoteMonitor root server"):
        line().fit(X, Y, callbacks=[RemoteMonitor("http://127.0.0.1:9")], verbose=0)
    with pytest.raises(ValueError, match="begins with http"):
        RemoteMonitor("localhost:9000")


# ---- event files ----------------------------------------------------------------------------


def summaries(folder: Path) -> list[tuple[int, str, str, Any]]:
    """Step, tag, plugin and tensor of all summaries, as TensorBoard reads them."""
    loader = pytest.importorskip("tensorboard.backend.event_processing.event_file_loader")
    tensor_util = pytest.importorskip("tensorboard.util.tensor_util")
    return [
        (event.step, value.tag, value.metadata.plugin_data.plugin_name,
         tensor_util.make_ndarray(value.tensor))
        for path in sorted(folder.glob("events*"))
        for event in loader.EventFileLoader(str(path)).Load()
        for value in event.summary.value
    ]  # fmt: skip


def scalars(folder: Path) -> dict[str, list[tuple[int, float]]]:
    found: dict[str, list[tuple[int, float]]] = {}
    for step, tag, plugin, tensor in summaries(folder):
        if plugin == "scalars":
            found.setdefault(tag, []).append((step, float(tensor)))
    return found


def test_tensorboard_reads_what_the_history_says(tmp_path: Path) -> None:
    pytest.importorskip("tensorboard")
    history = line().fit(
        X, Y, 4, 3, validation_data=(X, Y), callbacks=[TensorBoard(tmp_path)], verbose=0
    )
    train, validation = scalars(tmp_path / "train"), scalars(tmp_path / "validation")
    for name, values in history.history.items():
        side = validation if name.startswith("val_") else train
        seen = side[f"epoch_{name.removeprefix('val_')}"]
        assert seen == list(enumerate(np.float32(values).tolist()))
    assert [step for step, _ in validation["evaluation_loss_vs_iterations"]] == [2, 4, 6]
    assert train["epoch_learning_rate"] == [(epoch, np.float32(0.01)) for epoch in range(3)]
    assert "batch_loss" not in train
    assert "epoch_steps_per_second" not in train


def test_batches_are_written_as_often_as_asked(tmp_path: Path) -> None:
    pytest.importorskip("tensorboard")
    for frequency, steps in (("batch", [1, 2, 3, 4, 5, 6, 7, 8]), (3, [3, 6])):
        folder = tmp_path / str(frequency)
        board = TensorBoard(folder, update_freq=frequency, write_steps_per_second=True)
        line().fit(X, Y, 2, 2, callbacks=[board], verbose=0)
        train = scalars(folder / "train")
        for tag in ("batch_loss", "batch_mae", "batch_steps_per_second"):
            assert [step for step, _ in train[tag]] == steps
        assert all(speed > 0 for _, speed in train["epoch_steps_per_second"])


def test_weights_are_counted_and_drawn(tmp_path: Path) -> None:
    pytest.importorskip("tensorboard")
    model = Sequential([Input((6, 6, 1)), Conv2D(3, 2, name="conv"), Flatten(), Dense(1)])
    model.compile("sgd", "mse")
    board = TensorBoard(tmp_path, histogram_freq=2, write_images=True, write_graph=False)
    x = np.ones((2, 6, 6, 1), np.float32)
    model.fit(x, np.ones((2, 1)), epochs=4, callbacks=[board], verbose=0)
    found = {(step, tag): tensor for step, tag, _, tensor in summaries(tmp_path / "train")}
    paths = [weight.path for weight in model.weights]
    for step in (0, 2):
        for weight in model.weights:
            table = found[step, f"{weight.path}/histogram"]
            assert table.shape == (30, 3)
            assert table[:, 2].sum() == np.prod(weight.shape)
    assert (1, f"{paths[0]}/histogram") not in found
    picture = found[0, f"{paths[0]}/image"]
    assert picture[:2].tolist() == [b"2", b"2"]
    assert len(picture) == 2 + 3
    assert all(png.startswith(b"\x89PNG") for png in picture[2:])


def test_the_model_is_written_as_layers_and_as_a_picture(tmp_path: Path) -> None:
    keras_util = pytest.importorskip("tensorboard.plugins.graph.keras_util")
    line().fit(X, Y, callbacks=[TensorBoard(tmp_path)], verbose=0)
    found = {tag: (plugin, tensor) for _, tag, plugin, tensor in summaries(tmp_path / "train")}
    plugin, text = found["keras"]
    assert plugin == "graph_keras_model"
    drawn = keras_util.keras_model_to_graph_def(json.loads(text.item()))
    assert [node.name.split("/")[-1] for node in drawn.node][-1] == "weight"
    assert found["model"][0] == "images"
    assert found["model"][1][2].startswith(b"\x89PNG")
    line().fit(X, Y, callbacks=[TensorBoard(tmp_path / "none", write_graph=False)], verbose=0)
    assert "keras" not in {tag for _, tag, _, _ in summaries(tmp_path / "none" / "train")}


def test_embeddings_are_written_for_the_projector(tmp_path: Path) -> None:
    pytest.importorskip("tensorboard")
    model = Sequential(
        [Input((2,)), Embedding(5, 3, name="words"), GlobalAveragePooling1D(), Dense(1)]
    )
    model.compile("sgd", "mse")
    board = TensorBoard(tmp_path, embeddings_freq=1, embeddings_metadata={"words": "names.tsv"})
    model.fit(np.array([[1, 2]]), np.ones((1, 1)), callbacks=[board], verbose=0)
    table = np.loadtxt(tmp_path / "train" / "words.tsv", delimiter="\t")
    np.testing.assert_allclose(table, model.layers[0].embeddings.numpy(), rtol=1e-6)
    listed = (tmp_path / "train" / "projector_config.pbtxt").read_text()
    assert 'tensor_path: "words.tsv"' in listed
    assert 'metadata_path: "names.tsv"' in listed
    wrong = TensorBoard(tmp_path, embeddings_freq=1, embeddings_metadata={"word": "names.tsv"})
    with pytest.raises(ValueError, match="not an Embedding of this model: word"):
        model.fit(np.array([[1, 2]]), np.ones((1, 1)), callbacks=[wrong], verbose=0)


def test_what_cannot_be_done_is_said(tmp_path: Path) -> None:
    with pytest.warns(UserWarning, match="profile_batch is not supported"):
        TensorBoard(tmp_path, profile_batch=2)
    for arguments in ({"update_freq": 0}, {"histogram_freq": -1}, {"embeddings_freq": -1}):
        with pytest.raises(ValueError, match=next(iter(arguments))):
            TensorBoard(tmp_path, **arguments)


def test_buckets_hold_each_value_once() -> None:
    rng = np.random.default_rng(0)
    for values in (rng.normal(size=1000), np.ones(7), np.array([]), np.array([1.0, np.nan, 2.0])):
        table = buckets_of(values)
        assert table.shape == (30, 3)
        assert table[:, 2].sum() == np.isfinite(values).sum()
        assert (table[:, 0] <= table[:, 1]).all()
        assert (np.diff(table[:, 0]) >= 0).all()


def test_pictures_of_weights_have_keras_s_shapes() -> None:
    for shape, expected in (
        ((7,), (1, 1, 7)),
        ((7, 3), (1, 3, 7)),
        ((3, 7), (1, 3, 7)),
        ((2, 3, 4), (4, 2, 3)),
        ((2, 3, 1, 4), (4, 2, 3)),
    ):
        pictures = pictures_of(np.arange(np.prod(shape), dtype=np.float32).reshape(shape))
        assert pictures is not None
        assert pictures.shape == expected
        assert pictures.min() == 0
        assert pictures.max() == 255
    assert pictures_of(np.ones((2, 3, 4, 5))) is None


# ---- several numbers ------------------------------------------------------------------------


def three_classes() -> tuple[Sequential, np.ndarray, np.ndarray]:
    """Its score is a number for each class."""
    model = Sequential([Input((3,)), Dense(3, "softmax")])
    model.compile("sgd", "categorical_crossentropy", metrics=[F1Score()])
    return model, np.random.default_rng(0).random((12, 3)), np.eye(3)[np.arange(12) % 3]


def test_scores_of_classes_are_written_each(server: tuple[str, list], tmp_path: Path) -> None:
    pytest.importorskip("tensorboard")
    root, heard = server
    model, x, y = three_classes()
    calls = [RemoteMonitor(root, send_as_json=True), TensorBoard(tmp_path, update_freq=1)]
    history = model.fit(x, y, validation_data=(x, y), callbacks=calls, verbose=0)
    (scores,) = history.history["f1_score"]
    assert json.loads(heard[0][2])["f1_score"] == scores.tolist()
    train = scalars(tmp_path / "train")
    assert [train[f"epoch_f1_score/{i}"][0][1] for i in range(3)] == scores.tolist()
    assert {"epoch_f1_score", "batch_f1_score"}.isdisjoint(train)
    assert "f1_score" in history._repr_svg_()


@pytest.mark.parametrize("kind", [EarlyStopping, ReduceLROnPlateau, ModelCheckpoint])
def test_several_numbers_cannot_be_watched(kind: Any, tmp_path: Path) -> None:
    where = {"filepath": tmp_path / "m.keras", "save_best_only": True}
    more = where if kind is ModelCheckpoint else {}
    watcher = kind(monitor="val_f1_score", mode="max", **more)
    model, x, y = three_classes()
    words = f"{kind.__name__} watches 'val_f1_score', which is 3 numbers.*average='macro'"
    with pytest.raises(ValueError, match=words):
        model.fit(x, y, validation_data=(x, y), callbacks=[watcher], verbose=0)
