"""Files that layers keep beside their numbers, such as a vocabulary: those of `save_assets`.

A layer writes them into a folder, and reads them from one. In a `.keras` file they are below
`assets/`, by the path of the layer.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from pylego.saving.errors import CorruptFileError
from pylego.saving.walk import objects_with_state

FOLDER = "assets"


def assets_of(model: Any) -> Iterator[tuple[str, bytes]]:
    """Let all layers write their files; return their names in the archive and their contents."""
    for path, found in objects_with_state(model):
        if not hasattr(found, "save_assets"):
            continue
        with tempfile.TemporaryDirectory() as folder:
            found.save_assets(folder)
            for file in sorted(Path(folder).rglob("*")):
                if file.is_file():
                    inner = file.relative_to(folder).as_posix()
                    yield f"{_prefix(path)}{inner}", file.read_bytes()


def load_assets(model: Any, names: Iterable[str], read: Callable[[str], bytes]) -> None:
    """Let all layers that read files read theirs.

    Args:
        model: the model.
        names: of the members of the archive.
        read: returns the content of a member.

    Raises:
        CorruptFileError: for names that would lead out of a folder.
    """
    known = [name for name in names if name.startswith(f"{FOLDER}/") and not name.endswith("/")]
    for path, found in objects_with_state(model):
        if not hasattr(found, "load_assets"):
            continue
        with tempfile.TemporaryDirectory() as folder:
            for name in known:
                if name.startswith(_prefix(path)):
                    place = _place(folder, name.removeprefix(_prefix(path)))
                    place.parent.mkdir(parents=True, exist_ok=True)
                    place.write_bytes(read(name))
            found.load_assets(folder)


def _prefix(path: str) -> str:
    return f"{FOLDER}/{path}/" if path else f"{FOLDER}/"


def _place(folder: str, inner: str) -> Path:
    parts = inner.split("/")
    if any(part in ("", ".", "..") or set(part) & set("\\:\0") for part in parts):
        raise CorruptFileError(
            f"The archive has a member {inner!r}, which is not a name of a file."
        )
    return Path(folder, *parts)
