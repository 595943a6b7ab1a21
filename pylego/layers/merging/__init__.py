"""Pooling layers."""

from pylego import lazy

__getattr__ = lazy.names_of("pylego.layers")
