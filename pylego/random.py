"""Random numbers by counting: a draw is a function of a seed and a number, on any machine.

Each function takes `seed`: a whole number (the same numbers on every call), a `SeedGenerator`
(other numbers on every call), or None, the generator that `utils.set_random_seed` sets. The numbers
do not depend on how many threads make them.
"""

from __future__ import annotations

import operator
import os
import random
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from pylego import config, engine, lazy, names, ops
from pylego.core import dtypes, orders
from pylego.core.stored_variables import StoresVariables
from pylego.core.tensor import Tensor, apply
from pylego.core.variable import Variable, next_key
from pylego.ops.arguments import normalize_axis, shape_tuple

# ---- seeds ----------------------------------------------------------------------------------


class SeedGenerator(StoresVariables):
    """A seed and a count of draws, kept in a variable.

    Args:
        seed: from 0 to 2^63 - 1; by default one that follows from the global seed.
        name: of its variable; 'seed_generator' by default.

    Raises:
        ValueError: for any other seed.

    >>> generator = SeedGenerator(42)
    >>> print(generator.next(), generator.next())
    Tensor(shape=(2,), dtype=int64, [42  0]) Tensor(shape=(2,), dtype=int64, [42  1])
    """

    def __init__(self, seed: int | None = None, name: str | None = None):
        self._initial_seed = seed
        self.name = name or names.unique_name("seed_generator")
        first = make_default_seed() if seed is None else _checked_seed(seed)
        self.state = Variable(_key(first), trainable=False, name="seed_generator_state")
        self.state.path = f"{self.name}/{self.state.name}"

    def next(self) -> Tensor:
        """Return the key of one draw, (seed, count), and count it."""
        return next_key(self.state)

    def next_keys(self, count: int) -> Tensor:
        """Return the keys of the next draws, shape (count, 2), and count them.

        Batches of samples with a draw for each get the same keys, however large they are.
        """
        first = apply("copy", (self.state,))
        draws = np.stack([np.zeros(count, np.int64), np.arange(count)], axis=1)
        self.state.assign(first + np.array([0, count], np.int64))
        return first + draws

    def _stored_variables(self) -> list[Variable]:
        return [self.state]

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make it again."""
        return {"seed": self._initial_seed, "name": self.name}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> SeedGenerator:
        """Make it again from `get_config()`."""
        return cls(**config)


def _checked_seed(seed: Any) -> int:
    is_whole = isinstance(seed, (int, np.integer)) and not isinstance(seed, bool)
    if not is_whole or not 0 <= seed < 2**63:
        raise ValueError(
            "A seed is a whole number from 0 to 2**63 - 1, a SeedGenerator, or None. "
            f"Received: seed={seed!r}"
        )
    return operator.index(seed)


def _key(seed: int) -> np.ndarray:
    return np.array([seed, 0], np.int64)


_seed: int = int.from_bytes(os.urandom(4), "little")
_seeds = random.Random(_seed)
_times_seeded = 0
_global_generator: list[SeedGenerator] = []


def global_seed() -> int:
    """Return the seed that all others follow from: what was set, or else was drawn at the start."""
    return _seed


def set_global_seed(seed: int) -> None:
    """Start all random numbers of pylego anew from this seed."""
    global _seed, _times_seeded
    _seed = _checked_seed(seed)
    _times_seeded += 1
    _seeds.seed(_seed)
    for generator in _global_generator:
        generator.state.assign(_key(_seed))


def global_seed_generator() -> SeedGenerator:
    """Return the generator that is used where no seed is given."""
    if not _global_generator:
        _global_generator.append(SeedGenerator(_seed, name="global_seed_generator"))
    return _global_generator[0]


def make_default_seed() -> int:
    """Return another seed on each call; which ones follows from the global seed."""
    return _seeds.randrange(1, 2**31)


def next_default_seed() -> int:
    """Return what `make_default_seed` will return next; nothing is drawn."""
    ahead = random.Random()
    ahead.setstate(_seeds.getstate())
    return ahead.randrange(1, 2**31)


def global_state() -> dict[str, Any]:
    """Return all that random numbers without a seed depend on, as numbers and lists."""
    version, words, gauss = _seeds.getstate()
    return {"seed": _seed, "seeds": [version, list(words), gauss], "draws": global_draws()}


def set_global_state(state: dict[str, Any]) -> None:
    """Let random numbers without a seed go on from what `global_state` returned."""
    global _seed
    version, words, gauss = state["seeds"]
    _seeds.setstate((version, tuple(words), gauss))
    _seed = _checked_seed(state["seed"])
    set_global_draws(state["draws"])


def global_draws() -> list[int]:
    """Return what draws without a seed depend on: the seed and the count of draws."""
    return global_seed_generator().state.numpy().tolist()


def set_global_draws(draws: list[int]) -> None:
    """Let draws without a seed go on from what `global_draws` returned."""
    global_seed_generator().state.assign(np.array(draws, np.int64))


def times_seeded() -> int:
    """Return how many times the global seed was set."""
    return _times_seeded


def _draw_key(seed: Any) -> Any:
    """The key of one draw: a tensor (seed, count) of int64."""
    if seed is None:
        return global_seed_generator().next()
    if isinstance(seed, SeedGenerator):
        return seed.next()
    return _key(_checked_seed(seed))


# ---- draws ----------------------------------------------------------------------------------


def uniform(
    shape: Any, minval: Any = 0.0, maxval: Any = 1.0, dtype: Any = None, seed: Any = None
) -> Tensor:
    """Draw from the range minval <= y < maxval, each number as likely as the next.

    Args:
        shape: of the result.
        minval: the lowest number. It may be a tensor, as `maxval` may: then each place of the shape
            has bounds of its own.
        maxval: the bound that is not reached.
        dtype: a float; `config.floatx()` by default.
        seed: see the head of this module.

    Raises:
        ValueError: for a dtype that is not a float; `randint` draws integers.

    >>> uniform((2, 3), seed=1).shape
    (2, 3)
    """
    number = _float_number("uniform", dtype)
    if isinstance(minval, Tensor) or isinstance(maxval, Tensor):
        part = uniform(shape, 0.0, 1.0, dtype, seed)
        low, high = (ops.cast(bound, part.dtype) for bound in (minval, maxval))
        return low + part * (high - low)
    y = apply(
        "random_uniform",
        (_draw_key(seed),),
        shape=shape_tuple(shape),
        low=minval,
        high=maxval,
        dtype=number,
    )
    return _below(y, minval, maxval) if minval < maxval else y


def _below(y: Tensor, low: float, high: float) -> Tensor:
    """Numbers of 16 bits are drawn in float32 and rounded, some of them to the bound: these become
    the lowest number, to which only half as many are rounded as to others."""
    if y.dtype not in ("float16", "bfloat16"):
        return y
    return ops.where(ops.cast(y, "float32") >= high, low, y)


def uniform_rows(keys: Any, columns: int, dtype: Any = None) -> Tensor:
    """Draw from the range 0 <= y < 1, each row by a key of its own.

    So a row depends neither on those beside it nor on how many there are.

    Args:
        keys: of shape (rows, 2): a seed and the number of a draw; see `SeedGenerator.next_keys`.
        columns: how many numbers a row has.
        dtype: a float; `config.floatx()` by default.

    Raises:
        ValueError: for a dtype that is not a float, and other keys.

    >>> both = uniform_rows([[1, 0], [1, 1]], 3)
    >>> bool(ops.all(both[1] == uniform_rows([[1, 1]], 3)[0]))
    True
    """
    number = _float_number("uniform_rows", dtype)
    return _below(apply("uniform_rows", (keys,), columns=columns, dtype=number), 0.0, 1.0)


def normal(
    shape: Any, mean: float = 0.0, stddev: float = 1.0, dtype: Any = None, seed: Any = None
) -> Tensor:
    """Draw from the normal distribution.

    Args:
        shape: of the result.
        mean: of the distribution.
        stddev: its standard deviation.
        dtype: a float; `config.floatx()` by default.
        seed: see the head of this module.

    Raises:
        ValueError: for a dtype that is not a float.

    >>> normal((2, 3), seed=1).shape
    (2, 3)
    """
    return _normal("random_normal", shape, mean, stddev, dtype, seed)


def truncated_normal(
    shape: Any, mean: float = 0.0, stddev: float = 1.0, dtype: Any = None, seed: Any = None
) -> Tensor:
    """Draw from the normal distribution, cut off two standard deviations from the mean.

    Arguments as for `normal`; `stddev` is that of the distribution before it is cut.

    >>> bool(ops.max(ops.abs(truncated_normal((1000,), seed=1))) <= 2)
    True
    """
    return _normal("truncated_normal", shape, mean, stddev, dtype, seed)


def _normal(brick: str, shape: Any, mean: float, stddev: float, dtype: Any, seed: Any) -> Tensor:
    number = _float_number(brick, dtype)
    return apply(
        brick,
        (_draw_key(seed),),
        shape=shape_tuple(shape),
        mean=mean,
        stddev=stddev,
        dtype=number,
    )


def _float_number(name: str, dtype: Any) -> int:
    if dtype is None:
        return engine.DTYPE_NUMBERS[config.floatx()]
    return engine.dtype_number(_float_name(name, dtype))


def _float_name(name: str, dtype: Any) -> str:
    wanted = dtypes.standardize_dtype(dtype)
    if not dtypes.is_float(wanted):
        raise ValueError(f"{name} draws floats; randint draws integers. Received: dtype={dtype!r}")
    return wanted


def randint(shape: Any, minval: int, maxval: int, dtype: Any = "int32", seed: Any = None) -> Tensor:
    """Draw whole numbers from the range minval <= y < maxval, each as likely as the next.

    Args:
        shape: of the result.
        minval: the lowest number.
        maxval: the bound that is not reached.
        dtype: an integer; int32 by default.
        seed: see the head of this module.

    Raises:
        ValueError: for a dtype that is not an integer, and an empty range.

    >>> bool(ops.all(randint((10,), 0, 3, seed=1) < 3))
    True
    """
    wanted = dtypes.standardize_dtype(dtype)
    if not dtypes.is_integer(wanted):
        raise ValueError(f"randint draws integers; uniform draws floats. Received: dtype={dtype!r}")
    return apply(
        "random_integers",
        (_draw_key(seed),),
        shape=shape_tuple(shape),
        low=minval,
        high=maxval,
        dtype=engine.dtype_number(wanted),
    )


def gamma(shape: Any, alpha: Any, dtype: Any = None, seed: Any = None) -> Tensor:
    """Draw from the gamma distribution with scale 1: the waiting time for `alpha` events.

    Args:
        shape: of the result.
        alpha: the shape of the distribution, above 0: a number, or numbers that are broadcast.
        dtype: a float; `config.floatx()` by default.
        seed: see the head of this module.

    Raises:
        ValueError: for a dtype that is not a float.

    >>> gamma((2, 3), 2.0, seed=1).shape
    (2, 3)
    """
    name = _float_name("gamma", dtype)
    logarithm = _distributions().log_gamma(_draw_key(seed), shape_tuple(shape), _parameter(alpha))
    return ops.cast(ops.exp(logarithm), name)


def beta(shape: Any, alpha: Any, beta: Any, dtype: Any = None, seed: Any = None) -> Tensor:
    """Draw from the beta distribution: how large the first of two gammas' share of both is.

    Args:
        shape: of the result.
        alpha: above 0: the larger, the nearer to 1.
        beta: above 0: the larger, the nearer to 0.
        dtype: a float; `config.floatx()` by default.
        seed: see the head of this module.

    Raises:
        ValueError: for a dtype that is not a float.

    >>> bool(ops.all(beta((10,), 2.0, 3.0, seed=1) < 1))
    True
    """
    name = _float_name("beta", dtype)
    numbers = _parameter(alpha), _parameter(beta)
    return ops.cast(_distributions().beta(_draw_key(seed), shape_tuple(shape), *numbers), name)


def binomial(
    shape: Any, counts: Any, probabilities: Any, dtype: Any = None, seed: Any = None
) -> Tensor:
    """Draw from the binomial distribution: how many of `counts` trials succeed.

    How much is computed depends on the largest count, so while a program is recorded, counts must
    be known beforehand.

    Args:
        shape: of the result.
        counts: how many trials, whole numbers from 0 on, below 2^53.
        probabilities: of success in one trial, from 0 to 1.
        dtype: a float; `config.floatx()` by default.
        seed: see the head of this module.

    Raises:
        ValueError: for a dtype that is not a float.
        TypeError: for counts that are symbolic, while a program is recorded.

    >>> binomial((3,), 10, 1.0, seed=1).numpy().tolist()
    [10.0, 10.0, 10.0]
    """
    name = _float_name("binomial", dtype)
    numbers = _parameter(counts), _parameter(probabilities)
    return ops.cast(_distributions().binomial(_draw_key(seed), shape_tuple(shape), *numbers), name)


def _distributions() -> Any:
    from pylego.ops import distributions  # few programs draw from them

    return distributions


def _parameter(x: Any) -> Tensor:
    return ops.convert_to_tensor(x, "float64")


def dropout(
    inputs: Any, rate: float, noise_shape: Sequence[int | None] | None = None, seed: Any = None
) -> Tensor:
    """Set a share of the elements to 0 and divide the others by 1 - rate, which keeps the mean.

    Srivastava et al., "Dropout: a simple way to prevent neural networks from overfitting", JMLR
    2014.

    Args:
        inputs: the numbers.
        rate: the share that is dropped, from 0 to 1.
        noise_shape: the shape in which it is decided, broadcast to that of the inputs: an axis of
            length 1 is dropped as a whole. None, as a whole or for an axis: as the inputs.
        seed: see the head of this module.

    >>> print(dropout([1.0, 1.0], 0.0, seed=1))
    Tensor(shape=(2,), dtype=float32, [1. 1.])
    """
    x = ops.convert_to_tensor(inputs)
    wish = x.shape if noise_shape is None else noise_shape
    lengths = [own if given is None else given for given, own in zip(wish, x.shape)]
    if len(wish) != x.ndim:
        raise ValueError(f"dropout: noise_shape={noise_shape} for inputs of shape {x.shape}")
    return apply("dropout", (x, _draw_key(seed)), rate=rate, noise_shape=tuple(lengths))


def categorical(logits: Any, num_samples: int, dtype: Any = "int32", seed: Any = None) -> Tensor:
    """Draw classes with the probabilities softmax(logits).

    That is argmax(logits + g) with g = -log(-log(u)), u uniform (Gumbel; see Maddison, Tarlow,
    Minka, "A* sampling", NIPS 2014).

    Args:
        logits: of shape (batch, classes).
        num_samples: how many are drawn for each row.
        dtype: of the result; int32 by default.
        seed: see the head of this module.

    Returns a tensor of shape (batch, num_samples).

    >>> print(categorical([[0.0, 1000.0]], 3, seed=1))
    Tensor(shape=(1, 3), dtype=int32, [[1 1 1]])
    """
    logits = ops.convert_to_tensor(logits)
    if logits.ndim != 2:
        raise ValueError(f"categorical: logits need two axes (batch, classes): {logits.shape}")
    rows, classes = logits.shape
    noise = uniform((rows, num_samples, classes), dtype=logits.dtype, seed=seed)
    gumbel = -ops.log(-ops.log(noise))
    return ops.cast(ops.argmax(ops.expand_dims(logits, 1) + gumbel, axis=-1), dtype)


def shuffle(x: Any, axis: int = 0, seed: Any = None) -> Tensor:
    """Put the elements along an axis into a random order.

    Args:
        x: the tensor.
        axis: along which; the first by default.
        seed: see the head of this module.

    >>> ops.sum(shuffle([1, 2, 3], seed=1)).item()
    6
    """
    x = ops.convert_to_tensor(x)
    axis = normalize_axis(axis, x.ndim)
    return apply("take", (x, permutation(x.shape[axis], seed)), axis=axis)


def permutation(count: int, seed: Any = None) -> np.ndarray:
    """Return the numbers 0 ... count - 1 in a random order, as a NumPy array.

    Args:
        count: how many.
        seed: see the head of this module.

    >>> sorted(permutation(3, seed=1).tolist())
    [0, 1, 2]
    """
    return orders.order_of(orders.numbered_words(count, _draw_key(seed)).numpy().copy())


if not TYPE_CHECKING:
    __getattr__ = lazy.refuse_others(__name__)
