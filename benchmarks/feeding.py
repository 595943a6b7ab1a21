"""Print what a training step costs by where its batches come from, beside arrays.

    python benchmarks/feeding.py [rounds]

A small convolutional network learns the same pictures, in the same order, from arrays, from a
generator, from a `PyDataset` without and with workers, from a folder of PNG files, and from a
DataLoader where PyTorch is installed. One epoch of each is timed in turns; the medians are shown.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from pylego.layers import Conv2D, Dense, Flatten, Input, MaxPooling2D
from pylego.models import Sequential
from pylego.utils import PyDataset, image_dataset_from_directory, save_img

BATCH, BATCHES, SIDE, CLASSES = 64, 12, 32, 4
ROUNDS = 7

RNG = np.random.default_rng(0)
PICTURES = RNG.integers(0, 256, (BATCH * BATCHES, SIDE, SIDE, 3)).astype(np.float32)
LABELS = np.sort(RNG.integers(0, CLASSES, BATCH * BATCHES)).astype(np.int32)


class Numbered(PyDataset):
    """Batches as parts of the arrays."""

    def __len__(self) -> int:
        return BATCHES

    def __getitem__(self, index: int) -> Any:
        rows = slice(index * BATCH, (index + 1) * BATCH)
        return PICTURES[rows], LABELS[rows]


def generated() -> Iterator[Any]:
    data = Numbered()
    while True:
        yield from data


def write_folder(folder: Path) -> None:
    """A PNG a picture, in a folder a class."""
    for number, (picture, label) in enumerate(zip(PICTURES, LABELS)):
        path = folder / f"class_{label}" / f"{number:04}.png"
        path.parent.mkdir(exist_ok=True)
        save_img(path, picture, scale=False)


def loader() -> Any | None:
    try:
        from torch import from_numpy
        from torch.utils.data import DataLoader, TensorDataset
    except ImportError:
        return None
    rows = TensorDataset(from_numpy(PICTURES), from_numpy(LABELS))
    return DataLoader(rows, batch_size=BATCH)


def network() -> Sequential:
    layers = [Input((SIDE, SIDE, 3)), Conv2D(32, 3, activation="relu"), MaxPooling2D()]
    layers += [
        Conv2D(64, 3, activation="relu"),
        MaxPooling2D(),
        Flatten(),
        Dense(CLASSES, "softmax"),
    ]
    model = Sequential(layers)
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def ways(folder: str) -> dict[str, Callable[[Sequential], Any]]:
    """An epoch from each source."""
    files = image_dataset_from_directory(
        folder, image_size=(SIDE, SIDE), batch_size=BATCH, shuffle=False, verbose=False
    )
    found: dict[str, Callable[[Sequential], Any]] = {
        "arrays": lambda m: m.fit(PICTURES, LABELS, BATCH, shuffle=False, verbose=0),
        "generator": lambda m: m.fit(generated(), steps_per_epoch=BATCHES, verbose=0),
        "PyDataset": lambda m: m.fit(Numbered(), shuffle=False, verbose=0),
        "PyDataset, 2 workers": lambda m: m.fit(Numbered(workers=2), shuffle=False, verbose=0),
        "folder of PNG files": lambda m: m.fit(files, verbose=0),
    }
    batches = loader()
    if batches is not None:
        found["DataLoader"] = lambda m: m.fit(batches, verbose=0)
    return found


def main() -> None:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS
    with tempfile.TemporaryDirectory() as folder:
        write_folder(Path(folder))
        sources = ways(folder)
        model = network()
        seconds: dict[str, list[float]] = {name: [] for name in sources}
        for number in range(rounds + 1):
            for name, epoch in sources.items():
                began = time.perf_counter()
                epoch(model)
                if number:  # the first round records programs and fills caches
                    seconds[name].append(time.perf_counter() - began)
    usual = statistics.median(seconds["arrays"])
    print(f"{'batches from':24}{'a step':>10}{'arrays = 1':>12}")
    for name, taken in seconds.items():
        middle = statistics.median(taken)
        print(f"{name:24}{middle / BATCHES * 1e3:7.2f} ms{middle / usual:12.2f}")


if __name__ == "__main__":
    main()
