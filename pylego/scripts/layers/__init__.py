"""Layers of Keras 1 and 2 that Keras 3 no longer has; `older.names` says how to find them."""
