"""Connectionist temporal classification: losses, their gradients, and what is decoded."""

from __future__ import annotations

from typing import Any

import jax
import keras
import numpy as np

from areas.encoding import encode

BATCH, STEPS, CLASSES, LABELS = 12, 7, 4, 4
DECODED = 4  # rows of the batch


def batch(mask_index: int) -> dict[str, np.ndarray]:
    """Return sequences with labels that repeat, without labels, and with too few steps for them."""
    generator = np.random.default_rng(mask_index)
    labels = generator.integers(0, CLASSES - 1, (BATCH, LABELS))
    target_length = generator.integers(1, LABELS + 1, BATCH)
    output_length = generator.integers(2 * LABELS - 2, STEPS + 1, BATCH)
    target_length[0], output_length[1], target_length[1] = 0, 2, LABELS
    return {
        "target": (labels + (labels >= mask_index)).astype("int32"),
        "output": (2 * generator.normal(size=(BATCH, STEPS, CLASSES))).round(3).astype("float32"),
        "target_length": target_length.astype("int32"),
        "output_length": output_length.astype("int32"),
    }


def case(mask_index: int) -> dict[str, Any]:
    """Return losses, the gradient of their sum, and decoded rows."""
    inputs = batch(mask_index)

    def losses(output: Any) -> Any:
        return keras.ops.ctc_loss(**inputs | {"output": output}, mask_index=mask_index)

    gradient = jax.jit(jax.grad(lambda output: losses(output).sum()))
    few = (inputs["output"][:DECODED], inputs["output_length"][:DECODED])
    decode = jax.jit(keras.ops.ctc_decode, static_argnums=range(2, 7))
    return {
        "mask_index": mask_index,
        "inputs": {name: encode(value) for name, value in inputs.items()},
        "losses": encode(jax.jit(losses)(inputs["output"])),
        "gradient": encode(gradient(inputs["output"])),
        "decoded": [
            {"arguments": list(arguments), "found": encode(list(decode(*few, *arguments)))}
            for arguments in (
                ("greedy", 100, 1, True, mask_index),
                ("greedy", 100, 1, False, mask_index),
                ("beam_search", 3, 2, True, mask_index),
                ("beam_search", 12, 3, True, mask_index),
            )
        ],
    }


def facts() -> dict[str, Any]:
    """Return the content of ctc.json."""
    return {
        "cases": [case(mask_index) for mask_index in (0, 2)],
        "config": encode(keras.losses.CTC().get_config()),
    }
