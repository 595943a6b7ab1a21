"""Small functions of Keras 2 that have nothing to do here."""

from __future__ import annotations

from typing import Any


def multi_gpu_model(
    model: Any, gpus: Any = None, cpu_merge: bool = True, cpu_relocation: bool = False
) -> Any:
    """Return the model: pylego computes on the CPU, with all its cores."""
    return model
