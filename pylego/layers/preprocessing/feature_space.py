"""The layer that makes numbers of a table's columns: numbers, categories and texts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from importlib import import_module
from typing import Any

import numpy as np

from pylego import ops
from pylego.core.tensor import Tensor
from pylego.core.text_array import holds_texts
from pylego.graph import KerasTensor
from pylego.layers.core.input_layer import Input
from pylego.layers.layer import Layer
from pylego.layers.preprocessing import features as kinds
from pylego.layers.preprocessing.category_encoding import CategoryEncoding
from pylego.layers.preprocessing.features import Cross, Feature
from pylego.layers.preprocessing.texts import as_texts

KINDS = ("float_", "integer_", "string_")  # what the names of kinds begin with, but "float"

Encoded = Tensor | dict[str, Tensor]


class FeatureSpace(Layer):
    """Make numbers of the columns of a table, each in its own way.

    It is called on a dict of columns, arrays or lists, and returns one row of numbers for each row
    of the table: the columns in the order of their names, then what is crossed. Columns that it
    does not know are passed over. A model is trained on the rows, which are made once:
    `Model(space.get_encoded_features(), outputs)`. One that takes the table itself, for use, is
    `Model(space.get_inputs(), outputs)`.

    Kinds of columns, as strings or made by the functions of the same names: "float",
    "float_rescaled", "float_normalized", "float_discretized", "integer_categorical",
    "string_categorical", "integer_hashed", "string_hashed".

    Args:
        features: a dict from names of columns to kinds.
        output_mode: "concat", or "dict" for a dict of the encoded columns.
        crosses: tuples of names of columns, or what `cross` returns: their combinations are put
            into bins by a hash.
        crossing_dim: how many bins these have.
        hashing_dim: how many bins "integer_hashed" and "string_hashed" have.
        num_discretization_bins: how many ranges "float_discretized" has.
        name: see `Layer`.

    Raises:
        ValueError: for kinds, columns and modes that are not there, and before `adapt`.

    >>> space = FeatureSpace({"age": "float_normalized", "town": "string_categorical"})
    >>> table = {"age": [20.0, 40.0], "town": ["Seoul", "Busan"]}
    >>> space.adapt(table)
    >>> space(table).numpy().tolist()
    [[-1.0, 0.0, 1.0, 0.0], [1.0, 0.0, 0.0, 1.0]]
    """

    _not_copied = Layer._not_copied | {"_placeholders"}
    feature = Feature
    cross = Cross
    float = staticmethod(kinds.plain_float)
    float_rescaled = staticmethod(kinds.float_rescaled)
    float_normalized = staticmethod(kinds.float_normalized)
    float_discretized = staticmethod(kinds.float_discretized)
    integer_categorical = staticmethod(kinds.integer_categorical)
    string_categorical = staticmethod(kinds.string_categorical)
    integer_hashed = staticmethod(kinds.integer_hashed)
    string_hashed = staticmethod(kinds.string_hashed)

    def __init__(
        self,
        features: Mapping[str, Any],
        output_mode: str = "concat",
        crosses: Sequence[Any] | None = None,
        crossing_dim: int = 32,
        hashing_dim: int = 32,
        num_discretization_bins: int = 32,
        name: str | None = None,
    ):
        super().__init__(name=name)
        if not features:
            raise ValueError("FeatureSpace: features is a dict of columns, and at least one")
        if output_mode not in ("concat", "dict"):
            raise ValueError(
                "FeatureSpace: output_mode is 'concat' or 'dict'. Received: "
                f"output_mode={output_mode!r}"
            )
        self.output_mode = output_mode
        self.crossing_dim = crossing_dim
        self.hashing_dim = hashing_dim
        self.num_discretization_bins = num_discretization_bins
        self.features = {key: self._as_feature(key, value) for key, value in features.items()}
        self.crosses = [self._as_cross(value) for value in crosses or ()]
        self.preprocessors = {key: value.preprocessor for key, value in self.features.items()}
        self.crossers = {value.name: value.layer() for value in self.crosses}
        self._is_adapted = self.built = not self._adaptable()

    def _as_feature(self, name: str, value: Any) -> Feature:
        if isinstance(value, Feature):
            return value
        if isinstance(value, Mapping):
            return Feature(**value)
        numbers = {
            "float_discretized": (self.num_discretization_bins,),
            "integer_hashed": (self.hashing_dim,),
            "string_hashed": (self.hashing_dim,),
        }
        named = {"float", *(key for key in vars(kinds) if key.startswith(KINDS))}
        if value not in named:
            raise ValueError(
                f"FeatureSpace: column {name!r} is of one of the kinds {', '.join(sorted(named))}. "
                f"Received: {value!r}"
            )
        return getattr(self, value)(*numbers.get(value, ()), name=name)

    def _as_cross(self, value: Any) -> Cross:
        if isinstance(value, Mapping):
            value = Cross(**value)
        made = value if isinstance(value, Cross) else Cross(value, self.crossing_dim)
        unknown = [name for name in made.feature_names if name not in self.features]
        if unknown:
            raise ValueError(f"FeatureSpace: columns to cross are not among features: {unknown}")
        return made

    # ---- learning ----

    def _adaptable(self) -> list[str]:
        """The columns whose layers learn from data, and know nothing yet."""

        def is_given(layer: Any) -> bool:
            lookup = getattr(layer, "_lookup_layer", layer)  # inside of a TextVectorization
            if getattr(lookup, "_has_input_vocabulary", False):
                return True
            words = ("input_mean", "bin_boundaries")
            return any(getattr(layer, word, None) is not None for word in words)

        found = self.preprocessors.items()
        return [key for key, layer in found if hasattr(layer, "adapt") and not is_given(layer)]

    def adapt(self, dataset: Any) -> None:
        """Learn means, vocabularies and ranges.

        Args:
            dataset: a dict of columns, or something that yields such dicts: of batches, or of
                single rows.

        Raises:
            TypeError: for something else.
            ValueError: when a column is missing.
        """
        tables = [dataset] if isinstance(dataset, Mapping) else list(_tables(dataset))
        for key in self._adaptable():
            columns = [_column(self._of(table, key)) for table in tables]
            self.preprocessors[key].adapt(np.concatenate(columns))
        self._is_adapted = self.built = True

    def _of(self, table: Mapping[str, Any], key: str) -> Any:
        if key not in table:
            raise ValueError(f"Layer {self.name!r} needs column {key!r}. Received: {list(table)}")
        return table[key]

    # ---- calling ----

    def __call__(self, data: Mapping[str, Any]) -> Encoded:
        """Encode the rows of a table.

        Args:
            data: a dict of columns; or of numbers and texts, which are one row.

        Raises:
            TypeError: for anything but a dict.
            ValueError: before `adapt`, and when a column is missing.
        """
        if not isinstance(data, Mapping):
            raise TypeError(
                f"Layer {self.name!r} takes a dict of columns. Received: {type(data).__name__}"
            )
        self._check_adapted()
        given = {key: self._of(data, key) for key in self.features}
        is_one_row = all(np.ndim(value) == 0 for value in given.values())
        found = self._encoded({key: _column(value) for key, value in given.items()})
        if self.output_mode == "dict":
            return {key: value[0] for key, value in found.items()} if is_one_row else found
        rows = self._in_rows(found)
        return rows[0] if is_one_row else rows

    def _check_adapted(self) -> None:
        if not self._is_adapted:
            raise ValueError(f"Layer {self.name!r} knows nothing yet: call adapt(table) first")

    def _in_rows(self, found: dict[str, Any]) -> Any:
        return ops.concatenate([ops.cast(x, self.compute_dtype) for x in found.values()], axis=-1)

    def _encoded(self, columns: dict[str, Any]) -> dict[str, Any]:
        """Each column by its name, and then each cross."""
        read = {key: self.preprocessors[key](columns[key]) for key in sorted(columns)}
        crossed = {
            cross.name: self.crossers[cross.name]([read[key] for key in cross.feature_names])
            for cross in sorted(self.crosses, key=lambda cross: cross.name)
        }
        specs: dict[str, Any] = {**self.features, **{cross.name: cross for cross in self.crosses}}
        return {key: self._encode(key, x, specs[key]) for key, x in (read | crossed).items()}

    def _encode(self, key: str, x: Tensor, spec: Feature | Cross) -> Tensor:
        is_whole = x.dtype in ("int32", "int64")
        if spec.output_mode == "one_hot":
            if not is_whole or not spec.length:
                raise ValueError(
                    f"Layer {self.name!r}: column {key!r} has output_mode='one_hot', for whole "
                    "numbers of a known number of categories. Take output_mode='int' or 'float'"
                )
            return CategoryEncoding(spec.length, "multi_hot")(x)
        if is_whole and self.output_mode == "concat":
            raise ValueError(
                f"Layer {self.name!r}: column {key!r} has output_mode='int', numbers of "
                "categories, which have no place in a row. Take output_mode='dict' for the layer"
            )
        return x

    # ---- models ----

    def get_encoded_features(self) -> KerasTensor | dict[str, KerasTensor]:
        """Return placeholders of what a call returns: the inputs of a model that is given that.

        Raises:
            ValueError: before `adapt`.
        """
        return self._placeholders[1]

    def get_inputs(self) -> dict[str, KerasTensor]:
        """Return placeholders of the columns: the inputs of a model that is given the table.

        Raises:
            ValueError: before `adapt`.
        """
        return self._placeholders[0]

    @cached_property
    def _placeholders(self) -> tuple[dict[str, KerasTensor], Any]:
        """Of the columns, and of what becomes of them."""
        self._check_adapted()
        inputs = {
            key: Input((1,), dtype=spec.dtype, name=key) for key, spec in self.features.items()
        }
        found = self._encoded(inputs)
        return inputs, found if self.output_mode == "dict" else self._in_rows(found)

    # ---- its description, and files ----

    def save(self, filepath: Any) -> None:
        """Save it with all that it has learned; `models.load_model` reads it.

        Args:
            filepath: a path that ends in `.keras`, or a binary file object.

        Raises:
            ValueError: before `adapt`, and for another ending.

        >>> import tempfile
        >>> from pylego.models import load_model
        >>> space = FeatureSpace({"age": "float_normalized"})
        >>> space.adapt({"age": [20.0, 40.0]})
        >>> path = tempfile.mkdtemp() + "/space.keras"
        >>> space.save(path)
        >>> load_model(path)({"age": 40.0}).numpy().tolist()
        [1.0]
        """
        if not self._is_adapted:
            raise ValueError(f"Layer {self.name!r} knows nothing yet: call adapt(table) first")
        import_module("pylego.saving").save_model(self, filepath)

    def _take_up_loaded(self) -> None:
        self._is_adapted = self.built = True

    def get_config(self) -> dict[str, Any]:
        return {
            "features": {key: value.get_config() for key, value in self.features.items()},
            "output_mode": self.output_mode,
            "crosses": [value.get_config() for value in self.crosses],
            "crossing_dim": self.crossing_dim,
            "hashing_dim": self.hashing_dim,
            "num_discretization_bins": self.num_discretization_bins,
            "name": self.name,
        }


def _tables(dataset: Any) -> Iterable[Mapping[str, Any]]:
    """The dicts of a data set; of pairs (x, y) the first."""
    if not isinstance(dataset, Iterable):
        raise TypeError(
            "adapt takes a dict of columns, or what yields such dicts. Received: "
            f"{type(dataset).__name__}"
        )
    for batch in dataset:
        table = batch[0] if isinstance(batch, tuple) and batch else batch
        if not isinstance(table, Mapping):
            raise TypeError(
                f"adapt takes dicts of columns. Received: one of {type(table).__name__}"
            )
        yield table


def _column(x: Any) -> np.ndarray:
    """A column of shape (rows, 1), from numbers or texts, or from a single one; more axes stay."""
    array = as_texts(x) if holds_texts(x) else np.asarray(x)
    return array.reshape(-1, 1) if array.ndim < 2 else array
