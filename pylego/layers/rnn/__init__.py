"""Recurrent layers: a cell computes one step, a layer runs it over a sequence."""

from pylego import lazy

__getattr__ = lazy.names_of("pylego.layers")
