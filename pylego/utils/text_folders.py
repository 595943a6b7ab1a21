"""A folder of texts, with a folder inside for each class, as batches."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from pylego import checks
from pylego.construction import explained
from pylego.core.text_array import Text, TextArray
from pylego.utils.file_choice import FileKind, Part, chosen_parts
from pylego.utils.file_dataset import FileDataset
from pylego.utils.file_reading import content_of


@explained
def text_dataset_from_directory(
    directory: Any,
    labels: Any = "inferred",
    label_mode: str | None = "int",
    class_names: Sequence[str] | None = None,
    batch_size: int | None = 32,
    max_length: int | None = None,
    shuffle: bool = True,
    seed: int | None = None,
    validation_split: float | None = None,
    subset: str | None = None,
    follow_links: bool = False,
    format: str = "tf",
    verbose: bool = True,
) -> Any:
    """Read the texts of a folder, files that end in .txt, as batches of (texts, labels).

    Args:
        directory: with a folder of texts for each class.
        labels: 'inferred': the folders are the classes; None: there are no labels; or a list of
            whole numbers, one for each file of the directory in the order of the alphabet.
        label_mode: 'int' gives numbers of classes, shape (batch,); 'categorical' one-hot rows;
            'binary' 0.0 or 1.0, shape (batch, 1); None no labels.
        class_names: the folders, in the order of the classes; by default that of the alphabet.
        batch_size: 32 by default; None yields single texts.
        max_length: how many bytes of a file are read, as Keras counts; None for all.
        shuffle: whether each pass has an order of its own.
        seed: of the order; by default it follows from pylego's global seed.
        validation_split: the share of the files that is held back for validation.
        subset: which part is wanted: 'training', 'validation', or 'both', as a pair.
        follow_links: whether to go into folders that are links.
        format: 'tf' or 'grain', accepted for Keras's sake: one kind of data set comes out.
        verbose: whether to print how many files were found.

    Returns a `TextDataset` where Keras returns a tf.data.Dataset; for subset 'both' two of them. A
    batch of texts is a NumPy array of strings: `dataset.map(lambda texts, labels:
    (vectorize(texts), labels))` with a `TextVectorization` makes the numbers that `fit` takes.

    Raises:
        FileNotFoundError: when there is no such directory.
        NotADirectoryError: when it is a file.
        ValueError: when no texts are there, or arguments do not fit; while reading, for a file that
            is not UTF-8, by its name.
    """
    if max_length is not None:
        checks.whole_number("max_length", max_length, 0)
    parts = chosen_parts(
        directory,
        FileKind("text", (".txt",)),
        labels,
        label_mode,
        class_names,
        batch_size,
        shuffle,
        seed,
        validation_split,
        subset,
        follow_links,
        format,
        verbose,
    )
    datasets = tuple(TextDataset(part, max_length) for part in parts)
    return datasets if subset == "both" else datasets[0]


class TextDataset(FileDataset):
    """Batches of texts: NumPy arrays of strings with a `numpy()`, or (texts, labels).

    Args:
        part: which files.
        max_length: how many bytes of a file are read.
    """

    def __init__(self, part: Part, max_length: int | None):
        super().__init__(part)
        self._max_length = max_length

    def room(self, count: int) -> np.ndarray:
        return super().room(count).view(TextArray)

    def read(self, path: str) -> str:
        """Return the text in a file; a letter that is cut in half is left out."""
        data = content_of(path)
        is_cut = self._max_length is not None and len(data) > self._max_length
        try:
            return Text(data[: self._max_length], "utf-8", "ignore" if is_cut else "strict")
        except UnicodeDecodeError as error:
            raise ValueError(f"{path} is not a text in UTF-8: {error}") from error

    def __repr__(self) -> str:
        return f"<TextDataset: {len(self.file_paths)} texts, {len(self)} steps>"
