"""How often callbacks write files: after each epoch, or after so many batches."""

from __future__ import annotations

from typing import Any


class SaveFrequency:
    """Counts batches, over epochs, and says when a file is due.

    Args:
        owner: the callback's name, for the message.
        save_freq: 'epoch', or a number of batches.

    Raises:
        ValueError: for anything else.

    >>> frequency = SaveFrequency("ModelCheckpoint", 3)
    >>> [frequency.is_due(batch) for batch in (0, 1, 0, 1)]  # two epochs of two batches
    [False, False, True, False]
    """

    def __init__(self, owner: str, save_freq: Any):
        is_count = isinstance(save_freq, int) and not isinstance(save_freq, bool) and save_freq > 0
        if save_freq != "epoch" and not is_count:
            raise ValueError(
                f"{owner}: save_freq is 'epoch' or a number of batches, 1 or more. Received: "
                f"save_freq={save_freq!r}"
            )
        self.batches: int | None = None if save_freq == "epoch" else save_freq
        self._since_last = 0
        self._last_batch = -1

    def is_due(self, batch: int) -> bool:
        """Count the batches up to this one, which counts from 0 in each epoch."""
        is_new_epoch = batch <= self._last_batch
        self._since_last += batch + 1 if is_new_epoch else batch - self._last_batch
        self._last_batch = batch
        if self.batches is None or self._since_last < self.batches:
            return False
        self._since_last = 0
        return True

    def state(self) -> dict[str, int]:
        """Return the counts, for a training that goes on in another process."""
        return {"since_last": self._since_last, "last_batch": self._last_batch}

    def put_back(self, state: dict[str, int]) -> None:
        """Go on from what `state` returned."""
        self._since_last, self._last_batch = state["since_last"], state["last_batch"]
