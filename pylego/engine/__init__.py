"""The one door to the engine in C: applies bricks, carries arrays in and out, raises its errors.

Nothing outside this room touches cffi. Everything above it deals in handles, NumPy arrays, names
of bricks and plain numbers.
"""

from pylego.engine.arrays import *
from pylego.engine.backward import *
from pylego.engine.bricks import *
from pylego.engine.dtypes import *
from pylego.engine.info import *
from pylego.engine.instruction_sets import *
from pylego.engine.library import *
from pylego.engine.lifetimes import *
from pylego.engine.programs import *
from pylego.engine.settings import *
from pylego.engine.tensors import *
