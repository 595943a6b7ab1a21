"""Families that are loaded when one of their functions is asked for: most programs do without.

`tests/test_numpy_ops.py` compares the table with what each family offers.
"""

from __future__ import annotations

FAMILIES = {
    "adaptive_pooling": "adaptive_average_pool adaptive_max_pool",
    "attention": "dot_product_attention",
    "bitwise": """
        bitwise_and bitwise_invert bitwise_left_shift bitwise_not bitwise_or
        bitwise_right_shift bitwise_xor gcd lcm left_shift right_shift
    """,
    "blocks": "depth_to_space fold space_to_depth unfold",
    "complex_parts": "angle conj conjugate imag isreal real",
    "contraction": "einsum",
    "control_flow": "cond fori_loop map scan while_loop",
    "convolution": "conv conv_transpose depthwise_conv separable_conv",
    "counting": "bincount digitize histogram isin searchsorted unique",
    "ctc": "ctc_decode ctc_loss",
    "decompositions": "cholesky eigh lu_factor qr svd",
    "diagonals": "diag diagflat diagonal trace",
    "differences": "corrcoef diff trapezoid",
    "fourier": "fft fft2 ifft2 irfft rfft",
    "gradients": "custom_gradient jvp",
    "hyperbolic": "arccosh arcsinh arctanh cosh sinh",
    "image_quality": "psnr",
    "joining": "append array_split dsplit dstack fliplr flipud hsplit hstack rot90 vsplit vstack",
    "mapping": "associative_scan switch vectorize vectorized_map",
    "nan": """
        nanargmax nanargmin nancumprod nancumsum nanmax nanmean nanmin nanprod nanstd
        nansum nanvar
    """,
    "normalization": "batch_normalization layer_normalization moments rms_normalization",
    "numbers": """
        allclose cbrt fabs fmax fmin fmod heaviside hypot isclose isneginf isposinf ldexp
        logaddexp2 nan_to_num nextafter saturate_cast signbit trunc view
    """,
    "pooling": "average_pool max_pool",
    "products": "cdist correlate cross inner kron vander vdot",
    "quantiles": "median nanmedian nanpercentile nanquantile percentile quantile",
    "rearrangement": "rearrange",
    "scattering": "scatter scatter_update",
    "segments": "segment_max segment_min segment_prod segment_sum",
    "shrinkage": """
        hard_shrink hard_tanh soft_shrink sparse_plus sparse_sigmoid sparsemax squareplus
        tanh_shrink
    """,
    "signals": "bartlett blackman extract_sequences hamming hanning istft kaiser stft",
    "spacing": "geomspace linspace logspace meshgrid",
    "special": "erfc erfinv i0",
    "systems": "cholesky_inverse det inv logdet lstsq matrix_rank pinv slogdet solve",
    "triangular": "solve_triangular",
    "trigonometric": "arccos arcsin arctan arctan2 cos deg2rad rad2deg sin sinc tan",
}

FAMILIES_OF_IMAGE = {
    "affine": "affine_transform",
    "borders": "crop_images pad_images",
    "colors": "hsv_to_rgb rgb_to_grayscale rgb_to_hsv",
    "coordinates": "map_coordinates perspective_transform",
    "distortion": "elastic_transform",
    "filters": "gaussian_blur sobel_edges",
    "image_quality": "ssim",
    "patches": "extract_patches extract_patches_3d",
    "scaling": "scale_and_translate",
}


def _homes(families: dict[str, str]) -> dict[str, str]:
    """The module that each name comes from."""
    return {
        name: f"{__package__}.{family}"
        for family, names in families.items()
        for name in names.split()
    }


HOMES = _homes(FAMILIES)
HOMES_OF_IMAGE = _homes(FAMILIES_OF_IMAGE)
