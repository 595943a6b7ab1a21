from pylego.config import (
    disable_interactive_logging as disable_interactive_logging,
    enable_interactive_logging as enable_interactive_logging,
    is_interactive_logging_enabled as is_interactive_logging_enabled,
)
from pylego.core.dtypes import standardize_dtype as standardize_dtype
from pylego.graph.keras_tensor import is_keras_tensor as is_keras_tensor
from pylego.graph.sorting import get_source_inputs as get_source_inputs
from pylego.layers.preprocessing.feature_space import FeatureSpace as FeatureSpace
from pylego.models.folding import fold_for_inference as fold_for_inference
from pylego.models.plotting import (
    model_to_dot as model_to_dot,
    plot_model as plot_model,
)
from pylego.saving import (
    CustomObjectScope as CustomObjectScope,
    custom_object_scope as custom_object_scope,
    deserialize_keras_object as deserialize_keras_object,
    get_custom_objects as get_custom_objects,
    get_registered_name as get_registered_name,
    get_registered_object as get_registered_object,
    register_keras_serializable as register_keras_serializable,
    serialize_keras_object as serialize_keras_object,
)
from pylego.utils import (
    bounding_boxes as bounding_boxes,
    image_utils as image_utils,
    np_utils as np_utils,
    vis_utils as vis_utils,
)
from pylego.utils.audio_folders import (
    audio_dataset_from_directory as audio_dataset_from_directory,
)
from pylego.utils.cached_file import get_file as get_file
from pylego.utils.image_folders import (
    image_dataset_from_directory as image_dataset_from_directory,
)
from pylego.utils.image_utils import (
    array_to_img as array_to_img,
    img_to_array as img_to_array,
    load_img as load_img,
    save_img as save_img,
)
from pylego.utils.numerical import (
    normalize as normalize,
    to_categorical as to_categorical,
)
from pylego.utils.packing import (
    pack_x_y_sample_weight as pack_x_y_sample_weight,
    unpack_x_y_sample_weight as unpack_x_y_sample_weight,
)
from pylego.utils.progbar import Progbar as Progbar
from pylego.utils.py_dataset import PyDataset as PyDataset, Sequence as Sequence
from pylego.utils.rng import (
    get_random_seed as get_random_seed,
    set_random_seed as set_random_seed,
)
from pylego.utils.sequence_utils import pad_sequences as pad_sequences
from pylego.utils.session import clear_session as clear_session
from pylego.utils.splitting import split_dataset as split_dataset
from pylego.utils.text_folders import (
    text_dataset_from_directory as text_dataset_from_directory,
)
from pylego.utils.timeseries import (
    timeseries_dataset_from_array as timeseries_dataset_from_array,
)
