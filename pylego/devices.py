"""Where tensors lie: on the CPU, which is all that pylego computes with."""

from __future__ import annotations

import contextlib
import warnings


def device(device_name: str) -> contextlib.AbstractContextManager[None]:
    """Compute what stands in the `with` block on a device: on the CPU, whatever the name.

    Args:
        device_name: "cpu" or "cpu:0"; a device of another kind, such as "gpu:0", brings a warning.

    Raises:
        TypeError: for anything but a name.

    >>> import pylego
    >>> with pylego.device("cpu:0"):
    ...     pylego.ops.ones(2).shape
    (2,)
    """
    if not isinstance(device_name, str):
        raise TypeError(f"A device is a name, such as 'cpu:0'. Received: {device_name!r}")
    if "cpu" not in device_name.lower():
        warnings.warn(f"pylego computes on the CPU, and not on {device_name!r}", stacklevel=2)
    return contextlib.nullcontext()
