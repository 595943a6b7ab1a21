"""`tf.train.Checkpoint`: the numbers of models and optimizers in a file."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

import numpy as np

_ENDING = ".npz"


class Checkpoint:
    """Save and restore the variables of models, optimizers and variables, by the names they have.

    Args:
        **objects: what is saved.

    >>> import tempfile
    >>> import pylego
    >>> v = pylego.Variable([1.0])
    >>> checkpoint = Checkpoint(v=v)
    >>> path = checkpoint.save(tempfile.mkdtemp() + "/ckpt")
    >>> _ = v.assign([5.0])
    >>> _ = checkpoint.restore(path)
    >>> v.numpy().tolist()
    [1.0]
    """

    def __init__(self, **objects: Any):
        self._objects = objects
        self.save_counter = 0
        vars(self).update(objects)

    def save(self, file_prefix: str) -> str:
        """Write a file, whose number grows with each call; return its path without the ending."""
        self.save_counter += 1
        return self.write(f"{file_prefix}-{self.save_counter}")

    def write(self, file_prefix: str) -> str:
        """Write a file; return its path without the ending."""
        os.makedirs(os.path.dirname(file_prefix) or ".", exist_ok=True)
        numbers = {name: np.asarray(variable) for name, variable in self._variables().items()}
        np.savez(f"{file_prefix}{_ENDING}", **numbers)  # type: ignore[arg-type]
        return file_prefix

    def restore(self, save_path: str | None) -> Checkpoint:
        """Take over numbers from a file; None leaves all as it is.

        Raises:
            ValueError: for a file of other variables.
        """
        if save_path is None:
            return self
        variables = self._variables()
        with np.load(f"{save_path}{_ENDING}", allow_pickle=False) as file:
            if missing := [name for name in variables if name not in file.files]:
                raise ValueError(f"{save_path} has no numbers for {', '.join(missing[:3])}")
            for name, variable in variables.items():
                variable.assign(file[name])
        return self

    read = restore

    def expect_partial(self) -> Checkpoint:
        """Return the checkpoint: nothing warns."""
        return self

    assert_consumed = expect_partial

    def _variables(self) -> dict[str, Any]:
        found = {}
        for name, part in self._objects.items():
            held = getattr(part, "variables", None)
            if held is None:
                held = [part] if hasattr(part, "assign") else []
            found.update({f"{name}.{place}": variable for place, variable in enumerate(held)})
        return found


class CheckpointManager:
    """Keep the last files of a checkpoint.

    Args:
        checkpoint: what is saved.
        directory: where to.
        max_to_keep: how many files stay.
        checkpoint_name: what their names begin with.
    """

    def __init__(
        self,
        checkpoint: Checkpoint,
        directory: str,
        max_to_keep: int,
        checkpoint_name: str = "ckpt",
    ):
        self._checkpoint = checkpoint
        self._prefix = os.path.join(directory, checkpoint_name)
        self._most = max_to_keep

    @property
    def checkpoints(self) -> list[str]:
        """The paths of the files, the oldest first."""
        return _paths(self._prefix)

    @property
    def latest_checkpoint(self) -> str | None:
        """The path of the newest file."""
        return self.checkpoints[-1] if self.checkpoints else None

    def save(self, checkpoint_number: int | None = None) -> str:
        """Write a file, and delete the oldest ones beyond `max_to_keep`."""
        path = self._checkpoint.save(self._prefix)
        for old in self.checkpoints[: -self._most]:
            os.remove(f"{old}{_ENDING}")
        return path


def latest_checkpoint(checkpoint_dir: str) -> str | None:
    """Return the path of the newest checkpoint in a folder; None where there is none."""
    found = _paths(os.path.join(checkpoint_dir, ""))
    return found[-1] if found else None


def _paths(prefix: str) -> list[str]:
    folder, beginning = os.path.split(prefix)
    found = [p for p in Path(folder or ".").glob(f"{beginning}*{_ENDING}") if _number(p.stem)]
    return [str(path)[: -len(_ENDING)] for path in sorted(found, key=lambda p: _number(p.stem))]


def _number(stem: str) -> int:
    match = re.search(r"-(\d+)$", stem)
    return int(match.group(1)) if match else 0
