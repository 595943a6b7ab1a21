"""Networks over sequences, said once for all peers, and the rows that they are given."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Recurrent:
    """A recurrent layer over words, through an embedding, or over numbers; one number at the end.

    `layer`: LSTM, GRU, "bidirectional LSTM", or "own cell", which its user writes: a gate of
    x and h, which mixes h with tanh of the same (Zhou et al., arXiv:1603.09420).
    """

    layer: str
    units: int
    steps: int
    features: int  # of a step, or of a word's vector
    words: int | None = None
    is_stateful: bool = False
    loss: str = "mse"  # Keras's name

    def data(self, rows: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        """Words or numbers, and a number for each row: 0 or 1, or any."""
        if self.words is None:
            return rng.random((rows, self.steps, self.features), np.float32), answers(rows, rng)
        return rng.integers(0, self.words, (rows, self.steps), np.int32), answers(rows, rng)


@dataclass(frozen=True)
class Transformer:
    """Vectors of words and of places; blocks of attention and of two dense layers, each on what is
    normalized, with a way past it (Xiong et al., arXiv:2002.04745).

    A writer sees what comes before, and gives chances to the next word at each step; a reader says
    one number at the end, of the mean over the steps.
    """

    words: int
    steps: int
    blocks: int
    is_writer: bool
    width: int = 128
    heads: int = 4
    hidden: int = 512

    @property
    def loss(self) -> str:
        return "sparse_categorical_crossentropy" if self.is_writer else "binary_crossentropy"

    def data(self, rows: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        """Words, and the next words or a 0 or 1 for each row."""
        text = rng.integers(0, self.words, (rows, self.steps + 1), np.int32)
        return text[:, :-1], text[:, 1:] if self.is_writer else answers(rows, rng)


def answers(rows: int, rng: np.random.Generator) -> np.ndarray:
    return rng.integers(0, 2, (rows, 1)).astype(np.float32)


WORDS = Recurrent(
    "bidirectional LSTM", 64, 200, features=128, words=20_000, loss="binary_crossentropy"
)
SIGNALS = Recurrent("GRU", 128, 100, features=64)
MONTHS = Recurrent("LSTM", 32, 12, features=1)
ONLINE = Recurrent("LSTM", 64, 1, features=8, is_stateful=True)
OWN_CELL = Recurrent("own cell", 64, 200, features=64)
READER = Transformer(20_000, 200, blocks=2, is_writer=False)
WRITER = Transformer(65, 256, blocks=4, is_writer=True)
