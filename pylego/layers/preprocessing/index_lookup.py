"""What layers have in common that look up terms in a vocabulary."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from pylego import checks, config, names
from pylego.core import dtypes
from pylego.core.ragged import RaggedTensor
from pylego.core.tensor import Tensor
from pylego.graph import KerasTensor
from pylego.layers.layer import Layer
from pylego.layers.preprocessing.batches import batches_of, is_table
from pylego.layers.preprocessing.encoding import encode, encoded_shape, output_mode, refuse_sparse
from pylego.layers.preprocessing.fingerprints import two_integers
from pylego.layers.preprocessing.vocabulary import (
    TermCounts,
    Vocabulary,
    read_terms,
    repeated,
    write_terms,
    written_terms,
)

MODES = ("int", "one_hot", "multi_hot", "count", "tf_idf")


class IndexLookup(Layer):
    """Number terms by a vocabulary: a base, see `StringLookup` and `IntegerLookup`.

    The vocabulary begins with the mask token, in the mode 'int' and where there is one, and with as
    many entries for unknown terms as there are `num_oov_indices`.

    A family defines how its data become terms, and how it looks them up.
    """

    oov_method = "floormod"

    def __init__(
        self,
        max_tokens: int | None,
        num_oov_indices: int,
        mask_token: Any,
        oov_token: Any,
        vocabulary: Any,
        idf_weights: Any,
        invert: bool,
        output_mode: str,
        sparse: bool,
        pad_to_max_tokens: bool,
        salt: Any,
        **kwargs: Any,
    ):
        self._known_size = kwargs.pop("vocabulary_size", None)
        has_vocabulary = kwargs.pop("has_input_vocabulary", vocabulary is not None)
        kwargs.pop("dtype", None)  # indices have none to choose
        super().__init__(**kwargs)
        owner = type(self).__name__
        self.max_tokens = max_tokens
        if max_tokens is not None:
            self.max_tokens = checks.whole_number("max_tokens", max_tokens, 2, owner)
        self.num_oov_indices = checks.whole_number("num_oov_indices", num_oov_indices, 0, owner)
        self.mask_token = mask_token
        self.oov_token = oov_token
        self.invert = invert
        self.output_mode = _mode(owner, output_mode, invert, idf_weights)
        refuse_sparse(sparse)
        self.sparse = False
        self.pad_to_max_tokens = pad_to_max_tokens
        if pad_to_max_tokens and max_tokens is None:
            raise ValueError(f"{owner}: pad_to_max_tokens pads to max_tokens, which is not given")
        self.salt = two_integers(owner, salt)
        self.idf_weights: np.ndarray | None = None
        self._vocabulary: Vocabulary | None = None
        self._counts = TermCounts()
        self._has_input_vocabulary = has_vocabulary
        is_file = isinstance(vocabulary, str)  # saved as a file again
        self.input_vocabulary = None if vocabulary is None or is_file else _array(vocabulary)
        self.input_idf_weights = None if idf_weights is None else np.asarray(idf_weights)
        if vocabulary is not None:
            self.set_vocabulary(vocabulary, idf_weights)

    # ---- the vocabulary ----

    def __call__(self, inputs: Any, *args: Any, **kwargs: Any) -> Any:
        """Number terms; those of rows of unlike lengths give such rows."""
        if isinstance(inputs, RaggedTensor):
            return inputs.with_flat_values(super().__call__(inputs.flat_values, *args, **kwargs))
        return super().__call__(inputs, *args, **kwargs)

    def _first_index(self) -> int:
        """Of the entries for unknown terms."""
        return int(self.mask_token is not None and self.output_mode == "int")

    def _special_tokens(self) -> list[Any]:
        return [self.mask_token] * self._first_index() + [self.oov_token] * self.num_oov_indices

    def get_vocabulary(self, include_special_tokens: bool = True) -> list[Any]:
        """Return the terms, each at its index.

        Args:
            include_special_tokens: whether the mask token and those of unknown terms are listed.
        """
        terms = [] if self._vocabulary is None else self._vocabulary.terms
        return [*self._special_tokens(), *terms] if include_special_tokens else list(terms)

    def vocabulary_size(self) -> int:
        """Return how many terms there are, with the mask token and those of unknown terms."""
        return len(self.get_vocabulary())

    def set_vocabulary(self, vocabulary: Any, idf_weights: Any = None) -> None:
        """Take a vocabulary instead of learning one.

        Args:
            vocabulary: a list or array of terms, with or without the special tokens in front, or
                the name of a file with one term a line.
            idf_weights: for the mode 'tf_idf': a number for each of these terms.

        Raises:
            ValueError: for a term that comes twice, special tokens elsewhere, too many terms, none,
                and weights that are missing or do not fit.
        """
        terms = read_terms(vocabulary) if isinstance(vocabulary, str) else vocabulary
        given = self._terms(terms)
        self._check_weights(given, idf_weights)
        special = self._special_tokens()
        begins_so = given[: len(special)] == special
        found = given[len(special) :] if begins_so else given
        self._check_terms(given, found)
        self._vocabulary = self._numbered(found)
        if idf_weights is not None:
            weights = np.asarray(idf_weights, dtype=np.float64)
            self.idf_weights = self._padded(weights, 0 if begins_so else len(special))

    def _numbered(self, terms: list[Any]) -> Vocabulary:
        vocabulary = Vocabulary(terms, len(self._special_tokens()))
        if self.mask_token is not None:
            vocabulary.index[self.mask_token] = self._mask_index()
        return vocabulary

    def _check_terms(self, given: list[Any], found: list[Any]) -> None:
        owner, special = f"Layer {self.name!r}", self._special_tokens()
        if not found:
            raise ValueError(f"{owner}: a vocabulary needs terms. Received: vocabulary={given}")
        if twice := repeated(found):
            raise ValueError(f"{owner}: the vocabulary has terms twice: {twice[:5]}")
        reserved = [self.mask_token] + ([self.oov_token] if self.invert else [])
        for token in reserved:
            if token is not None and token in found:
                raise ValueError(
                    f"{owner}: the vocabulary has the reserved token {token!r} at place "
                    f"{given.index(token)}. Special tokens may be left out, or stand at the "
                    f"beginning: {special}"
                )
        size = len(special) + len(found)
        if self.max_tokens is not None and size > self.max_tokens:
            raise ValueError(
                f"{owner}: the vocabulary has {size} terms with the special ones, "
                f"more than max_tokens={self.max_tokens}"
            )

    def _check_weights(self, given: list[Any], weights: Any) -> None:
        needs_weights = self.output_mode == "tf_idf"
        if needs_weights != (weights is not None):
            raise ValueError(
                f"Layer {self.name!r}: idf_weights go with output_mode='tf_idf', and only with it. "
                f"Received: output_mode={self.output_mode!r}, idf_weights={weights!r}"
            )
        if needs_weights and np.shape(weights) != (len(given),):
            raise ValueError(
                f"Layer {self.name!r}: idf_weights has a number for each of the {len(given)} terms "
                f"of the vocabulary. Received: shape {np.shape(weights)}"
            )

    def _padded(self, weights: np.ndarray, front: int) -> np.ndarray:
        """Unknown terms weigh what others weigh on average, terms that are not there nothing."""
        back = (self.max_tokens or 0) - front - len(weights) if self.pad_to_max_tokens else 0
        average = weights.mean() if len(weights) else 0.0
        parts = (np.full(front, average), weights, np.zeros(max(back, 0)))
        return np.concatenate(parts).astype(dtypes.array_dtype())

    # ---- learning it ----

    def adapt(self, data: Any, steps: int | None = None) -> None:
        """Learn the vocabulary: all terms of the data, the most frequent first.

        Args:
            data: an array or a list, or something that yields batches.
            steps: how many batches are read; all by default.

        Raises:
            ValueError: for a layer that was made with a vocabulary.
        """
        self.reset_state()
        for batch in batches_of(data, steps):
            array = self._as_array(batch)
            is_column = is_table(data) and array.ndim == 1  # each term is a document
            self.update_state(array.reshape(-1, 1) if is_column else array)
        self.finalize_state()

    def reset_state(self) -> None:
        """Forget what was counted."""
        self._counts = TermCounts()

    def update_state(self, data: Any) -> None:
        """Count the terms of a batch, whose rows are documents; an array of one axis is one."""
        array = self._as_array(data)
        self.count_documents(array.reshape(-1, array.shape[-1] if array.ndim else 1).tolist())

    def count_documents(self, documents: Iterable[Sequence[Any]]) -> None:
        """Count the terms of documents, which are lists of terms."""
        if self._has_input_vocabulary:
            raise ValueError(
                f"Layer {self.name!r} was made with a vocabulary, so it does not learn one: leave "
                "vocabulary= out, or adapt"
            )
        self._counts.add(documents)

    def finalize_state(self) -> None:
        """Make the vocabulary of what was counted."""
        counts, special = self._counts, self._special_tokens()
        if not counts.terms:
            return
        most = None if self.max_tokens is None else self.max_tokens - len(special)
        terms = counts.most_common(most, without=(self.mask_token, self.oov_token))
        self._vocabulary = self._numbered(terms)
        if self.output_mode == "tf_idf":
            weights = counts.inverse_document_frequencies(terms)
            self.idf_weights = self._padded(weights, len(special))
        self.reset_state()

    # ---- looking up ----

    @abstractmethod
    def _as_array(self, data: Any) -> np.ndarray:
        """An array of terms."""

    @abstractmethod
    def _terms(self, terms: Any) -> list[Any]:
        """The terms of a vocabulary, as a list."""

    def _ready_vocabulary(self) -> Vocabulary:
        if self._vocabulary is None:
            raise RuntimeError(
                f"Layer {self.name!r} has no vocabulary yet: adapt it to data, or set_vocabulary"
            )
        return self._vocabulary

    def _depth(self) -> int | None:
        """How long encoded rows are; None before the vocabulary is known."""
        if self.pad_to_max_tokens:
            return self.max_tokens
        return self._size()

    def _size(self) -> int | None:
        return self._known_size if self._vocabulary is None else self.vocabulary_size()

    def encode_indices(self, indices: Tensor) -> Tensor:
        """Return indices in the output mode of the layer."""
        depth = self._depth()
        if self.output_mode == "int" or depth is None:
            return encode(indices, "int", 0, "int64")
        if self.output_mode != "tf_idf":
            return encode(indices, self.output_mode, depth, config.floatx())
        return encode(indices, "count", depth, config.floatx()) * self.idf_weights

    def _mask_index(self) -> int:
        """Masked terms have the index 0; in other modes they are counted nowhere."""
        return 0 if self.output_mode == "int" else -1

    def _refuse_unknown(self, terms: Sequence[Any]) -> None:
        if terms:
            raise ValueError(
                f"Layer {self.name!r} has no index for unknown terms, and found {terms[:5]}: make "
                "it with num_oov_indices=1"
            )

    def compute_output_shape(self, input_shape: Any) -> tuple[int | None, ...]:
        return encoded_shape(input_shape, self.output_mode, self._depth())

    def compute_output_spec(self, inputs: Any, *args: Any, **kwargs: Any) -> Any:
        """Return the placeholder of what comes out for a placeholder."""
        dtype = "int64" if self.output_mode == "int" else config.floatx()
        return KerasTensor(self.compute_output_shape(inputs.shape), dtype)

    # ---- describing and saving ----

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "invert": self.invert,
            "max_tokens": self.max_tokens,
            "num_oov_indices": self.num_oov_indices,
            "oov_token": self.oov_token,
            "mask_token": self.mask_token,
            "output_mode": self.output_mode,
            "sparse": self.sparse,
            "pad_to_max_tokens": self.pad_to_max_tokens,
            "idf_weights": _plain(self.input_idf_weights),
            "vocabulary": _plain(self.input_vocabulary),
            "vocabulary_size": self._size(),
            "oov_method": self.oov_method,
            "salt": self.salt,
        }

    def save_own_variables(self, store: Any) -> None:
        """Store the weights of 'tf_idf'."""
        if self.output_mode == "tf_idf" and self.idf_weights is not None:
            store["idf_weights"] = self.idf_weights

    def load_own_variables(self, store: Any) -> None:
        """Take the weights of 'tf_idf' out of a store."""
        if self.output_mode == "tf_idf" and "idf_weights" in store:
            self.idf_weights = np.asarray(store["idf_weights"])

    def save_assets(self, folder: str) -> None:
        """Write the vocabulary into a folder, unless the configuration holds it."""
        if self.input_vocabulary is None and self._vocabulary is not None:
            write_terms(folder, self.get_vocabulary())

    def load_assets(self, folder: str) -> None:
        """Read the vocabulary that `save_assets` wrote."""
        lines = None if self.input_vocabulary is not None else written_terms(folder)
        if lines is None:
            return
        terms = self._terms(lines)
        if len(terms) > len(self._special_tokens()):
            is_weighed = self.output_mode == "tf_idf" and self.idf_weights is not None
            weights = self.idf_weights[: len(terms)] if is_weighed else None  # type: ignore[index]
            self.set_vocabulary(terms, weights)


def _mode(owner: str, mode: str, invert: bool, idf_weights: Any) -> str:
    mode = output_mode(mode, MODES)
    if invert and mode != "int":
        raise ValueError(
            f"{owner}: invert=True turns indices into terms, so output_mode is 'int'. Received: "
            f"output_mode={mode!r}"
        )
    if idf_weights is not None and mode != "tf_idf":
        raise ValueError(
            f"{owner}: idf_weights go with output_mode='tf_idf'. Received: output_mode={mode!r}"
        )
    return mode


def _array(terms: Any) -> np.ndarray:
    return terms if isinstance(terms, np.ndarray) else np.array(list(terms), dtype=object)


def _plain(array: np.ndarray | None) -> Any:
    return None if array is None else array.tolist()


def check_oov_method(owner: str, method: str) -> str:
    """Return the way of numbering unknown integers.

    Raises:
        ValueError: for another one than 'floormod' and 'farmhash'.
    """
    if method not in ("floormod", "farmhash"):
        raise names.unknown(f"oov_method of {owner}", method, ("floormod", "farmhash"))
    return method
