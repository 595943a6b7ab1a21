"""Settings: default float dtype, fuzz factor, image layout, number of threads, instruction set."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from pylego import checks, console, engine, lazy, names, tracebacks, versions

_FLOATS = ("float32", "float64", "float16", "bfloat16")
MOST_FOR_C = 2**31 - 1  # more than the engine allows, and all that its arguments hold
_LAYOUTS = ("channels_last", "channels_first")


def _limit_of_environment(name: str) -> int | None:
    """A number of an environment variable; None where it is not set."""
    text = os.environ.get(name)
    if not text:
        return None
    if not text.isdecimal() or not int(text):
        raise ValueError(f"The environment variable {name} is a whole number from 1 on, not {text}")
    return int(text)


_settings: dict = {
    "floatx": "float32",
    "epsilon": 1e-7,
    "image_data_format": "channels_last",
    "functions_run_eagerly": False,
    "refuses_code": True,
    "flash_attention": True,
    "max_epochs": _limit_of_environment("KERAS_MAX_EPOCHS"),
    "max_steps_per_epoch": _limit_of_environment("KERAS_MAX_STEPS_PER_EPOCH"),
    "dtype_policy": None,  # that of floatx
}

# Policies are described as layers are, so their package lies above: it is loaded when it is named.
_POLICIES = lazy.Names("pylego.dtype_policies")


def backend() -> str:
    """Return 'tensorflow': programs that ask take TensorFlow's layout of images then."""
    return "tensorflow"


def floatx() -> str:
    """Return the dtype of numbers that come without one.

    >>> import pylego
    >>> pylego.config.floatx()
    'float32'
    """
    return _settings["floatx"]


def set_floatx(value: str) -> None:
    """Set the dtype of numbers that come without one: 'float32' or 'float64'.

    'float16' and 'bfloat16' halve memory and cost precision, also in training:
    `set_dtype_policy("mixed_bfloat16")` keeps the weights precise.

    Raises:
        ValueError: for any other name.
    """
    if value not in _FLOATS:
        raise ValueError(f"floatx must be one of {_FLOATS}. Received: value={value!r}")
    _settings["floatx"] = value
    versions.note()


def dtype_policy() -> Any:
    """Return the dtype policy of layers that are made without a `dtype`.

    >>> import pylego
    >>> pylego.config.dtype_policy()
    <DTypePolicy "float32">
    """
    chosen = _settings["dtype_policy"]
    return _POLICIES["get"](floatx()) if chosen is None else chosen


def set_dtype_policy(policy: Any) -> None:
    """Set the dtype policy of layers that are made from now on without a `dtype`.

    Args:
        policy: "mixed_float16", "mixed_bfloat16", the name of a dtype, or a `DTypePolicy`. None:
            that of `floatx()`, as at the start.

    Raises:
        ValueError: for an unknown name.

    >>> import pylego
    >>> pylego.config.set_dtype_policy("mixed_float16")
    >>> layer = pylego.layers.Dense(1)
    >>> pylego.config.set_dtype_policy(None)
    >>> layer.compute_dtype, layer.variable_dtype
    ('float16', 'float32')
    """
    _settings["dtype_policy"] = None if policy is None else _POLICIES["get"](policy)
    versions.note()


def epsilon() -> float:
    """Return the small number that keeps divisions and logarithms away from zero (1e-7)."""
    return _settings["epsilon"]


def set_epsilon(value: float) -> None:
    """Set the small number that keeps divisions and logarithms away from zero.

    Raises:
        TypeError: for anything but a number.
        ValueError: for negative numbers and NaN.
    """
    _settings["epsilon"] = float(checks.real_number("epsilon", value, 0))
    versions.note()


def image_data_format() -> str:
    """Return where images hold their channels by default: 'channels_last'."""
    return _settings["image_data_format"]


def standardize_data_format(data_format: str | None) -> str:
    """Return where channels are: 'channels_last' or 'channels_first', None for the setting's.

    Raises:
        ValueError: for another word.

    >>> standardize_data_format(None)
    'channels_last'
    """
    layout = data_format or image_data_format()
    if layout not in _LAYOUTS:
        raise names.unknown("data_format", layout, _LAYOUTS)
    return layout


def set_image_data_format(data_format: str) -> None:
    """Set where images hold their channels by default.

    Raises:
        ValueError: for anything but 'channels_last' and 'channels_first'.
    """
    if data_format not in _LAYOUTS:
        raise ValueError(f"data_format must be one of {_LAYOUTS}. Received: {data_format!r}")
    _settings["image_data_format"] = data_format
    versions.note()


def set_num_threads(count: int) -> None:
    """Set how many threads large work is spread over. The bits of results do not depend on it.

    Args:
        count: 1 or more. The default is the number of cores that this process may use, or
            OMP_NUM_THREADS. OMP_THREAD_LIMIT is the most that it can be.

    Raises:
        TypeError: when count is not a whole number.
        ValueError: when count is not between 1 and 1024.

    >>> import pylego
    >>> pylego.config.set_num_threads(1)
    >>> pylego.config.num_threads()
    1
    """
    engine.set_threads(min(checks.whole_number("count", count), MOST_FOR_C))


def num_threads() -> int:
    """Return how many threads large work is spread over."""
    return engine.threads()


def threading() -> str:
    """Return where threads come from: 'OpenMP', or 'pthreads' where the compiler had no OpenMP.

    With OpenMP its environment variables set the number, places and stacks of threads, among them
    OMP_NUM_THREADS, OMP_PLACES and OMP_STACKSIZE. docs/threads.md has more.

    >>> import pylego
    >>> pylego.config.threading() in ("OpenMP", "pthreads")
    True
    """
    return engine.threading()


def set_winograd(tile: int) -> None:
    """Set how convolutions of 3 x 3 taps are multiplied: by Winograd's algorithm, or tap by tap.

    In tiles of 2 x 2 outputs it takes 2.25 times fewer multiplications and is as exact: that is the
    default. In tiles of 4 x 4 it takes 4 times fewer, and errors of rounding are about
    ten times as large. It is used where it is faster: for float tensors, strides and dilation of 1,
    one group, and 16 or more channels and filters. An infinity or a NaN in an image reaches all
    outputs of the tiles that see it. docs/winograd.md has more.

    Args:
        tile: outputs along each side of a tile, 2 or 4; or 0 to do without.

    Raises:
        TypeError: when tile is not a whole number.
        ValueError: when it is another number.

    Source: Lavin and Gray, Fast Algorithms for Convolutional Neural Networks (arXiv:1509.09308).

    >>> import pylego
    >>> pylego.config.set_winograd(0)
    >>> pylego.config.winograd()
    0
    >>> pylego.config.set_winograd(2)
    """
    engine.set_winograd(min(checks.whole_number("tile", tile, least=0), MOST_FOR_C))


def winograd() -> int:
    """Return how many outputs a side tiles of Winograd's algorithm have; 0: it is not used."""
    return engine.winograd()


def set_isa(name: str) -> None:
    """Set the instruction set whose machine code computes: 'generic', 'avx2' or 'avx512'.

    At the start it is the best that the machine runs, or the one that the environment variable
    PYLEGO_ISA names. All sets give the same bits, except for products of matrices of floats
    (matmul and what is built on it): there 'avx2' and 'avx512' round a multiplication and the
    addition behind it once, and 'generic' on x86-64 rounds twice.

    Args:
        name: one of isas().

    Raises:
        TypeError: when name is not a string.
        ValueError: for a set that this machine does not run.

    >>> import pylego
    >>> former = pylego.config.isa()
    >>> pylego.config.set_isa("generic")
    >>> pylego.config.isa()
    'generic'
    >>> pylego.config.set_isa(former)
    """
    if not isinstance(name, str):
        raise TypeError(f"name must be one of {isas()}. Received: name={name!r}")
    engine.set_isa(name)
    versions.note()


def isa() -> str:
    """Return the instruction set whose machine code computes."""
    return engine.isa()


def isas() -> tuple[str, ...]:
    """Return the instruction sets that this machine runs, the best one last."""
    return engine.isas()


def run_functions_eagerly(run_eagerly: bool) -> None:
    """Set whether what `pylego.function` and models record is run brick by brick, to look into it.

    >>> import pylego
    >>> pylego.config.run_functions_eagerly(True)
    >>> pylego.config.functions_run_eagerly()
    True
    >>> pylego.config.run_functions_eagerly(False)
    """
    _settings["functions_run_eagerly"] = bool(run_eagerly)
    versions.note()


def functions_run_eagerly() -> bool:
    """Return whether functions run brick by brick instead of being recorded."""
    return _settings["functions_run_eagerly"]


def enable_flash_attention() -> None:
    """Compute attention block by block, without a stored matrix of scores: that is the default.

    `ops.dot_product_attention` and the layers of attention do so wherever nobody asks for the
    scores, with masks, biases and dropout of any kind. Memory grows with the length of a sequence
    and not with its square. There are no second gradients: `disable_flash_attention()`.

    Source: Dao et al., FlashAttention (arXiv:2205.14135).
    """
    _settings["flash_attention"] = True
    versions.note()


def disable_flash_attention() -> None:
    """Compute attention with a stored matrix of scores, which has gradients of any order.

    >>> import pylego
    >>> pylego.config.disable_flash_attention()
    >>> pylego.config.is_flash_attention_enabled()
    False
    >>> pylego.config.enable_flash_attention()
    """
    _settings["flash_attention"] = False
    versions.note()


def is_flash_attention_enabled() -> bool:
    """Return whether attention is computed block by block where nothing else is said."""
    return _settings["flash_attention"]


def enable_unsafe_deserialization() -> None:
    """Let files and descriptions bring code of their own, from now on.

    A lambda is saved as bytecode, which does whatever its author wanted: call this only where you
    trust all files that you open. `safe_mode=False` says the same for one of them.
    """
    _settings["refuses_code"] = False


def refuses_code() -> bool:
    """Return whether code in files and descriptions is refused where nothing else is said.

    >>> refuses_code()
    True
    """
    return _settings["refuses_code"]


def enable_traceback_filtering() -> None:
    """Leave the frames inside pylego out where an error is shown, as at the start."""
    tracebacks.enable()


def disable_traceback_filtering() -> None:
    """Show all frames of an error, also those inside pylego.

    >>> import pylego
    >>> pylego.config.disable_traceback_filtering()
    >>> pylego.config.is_traceback_filtering_enabled()
    False
    >>> pylego.config.enable_traceback_filtering()
    """
    tracebacks.disable()


def is_traceback_filtering_enabled() -> bool:
    """Return whether the frames inside pylego are left out where an error is shown."""
    return tracebacks.is_enabled()


def enable_interactive_logging() -> None:
    """Print progress bars, summaries and notes of callbacks, as at the start."""
    console.enable()


def disable_interactive_logging() -> None:
    """Log what would be printed: to the logger 'pylego' of Python's `logging`, at the level INFO.

    >>> import pylego
    >>> pylego.config.disable_interactive_logging()
    >>> pylego.config.is_interactive_logging_enabled()
    False
    >>> pylego.config.enable_interactive_logging()
    """
    console.disable()


def is_interactive_logging_enabled() -> bool:
    """Return whether progress bars and the like are printed, not logged."""
    return console.is_enabled()


def max_epochs() -> int | None:
    """Return how many epochs `fit` trains at most; None for as many as it is told."""
    return _settings["max_epochs"]


def set_max_epochs(max_epochs: int | None) -> None:
    """Set how many epochs `fit` trains at most, to try programs out. It warns where that counts.

    At the start it is what the environment variable KERAS_MAX_EPOCHS says.

    Args:
        max_epochs: from 1 on; None sets no limit.

    Raises:
        TypeError: when it is not a whole number.
        ValueError: when it is below 1.

    >>> import pylego
    >>> pylego.config.set_max_epochs(2)
    >>> pylego.config.max_epochs()
    2
    >>> pylego.config.set_max_epochs(None)
    """
    _settings["max_epochs"] = _checked_limit("max_epochs", max_epochs)


def max_steps_per_epoch() -> int | None:
    """Return how many batches `fit`, `evaluate` and `predict` take at most; None for all."""
    return _settings["max_steps_per_epoch"]


def set_max_steps_per_epoch(max_steps_per_epoch: int | None) -> None:
    """Set how many batches `fit` takes in an epoch, and `evaluate` and `predict` in all, at most.

    At the start it is what the environment variable KERAS_MAX_STEPS_PER_EPOCH says. The size of
    batches does not depend on it. Where that counts they warn.

    Args:
        max_steps_per_epoch: from 1 on; None sets no limit.

    Raises:
        TypeError: when it is not a whole number.
        ValueError: when it is below 1.

    >>> import pylego
    >>> pylego.config.set_max_steps_per_epoch(10)
    >>> pylego.config.max_steps_per_epoch()
    10
    >>> pylego.config.set_max_steps_per_epoch(None)
    """
    limit = _checked_limit("max_steps_per_epoch", max_steps_per_epoch)
    _settings["max_steps_per_epoch"] = limit


def _checked_limit(name: str, limit: int | None) -> int | None:
    return None if limit is None else checks.whole_number(name, limit, 1)


def frozen_settings() -> tuple:
    """Return the settings that a recording depends on."""
    return (
        _settings["floatx"],
        _settings["epsilon"],
        _settings["image_data_format"],
        _settings["flash_attention"],
        engine.isa(),
    )


if not TYPE_CHECKING:
    __getattr__ = lazy.refuse_others(__name__)
