"""What Keras knows and pylego does not, for messages only: loaded when a name is not found.

`tests/test_names.py` makes sure that nothing here is there already, and, given a list of Keras's
names, that nothing is forgotten.
"""

from __future__ import annotations

# Names of Keras 3.15 that are not there yet, by package; "" is pylego itself.
NOT_THERE_YET: dict[str, str] = {
    "": """
        DTypePolicy FloatDTypePolicy Operation Quantizer
        RematScope StatelessScope SymbolicScope applications device distillation
        distribution dtype_policies export legacy mixed_precision name_scope quantizers remat
        visualization
    """,
    "activations": "sparsemax",
    "callbacks": "OrbaxCheckpoint",
    "config": """
        backend disable_interactive_logging dtype_policy enable_interactive_logging
        is_interactive_logging_enabled is_nnx_enabled max_epochs max_steps_per_epoch set_backend
        set_dtype_policy set_max_epochs set_max_steps_per_epoch
    """,
    "datasets": "boston_housing california_housing cifar10 cifar100",
    "initializers": "IdentityInitializer OrthogonalInitializer STFT STFTInitializer stft",
    "layers": """
        AdaptiveAveragePooling1D AdaptiveAveragePooling2D AdaptiveAveragePooling3D
        AdaptiveMaxPooling1D AdaptiveMaxPooling2D AdaptiveMaxPooling3D AugMix AutoContrast
        ContrastLimitedAdaptiveHistogramEqualization CutMix Equalization FlaxLayer JaxLayer
        MaxNumBoundingBoxes MelSpectrogram MixUp Pipeline RandAugment
        RandomColorDegeneration RandomColorJitter RandomElasticTransform RandomErasing
        RandomGaussianBlur RandomGrayscale RandomHeight RandomHue RandomInvert
        RandomPerspective RandomPosterization RandomSaturation RandomSharpness RandomShear
        RandomWidth STFTSpectrogram Solarization TFSMLayer
        TorchModuleWrapper
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
        disable_interactive_logging enable_interactive_logging get_file
        get_source_inputs is_interactive_logging_enabled legacy split_dataset
        standardize_dtype
    """,
}

# Methods of Keras's models that are not there yet.
METHODS_NOT_THERE_YET = """
        export get_state_tree jax_state_sync quantize set_state_tree stateless_compute_loss
        symbolic_call
"""

# Methods that older programs call, and what is written today.
OLDER_METHODS: dict[str, str] = {
    "to_yaml": "write model.to_json()",
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

# Names that older programs import, and what stands for them today.
OLDER_NAMES: dict[str, str] = {
    "Graph": "Sequential, or a subclass of Model",
    "ParametricSoftplus": "PReLU",
    "SReLU": "PReLU",
}

# Modules that older programs import, by package: their names are in the package itself today.
OLDER_MODULES: dict[str, str] = {
    "layers": """
        advanced_activations convolutional convolutional_recurrent core cudnn_recurrent embeddings
        local merge noise normalization pooling recurrent wrappers
    """,
    "utils": "data_utils generic_utils io_utils vis_utils",
}
