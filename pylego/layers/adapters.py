"""Small weights beside large ones (LoRA) and weights of few bits: what Keras's layers may ask for.

Keras writes these arguments into the descriptions of its layers, None where they are not used, so
that they have to be taken; with other values the layer would not be what was asked for.
"""

from __future__ import annotations

from typing import Any


def refuse_adapters(
    owner: str, lora_rank: Any = None, lora_alpha: Any = None, quantization_config: Any = None
) -> None:
    """Refuse what is not None, in the name of a class.

    Raises:
        NotImplementedError: for a lora_rank or a quantization_config.

    >>> refuse_adapters("Dense", lora_rank=4)
    Traceback (most recent call last):
    NotImplementedError: Dense: lora_rank=4 is not there: all weights are trained, or, with \
trainable=False, none. Leave it out
    """
    if lora_rank is not None or lora_alpha is not None:
        given = f"lora_rank={lora_rank}" if lora_alpha is None else f"lora_alpha={lora_alpha}"
        raise NotImplementedError(
            f"{owner}: {given} is not there: all weights are trained, or, with "
            "trainable=False, none. Leave it out"
        )
    if quantization_config is not None:
        raise NotImplementedError(
            f"{owner}: quantization_config is not there: weights are float32 or float64. "
            "Leave it out"
        )
