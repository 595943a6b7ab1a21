"""Networks for pictures: their structure as a number, and what they answer with given weights."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import keras
import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
import networks

from areas.encoding import encode


def network_facts() -> list[dict[str, Any]]:
    facts = []
    for name in networks.NAMES:
        make = getattr(keras.applications, name)
        model = make(weights=None, include_top=name not in networks.WITHOUT_TOP)
        facts.append(
            {
                "network": name,
                "name": model.name,
                "layers": len(model.layers),
                "weights": model.count_params(),
                "digest": networks.digest(model),
            }
        )
    return facts


def answer_facts() -> list[dict[str, Any]]:
    return [
        {"network": name, "outputs": encode(np.array(networks.answer(keras.applications, name)))}
        for name in networks.ASKED
    ]


def preprocessing_facts() -> list[dict[str, Any]]:
    prepare = keras.applications.imagenet_utils.preprocess_input
    picture = networks.picture(2)
    facts = []
    for mode in ("caffe", "tf", "torch"):
        last = prepare(picture.copy(), mode=mode)
        first = prepare(picture.transpose(0, 3, 1, 2).copy(), "channels_first", mode)
        facts.append({"mode": mode, "last": encode(last), "first": encode(first)})
    return facts


def facts() -> dict[str, Any]:
    return {
        "networks": network_facts(),
        "answers": answer_facts(),
        "preprocessing": preprocessing_facts(),
    }
