"""The .h5 files of Keras 3, and those of Keras 1 and 2."""
