from pylego.optimizers.learning_rate_schedule import LearningRateSchedule as LearningRateSchedule
from pylego.optimizers.schedules.cosine_decay import (
    CosineDecay as CosineDecay,
    CosineDecayRestarts as CosineDecayRestarts,
)
from pylego.optimizers.schedules.exponential_decay import ExponentialDecay as ExponentialDecay
from pylego.optimizers.schedules.inverse_time_decay import InverseTimeDecay as InverseTimeDecay
from pylego.optimizers.schedules.piecewise_constant_decay import (
    PiecewiseConstantDecay as PiecewiseConstantDecay,
)
from pylego.optimizers.schedules.polynomial_decay import PolynomialDecay as PolynomialDecay
from pylego.optimizers.schedules.serialization import (
    deserialize as deserialize,
    serialize as serialize,
)
