"""A folder of sounds, with a folder inside for each class, as batches."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from pylego import checks
from pylego.construction import explained
from pylego.core.tensor import convert_to_tensor
from pylego.utils.file_choice import FileKind, Part, chosen_parts
from pylego.utils.file_dataset import FileDataset
from pylego.utils.wave_files import read_wave, resampled


@explained
def audio_dataset_from_directory(
    directory: Any,
    labels: Any = "inferred",
    label_mode: str | None = "int",
    class_names: Sequence[str] | None = None,
    batch_size: int | None = 32,
    sampling_rate: int | None = None,
    output_sequence_length: int | None = None,
    ragged: bool = False,
    shuffle: bool = True,
    seed: int | None = None,
    validation_split: float | None = None,
    subset: str | None = None,
    follow_links: bool = False,
    verbose: bool = True,
) -> Any:
    """Read the WAV files of a folder as batches of (sounds, labels).

    Args:
        directory: with a folder of sounds for each class.
        labels: 'inferred': the folders are the classes; None: there are no labels; or a list of
            whole numbers, one for each file of the directory in the order of the alphabet.
        label_mode: 'int' gives numbers of classes, shape (batch,); 'categorical' one-hot rows;
            'binary' 0.0 or 1.0, shape (batch, 1); None no labels.
        class_names: the folders, in the order of the classes; by default that of the alphabet.
        batch_size: 32 by default; None yields single sounds.
        sampling_rate: samples a second, to which all sounds are brought; None leaves each its own.
        output_sequence_length: how many samples each sound has then: longer ones are cut, shorter
            ones followed by zeros. None: those of a batch are as long as its longest.
        ragged: whether each sound keeps its own length; a batch is an array of arrays then.
        shuffle: whether each pass has an order of its own.
        seed: of the order; by default it follows from pylego's global seed.
        validation_split: the share of the files that is held back for validation.
        subset: which part is wanted: 'training', 'validation', or 'both', as a pair.
        follow_links: whether to go into folders that are links.
        verbose: whether to print how many files were found.

    Returns an `AudioDataset` where Keras returns a tf.data.Dataset; for subset 'both' two of them.
    Sounds are float32 from -1 to 1, shape (batch, samples, channels). Where Keras cuts sounds
    before it changes their rate, they are cut after it here, so that all have the length.

    Raises:
        FileNotFoundError: when there is no such directory.
        NotADirectoryError: when it is a file.
        ValueError: when no sounds are there, or arguments do not fit; while reading, for a file
            that is not a WAV file of 8, 16, 24 or 32 bits, by its name.
    """
    if ragged and output_sequence_length is not None:
        raise ValueError("ragged keeps lengths, and output_sequence_length sets them: give one")
    for name, number in (
        ("sampling_rate", sampling_rate),
        ("output_sequence_length", output_sequence_length),
    ):
        if number is not None:
            checks.whole_number(name, number, 1)
    reading = Reading(sampling_rate, output_sequence_length, ragged)
    parts = chosen_parts(
        directory,
        FileKind("sound", (".wav",)),
        labels,
        label_mode,
        class_names,
        batch_size,
        shuffle,
        seed,
        validation_split,
        subset,
        follow_links,
        "tf",
        verbose,
    )
    datasets = tuple(AudioDataset(part, reading) for part in parts)
    return datasets if subset == "both" else datasets[0]


@dataclass(frozen=True)
class Reading:
    """How a file becomes an array; arguments as for `audio_dataset_from_directory`."""

    sampling_rate: int | None
    length: int | None
    ragged: bool

    def read(self, path: str) -> np.ndarray:
        """Return the sound in a file, shape (samples, channels)."""
        samples, rate = read_wave(path)
        if self.sampling_rate is not None:
            samples = resampled(samples, rate, self.sampling_rate)
        if self.length is None:
            return samples
        missing = max(0, self.length - len(samples))
        return np.pad(samples[: self.length], ((0, missing), (0, 0)))


class AudioDataset(FileDataset):
    """Batches of sounds: tensors, or (sounds, labels).

    Args:
        part: which files.
        reading: how a file becomes an array.
    """

    def __init__(self, part: Part, reading: Reading):
        super().__init__(part)
        self._reading = reading

    def read(self, path: str) -> np.ndarray:
        """Return the sound in a file."""
        return self._reading.read(path)

    def joined(self, rows: np.ndarray) -> Any:
        """Return sounds as one tensor, short ones followed by zeros; or as they are."""
        if self._reading.ragged:
            return rows
        longest = np.max([sound.shape for sound in rows], axis=0)
        filled = np.zeros((len(rows), *longest), "float32")
        for place, sound in zip(filled, rows):
            place[: sound.shape[0], : sound.shape[1]] = sound
        return convert_to_tensor(filled)

    def __repr__(self) -> str:
        return f"<AudioDataset: {len(self.file_paths)} sounds, {len(self)} steps>"
