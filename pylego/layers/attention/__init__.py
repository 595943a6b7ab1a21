"""Layers of attention: each step of one sequence takes a weighted mean of the steps of another."""

from pylego import lazy

__getattr__ = lazy.names_of("pylego.layers")
