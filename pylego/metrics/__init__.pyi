from pylego.losses import (
    binary_crossentropy as binary_crossentropy,
    categorical_crossentropy as categorical_crossentropy,
    mean_absolute_error as mean_absolute_error,
    mean_squared_error as mean_squared_error,
    sparse_categorical_crossentropy as sparse_categorical_crossentropy,
)
from pylego.metrics.accuracy_metrics import (
    Accuracy as Accuracy,
    BinaryAccuracy as BinaryAccuracy,
    CategoricalAccuracy as CategoricalAccuracy,
    SparseCategoricalAccuracy as SparseCategoricalAccuracy,
    accuracy as accuracy,
    binary_accuracy as binary_accuracy,
    categorical_accuracy as categorical_accuracy,
    sparse_categorical_accuracy as sparse_categorical_accuracy,
)
from pylego.metrics.mean import Mean as Mean, MeanMetricWrapper as MeanMetricWrapper, Sum as Sum
from pylego.metrics.metric import Metric as Metric
from pylego.metrics.of_losses import (
    BinaryCrossentropy as BinaryCrossentropy,
    CategoricalCrossentropy as CategoricalCrossentropy,
    MeanAbsoluteError as MeanAbsoluteError,
    MeanSquaredError as MeanSquaredError,
    RootMeanSquaredError as RootMeanSquaredError,
    SparseCategoricalCrossentropy as SparseCategoricalCrossentropy,
)
from pylego.metrics.serialization import (
    deserialize as deserialize,
    get as get,
    serialize as serialize,
)
