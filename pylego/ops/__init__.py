"""Operations on tensors: every brick of the engine as a function, and what is built of them.

The names, arguments and defaults are those of `keras.ops`. Everything takes tensors, NumPy arrays,
lists and numbers, and returns tensors.
"""

import sys
from types import FunctionType
from typing import TYPE_CHECKING

from pylego import lazy
from pylego.ops import deferral as _deferral, image as image, later as _later, nn as nn
from pylego.ops.activations import *
from pylego.ops.arithmetic import *
from pylego.ops.core import *
from pylego.ops.creation import *
from pylego.ops.elementwise import *
from pylego.ops.indexing import *
from pylego.ops.linear import *
from pylego.ops.logic import *
from pylego.ops.nn import (
    binary_crossentropy as binary_crossentropy,
    categorical_crossentropy as categorical_crossentropy,
    sparse_categorical_crossentropy as sparse_categorical_crossentropy,
)
from pylego.ops.reductions import *
from pylego.ops.shapes import *
from pylego.ops.sorting import *
from pylego.ops.statistics import *

if TYPE_CHECKING:
    from pylego.ops import linalg as linalg, numpy as numpy
    from pylego.ops.adaptive_pooling import *
    from pylego.ops.attention import *
    from pylego.ops.bitwise import *
    from pylego.ops.blocks import *
    from pylego.ops.complex_parts import *
    from pylego.ops.contraction import *
    from pylego.ops.control_flow import *
    from pylego.ops.convolution import *
    from pylego.ops.counting import *
    from pylego.ops.ctc import *
    from pylego.ops.decompositions import *
    from pylego.ops.diagonals import *
    from pylego.ops.differences import *
    from pylego.ops.fourier import *
    from pylego.ops.gradients import *
    from pylego.ops.hyperbolic import *
    from pylego.ops.image_quality import psnr as psnr
    from pylego.ops.joining import *
    from pylego.ops.mapping import *
    from pylego.ops.nan import *
    from pylego.ops.normalization import *
    from pylego.ops.numbers import *
    from pylego.ops.pooling import *
    from pylego.ops.products import *
    from pylego.ops.quantiles import *
    from pylego.ops.rearrangement import *
    from pylego.ops.scattering import *
    from pylego.ops.segments import *
    from pylego.ops.shrinkage import *
    from pylego.ops.signals import *
    from pylego.ops.spacing import *
    from pylego.ops.special import *
    from pylego.ops.systems import *
    from pylego.ops.triangular import *
    from pylego.ops.trigonometric import *

_deferral.defer_on_placeholders([sys.modules[__name__], nn, image])

_here = [name for name, one in vars().items() if isinstance(one, FunctionType)]
__all__ = sorted({*_later.HOMES, *_here})

if not TYPE_CHECKING:
    _homes = {**_later.HOMES, "linalg": __name__, "numpy": __name__}
    __getattr__, __dir__ = lazy.loaded_when_asked(__name__, _homes, _deferral.deferring)
