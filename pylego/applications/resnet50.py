"""`ResNet50` under the name that older programs know; see `resnet`."""

from __future__ import annotations

from pylego.applications.resnet import ResNet50, decode_predictions, preprocess_input

__all__ = ["ResNet50", "decode_predictions", "preprocess_input"]
