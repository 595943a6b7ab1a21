"""Write what TensorBoard shows while a model trains."""

from __future__ import annotations

import importlib.util
import os
import time
import warnings
from collections.abc import Mapping
from importlib import import_module
from typing import Any

import numpy as np

from pylego import checks
from pylego.callbacks.callback import Callback, Logs
from pylego.callbacks.event_files import EventFile, pictures_of, png_of
from pylego.callbacks.learning_rate import learning_rates_of

TRAIN, VALIDATION = "train", "validation"  # folders in `log_dir`


class TensorBoard(Callback):
    """Write losses, metrics, weights and the model for TensorBoard, which shows them in a browser.

    It needs the tensorboard package, not TensorFlow: `pip install 'pylego[tensorboard]'`, then
    `tensorboard --logdir logs`. There is a folder for training and one for validation.

    Args:
        log_dir: where to; 'logs' by default. Give each training a folder of its own.
        histogram_freq: after how many epochs the values of all weights are counted; 0 for never.
        write_graph: whether the model is written: its layers for the page of graphs, and as a
            picture where Pillow is installed.
        write_images: whether weights are written as pictures, as often as histograms; needs Pillow.
        write_steps_per_second: whether the speed is written.
        update_freq: 'epoch', 'batch', or after how many batches losses and metrics are written;
            after each epoch they always are.
        profile_batch: not supported: a value other than 0 warns. `model.program()` tells where time
            goes.
        embeddings_freq: after how many epochs the vectors of `Embedding` layers are written, for
            TensorBoard's projector; 0 for never.
        embeddings_metadata: the file that names their rows, one for all or a dictionary of layers'
            names and files; their paths as seen from the folder of training.

    Raises:
        ValueError: for frequencies that are none, and for names of layers that are not there.
        ImportError: in training, when tensorboard (or Pillow for `write_images`) is not installed.
    """

    def __init__(
        self,
        log_dir: str | os.PathLike = "logs",
        histogram_freq: int = 0,
        write_graph: bool = True,
        write_images: bool = False,
        write_steps_per_second: bool = False,
        update_freq: str | int = "epoch",
        profile_batch: Any = 0,
        embeddings_freq: int = 0,
        embeddings_metadata: str | Mapping[str, str] | None = None,
    ):
        self.log_dir = os.fsdecode(log_dir)
        self.histogram_freq = _frequency("histogram_freq", histogram_freq)
        self.write_graph = write_graph
        self.write_images = write_images
        self.write_steps_per_second = write_steps_per_second
        self.update_freq = 1 if update_freq == "batch" else update_freq
        self.embeddings_freq = _frequency("embeddings_freq", embeddings_freq)
        self.embeddings_metadata = embeddings_metadata
        if self.update_freq != "epoch":
            owner = "TensorBoard"
            checks.whole_number("update_freq", self.update_freq, 1, owner=owner)
            self.on_train_batch_end = self._count  # type: ignore[method-assign]  # else no batch waits
        if profile_batch:
            warnings.warn(
                "TensorBoard: profile_batch is not supported, nothing is profiled. model.program() "
                "shows the training step and where its time goes",
                stacklevel=2,
            )
        self._files: dict[str, EventFile] = {}
        self._batches = 0
        self._epoch_began = (0, 0.0)  # steps so far, and when
        self._batch_ended = 0.0

    def get_training_state(self) -> dict[str, Any]:
        return {"batches": self._batches}

    def set_training_state(self, state: dict[str, Any]) -> None:
        self._batches = state["batches"]

    def _file(self, which: str) -> EventFile:
        if which not in self._files:
            self._files[which] = EventFile(os.path.join(self.log_dir, which))
        return self._files[which]

    # ---- moments ----

    def on_train_begin(self, logs: Logs | None = None) -> None:
        self._batches = 0
        if self.write_graph:
            self._write_model()

    def on_train_end(self, logs: Logs | None = None) -> None:
        self._close()

    def on_epoch_begin(self, epoch: int, logs: Logs | None = None) -> None:
        if self.write_steps_per_second:
            self._epoch_began = int(self.model.optimizer.iterations), time.perf_counter()
            self._batch_ended = self._epoch_began[1]

    def _count(self, batch: int, logs: Logs | None = None) -> None:
        self._batches += 1
        now = time.perf_counter()
        seconds, self._batch_ended = now - self._batch_ended, now
        if self._batches % self.update_freq:  # type: ignore[operator]  # a number here
            return
        if self.write_steps_per_second:
            speed = 1 / max(seconds, 1e-9)
            self._file(TRAIN).scalar("batch_steps_per_second", speed, self._batches)
        for name, value in (logs or {}).items():
            self._write(TRAIN, f"batch_{name}", value, self._batches)

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        for name, value in self._figures(logs or {}).items():
            which = VALIDATION if name.startswith("val_") else TRAIN
            self._write(which, f"epoch_{name.removeprefix('val_')}", value, epoch)
        if self.histogram_freq and epoch % self.histogram_freq == 0:
            self._write_weights(epoch)
        if self.embeddings_freq and epoch % self.embeddings_freq == 0:
            self._write_embeddings()
        for file in self._files.values():
            file.flush()

    def on_test_end(self, logs: Logs | None = None) -> None:
        step = int(self.model.optimizer.iterations) if self.model.optimizer else 0
        for name, value in (logs or {}).items():
            self._write(VALIDATION, f"evaluation_{name}_vs_iterations", value, step)
        self._file(VALIDATION).flush()

    # ---- what is written ----

    def _write(self, which: str, tag: str, value: Any, step: int) -> None:
        """A number; of several, one for each class, each has a tag of its own."""
        numbers = np.ravel(np.asarray(value))
        tags = [tag] if numbers.size == 1 else [f"{tag}/{i}" for i in range(numbers.size)]
        for tag_of_one, number in zip(tags, numbers):
            self._file(which).scalar(tag_of_one, number, step)

    def _figures(self, logs: Logs) -> Logs:
        figures = {**logs, **learning_rates_of(self.model)}
        if self.write_steps_per_second:
            steps, began = self._epoch_began
            done = int(self.model.optimizer.iterations) - steps
            figures["steps_per_second"] = done / max(time.perf_counter() - began, 1e-9)
        return figures

    def _write_model(self) -> None:
        # Files know models, and models know callbacks: so they are asked for only when needed.
        describe = import_module("pylego.saving").serialize_keras_object
        try:
            self._file(TRAIN).model("keras", describe(self.model))
        except (TypeError, ValueError, NotImplementedError) as error:
            warnings.warn(f"TensorBoard: the model cannot be described: {error}", stacklevel=2)
            return
        if importlib.util.find_spec("PIL") and self.model.built:
            draw = import_module("pylego.models.plotting").plot_model
            picture = draw(self.model, to_file=None, show_shapes=True, show_layer_names=True)
            size = round(picture.width), round(picture.height)
            self._file(TRAIN).image("model", [picture.encode(".png", dpi=96)], size, 0)

    def _write_weights(self, epoch: int) -> None:
        for weight in self.model.weights:
            values = np.asarray(weight.numpy())
            self._file(TRAIN).histogram(f"{weight.path}/histogram", values, epoch)
            pictures = pictures_of(values) if self.write_images else None
            if pictures is not None:
                size = pictures.shape[2], pictures.shape[1]
                encoded = [png_of(picture) for picture in pictures]
                self._file(TRAIN).image(f"{weight.path}/image", encoded, size, epoch)

    def _write_embeddings(self) -> None:
        """A table of each, and the projector's list of tables."""
        kind = import_module("pylego.layers").Embedding
        tables = [layer for layer in self.model.layers if isinstance(layer, kind)]
        folder = os.path.join(self.log_dir, TRAIN)
        os.makedirs(folder, exist_ok=True)
        entries = []
        for layer, names_of_rows in zip(tables, self._metadata_of(tables)):
            path = f"{layer.name}.tsv"
            np.savetxt(os.path.join(folder, path), layer.embeddings.numpy(), delimiter="\t")
            lines = [f'tensor_name: "{layer.name}"', f'tensor_path: "{path}"']
            lines += [f'metadata_path: "{names_of_rows}"'] if names_of_rows else []
            entries.append("embeddings {\n  " + "\n  ".join(lines) + "\n}\n")
        with open(os.path.join(folder, "projector_config.pbtxt"), "w", encoding="utf-8") as file:
            file.write("".join(entries))

    def _metadata_of(self, tables: list[Any]) -> list[str | None]:
        given = self.embeddings_metadata
        if given is None or isinstance(given, str):
            return [given] * len(tables)
        unknown = set(given) - {layer.name for layer in tables}
        if unknown:
            raise ValueError(
                "TensorBoard: embeddings_metadata names layers that are not an Embedding of this "
                f"model: {', '.join(sorted(unknown))}"
            )
        return [given.get(layer.name) for layer in tables]

    def _close(self) -> None:
        for file in self._files.values():
            file.close()
        self._files.clear()


def _frequency(name: str, value: Any) -> int:
    return checks.whole_number(name, value, 0, owner="TensorBoard")
