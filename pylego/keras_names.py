"""What Keras knows and pylego does not, for messages only: loaded when a name is not found.

`tests/test_names.py` makes sure that nothing here is there already, and, given a list of Keras's
names, that nothing is forgotten.
"""

from __future__ import annotations

# Names of Keras 3.15 that are not there yet, by package; "" is pylego itself.
NOT_THERE_YET: dict[str, str] = {
    "": """
        Operation Quantizer
        RematScope StatelessScope SymbolicScope applications backend device distillation
        distribution export legacy name_scope quantizers remat
        tree version visualization
    """,
    "callbacks": "OrbaxCheckpoint",
    "config": """
        backend is_nnx_enabled set_backend
    """,
    "initializers": "IdentityInitializer OrthogonalInitializer STFT STFTInitializer stft",
    "layers": """
        AdaptiveAveragePooling1D AdaptiveAveragePooling2D AdaptiveAveragePooling3D
        AdaptiveMaxPooling1D AdaptiveMaxPooling2D AdaptiveMaxPooling3D AugMix
        ContrastLimitedAdaptiveHistogramEqualization FlaxLayer JaxLayer MaxNumBoundingBoxes
        MelSpectrogram RandomElasticTransform RandomGaussianBlur RandomHeight
        RandomPerspective RandomWidth STFTSpectrogram SpectralNormalization TFSMLayer
        ThresholdedReLU TorchModuleWrapper
    """,
    "losses": "Reduction",
    "ops": "eig polar view_as_complex view_as_real",
    "ops.image": "elastic_transform",
    "ops.nn": "polar",
    "utils": """
        Config bounding_boxes clear_session get_source_inputs legacy
    """,
}

# Methods of Keras's models that are not there yet.
METHODS_NOT_THERE_YET = """
        export get_state_tree jax_state_sync quantize set_state_tree stateless_compute_loss
        symbolic_call
"""

# Methods that older programs call, and what is written today.
OLDER_METHODS: dict[str, str] = {
    "predict_classes": (
        "write np.argmax(model.predict(x), axis=-1), or (model.predict(x) > 0.5).astype('int32') "
        "after a single sigmoid unit"
    ),
    "predict_proba": "write model.predict(x)",
    "add_update": "assign to variables in call()",
    "add_metric": "keep a metric in an attribute, and call its update_state()",
    "get_updates_for": "assign to variables in call()",
    "get_losses_for": "read the attribute losses",
    "get_input_at": "read the attribute input_shape",
    "get_output_at": "read the attribute output_shape",
    "get_input_shape_at": "read the attribute input_shape",
    "get_output_shape_at": "read the attribute output_shape",
    "updates": "variables are assigned to in call()",
    "state_updates": "variables are assigned to in call()",
    "total_loss": "read what fit() or evaluate() returns",
}

# What arguments were called in Keras 1 and 2; the first word that is an argument today is meant.
OLDER_ARGUMENTS: dict[str, tuple[str, ...]] = {
    "atrous_rate": ("dilation_rate",),
    "W_constraint": ("kernel_constraint", "depthwise_constraint"),
    "W_regularizer": ("kernel_regularizer", "depthwise_regularizer"),
    "b_constraint": ("bias_constraint",),
    "b_regularizer": ("bias_regularizer",),
    "beta_init": ("beta_initializer",),
    "bias": ("use_bias",),
    "border_mode": ("padding",),
    "class_mode": (),
    "dim_ordering": ("data_format",),
    "filter_length": ("kernel_size",),
    "forget_bias_init": ("unit_forget_bias",),
    "gamma_init": ("gamma_initializer",),
    "init": ("kernel_initializer", "alpha_initializer", "embeddings_initializer"),
    "inner_activation": ("recurrent_activation",),
    "inner_init": ("recurrent_initializer",),
    "input_length": ("input_shape",),
    "kernel_init": ("kernel_initializer",),
    "lr": ("learning_rate",),
    "max_queue_size": (),
    "mode": (),
    "nb_col": ("kernel_size",),
    "nb_epoch": ("epochs",),
    "nb_feature": ("units",),
    "nb_filter": ("filters",),
    "nb_row": ("kernel_size",),
    "nb_val_samples": ("validation_steps",),
    "nb_worker": (),
    "output_dim": ("units", "output_dim"),
    "p": ("rate",),
    "pool_length": ("pool_size",),
    "pool_stride": ("strides",),
    "samples_per_epoch": ("steps_per_epoch",),
    "show_accuracy": ("metrics",),
    "sigma": ("stddev",),
    "subsample": ("strides",),
    "subsample_length": ("strides",),
    "use_multiprocessing": (),
    "val_samples": ("validation_steps", "steps"),
    "workers": (),
}

# Names that older programs import, and what stands for them today.
OLDER_NAMES: dict[str, str] = {
    "AtrousConvolution1D": "Conv1D(..., dilation_rate=...)",
    "AtrousConvolution2D": "Conv2D(..., dilation_rate=...)",
    "Deconvolution2D": "Conv2DTranspose",
    "Deconvolution3D": "Conv3DTranspose",
    "ParametricSoftplus": "PReLU",
    "TimeDistributedDense": "Dense",
    "Merge": "Concatenate, Add, Average or Multiply",
    "merge": "concatenate, add, average or multiply",
    "normal": "RandomNormal",
    "uniform": "RandomUniform",
    "Graph": "Sequential, or a subclass of Model",
}

# Modules that older programs import, by package: their names are in the package itself today.
OLDER_MODULES: dict[str, str] = {
    "layers": """
        advanced_activations convolutional convolutional_recurrent core cudnn_recurrent embeddings
        local merge noise normalization pooling recurrent wrappers
    """,
    "utils": "data_utils generic_utils io_utils vis_utils",
}
