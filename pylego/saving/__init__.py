"""Models and weights in files; objects as plain data; names for classes of your own.

Descriptions are Keras 3's dictionaries. Nothing in one is imported, and nothing is run unless
`safe_mode=False` allows it: its names mean pylego's public classes and functions, and those that
you register or give as `custom_objects`.
"""

from __future__ import annotations

from pylego import lazy

__getattr__, __dir__, __all__ = lazy.public(__name__)
