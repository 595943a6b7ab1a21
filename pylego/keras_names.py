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
    "activations": "hard_swish sparsemax swish",
    "callbacks": "OrbaxCheckpoint",
    "config": """
        backend disable_interactive_logging enable_interactive_logging
        is_interactive_logging_enabled is_nnx_enabled max_epochs max_steps_per_epoch set_backend
        set_max_epochs set_max_steps_per_epoch
    """,
    "datasets": "boston_housing california_housing cifar10 cifar100",
    "dtype_policies": """
        AWQDTypePolicy GPTQDTypePolicy Int4DTypePolicy QuantizedDTypePolicy
        QuantizedFloat8DTypePolicy
    """,
    "initializers": "IdentityInitializer OrthogonalInitializer STFT STFTInitializer stft",
    "layers": """
        AdaptiveAveragePooling1D AdaptiveAveragePooling2D AdaptiveAveragePooling3D
        AdaptiveMaxPooling1D AdaptiveMaxPooling2D AdaptiveMaxPooling3D AugMix AutoContrast
        ContrastLimitedAdaptiveHistogramEqualization CutMix Equalization FlaxLayer JaxLayer
        MaxNumBoundingBoxes MelSpectrogram MixUp Pipeline RandAugment
        RandomColorDegeneration RandomColorJitter RandomElasticTransform RandomErasing
        RandomGaussianBlur RandomGrayscale RandomHeight RandomHue RandomInvert
        RandomPerspective RandomPosterization RandomSaturation RandomSharpness RandomShear
        RandomWidth STFTSpectrogram Solarization SpectralNormalization TFSMLayer
        ThresholdedReLU TorchModuleWrapper
    """,
    "losses": "Reduction",
    "ops": """
        adaptive_average_pool adaptive_max_pool allclose angle append argpartition array
        array_split associative_scan bartlett bincount bitwise_and bitwise_invert
        bitwise_left_shift bitwise_not bitwise_or bitwise_right_shift bitwise_xor blackman cbrt
        cdist cholesky cholesky_inverse conj conjugate copy corrcoef correlate cross
        cumprod custom_gradient depth_to_space det diag diagflat diagonal
        diff digitize dsplit dstack dtype eig eigh empty empty_like erfc erfinv
        extract_sequences fabs fft fft2 fliplr flipud fmax fmin fmod fold gcd geomspace get_item
        hamming hanning hard_shrink hard_tanh heaviside histogram hsplit hstack hypot i0 ifft2
        imag inner inv irfft isclose isin isneginf isposinf isreal istft jvp kaiser
        kron lcm ldexp left_shift linalg logaddexp2 logdet logspace lstsq lu_factor matrix_rank
        median meshgrid multi_hot nan_to_num nanargmax nanargmin nancumprod nancumsum nanmax
        nanmean nanmedian nanmin nanpercentile nanprod nanquantile nanstd nansum nanvar
        nextafter numpy percentile pinv polar psnr qr quantile real rearrange rfft
        right_shift rot90 saturate_cast searchsorted segment_max segment_min segment_prod select
        signbit slogdet soft_shrink solve solve_triangular space_to_depth sparse_plus
        sparse_sigmoid sparsemax squareplus stft svd switch tanh_shrink trace trapezoid trunc
        unfold unique unravel_index vander vdot vectorize vectorized_map view view_as_complex
        view_as_real vsplit vstack
    """,
    "ops.image": """
        elastic_transform extract_patches_3d gaussian_blur map_coordinates perspective_transform
        scale_and_translate sobel_edges ssim
    """,
    "ops.nn": """
        adaptive_average_pool adaptive_max_pool depth_to_space
        fold hard_shrink hard_tanh multi_hot polar psnr soft_shrink
        space_to_depth sparse_plus sparse_sigmoid sparsemax squareplus tanh_shrink unfold
    """,
    "optimizers": """
        MultiOptimizer OptimizerMap
    """,
    "random": "beta binomial gamma",
    "utils": """
        Config audio_dataset_from_directory bounding_boxes
        clear_session disable_interactive_logging enable_interactive_logging get_file
        get_source_inputs is_interactive_logging_enabled legacy split_dataset
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
