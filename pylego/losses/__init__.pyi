from pylego.losses.crossentropy import (
    BCE as BCE,
    BinaryCrossentropy as BinaryCrossentropy,
    CategoricalCrossentropy as CategoricalCrossentropy,
    SparseCategoricalCrossentropy as SparseCategoricalCrossentropy,
    bce as bce,
    binary_crossentropy as binary_crossentropy,
    categorical_crossentropy as categorical_crossentropy,
    sparse_categorical_crossentropy as sparse_categorical_crossentropy,
)
from pylego.losses.loss import Loss as Loss, LossFunctionWrapper as LossFunctionWrapper
from pylego.losses.regression import (
    MAE as MAE,
    MSE as MSE,
    MeanAbsoluteError as MeanAbsoluteError,
    MeanSquaredError as MeanSquaredError,
    mae as mae,
    mean_absolute_error as mean_absolute_error,
    mean_squared_error as mean_squared_error,
    mse as mse,
)
from pylego.losses.serialization import (
    deserialize as deserialize,
    get as get,
    serialize as serialize,
)
