"""Run tutorials of Keras 2, which say `keras.utils.vis_utils.plot_model`."""

from pylego import lazy

__getattr__ = lazy.names_of("pylego.utils")
