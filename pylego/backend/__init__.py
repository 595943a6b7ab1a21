"""`keras.backend`, as Keras 1 and 2 had it: functions of tensors and placeholders, called `K`.

Most functions are those of `pylego.ops` under other names: `table` lists them. All of them take
tensors, arrays and placeholders, and can be used in losses, metrics, layers and `Lambda`.

>>> from pylego import backend as K
>>> K.mean(K.square([1.0, 2.0, 3.0])).item()
4.666666507720947
>>> K.int_shape(K.placeholder((None, 3)))
(None, 3)
"""

from pylego.backend import table as _table
from pylego.backend.ctc import *
from pylego.backend.drawing import *
from pylego.backend.dtypes import *
from pylego.backend.graphs import *
from pylego.backend.images import *
from pylego.backend.loops import *
from pylego.backend.phases import *
from pylego.backend.settings import *
from pylego.backend.tensors import *
from pylego.backend.values import *

_made = _table.functions()
globals().update(_made)
__all__ = sorted(
    [*_made, *(name for name in globals() if name[0] != "_" and name not in _table.ROOMS)]
)


def __getattr__(name: str):
    from pylego import lazy

    return lazy.refuse_others(__name__)(name)
