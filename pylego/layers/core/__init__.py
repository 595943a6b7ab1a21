"""Layers of Keras's page "core"."""

from pylego import lazy

__getattr__ = lazy.names_of("pylego.layers")
