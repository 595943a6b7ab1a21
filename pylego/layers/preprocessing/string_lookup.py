"""The layer that numbers words."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from typing import Any

import numpy as np

from pylego import engine
from pylego.core.tensor import Tensor, convert_to_tensor
from pylego.core.text_array import ANY_TEXT, text_array
from pylego.graph import KerasTensor
from pylego.layers.preprocessing.fingerprints import bin_of
from pylego.layers.preprocessing.index_lookup import IndexLookup
from pylego.layers.preprocessing.texts import as_texts, check_placeholder


class StringLookup(IndexLookup):
    """Give each word of a vocabulary a number, and look words up in it.

    Texts come as arrays or lists of strings; a model has them from an `Input(shape=(1,),
    dtype="string")`, and the layer runs in front of its program. Indices are int64, rows of the
    other modes have the dtype `config.floatx()`.

    Shapes: 'int' keeps the shape. 'one_hot' turns each word into a row as long as the vocabulary,
    the others each sample, which lies along the last axis.

    Args:
        max_tokens: how many terms there are at most, with the special ones.
        num_oov_indices: how many indices there are for words that are not known; a hash tells which
            of them a word has. With 0 such words are refused.
        mask_token: a word that means "nothing here": index 0; not counted in the other modes.
        oov_token: stands for unknown words in the vocabulary, and in what `invert` returns.
        vocabulary: a list of words, or the name of a file with one a line; by default `adapt`
            learns it.
        idf_weights: for 'tf_idf': a number for each word of the vocabulary.
        invert: whether indices become words, as an array of strings.
        output_mode: 'int', 'one_hot', 'multi_hot', 'count' or 'tf_idf'.
        pad_to_max_tokens: whether rows are `max_tokens` long, however many words there are.
        sparse: only False.
        encoding: of bytes among the texts.
        name: see `Layer`.
        salt: a whole number or two: unknown words are hashed by SipHash with that key.
        **kwargs: see `Layer`.

    Raises:
        RuntimeError: when it is called without a vocabulary.
        TypeError: for numbers, for placeholders of numbers, and, with `invert`, for any.
        ValueError: for settings that do not go together, and for unknown words without an index.

    >>> layer = StringLookup()
    >>> layer.adapt(["red", "blue", "red"])
    >>> layer.get_vocabulary()
    ['[UNK]', 'red', 'blue']
    >>> layer(["blue", "green"]).numpy().tolist()
    [2, 0]
    """

    def __init__(
        self,
        max_tokens: int | None = None,
        num_oov_indices: int = 1,
        mask_token: str | None = None,
        oov_token: str = "[UNK]",
        vocabulary: Any = None,
        idf_weights: Any = None,
        invert: bool = False,
        output_mode: str = "int",
        pad_to_max_tokens: bool = False,
        sparse: bool = False,
        encoding: str = "utf-8",
        name: str | None = None,
        salt: Any = None,
        **kwargs: Any,
    ):
        self.encoding = encoding
        kwargs.pop("oov_method", None)  # words are always hashed
        super().__init__(
            max_tokens=max_tokens,
            num_oov_indices=num_oov_indices,
            mask_token=mask_token,
            oov_token=oov_token,
            vocabulary=vocabulary,
            idf_weights=idf_weights,
            invert=invert,
            output_mode=output_mode,
            sparse=sparse,
            pad_to_max_tokens=pad_to_max_tokens,
            salt=salt,
            name=name,
            **kwargs,
        )

    def _as_array(self, data: Any) -> np.ndarray:
        return as_texts(data, self.encoding)

    def _terms(self, terms: Any) -> list[str]:
        return as_texts(terms, self.encoding).tolist()

    def _read_arguments(self, args: tuple, kwargs: dict) -> tuple[tuple, dict]:
        if self.invert:
            return super()._read_arguments(args, kwargs)
        texts = args[0] if args else kwargs.pop("inputs")
        return (as_texts(texts, self.encoding),), kwargs

    def call(self, inputs: Any) -> Any:
        if self.invert:
            return self._words(inputs)
        indices = self.indices_of(inputs.reshape(-1)).reshape(inputs.shape)
        return self.encode_indices(convert_to_tensor(indices))

    def indices_of(self, words: Iterable[str]) -> np.ndarray:
        """Return the index of each word."""
        index, first = self._ready_vocabulary().index, self._first_index()
        if self.num_oov_indices == 1:
            return np.fromiter(map(index.get, words, itertools.repeat(first)), np.int64)
        found = (index[word] if word in index else self._hashed(word) for word in words)
        return np.fromiter(found, np.int64)

    def words_in(
        self, texts: Iterable[str], letters: np.ndarray, most: int | None
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return the index of each word of texts, and how many words each text has.

        Args:
            texts: are cut into words by the engine.
            letters: what becomes of each byte, see `tokens.letters_of`.
            most: how many words of a text are read; None: all.
        """
        vocabulary = self._ready_vocabulary()
        if vocabulary.words is None:
            vocabulary.words = engine.WordTable(vocabulary.index, self._first_index())
        return vocabulary.words.find(texts, letters, most)

    def _hashed(self, word: str) -> int:
        """The index of a word that is not known."""
        if not self.num_oov_indices and word is not ANY_TEXT:
            self._refuse_unknown([word])
        return self._first_index() + bin_of(word, max(self.num_oov_indices, 1), self.salt)

    def _words(self, indices: Tensor) -> Any:
        """The words at indices; that of unknown ones where there is none."""
        self._ready_vocabulary()
        words = text_array([*self.get_vocabulary(), self.oov_token])
        places = indices.numpy().astype(np.int64)
        return words[np.where((places < 0) | (places >= len(words)), len(words) - 1, places)]

    def compute_output_spec(self, inputs: Any, *args: Any, **kwargs: Any) -> KerasTensor:
        """Return the placeholder of what comes out for one of texts.

        Raises:
            TypeError: for numbers, and where texts would come out: no model computes those.
        """
        if self.invert:
            raise TypeError(
                f"Layer {self.name!r} with invert=True makes texts, which no model computes: call "
                "it on what the model predicts"
            )
        check_placeholder(self.name, inputs)
        return super().compute_output_spec(inputs)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "encoding": self.encoding}
