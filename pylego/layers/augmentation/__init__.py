"""Layers that change pictures at random while training."""

from pylego import lazy

__getattr__ = lazy.names_of("pylego.layers")
