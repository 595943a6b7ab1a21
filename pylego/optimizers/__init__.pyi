from pylego.optimizers import legacy as legacy, schedules as schedules
from pylego.optimizers.adadelta import Adadelta as Adadelta
from pylego.optimizers.adafactor import Adafactor as Adafactor
from pylego.optimizers.adagrad import Adagrad as Adagrad
from pylego.optimizers.adam import Adam as Adam, AdamW as AdamW
from pylego.optimizers.adamax import Adamax as Adamax
from pylego.optimizers.ftrl import Ftrl as Ftrl
from pylego.optimizers.lamb import Lamb as Lamb
from pylego.optimizers.lion import Lion as Lion
from pylego.optimizers.loss_scale_optimizer import LossScaleOptimizer as LossScaleOptimizer
from pylego.optimizers.multi_optimizer import MultiOptimizer as MultiOptimizer
from pylego.optimizers.muon import Muon as Muon
from pylego.optimizers.nadam import Nadam as Nadam
from pylego.optimizers.optimizer import Optimizer as Optimizer
from pylego.optimizers.optimizer_map import OptimizerMap as OptimizerMap
from pylego.optimizers.rmsprop import RMSprop as RMSprop
from pylego.optimizers.schedule_free_adamw import ScheduleFreeAdamW as ScheduleFreeAdamW
from pylego.optimizers.serialization import (
    deserialize as deserialize,
    get as get,
    serialize as serialize,
)
from pylego.optimizers.sgd import SGD as SGD
