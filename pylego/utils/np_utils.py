"""Run tutorials of Keras 1 and 2, which say `np_utils.to_categorical`."""

from pylego.utils.numerical import normalize, to_categorical

__all__ = ["normalize", "to_categorical"]
