"""Numbers that real Keras gave: read from tests/golden, which make_golden.py writes."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

FOLDER = Path(__file__).resolve().parent / "golden"


@cache
def load(area: str) -> dict[str, Any]:
    """The facts of an area."""
    return json.loads((FOLDER / f"{area}.json").read_text(encoding="utf-8"))


def array(values: Any) -> np.ndarray:
    """Numbers of a golden file as Keras saw them: floats as float32, integers as int32."""
    numbers = np.asarray(values)
    return numbers.astype(np.float32 if numbers.dtype.kind == "f" else np.int32)


def expect_close(ours: Any, golden: Any, rtol: float = 2e-6, atol: float = 1e-6) -> None:
    """Fail unless our numbers are Keras's, up to float32's rounding."""
    np.testing.assert_allclose(
        np.asarray(ours, dtype=np.float64), np.asarray(golden, dtype=np.float64), rtol, atol
    )
