"""What programs say to TensorFlow that means nothing here, or has one answer."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from pylego import config

AUTOTUNE = -1
ERROR, WARN, INFO, DEBUG, FATAL = 40, 30, 20, 10, 50


def ignore(*args: Any, **kwargs: Any) -> None:
    """Do nothing."""


def say_no(*args: Any, **kwargs: Any) -> bool:
    """Return False."""
    return False


def say_yes(*args: Any, **kwargs: Any) -> bool:
    """Return True."""
    return True


def gpu_device_name() -> str:
    """Return '': there is no GPU."""
    return ""


class PhysicalDevice(NamedTuple):
    """A device that computes."""

    name: str
    device_type: str


def list_physical_devices(device_type: str | None = None) -> list[PhysicalDevice]:
    """Return the CPU; an empty list where GPUs are asked for."""
    cpu = PhysicalDevice("/physical_device:CPU:0", "CPU")
    return [cpu] if device_type in (None, "CPU") else []


@contextlib.contextmanager
def scope(name: Any = None, *args: Any, **kwargs: Any) -> Iterator[Any]:
    """Do nothing in a `with` block."""
    yield name


class Strategy:
    """One process that computes: what `tf.distribute` is asked for."""

    num_replicas_in_sync = 1

    def __init__(self, *args: Any, **kwargs: Any):
        pass

    def scope(self) -> Any:
        """Return what does nothing in a `with` block."""
        return scope()


class Settings:
    """Takes any attribute, and attributes of it: `config.gpu_options.allow_growth = True`."""

    def __init__(self, **settings: Any):
        vars(self).update(settings)

    def __getattr__(self, name: str) -> Settings:
        if name.startswith("__"):
            raise AttributeError(name)
        inner = Settings()
        setattr(self, name, inner)
        return inner


class Session:
    """Something to hand to `K.set_session`: values are computed at once, without it."""

    def __init__(self, *args: Any, **kwargs: Any):
        pass

    def run(self, fetches: Any, feed_dict: Any = None) -> Any:
        """Return the numbers of tensors; None for what says nothing.

        Raises:
            NotImplementedError: for numbers that are fed to placeholders.
        """
        if feed_dict:
            raise NotImplementedError(
                "Session.run with a feed_dict is TensorFlow 1: write K.function(inputs, outputs), "
                "or call the model"
            )
        if isinstance(fetches, (list, tuple)):
            return [self.run(one) for one in fetches]
        return fetches.numpy() if hasattr(fetches, "numpy") else fetches

    def __enter__(self) -> Session:
        return self

    def __exit__(self, *error: Any) -> None:
        pass

    close = ignore


def get_logger() -> logging.Logger:
    """Return the logger called 'tensorflow', into which nobody writes."""
    return logging.getLogger("tensorflow")


def run_functions_eagerly(run_eagerly: bool) -> None:
    """See `pylego.config.run_functions_eagerly`."""
    config.run_functions_eagerly(run_eagerly)


def executing_eagerly() -> bool:
    """Return True: values are computed at once."""
    return True


def do_not_convert(function: Callable | None = None) -> Any:
    """Return the function as it is."""
    return do_not_convert if function is None else function
