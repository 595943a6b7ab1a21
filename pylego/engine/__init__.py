"""The only package that calls the engine in C: applies bricks, wraps arrays, raises its errors.

No other package touches cffi. All code above works with handles, NumPy arrays, names of bricks and
plain numbers.
"""

from pylego.engine.arrays import *
from pylego.engine.backward import *
from pylego.engine.bricks import *
from pylego.engine.custom_gradients import *
from pylego.engine.dlpack import *
from pylego.engine.dtypes import *
from pylego.engine.info import *
from pylego.engine.instruction_sets import *
from pylego.engine.library import *
from pylego.engine.lifetimes import *
from pylego.engine.loops import *
from pylego.engine.programs import *
from pylego.engine.settings import *
from pylego.engine.tensors import *
from pylego.engine.words import *
