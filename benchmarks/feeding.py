"""Print what a training step costs by where its batches come from, beside arrays.

    python benchmarks/feeding.py [rounds]

Networks learn the same rows, in the same order, from arrays and from all else that `fit` takes:
generators, a `PyDataset` without and with workers, folders of PNG files and of texts, windows of a
series, and the data sets of PyTorch and TensorFlow where these are installed. An epoch of each is
timed in turns; the medians are shown, with files in the page cache.

"cpu" is the time of all processors together. "alone" is a pass through the data without a model: it
can be hidden behind the step where its processor time finds a core that the step leaves free, as
OMP_NUM_THREADS=1 does on two cores. What the cpu time of a step has more than that of arrays and of
loading alone is what the way from the data to the engine costs.
"""

from __future__ import annotations

import contextlib
import io
import itertools
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from pylego import config
from pylego.layers import (
    Conv1D,
    Conv2D,
    Dense,
    Embedding,
    Flatten,
    GlobalAveragePooling1D,
    Input,
    MaxPooling2D,
    TextVectorization,
)
from pylego.models import Sequential
from pylego.preprocessing.image import ImageDataGenerator
from pylego.utils import (
    PyDataset,
    image_dataset_from_directory,
    save_img,
    text_dataset_from_directory,
    timeseries_dataset_from_array,
)

BATCH, BATCHES, SIDE, CLASSES, WORDS = 64, 12, 32, 4, 1000
ROWS = BATCH * BATCHES
ROUNDS = 7

RNG = np.random.default_rng(0)
LABELS = np.sort(RNG.integers(0, CLASSES, ROWS)).astype(np.int32)
PICTURES = RNG.integers(0, 256, (ROWS, SIDE, SIDE, 3)).astype(np.float32)
SERIES = RNG.normal(size=(ROWS + 127, 16)).astype(np.float32)
WINDOWS = np.stack([SERIES[first : first + 128] for first in range(ROWS)])
TEXTS = [" ".join(f"w{word}" for word in row) for row in RNG.integers(0, WORDS, (ROWS, 100))]


class Contest(NamedTuple):
    """A network, and where its batches come from; the first source is arrays.

    Args:
        name: of what is learned.
        layers: of the network, in front of the classes.
        sources: for each the data, and the arguments of `fit` besides.
    """

    name: str
    layers: list[Any]
    sources: dict[str, tuple[Any, dict[str, Any]]]

    def network(self) -> Sequential:
        model = Sequential([*self.layers, Dense(CLASSES, "softmax")])
        model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
        return model


class Numbered(PyDataset):
    """Batches as parts of the pictures."""

    def __len__(self) -> int:
        return BATCHES

    def __getitem__(self, index: int) -> Any:
        rows = slice(index * BATCH, (index + 1) * BATCH)
        return PICTURES[rows], LABELS[rows]


class Endless:
    """Batches without end; each iterator begins anew."""

    def __iter__(self) -> Iterator[Any]:
        return itertools.cycle(Numbered())


def arrays(x: np.ndarray) -> tuple[Any, dict[str, Any]]:
    return x, {"y": LABELS, "batch_size": BATCH}


# ---- sources --------------------------------------------------------------------------------


def write_files(folder: Path, ending: str, write: Callable[[Path, int], Any]) -> str:
    """A file a row, in a folder a class."""
    for number, label in enumerate(LABELS):
        path = folder / f"class_{label}" / f"{number:04}.{ending}"
        path.parent.mkdir(exist_ok=True, parents=True)
        write(path, number)
    return str(folder)


def pictures(folder: Path) -> Contest:
    files = write_files(folder, "png", lambda path, i: save_img(path, PICTURES[i], scale=False))
    reading: dict[str, Any] = {"batch_size": BATCH, "shuffle": False}
    dataset = image_dataset_from_directory(files, image_size=(SIDE, SIDE), verbose=False, **reading)
    with contextlib.redirect_stdout(io.StringIO()):
        flow = ImageDataGenerator().flow_from_directory(
            files, (SIDE, SIDE), class_mode="sparse", **reading
        )
    layers = [Input((SIDE, SIDE, 3)), Conv2D(32, 3, activation="relu"), MaxPooling2D()]
    layers += [Conv2D(64, 3, activation="relu"), MaxPooling2D(), Flatten()]
    sources = {
        "arrays": arrays(PICTURES),
        "generator": (Endless(), {"steps_per_epoch": BATCHES}),
        "PyDataset": (Numbered(), {}),
        "PyDataset, 2 workers": (Numbered(workers=2), {}),
        "folder of PNG files": (dataset, {}),
        "flow_from_directory": (flow, {}),
        **{name: (data, {}) for name, data in of_others(files).items()},
    }
    return Contest("pictures of 32 x 32", layers, sources)


def of_others(folder: str) -> dict[str, Iterable]:
    """Data sets of libraries that are installed, of the arrays and of the files of a folder."""
    found: dict[str, Iterable] = {}
    with contextlib.suppress(ImportError):
        from torch import from_numpy
        from torch.utils.data import DataLoader, TensorDataset

        rows = TensorDataset(from_numpy(PICTURES), from_numpy(LABELS))
        found["DataLoader"] = DataLoader(rows, batch_size=BATCH)
        found["DataLoader of PNG files"] = DataLoader(PictureFiles(folder), batch_size=BATCH)
    with contextlib.suppress(ImportError):
        import tensorflow

        slices = tensorflow.data.Dataset.from_tensor_slices((PICTURES, LABELS))
        found["tf.data"] = slices.batch(BATCH).prefetch(2)
        found["tf.data of PNG files"] = keras_reads(folder, "image", image_size=(SIDE, SIDE))
    return found


class PictureFiles:
    """A data set for PyTorch's DataLoader: it opens files by Pillow."""

    def __init__(self, folder: str):
        self.paths = sorted(Path(folder).rglob("*.png"))

    def __len__(self) -> int:
        return len(self.paths)

    def __getitem__(self, index: int) -> Any:
        from PIL import Image

        with Image.open(self.paths[index]) as image:
            return np.asarray(image.convert("RGB"), np.float32), LABELS[index]


def keras_reads(folder: str, kind: str, **options: Any) -> Iterable:
    """Keras's data set of a folder of images or texts, which is one of tf.data."""
    os.environ.setdefault("KERAS_BACKEND", "tensorflow")
    import keras

    read = getattr(keras.utils, f"{kind}_dataset_from_directory")
    return read(folder, batch_size=BATCH, shuffle=False, verbose=False, **options)


def keras_numbers(folder: str) -> dict[str, Iterable]:
    """The same texts, read and numbered by Keras, where TensorFlow is installed."""
    found: dict[str, Iterable] = {}
    with contextlib.suppress(ImportError):
        import tensorflow

        read = keras_reads(folder, "text")
        import keras

        vectorize = keras.layers.TextVectorization(WORDS, output_sequence_length=100)
        vectorize.adapt(TEXTS)
        numbered = read.map(lambda text, label: (vectorize(text), label), tensorflow.data.AUTOTUNE)
        found["tf.data of texts, vectorized"] = numbered.prefetch(2)
    return found


def windows(folder: Path) -> Contest:
    cut = timeseries_dataset_from_array(SERIES, LABELS, 128, batch_size=BATCH)
    layers = [Input((128, 16)), Conv1D(64, 5, activation="relu"), Conv1D(64, 5, activation="relu")]
    sources = {"arrays": arrays(WINDOWS), "timeseries_dataset": (cut, {})}
    return Contest("windows of 128 steps", [*layers, GlobalAveragePooling1D()], sources)


def texts(folder: Path) -> Contest:
    files = write_files(folder, "txt", lambda path, i: path.write_text(TEXTS[i]))
    vectorize = TextVectorization(WORDS, output_sequence_length=100)
    vectorize.adapt(TEXTS)
    dataset = text_dataset_from_directory(files, batch_size=BATCH, shuffle=False, verbose=False)
    numbered = dataset.map(lambda text, label: (vectorize(text), label))
    layers = [Input((100,)), Embedding(WORDS, 64), Conv1D(64, 5, activation="relu")]
    ids = np.asarray(vectorize(TEXTS))
    sources = {
        "arrays": arrays(ids),
        "folder of texts, vectorized": (numbered, {}),
        "the same, prefetched": (numbered.prefetch(2), {}),
        **{name: (data, {}) for name, data in keras_numbers(files).items()},
    }
    return Contest("texts of 100 words", [*layers, GlobalAveragePooling1D()], sources)


# ---- times ----------------------------------------------------------------------------------


def timed(run: Callable[[], Any]) -> tuple[float, float]:
    """Seconds, and seconds of all processors, of a batch."""
    began, began_of_processors = time.perf_counter(), time.process_time()
    run()
    of_processors = time.process_time() - began_of_processors
    return (time.perf_counter() - began) / BATCHES, of_processors / BATCHES


def pass_through(data: Any) -> None:
    for _ in itertools.islice(iter(data), BATCHES):
        pass


def compare(contest: Contest, rounds: int) -> None:
    model = contest.network()
    steps: dict[str, list[tuple[float, float]]] = {name: [] for name in contest.sources}
    alone: dict[str, list[tuple[float, float]]] = {name: [] for name in contest.sources}
    for number in range(rounds + 1):
        for name, (data, arguments) in contest.sources.items():
            loading = timed(lambda data=data: pass_through(data))
            step = timed(lambda d=data, a=arguments: model.fit(d, shuffle=False, verbose=0, **a))
            if number:  # the first round records programs and fills caches
                steps[name].append(step)
                alone[name].append(loading)
    show(contest.name, steps, alone)


def show(name: str, steps: dict[str, list], alone: dict[str, list]) -> None:
    usual = middle_of(steps["arrays"])[0]
    print(f"\n{name:28}{'a step':>10}{'arrays = 1':>12}{'cpu':>10}{'alone':>12}{'cpu':>10}")
    for source, taken in steps.items():
        step, of_processors = middle_of(taken)
        line = f"{source:28}{step:7.2f} ms{step / usual:12.2f}{of_processors:7.2f} ms"
        if source != "arrays":
            line += "{:9.2f} ms{:7.2f} ms".format(*middle_of(alone[source]))
        print(line)


def middle_of(times: list[tuple[float, float]]) -> list[float]:
    """The medians, in milliseconds."""
    return [statistics.median(column) * 1e3 for column in zip(*times)]


def main() -> None:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    print(f"{cores} cores, {config.num_threads()} threads of the engine")
    with tempfile.TemporaryDirectory() as folder:
        for make in (pictures, windows, texts):
            compare(make(Path(folder, make.__name__)), rounds)


if __name__ == "__main__":
    main()
