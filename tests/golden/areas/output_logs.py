"""Logs of models of several outputs, for many ways to say their losses, metrics and weights.

JAX compiles each of the models for ten minutes in all; `KERAS_BACKEND=torch` takes half a minute.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import keras

sys.path.append(str(Path(__file__).resolve().parents[2]))

import output_cases

from areas.encoding import encode


def facts() -> dict[str, Any]:
    """Return the logs of each case; the name of the error where Keras raises one."""
    return {"cases": {case: _logs_or_error(case) for case in output_cases.CASES}}


def _logs_or_error(case: str) -> dict[str, Any]:
    try:
        return encode(_rounded(output_cases.logs(keras, case)))
    except Exception as error:
        return {"error": type(error).__name__}


def _rounded(logs: Any) -> Any:
    """Numbers with as many digits as float32 has."""
    if isinstance(logs, dict):
        return {name: _rounded(part) for name, part in logs.items()}
    if isinstance(logs, list):
        return [_rounded(part) for part in logs]
    return float(f"{logs:.7g}")
