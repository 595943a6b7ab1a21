"""Folders of files by class: which files there are, and which class each of them has."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np


@dataclass(frozen=True)
class LabelledFiles:
    """Files, and the number of the class of each.

    Args:
        paths: of the files.
        labels: as many whole numbers; None where the files have no classes.
        class_names: what the numbers stand for.
    """

    paths: list[str]
    labels: np.ndarray | None = None
    class_names: list[str] | None = None

    def __len__(self) -> int:
        return len(self.paths)

    def take(self, places: np.ndarray | slice) -> LabelledFiles:
        """Return some of the files, by numbers or by a slice."""
        chosen = np.arange(len(self.paths))[places]
        labels = None if self.labels is None else self.labels[chosen]
        return replace(self, paths=[self.paths[i] for i in chosen], labels=labels)


def files_of_classes(
    directory: Any, formats: Sequence[str], class_names: Sequence[str] | None, follow_links: bool
) -> LabelledFiles:
    """List the files of each class, in the order of the alphabet.

    Args:
        directory: with a folder for each class; folders inside these belong to the class, too.
        formats: what the names of files end in; other files are left out.
        class_names: names of folders, in the order of the classes; by default all, sorted.
        follow_links: whether to go into folders that are links.

    Raises:
        FileNotFoundError: when there is no such directory.
        ValueError: for class names without a folder.
    """
    root = existing_directory(directory)
    folders = [e.name for e in os.scandir(root) if e.is_dir() and not e.name.startswith(".")]
    names = sorted(folders) if class_names is None else list(class_names)
    missing = sorted(set(names) - set(folders))
    if missing:
        raise ValueError(
            f"{root} has no folder for the classes {', '.join(missing)}; it has "
            f"{', '.join(sorted(folders)) or 'no folders'}"
        )
    found = [list(files_in(os.path.join(root, name), formats, follow_links)) for name in names]
    labels = np.repeat(np.arange(len(names), dtype=np.int32), [len(paths) for paths in found])
    return LabelledFiles([path for paths in found for path in paths], labels, names)


def files_in(directory: str, formats: Sequence[str], follow_links: bool) -> Iterator[str]:
    """Yield the files of a folder and of those inside it, in the order of the alphabet."""
    for root, _, names in sorted(os.walk(directory, followlinks=follow_links)):
        for name in sorted(names):
            if name.lower().endswith(tuple(formats)):
                yield os.path.join(root, name)


def existing_directory(directory: Any) -> str:
    """Return the directory as a string.

    Raises:
        FileNotFoundError: when there is none.
    """
    path = os.fspath(directory)
    if not os.path.isdir(path):
        raise FileNotFoundError(f"There is no folder {path!r} (looked in {os.getcwd()!r})")
    return path
