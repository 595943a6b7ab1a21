"""One column of a table, or several that are crossed, and how FeatureSpace makes numbers of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pylego import checks, names, registry
from pylego.layers.core.identity import Identity
from pylego.layers.preprocessing.category_encoding import CategoryEncoding
from pylego.layers.preprocessing.discretization import Discretization
from pylego.layers.preprocessing.hashed_crossing import HashedCrossing
from pylego.layers.preprocessing.hashing import Hashing
from pylego.layers.preprocessing.integer_lookup import IntegerLookup
from pylego.layers.preprocessing.normalization import Normalization
from pylego.layers.preprocessing.rescaling import Rescaling
from pylego.layers.preprocessing.string_lookup import StringLookup


class Feature:
    """A column: a layer reads it, and what that returns may be turned into rows of 0 and 1.

    Args:
        dtype: of the column, such as "float32", "int32" or "string".
        preprocessor: the layer, or its description.
        output_mode: "float" and "int" leave what the layer returns; "one_hot" makes rows.

    Raises:
        ValueError: for another output mode.
    """

    def __init__(self, dtype: str, preprocessor: Any, output_mode: str):
        _check_mode(output_mode, ("int", "one_hot", "float"))
        self.dtype = dtype
        is_layer = not isinstance(preprocessor, Mapping)
        self.preprocessor = preprocessor if is_layer else registry.deserialize(preprocessor)
        self.output_mode = output_mode

    @property
    def length(self) -> int:
        """How many categories there are; 0 where that is not known."""
        layer = self.preprocessor
        if isinstance(layer, (IntegerLookup, StringLookup)):
            return layer.vocabulary_size()
        if isinstance(layer, Discretization) and layer.num_bins is None:
            return len(layer.bin_boundaries or ()) + 1
        if isinstance(layer, CategoryEncoding):
            return layer.num_tokens
        return getattr(layer, "num_bins", None) or 0

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make it again."""
        layer = registry.serialize(self.preprocessor)
        return {"dtype": self.dtype, "preprocessor": layer, "output_mode": self.output_mode}


class Cross:
    """Columns whose combinations are put into bins by a hash.

    Args:
        feature_names: of the columns.
        crossing_dim: how many bins there are.
        output_mode: "int" for the number of the bin, or "one_hot".

    Raises:
        ValueError: for another output mode.
    """

    def __init__(
        self, feature_names: Sequence[str], crossing_dim: int, output_mode: str = "one_hot"
    ):
        _check_mode(output_mode, ("int", "one_hot"))
        self.feature_names = tuple(feature_names)
        self.crossing_dim = checks.whole_number("crossing_dim", crossing_dim, 1, "FeatureSpace")
        self.output_mode = output_mode

    @property
    def name(self) -> str:
        """The names of the columns, with _X_ between them."""
        return "_X_".join(self.feature_names)

    @property
    def length(self) -> int:
        """How many bins there are."""
        return self.crossing_dim

    def layer(self) -> HashedCrossing:
        """Return a layer that crosses them."""
        return HashedCrossing(self.crossing_dim, name=self.name)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make it again."""
        return {
            "feature_names": self.feature_names,
            "crossing_dim": self.crossing_dim,
            "output_mode": self.output_mode,
        }


def _check_mode(mode: str, modes: tuple[str, ...]) -> None:
    if mode not in modes:
        raise ValueError(
            f"a feature's output_mode is one of {', '.join(modes)}. Received: output_mode={mode!r}"
        )


# ---- kinds of columns -----------------------------------------------------------------------


def plain_float(name: str | None = None) -> Feature:
    """Numbers as they are."""
    name = name or names.unique_name("float")
    return Feature("float32", Identity(dtype="float32", name=f"{name}_preprocessor"), "float")


def float_rescaled(scale: Any = 1.0, offset: Any = 0.0, name: str | None = None) -> Feature:
    """Numbers as scale x + offset."""
    name = name or names.unique_name("float_rescaled")
    return Feature("float32", Rescaling(scale, offset, name=f"{name}_preprocessor"), "float")


def float_normalized(name: str | None = None) -> Feature:
    """Numbers less their mean, divided by their standard deviation."""
    name = name or names.unique_name("float_normalized")
    return Feature("float32", Normalization(axis=-1, name=f"{name}_preprocessor"), "float")


def float_discretized(
    num_bins: int, bin_boundaries: Any = None, output_mode: str = "one_hot", name: str | None = None
) -> Feature:
    """Numbers as the ranges that they lie in."""
    name = name or names.unique_name("float_discretized")
    if bin_boundaries is not None and len(bin_boundaries) != num_bins - 1:
        raise ValueError(
            f"float_discretized: {len(bin_boundaries)} boundaries make {len(bin_boundaries) + 1} "
            f"bins. Received: num_bins={num_bins}"
        )
    learned = num_bins if bin_boundaries is None else None
    layer = Discretization(bin_boundaries, learned, name=f"{name}_preprocessor")
    return Feature("float32", layer, output_mode)


def integer_categorical(
    max_tokens: int | None = None,
    num_oov_indices: int = 1,
    output_mode: str = "one_hot",
    name: str | None = None,
) -> Feature:
    """Whole numbers, each a category."""
    name = name or names.unique_name("integer_categorical")
    layer = IntegerLookup(max_tokens, num_oov_indices, name=f"{name}_preprocessor")
    return Feature("int32", layer, output_mode)


def string_categorical(
    max_tokens: int | None = None,
    num_oov_indices: int = 1,
    output_mode: str = "one_hot",
    name: str | None = None,
) -> Feature:
    """Texts, each a category."""
    name = name or names.unique_name("string_categorical")
    layer = StringLookup(max_tokens, num_oov_indices, name=f"{name}_preprocessor")
    return Feature("string", layer, output_mode)


def integer_hashed(num_bins: int, output_mode: str = "one_hot", name: str | None = None) -> Feature:
    """Whole numbers in bins, by a hash."""
    name = name or names.unique_name("integer_hashed")
    return Feature("int32", Hashing(num_bins, name=f"{name}_preprocessor"), output_mode)


def string_hashed(num_bins: int, output_mode: str = "one_hot", name: str | None = None) -> Feature:
    """Texts in bins, by a hash."""
    name = name or names.unique_name("string_hashed")
    return Feature("string", Hashing(num_bins, name=f"{name}_preprocessor"), output_mode)
