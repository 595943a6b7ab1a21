"""Layers that give what passes another shape."""

from pylego import lazy

__getattr__ = lazy.names_of("pylego.layers")
