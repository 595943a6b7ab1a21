"""The layer that turns texts into numbers."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from typing import Any

import numpy as np

from pylego import checks, names, ops, registry
from pylego.core.ragged import RaggedTensor
from pylego.core.tensor import Tensor
from pylego.graph import KerasTensor
from pylego.keras_imports import is_as_keras
from pylego.layers.layer import Layer
from pylego.layers.preprocessing.batches import batches_of, is_table
from pylego.layers.preprocessing.encoding import output_mode, refuse_sparse
from pylego.layers.preprocessing.index_lookup import MODES
from pylego.layers.preprocessing.string_lookup import StringLookup
from pylego.layers.preprocessing.texts import as_texts, check_placeholder
from pylego.layers.preprocessing.tokens import (
    SPLITS,
    STANDARDS,
    letters_of,
    ngrams_of,
    split_texts,
    standardized,
)


class TextVectorization(Layer):
    """Turn texts into numbers of words, or into counts of words.

    A text is brought into a standard form, split into words, and each word becomes its number in a
    vocabulary. Texts come as arrays or lists of strings. In a model that begins with
    `Input(shape=(1,), dtype="string")` the layer runs in front of the model's program, each time a
    batch comes; `dataset.map(lambda texts, labels: (layer(texts), labels)).cache()` does it once.

    Shapes: (batch,) or (batch, 1) of texts gives (batch, the longest text), padded with 0; in the
    other modes (batch, size of the vocabulary).

    Args:
        max_tokens: how many words there are at most, with those for padding and unknown words.
        standardize: 'lower_and_strip_punctuation', 'lower', 'strip_punctuation', None, or a
            function of an array of NumPy's strings that returns another.
        split: 'whitespace', 'character', None, or a function of an array of texts that returns the
            tokens of each.
        ngrams: up to how many neighbours make a token together; a tuple names the numbers.
        output_mode: 'int', 'multi_hot', 'count' or 'tf_idf'.
        output_sequence_length: for 'int': to which length all are cut or padded.
        pad_to_max_tokens: whether rows are `max_tokens` long, however many words there are.
        vocabulary: a list of words, or the name of a file with one a line; by default `adapt`
            learns it.
        idf_weights: for 'tf_idf': a number for each word of the vocabulary.
        sparse: only False.
        ragged: whether rows have their own lengths: only under `python -m pylego` and `as_keras()`.
        encoding: of bytes among the texts.
        name: see `Layer`.
        **kwargs: see `Layer`.

    Raises:
        RuntimeError: when it is called without a vocabulary.
        TypeError: for numbers, and for placeholders of numbers.
        ValueError: for settings that are not there or do not go together, and for more than one
            text a sample.

    >>> layer = TextVectorization(output_sequence_length=4)
    >>> layer.adapt(["foo bar", "bar baz", "baz bada boom"])
    >>> layer(["foo qux bar", "qux Baz!"]).numpy().tolist()
    [[4, 1, 3, 0], [1, 2, 0, 0]]
    """

    def __init__(
        self,
        max_tokens: int | None = None,
        standardize: Any = "lower_and_strip_punctuation",
        split: Any = "whitespace",
        ngrams: Any = None,
        output_mode: str = "int",
        output_sequence_length: int | None = None,
        pad_to_max_tokens: bool = False,
        vocabulary: Any = None,
        idf_weights: Any = None,
        sparse: bool = False,
        ragged: bool = False,
        encoding: str = "utf-8",
        name: str | None = None,
        **kwargs: Any,
    ):
        of_vocabulary = {
            key: kwargs.pop(key)
            for key in ("vocabulary_size", "has_input_vocabulary")
            if key in kwargs
        }
        super().__init__(name=name, **kwargs)
        self._ragged = ragged and is_as_keras()  # as Keras has it on TensorFlow alone
        refuse_sparse(sparse, ragged and not self._ragged)
        self._standardize = _known("standardize", standardize, STANDARDS)
        self._split = _known("split", split, SPLITS)
        self._ngrams = _ngrams(ngrams)
        self._ngrams_argument = ngrams
        self._output_mode = _mode(output_mode, output_sequence_length)
        self._output_sequence_length = output_sequence_length
        self._encoding = encoding
        self._lookup_layer = StringLookup(
            max_tokens=max_tokens,
            vocabulary=vocabulary,
            idf_weights=idf_weights,
            pad_to_max_tokens=pad_to_max_tokens,
            mask_token="",
            output_mode=self._output_mode,
            encoding=encoding,
            **of_vocabulary,
        )

    # ---- the vocabulary ----

    def adapt(self, data: Any, batch_size: int | None = None, steps: int | None = None) -> None:
        """Learn the vocabulary: all words of the texts, the most frequent first.

        Args:
            data: an array or a list of texts, or something that yields batches of them.
            batch_size: accepted for Keras's sake.
            steps: how many batches are read; all by default.

        Raises:
            ValueError: for a layer that was made with a vocabulary.
        """
        self.reset_state()
        for batch in batches_of(data, steps):
            texts = as_texts(batch, self._encoding)
            self.update_state(texts[:, None] if is_table(data) and texts.ndim == 1 else texts)
        self.finalize_state()

    def update_state(self, data: Any) -> None:
        """Count the words of a batch of texts."""
        tokens = self._tokens(as_texts(data, self._encoding))
        if self._split is None and self._ngrams is None:
            self._lookup_layer.update_state(tokens)
        else:
            self._lookup_layer.count_documents(tokens.reshape(-1))

    def finalize_state(self) -> None:
        """Make the vocabulary of what was counted."""
        self._lookup_layer.finalize_state()

    def reset_state(self) -> None:
        """Forget what was counted."""
        self._lookup_layer.reset_state()

    def get_vocabulary(self, include_special_tokens: bool = True) -> list[str]:
        """Return the words, each at its number.

        Args:
            include_special_tokens: whether those for padding and for unknown words are listed.
        """
        return self._lookup_layer.get_vocabulary(include_special_tokens)

    def vocabulary_size(self) -> int:
        """Return how many words there are, with those for padding and for unknown words."""
        return self._lookup_layer.vocabulary_size()

    def set_vocabulary(self, vocabulary: Any, idf_weights: Any = None) -> None:
        """Take a vocabulary instead of learning one.

        Args:
            vocabulary: a list or array of words, or the name of a file with one a line.
            idf_weights: for 'tf_idf': a number for each of these words.
        """
        self._lookup_layer.set_vocabulary(vocabulary, idf_weights)

    # ---- texts into numbers ----

    def build(self, input_shape: Any) -> None:
        """Make nothing: there are no weights, and `adapt` learns the vocabulary."""
        self._lookup_layer.built = True

    def _read_arguments(self, args: tuple, kwargs: dict) -> tuple[tuple, dict]:
        texts = args[0] if args else kwargs.pop("inputs")
        return (as_texts(texts, self._encoding),), kwargs

    def call(self, inputs: np.ndarray) -> Tensor:
        lookup, length = self._lookup_layer, self._output_sequence_length
        if self._split is None and self._ngrams is None:
            return self._cut(lookup.call(self._tokens(inputs)))
        shape, found, lengths = self._found(inputs)
        if self._ragged:
            return RaggedTensor(found, lengths)  # type: ignore[return-value]
        width = lengths.max(initial=0) if length is None else length
        indices = np.full((len(lengths), width), lookup._mask_index(), dtype=np.int64)
        indices[np.arange(width) < lengths[:, None]] = found
        return lookup.encode_indices(ops.convert_to_tensor(indices.reshape((*shape, width))))

    def _found(self, inputs: np.ndarray) -> tuple[tuple[int, ...], np.ndarray, np.ndarray]:
        """The shape of the texts, the index of each of their words, and how many each text has.

        The engine finds words between spaces. What functions make of texts, characters and joined
        words are found in Python.
        """
        lookup, length = self._lookup_layer, self._output_sequence_length
        is_plain = self._split == "whitespace" and not callable(self._standardize)
        if is_plain and self._ngrams is None:
            texts = self._one_a_sample(inputs)
            letters = letters_of(self._standardize)
            return texts.shape, *lookup.words_in(texts.reshape(-1).tolist(), letters, length)
        tokens = self._tokens(inputs)
        rows = [row[:length] for row in tokens.reshape(-1)]
        lengths = np.array([len(row) for row in rows], dtype=np.int64)
        return tokens.shape, lookup.indices_of(itertools.chain.from_iterable(rows)), lengths

    def _cut(self, numbers: Tensor) -> Tensor:
        """Numbers of texts that were not split, cut or padded."""
        length = self._output_sequence_length
        if length is None:
            return numbers
        numbers = numbers[..., :length]
        missing = length - numbers.shape[-1]
        return ops.pad(numbers, [*[(0, 0)] * (numbers.ndim - 1), (0, missing)])

    def _tokens(self, texts: np.ndarray) -> np.ndarray:
        """The tokens of each text; the texts themselves where they are not split."""
        texts = standardized(texts, self._standardize)
        if self._split is not None:
            found = split_texts(self._one_a_sample(texts), self._split)
        elif self._ngrams is not None:
            found = np.empty(texts.shape[:-1], dtype=object)
            for place in np.ndindex(found.shape):
                found[place] = texts[place].tolist()
        else:
            return texts
        if self._ngrams is not None:
            for place, row in np.ndenumerate(found):
                found[place] = ngrams_of(row, self._ngrams)
        return found

    def _one_a_sample(self, texts: np.ndarray) -> np.ndarray:
        """The texts without their last axis, of length 1, where they have more than one."""
        if texts.ndim < 2:
            return texts
        if texts.shape[-1] != 1:
            raise ValueError(
                f"Layer {self.name!r} splits one text a sample: (batch,) or (batch, 1). Received: "
                f"shape {texts.shape}"
            )
        return texts[..., 0]

    def compute_output_shape(self, input_shape: Any) -> tuple[int | None, ...]:
        if self._output_mode == "int":
            return (input_shape[0], self._output_sequence_length)
        shape = tuple(input_shape)
        is_row = self._split is None and len(shape) > 1
        return self._lookup_layer.compute_output_shape(shape if is_row else (shape[0], None))

    def compute_output_spec(self, inputs: Any, *args: Any, **kwargs: Any) -> KerasTensor:
        """Return the placeholder of what comes out for one of texts."""
        check_placeholder(self.name, inputs)
        dtype = self._lookup_layer.compute_output_spec(inputs).dtype
        return KerasTensor(self.compute_output_shape(inputs.shape), dtype)

    # ---- describing and saving ----

    def get_config(self) -> dict[str, Any]:
        described = self._lookup_layer.get_config()
        shared = ("max_tokens", "pad_to_max_tokens", "sparse", "vocabulary", "idf_weights")
        return {
            **super().get_config(),
            "standardize": registry.serialize(self._standardize),
            "split": registry.serialize(self._split),
            "ngrams": self._ngrams_argument,
            "output_mode": self._output_mode,
            "output_sequence_length": self._output_sequence_length,
            "ragged": self._ragged,
            "encoding": self._encoding,
            "vocabulary_size": described["vocabulary_size"],
            **{key: described[key] for key in shared},
        }

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> TextVectorization:
        """Make a layer from what `get_config` returned."""
        functions = {
            key: registry.deserialize(config[key])
            for key in ("standardize", "split")
            if isinstance(config.get(key), Mapping)
        }
        ngrams = config.get("ngrams")
        ngrams = tuple(ngrams) if isinstance(ngrams, list) else ngrams
        return cls(**{**config, **functions, "ngrams": ngrams})

    def save_own_variables(self, store: Any) -> None:
        """Store the weights of 'tf_idf'."""
        self._lookup_layer.save_own_variables(store)

    def load_own_variables(self, store: Any) -> None:
        """Take the weights of 'tf_idf' out of a store."""
        self._lookup_layer.load_own_variables(store)

    def save_assets(self, folder: str) -> None:
        """Write the vocabulary into a folder, unless the configuration holds it."""
        self._lookup_layer.save_assets(folder)

    def load_assets(self, folder: str) -> None:
        """Read the vocabulary that `save_assets` wrote."""
        self._lookup_layer.load_assets(folder)


def _known(argument: str, value: Any, table: Mapping[str, Any]) -> Any:
    if value is None or callable(value) or (isinstance(value, str) and value in table):
        return value
    raise names.unknown(argument, value, table)


def _mode(mode: str, length: Any) -> str:
    mode = output_mode(mode, MODES)
    if length is None:
        return mode
    if mode != "int":
        raise ValueError(
            "TextVectorization: output_sequence_length is for output_mode='int'. Received: "
            f"output_mode={mode!r}, output_sequence_length={length}"
        )
    checks.whole_number("output_sequence_length", length, 1, "TextVectorization")
    return mode


def _ngrams(ngrams: Any) -> tuple[int, ...] | None:
    if ngrams is None:
        return None
    widths = range(1, ngrams + 1) if type(ngrams) is int else ngrams
    is_wide = isinstance(widths, (range, tuple)) and all(type(w) is int and w > 0 for w in widths)
    if not is_wide or not widths:
        raise ValueError(
            "TextVectorization: ngrams is a whole number from 1 on, or a tuple of them. Received: "
            f"ngrams={ngrams!r}"
        )
    return tuple(widths)
