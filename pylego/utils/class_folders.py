"""Folders of files by class: which files there are, and which class each of them has."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from pylego import names


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
        NotADirectoryError: when it is a file.
        ValueError: for class names without a folder.
    """
    if isinstance(class_names, str):
        raise TypeError(f"Classes are a list of names of folders. Received: {class_names!r}")
    root = existing_directory(directory)
    classes = class_folders(root) if class_names is None else list(class_names)
    missing = sorted({name for name in classes if not os.path.isdir(os.path.join(root, name))})
    if missing:
        raise ValueError(
            f"{root} has no folder for the classes {', '.join(missing)}; it has "
            f"{', '.join(class_folders(root)) or 'no folders'}"
        )
    if class_names is None and len(classes) == 1:
        _warn_of_folders_deeper(root, classes[0], formats)
    found = [list(files_in(os.path.join(root, name), formats, follow_links)) for name in classes]
    labels = np.repeat(np.arange(len(classes), dtype=np.int32), [len(paths) for paths in found])
    return LabelledFiles([path for paths in found for path in paths], labels, classes)


def class_folders(directory: str) -> list[str]:
    """List the folders inside a folder, in the order of the alphabet, without hidden ones."""
    entries = os.scandir(directory)
    return sorted(e.name for e in entries if e.is_dir() and not e.name.startswith("."))


def _warn_of_folders_deeper(root: str, only: str, formats: Sequence[str]) -> None:
    """Archives often hold one folder, and the classes are inside of that."""
    inside = os.path.join(root, only)
    deeper = class_folders(inside)
    if len(deeper) > 1 and not _own_files(inside, formats):
        warnings.warn(
            f"{root} has a single class, {only!r}, which holds folders itself: "
            f"{_some(deeper)}. If those are the classes, the directory is {inside!r}",
            stacklevel=2,
        )


def files_in(directory: str, formats: Sequence[str], follow_links: bool) -> Iterator[str]:
    """Yield the files of a folder and of those inside it, in the order of the alphabet."""
    for root, _, files in sorted(os.walk(directory, followlinks=follow_links)):
        for name in sorted(files):
            if name.lower().endswith(tuple(formats)):
                yield os.path.join(root, name)


def existing_directory(directory: Any) -> str:
    """Return the directory as a string.

    Raises:
        FileNotFoundError: when there is none.
        NotADirectoryError: when it is a file.
    """
    path = os.fspath(directory)
    if os.path.isdir(path):
        return path
    if os.path.exists(path):
        raise NotADirectoryError(f"{path!r} is a file: the directory is a folder")
    raise FileNotFoundError(
        f"There is no folder {path!r} (looked in {os.getcwd()!r}).{_near_folders(path)}"
    )


def _near_folders(path: str) -> str:
    """Folders beside the missing one that have names like its own."""
    parent, name = os.path.split(os.path.abspath(path))
    if not os.path.isdir(parent):
        return _near_folders(parent) if parent != path else ""
    near = [os.path.join(parent, folder) for folder in names.closest(name, class_folders(parent))]
    return f" Did you mean {' or '.join(map(repr, near))}?" if near else ""


# ---- folders without files ------------------------------------------------------------------


def why_no_files(
    directory: Any,
    kind: str,
    formats: Sequence[str],
    classes: Sequence[str] | None,
    way_out: str = "",
) -> str:
    """Say why no file was found in a folder, and what to change.

    Args:
        directory: where files were looked for.
        kind: of the files: 'image'.
        formats: what their names end in.
        classes: the folders in which they were looked for; None where these are not classes.
        way_out: how files are read that lie in the directory itself.
    """
    root = os.fspath(directory)
    loose = _own_files(root, formats)
    if loose and classes is not None:
        return (
            f"{root} has no {kind}s in folders. Classes are folders, one for each class with its "
            f"{kind}s inside; here {_counted(len(loose), kind)} ({_some(loose)}) "
            f"{'lies' if len(loose) == 1 else 'lie'} in the directory itself. {way_out}"
        )
    if not any(os.scandir(root)):
        return f"{root} has no {kind}s: it is empty"
    if list(files_in(root, formats, False)):
        return f"{root} has no {kind}s in the folders {_some(classes or ())}"
    others = [os.path.relpath(path, root) for path in files_in(root, ("",), False)]
    if not others:
        return f"{root} has no {kind}s: its folders ({_some(class_folders(root))}) are empty"
    return (
        f"{root} has no {kind}s: none of its {_counted(len(others), 'file')} ({_some(others)}) "
        f"ends in {', '.join(formats)}"
    )


def _own_files(directory: str, formats: Sequence[str]) -> list[str]:
    """The names of such files in a folder, without those of folders inside it."""
    files = sorted(entry.name for entry in os.scandir(directory) if entry.is_file())
    return [name for name in files if name.lower().endswith(tuple(formats))]


def _counted(count: int, thing: str) -> str:
    return f"{count} {thing}{'' if count == 1 else 's'}"


def _some(texts: Sequence[str]) -> str:
    """The first three."""
    return ", ".join([*texts[:3], *(["..."] if len(texts) > 3 else [])])
