"""The layer that numbers whole numbers."""

from __future__ import annotations

from typing import Any

import numpy as np

from pylego import ops
from pylego.core.tensor import Tensor, cast
from pylego.layers.preprocessing.fingerprints import bin_of
from pylego.layers.preprocessing.index_lookup import IndexLookup, check_oov_method
from pylego.layers.preprocessing.search import count_up_to


class IntegerLookup(IndexLookup):
    """Give each integer of a vocabulary an index, such as numbers of products or of towns.

    It also works inside of a model, as long as its output does not need numbers themselves: with
    `num_oov_indices=0`, or several of them by 'farmhash', it does, and the model runs eagerly.

    Shapes: 'int' keeps the shape. 'one_hot' turns each number into a row as long as the vocabulary,
    the others each sample, which lies along the last axis.

    Args:
        max_tokens: how many terms there are at most, with the special ones.
        num_oov_indices: how many indices there are for numbers that are not known. With 0 such
            numbers are refused.
        mask_token: a number that means "nothing here": index 0; not counted in the other modes.
        oov_token: stands for unknown numbers in the vocabulary, and in what `invert` returns.
        vocabulary: a list of numbers, or the name of a file with one a line; by default `adapt`
            learns it.
        vocabulary_dtype: only 'int64'.
        idf_weights: for 'tf_idf': a number for each term of the vocabulary.
        invert: whether indices become numbers of the vocabulary.
        output_mode: 'int', 'one_hot', 'multi_hot', 'count' or 'tf_idf'.
        sparse: only False.
        pad_to_max_tokens: whether rows are `max_tokens` long, however many terms there are.
        oov_method: which of several indices an unknown number has: 'floormod' the remainder of its
            division, 'farmhash' a hash.
        salt: for 'farmhash': a whole number or two, the key of SipHash, which is used then.
        name: see `Layer`.
        **kwargs: see `Layer`.

    Raises:
        RuntimeError: when it is called without a vocabulary.
        ValueError: for settings that do not go together, and for unknown numbers without an index.

    >>> layer = IntegerLookup(vocabulary=[12, 36, 1138])
    >>> layer([[12, 1138], [42, 36]]).numpy().tolist()
    [[1, 3], [0, 2]]
    """

    def __init__(
        self,
        max_tokens: int | None = None,
        num_oov_indices: int = 1,
        mask_token: int | None = None,
        oov_token: int = -1,
        vocabulary: Any = None,
        vocabulary_dtype: str = "int64",
        idf_weights: Any = None,
        invert: bool = False,
        output_mode: str = "int",
        sparse: bool = False,
        pad_to_max_tokens: bool = False,
        oov_method: str = "floormod",
        salt: Any = None,
        name: str | None = None,
        **kwargs: Any,
    ):
        if vocabulary_dtype != "int64":
            raise ValueError(
                "IntegerLookup: vocabulary_dtype is 'int64'. Received: "
                f"vocabulary_dtype={vocabulary_dtype!r}"
            )
        self.vocabulary_dtype = vocabulary_dtype
        self.oov_method = check_oov_method("IntegerLookup", oov_method)
        if salt is not None and oov_method != "farmhash":
            raise ValueError(
                "IntegerLookup: salt is for oov_method='farmhash'. Received: "
                f"oov_method={oov_method!r}"
            )
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
        return np.asarray(data).astype(np.int64)

    def _terms(self, terms: Any) -> list[int]:
        return [int(term) for term in (terms if isinstance(terms, list) else np.asarray(terms))]

    def call(self, inputs: Tensor) -> Tensor:
        x = cast(inputs, "int64")
        return self._numbers(x) if self.invert else self.encode_indices(self._indices(x))

    def _indices(self, x: Tensor) -> Tensor:
        terms = np.array(self._ready_vocabulary().terms, dtype=np.int64)
        order = np.argsort(terms)
        place = ops.maximum(count_up_to(terms[order], x) - 1, 0)
        is_known = ops.take(terms[order], place) == x
        known = ops.take(order + len(self._special_tokens()), place)
        found = ops.where(is_known, known, self._unknown(x, is_known))
        if self.mask_token is not None:
            found = ops.where(x == self.mask_token, self._mask_index(), found)
        return found

    def _unknown(self, x: Tensor, is_known: Tensor) -> Any:
        """The indices of numbers that are not in the vocabulary."""
        if self.num_oov_indices == 0:
            is_masked = False if self.mask_token is None else x == self.mask_token
            is_unknown = ops.logical_not(ops.logical_or(is_known, is_masked))
            self._refuse_unknown(x.numpy()[is_unknown.numpy()].tolist())
            return 0
        if self.num_oov_indices == 1:
            return self._first_index()
        if self.oov_method == "floormod":
            return x % self.num_oov_indices + self._first_index()
        bins = [bin_of(str(n), self.num_oov_indices, self.salt) for n in x.numpy().reshape(-1)]
        return np.array(bins, dtype=np.int64).reshape(x.shape) + self._first_index()

    def _numbers(self, indices: Tensor) -> Tensor:
        """The terms at indices; that of unknown ones where there is none."""
        self._ready_vocabulary()
        terms = np.array([*self.get_vocabulary(), self.oov_token], dtype=np.int64)
        last = len(terms) - 1
        is_outside = (indices < 0) | (indices > last)
        return ops.take(terms, ops.where(is_outside, last, indices))

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "vocabulary_dtype": self.vocabulary_dtype}
