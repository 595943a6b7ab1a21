"""Variables, functions, random numbers and data, in the words of TensorFlow 2."""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable, Iterable, Iterator
from glob import glob
from operator import itemgetter
from typing import Any

import numpy as np

import pylego
from pylego import engine, ops, random
from pylego.core.ragged import RaggedTensor
from pylego.core.recording import LookError
from pylego.core.tensor import Tensor
from pylego.core.text_array import Text, TextArray, holds_texts, text_array
from pylego.core.tree import leaves, map_leaves
from pylego.programs.function import Function
from pylego.programs.symbolic import is_symbolic
from pylego.utils import dataset
from pylego.utils.interleaving import drawn_choices, mixed


def set_seed(seed: int) -> None:
    """Start pylego's random numbers anew; NumPy's and Python's are left alone."""
    random.set_global_seed(seed)


class _OfVariables(type):
    def __instancecheck__(cls, instance: Any) -> bool:
        return isinstance(instance, pylego.Variable)


class Variable(metaclass=_OfVariables):
    """Makes a `pylego.Variable`.

    >>> weight = Variable([1.0, 2.0], trainable=False, name="weight")
    >>> isinstance(weight, Variable), weight.trainable
    (True, False)
    """

    def __new__(  # type: ignore[misc]
        cls,
        initial_value: Any = None,
        trainable: bool | None = None,
        validate_shape: bool = True,
        caching_device: Any = None,
        name: str | None = None,
        variable_def: Any = None,
        dtype: Any = None,
        **options: Any,
    ) -> pylego.Variable:
        """Make one."""
        value = initial_value() if callable(initial_value) else initial_value
        value = ops.convert_to_tensor(value, dtype)
        return pylego.Variable(value, trainable=trainable is not False, name=name)


class TracedFunction(Function):
    """What `tf.function` returns: a program of a function. Where its Python decides by numbers,
    which TensorFlow rewrites as parts of a graph, it runs in Python from then on, with a warning.
    What is given texts runs in Python as well.
    """

    def __init__(self, python_function: Callable, *programs: Any):
        super().__init__(python_function, *programs)
        self._found = {"decides": False}  # shared with the methods of instances

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Call the function."""
        reads_texts = any(map(_is_of_texts, leaves((args, kwargs))))
        if not self._found["decides"] and not reads_texts:
            try:
                return super().__call__(*args, **kwargs)
            except LookError as error:
                if engine.is_recording():  # of what is around this function
                    raise
                self._found["decides"] = True
                place = str(error).partition(" looks at")[0]
                warnings.warn(
                    f"tf.function: {place} decides by numbers: the function runs in Python, brick "
                    "by brick. With ops.where or ops.cond it would be a program",
                    stacklevel=2,
                )
        return self.python_function(*args, **kwargs)

    def get_concrete_function(self, *args: Any, **kwargs: Any) -> TracedFunction:
        """Return the function: programs are kept by the shapes that it is called with."""
        return self

    def __get__(self, instance: Any, owner: type | None = None) -> Function:
        """Return the function of one instance."""
        bound = super().__get__(instance, owner)
        vars(bound)["_found"] = self._found
        return bound


def _is_of_texts(x: Any) -> bool:
    return isinstance(x, (Text, bytes, TextArray, RaggedTensor))


def function(func: Callable | None = None, **options: Any) -> Any:
    """Make a program of a function: see `pylego.function`; options such as input_signature say
    nothing."""
    return TracedFunction if func is None else TracedFunction(func)


def gradients(ys: Any, xs: Any) -> list[Any]:
    """Return the gradients of placeholders: see `pylego.backend.gradients`."""
    from pylego import backend

    return backend.gradients(ys, xs)


def boolean_mask(tensor: Any, mask: Any, axis: int = 0) -> Tensor:
    """Return the rows where a mask is true."""
    places = np.flatnonzero(np.asarray(mask))
    return ops.take(tensor, places, axis)


# ---- random numbers ----


def normal(
    shape: Any, mean: float = 0.0, stddev: float = 1.0, dtype: Any = None, seed: Any = None
) -> Tensor:
    """Draw numbers of a normal distribution."""
    return random.normal(shape, mean, stddev, dtype, seed)


def truncated_normal(
    shape: Any, mean: float = 0.0, stddev: float = 1.0, dtype: Any = None, seed: Any = None
) -> Tensor:
    """Draw numbers of a normal distribution, none further from the mean than 2 deviations."""
    return random.truncated_normal(shape, mean, stddev, dtype, seed)


def uniform(
    shape: Any, minval: Any = 0, maxval: Any = None, dtype: Any = "float32", seed: Any = None
) -> Tensor:
    """Draw numbers from minval up to maxval, floats or whole ones."""
    if str(dtype).startswith("int"):
        if any(map(is_symbolic, (minval, maxval))):  # bounds of a recording are not known yet
            share = random.uniform(shape, seed=seed)
            return ops.cast(ops.floor(share * (maxval - minval) + minval), dtype)
        return random.randint(shape, minval, maxval, dtype, seed)
    return random.uniform(shape, minval, 1.0 if maxval is None else maxval, dtype, seed)


def shuffle(value: Any, seed: Any = None) -> Tensor:
    """Return the rows in random order."""
    return random.shuffle(value, 0, seed)


def categorical(logits: Any, num_samples: int, dtype: Any = "int64", seed: Any = None) -> Tensor:
    """Draw classes, with probabilities that are the softmax of logits."""
    return random.categorical(logits, num_samples, dtype, seed)


# ---- data ----


class _Source(dataset.Dataset):
    """Elements that a function returns anew for each pass."""

    def __init__(self, begin: Callable[[], Iterable], count: int = dataset.UNKNOWN):
        self._begin = begin
        self._count = count

    def __iter__(self) -> Iterator[Any]:
        return iter(self._begin())

    def __len__(self) -> int:
        if self._count < 0:
            raise TypeError("This dataset has no length: it is not known before a pass")
        return self._count


class Dataset(dataset.Dataset):
    """`tf.data.Dataset`: makes datasets, whose methods are those of `pylego.utils.dataset`.

    >>> rows = Dataset.from_tensor_slices(([1.0, 2.0, 3.0], [0, 1, 0])).batch(2)
    >>> [x.shape for x, y in rows]
    [(2,), (1,)]
    """

    @staticmethod
    def from_tensor_slices(tensors: Any) -> dataset.Dataset:
        """Return the dataset of the rows of arrays, or of a structure of them."""
        arrays = _arrays(tensors)
        count = len(leaves(arrays)[0])

        def begin() -> Iterator[Any]:
            return (map_leaves(itemgetter(place), arrays) for place in range(count))

        return _Source(begin, count)

    @staticmethod
    def from_tensors(tensors: Any) -> dataset.Dataset:
        """Return the dataset of one element."""
        return _Source(lambda: [_arrays(tensors)], 1)

    @staticmethod
    def from_generator(generator: Callable, *args: Any, **signature: Any) -> dataset.Dataset:
        """Return the dataset of what a function yields, called anew for each pass."""
        return _Source(generator)

    @staticmethod
    def range(*bounds: int) -> dataset.Dataset:
        """Return the dataset of whole numbers."""
        numbers = ops.convert_to_tensor(np.arange(*bounds, dtype="int64"))
        return _Source(lambda: numbers, len(numbers))

    @staticmethod
    def zip(*datasets: Any) -> dataset.Dataset:
        """Return the dataset of tuples of elements."""
        parts = datasets[0] if isinstance(datasets[0], tuple) else datasets
        return _Source(lambda: zip(*parts), min(map(dataset._count, parts)))

    @staticmethod
    def sample_from_datasets(
        datasets: Any,
        weights: Any = None,
        seed: int | None = None,
        stop_on_empty_dataset: bool = False,
        **options: Any,
    ) -> dataset.Dataset:
        """Return the dataset of elements of several, each drawn by the weights of the datasets."""
        shares = [1.0] * len(datasets) if weights is None else weights

        def begin() -> Iterator[Any]:
            return mixed(datasets, drawn_choices(shares, seed), stop_on_empty_dataset)

        return _Source(begin)

    @staticmethod
    def choose_from_datasets(
        datasets: Any, choice_dataset: Any, stop_on_empty_dataset: bool = True
    ) -> dataset.Dataset:
        """Return the dataset of elements of several, each of that which a number chooses."""
        return _Source(lambda: mixed(datasets, choice_dataset, stop_on_empty_dataset))

    @staticmethod
    def list_files(file_pattern: Any, shuffle: bool = True, seed: Any = None) -> dataset.Dataset:
        """Return the dataset of the paths of files, which match a pattern or one of several."""
        is_one = isinstance(file_pattern, (str, os.PathLike))
        patterns = [file_pattern] if is_one else text_array(file_pattern).reshape(-1)
        paths = sorted({Text(path) for pattern in patterns for path in glob(str(pattern))})
        made = _Source(lambda: paths, len(paths))
        return made.shuffle(max(len(paths), 1), seed) if shuffle else made


sample_from_datasets = Dataset.sample_from_datasets
choose_from_datasets = Dataset.choose_from_datasets


def cardinality(dataset: Any) -> Tensor:
    """Return the number of elements; -1 without end, -2 where it is not known."""
    return dataset.cardinality()


def _arrays(tensors: Any) -> Any:
    """Lists are arrays; tuples and dictionaries are structures."""
    if isinstance(tensors, tuple):
        return tuple(map(_arrays, tensors))
    if isinstance(tensors, dict):
        return {key: _arrays(value) for key, value in tensors.items()}
    return text_array(tensors) if holds_texts(tensors) else ops.convert_to_tensor(tensors)
