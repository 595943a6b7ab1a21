"""pylego: a deep-learning framework that speaks Keras and runs on an engine in C that one can read."""


__version__ = "0.1.0"
