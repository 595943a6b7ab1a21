"""What the stand-in for TensorFlow has beside its tables: by module, a name and where it is."""

from __future__ import annotations

from collections.abc import Mapping

_QUIET = "pylego.scripts.tensorflow.quiet:"
_VALUES = "pylego.scripts.tensorflow.values:"
_DRAWS = "pylego.scripts.tensorflow.draws:"
_FOLDERS = "pylego.scripts.tensorflow.folders:"
_CSV = "pylego.scripts.tensorflow.csv_rows:"
_RAGGED = "pylego.scripts.tensorflow.ragged:"
_IGNORED = f"{_QUIET}ignore"
_ASSERTIONS = """
    Assert assert_all_finite assert_equal assert_greater assert_greater_equal assert_integer
    assert_less assert_less_equal assert_near assert_negative assert_non_negative
    assert_non_positive assert_none_equal assert_positive assert_rank assert_rank_at_least
    assert_shapes assert_type check_numerics
"""
_DEBUGGING = {name: f"pylego.scripts.tensorflow.assertions:{name}" for name in _ASSERTIONS.split()}


def _quiet(words: str) -> dict[str, str]:
    return {name: f"{_QUIET}{name}" for name in words.split()}


def _ignored(words: str) -> dict[str, str]:
    return dict.fromkeys(words.split(), _IGNORED)


_LOGGING = {
    **_quiet("DEBUG ERROR FATAL INFO WARN"),
    **_ignored("set_verbosity"),
}
_DEVICES = {
    **_quiet("list_physical_devices run_functions_eagerly"),
    **_ignored(
        """
        set_memory_growth set_visible_devices set_logical_device_configuration
        set_virtual_device_configuration enable_tensor_float_32_execution set_soft_device_placement
        experimental_functions_run_eagerly
        """
    ),
    "get_visible_devices": f"{_QUIET}list_physical_devices",
    "list_logical_devices": f"{_QUIET}list_physical_devices",
    "experimental_run_functions_eagerly": f"{_QUIET}run_functions_eagerly",
}
_DRAWN = "Generator gamma log_uniform_candidate_sampler uniform_candidate_sampler"
_RANDOM = {
    name: f"{_VALUES}{name}"
    for name in ("categorical", "normal", "set_seed", "shuffle", "truncated_normal", "uniform")
} | {name: f"{_DRAWS}{name}" for name in _DRAWN.split()}
_RANDOM |= {f"stateless_{name}": f"{_DRAWS}stateless_{name}" for name in ("normal", "uniform")}
_OF_TF1 = {
    **_quiet("Session"),
    **_ignored(
        """
        disable_eager_execution disable_v2_behavior enable_eager_execution enable_v2_behavior
        global_variables_initializer local_variables_initializer reset_default_graph
        disable_resource_variables enable_resource_variables
        """
    ),
    "ConfigProto": f"{_QUIET}Settings",
    "GPUOptions": f"{_QUIET}Settings",
    "InteractiveSession": f"{_QUIET}Session",
    "get_default_graph": f"{_QUIET}Settings",
    "set_random_seed": f"{_VALUES}set_seed",
    "random_normal": f"{_VALUES}normal",
    "random_uniform": f"{_VALUES}uniform",
}
_FILES = {
    "read_file": "pylego.scripts.tensorflow.files:read_file",
    **dict.fromkeys(
        ("decode_image", "decode_jpeg", "decode_png"),
        "pylego.scripts.tensorflow.files:decode_image",
    ),
}
_STRINGS = """
    as_string bytes_split join length lower reduce_join regex_full_match regex_replace split strip
    substr to_number unicode_decode unicode_encode unicode_split upper
"""
_STRATEGIES = dict.fromkeys(
    ("MirroredStrategy", "OneDeviceStrategy", "Strategy", "get_strategy"), f"{_QUIET}Strategy"
)

NAMES: dict[str, Mapping[str, str]] = {
    "": {
        **_quiet("executing_eagerly get_logger"),
        "TensorSpec": "pylego.utils.specs:TensorSpec",
        **{
            name: f"{_VALUES}{name}"
            for name in ("Variable", "boolean_mask", "function", "gradients")
        },
        **{name: _OF_TF1[name] for name in ("ConfigProto", "Session", "set_random_seed")},
        "RaggedTensor": f"{_RAGGED}RaggedTensor",
        "SparseTensor": f"{_RAGGED}SparseTensor",
        "GradientTape": "pylego.scripts.tensorflow.tapes:GradientTape",
        "UnconnectedGradients": "pylego.scripts.tensorflow.tapes:UnconnectedGradients",
        "custom_gradient": "pylego.ops:custom_gradient",
        "Module": "pylego.scripts.tensorflow.own_modules:Module",
        "Tensor": "pylego:Tensor",
        "TensorArray": "pylego.scripts.tensorflow.places:TensorArray",
        "control_dependencies": f"{_QUIET}scope",
        **_ignored("group no_op"),
        **{name: place for name, place in _DEBUGGING.items() if name.startswith("assert_")},
        "TensorShape": "pylego.older.shapes:TensorShape",
        **{
            f"{name}_initializer": f"pylego.initializers:{today}"
            for name, today in (
                ("constant", "Constant"),
                ("ones", "Ones"),
                ("random_normal", "RandomNormal"),
                ("random_uniform", "RandomUniform"),
                ("zeros", "Zeros"),
            )
        },
        "device": f"{_QUIET}scope",
        "global_variables_initializer": _IGNORED,
        "name_scope": f"{_QUIET}scope",
        "print": "builtins:print",
    },
    "audio": {"decode_wav": "pylego.scripts.tensorflow.files:decode_wav"},
    "autograph": {"set_verbosity": _IGNORED},
    "autograph.experimental": {"do_not_convert": f"{_QUIET}do_not_convert"},
    "compat.v1": _OF_TF1,
    "compat.v1.logging": _LOGGING,
    "config": _DEVICES,
    "config.experimental": _DEVICES,
    "config.threading": _ignored(
        "set_inter_op_parallelism_threads set_intra_op_parallelism_threads"
    ),
    "config.optimizer": _ignored("set_jit set_experimental_options"),
    "data": {
        "AUTOTUNE": f"{_QUIET}AUTOTUNE",
        "Dataset": f"{_VALUES}Dataset",
        "Options": f"{_QUIET}Settings",
        "TextLineDataset": f"{_FOLDERS}TextLineDataset",
    },
    "data.experimental": {
        "AUTOTUNE": f"{_QUIET}AUTOTUNE",
        "cardinality": f"{_VALUES}cardinality",
        "choose_from_datasets": f"{_VALUES}choose_from_datasets",
        "make_csv_dataset": f"{_CSV}make_csv_dataset",
        "sample_from_datasets": f"{_VALUES}sample_from_datasets",
    },
    "debugging": {
        **_DEBUGGING,
        **_ignored("enable_check_numerics set_log_device_placement"),
    },
    "distribute": _STRATEGIES,
    "logging": _LOGGING,
    "random": _RANDOM,
    "train": {
        name: f"pylego.scripts.tensorflow.checkpoints:{name}"
        for name in ("Checkpoint", "CheckpointManager", "latest_checkpoint")
    }
    | {
        f"{name}Optimizer": f"pylego.optimizers:{today}"
        for name, today in (
            ("Adagrad", "Adagrad"),
            ("Adam", "Adam"),
            ("GradientDescent", "SGD"),
            ("RMSProp", "RMSprop"),
        )
    },
    "io": {**_FILES, "decode_csv": f"{_CSV}decode_csv", "write_file": f"{_FOLDERS}write_file"},
    "io.gfile": {
        **{name: f"{_FOLDERS}{name}" for name in ("GFile", "glob", "makedirs", "rmtree")},
        **{name: f"os.path:{name}" for name in ("exists", "isdir")},
        "listdir": "os:listdir",
        "remove": "os:remove",
    },
    "lookup": {
        name: f"{_FOLDERS}{name}"
        for name in ("KeyValueTensorInitializer", "StaticHashTable", "StaticVocabularyTable")
    },
    "nest": {
        name: f"pylego.tree:{name}" for name in ("flatten", "map_structure", "pack_sequence_as")
    },
    "summary": {
        name: f"pylego.scripts.tensorflow.summaries:{name}"
        for name in ("create_file_writer", "flush", "histogram", "image", "scalar")
    },
    "errors": {
        "InvalidArgumentError": "builtins:ValueError",
        "NotFoundError": "builtins:FileNotFoundError",
        "OutOfRangeError": "builtins:StopIteration",
        "ResourceExhaustedError": "builtins:MemoryError",
    },
    "ragged": {name: f"{_RAGGED}{name}" for name in ("constant", "stack")},
    "sparse": {name: f"{_RAGGED}{name}" for name in ("SparseTensor", "from_dense", "to_dense")},
    "strings": {name: f"pylego.scripts.tensorflow.strings:{name}" for name in _STRINGS.split()},
    "image": {name: place for name, place in _FILES.items() if name != "read_file"},
    "version": {"VERSION": "pylego.scripts.tensorflow.modules:VERSION"},
    "test": {
        "gpu_device_name": f"{_QUIET}gpu_device_name",
        "is_built_with_cuda": f"{_QUIET}say_no",
        "is_gpu_available": f"{_QUIET}say_no",
    },
}

RESIZE_METHODS = type(
    "ResizeMethod",
    (),
    {n.upper(): n for n in ("area", "bicubic", "bilinear", "lanczos3", "lanczos5")}
    | {"NEAREST_NEIGHBOR": "nearest"},
)

# Values that need no place.
CONSTANTS: dict[str, Mapping[str, object]] = {
    "": {
        **{
            name: name
            for name in ("bool", "float32", "float64", "int32", "int64", "uint8", "int8", "int16")
        },
        **{name: name for name in ("float16", "bfloat16", "uint16", "uint32", "string")},
        **{name: name for name in ("complex64", "complex128")},
        "newaxis": None,
    },
    "image": {"ResizeMethod": RESIZE_METHODS},
}

# Packages of Keras that TensorFlow offers itself as well.
OF_KERAS = ("initializers", "losses", "metrics", "optimizers")
