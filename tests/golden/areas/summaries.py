"""What `model.summary()` prints."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import keras

sys.path.append(str(Path(__file__).resolve().parents[2]))

import pictured_models

COLUMNS = 200  # of the terminal


def facts() -> dict[str, Any]:
    """The text of each summary."""
    os.environ["COLUMNS"] = str(COLUMNS)
    texts = {}
    for name, (make, arguments) in pictured_models.CASES.items():
        keras.utils.clear_session()
        keras.backend.clear_session()
        make(keras).summary(
            print_fn=lambda text, name=name: texts.update({name: text}), **arguments
        )
    return {"columns": COLUMNS, "texts": {name: text.splitlines() for name, text in texts.items()}}
