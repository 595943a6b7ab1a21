"""Operations on tensors: every brick of the engine as a function, and what is built of them.

The names, arguments and defaults are those of `keras.ops`. Everything takes tensors, NumPy arrays,
lists and numbers, and returns tensors.
"""

import sys
from typing import TYPE_CHECKING

from pylego import lazy
from pylego.ops import deferral as _deferral, image as image, nn as nn
from pylego.ops.activations import *
from pylego.ops.arithmetic import *
from pylego.ops.attention import *
from pylego.ops.contraction import *
from pylego.ops.control_flow import *
from pylego.ops.convolution import *
from pylego.ops.core import *
from pylego.ops.creation import *
from pylego.ops.ctc import *
from pylego.ops.elementwise import *
from pylego.ops.hyperbolic import *
from pylego.ops.indexing import *
from pylego.ops.linear import *
from pylego.ops.logic import *
from pylego.ops.nn import *
from pylego.ops.normalization import *
from pylego.ops.pooling import *
from pylego.ops.reductions import *
from pylego.ops.scattering import *
from pylego.ops.shapes import *
from pylego.ops.sorting import *
from pylego.ops.statistics import *
from pylego.ops.trigonometric import *

_deferral.defer_on_placeholders([sys.modules[__name__], nn, image])

if not TYPE_CHECKING:
    __getattr__ = lazy.refuse_others(__name__)
