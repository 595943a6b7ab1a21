from pylego.optimizers.adam import Adam as Adam, AdamW as AdamW
from pylego.optimizers.optimizer import Optimizer as Optimizer
from pylego.optimizers.rmsprop import RMSprop as RMSprop
from pylego.optimizers.serialization import (
    deserialize as deserialize,
    get as get,
    serialize as serialize,
)
from pylego.optimizers.sgd import SGD as SGD
