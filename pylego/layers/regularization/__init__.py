"""Layers that disturb what passes, in training only."""

from pylego import lazy

__getattr__ = lazy.names_of("pylego.layers")
