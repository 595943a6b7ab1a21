"""Logs of models of several outputs, for many ways to say their losses, metrics and weights."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import keras

sys.path.append(str(Path(__file__).resolve().parents[2]))

import output_cases


def facts() -> dict[str, Any]:
    """Return the logs of each case; the name of the error where Keras raises one."""
    return {"cases": {case: _logs_or_error(case) for case in output_cases.CASES}}


def _logs_or_error(case: str) -> dict[str, Any]:
    try:
        return output_cases.logs(keras, case)
    except Exception as error:
        return {"error": type(error).__name__, "message": str(error)[:160]}
