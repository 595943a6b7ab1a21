from pylego import (
    activations as activations,
    applications as applications,
    backend as backend,
    callbacks as callbacks,
    config as config,
    constraints as constraints,
    datasets as datasets,
    dtype_policies as dtype_policies,
    initializers as initializers,
    layers as layers,
    losses as losses,
    metrics as metrics,
    mixed_precision as mixed_precision,
    models as models,
    ops as ops,
    optimizers as optimizers,
    preprocessing as preprocessing,
    random as random,
    regularizers as regularizers,
    saving as saving,
    testing as testing,
    tree as tree,
    utils as utils,
    wrappers as wrappers,
)
from pylego.autograd import (
    GradientTape as GradientTape,
    grad as grad,
    value_and_grad as value_and_grad,
)
from pylego.core.name_scope import name_scope as name_scope
from pylego.core.stateless_scope import StatelessScope as StatelessScope
from pylego.core.tensor import Tensor as Tensor
from pylego.core.variable import Variable as Variable
from pylego.devices import device as device
from pylego.dtype_policies import DTypePolicy as DTypePolicy, FloatDTypePolicy as FloatDTypePolicy
from pylego.graph import (
    Function as Function,
    KerasTensor as KerasTensor,
    Operation as Operation,
)
from pylego.initializers import Initializer as Initializer
from pylego.keras_version import version as version
from pylego.layers import Input as Input, InputSpec as InputSpec, Layer as Layer
from pylego.losses import Loss as Loss
from pylego.metrics import Metric as Metric
from pylego.models import Model as Model, Sequential as Sequential
from pylego.optimizers import Optimizer as Optimizer
from pylego.programs.function import function as function
from pylego.regularizers import Regularizer as Regularizer
from pylego.rematerialization import RematScope as RematScope, remat as remat
from pylego.scripts.finder import as_keras as as_keras

__version__: str
