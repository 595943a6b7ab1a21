"""Families that are loaded when one of their functions is asked for: most programs do without.

`tests/test_numpy_ops.py` compares the table with what each family offers.
"""

from __future__ import annotations

FAMILIES = {
    "adaptive_pooling": "adaptive_average_pool adaptive_max_pool",
    "bitwise": """
        bitwise_and bitwise_invert bitwise_left_shift bitwise_not bitwise_or
        bitwise_right_shift bitwise_xor gcd lcm left_shift right_shift
    """,
    "blocks": "depth_to_space fold space_to_depth unfold",
    "complex_parts": "angle conj conjugate imag isreal real",
    "counting": "bincount digitize histogram isin searchsorted unique",
    "decompositions": "cholesky eigh lu_factor qr svd",
    "diagonals": "diag diagflat diagonal trace",
    "differences": "corrcoef diff trapezoid",
    "fourier": "fft fft2 ifft2 irfft rfft",
    "gradients": "custom_gradient jvp",
    "image_quality": "psnr",
    "joining": "append array_split dsplit dstack fliplr flipud hsplit hstack rot90 vsplit vstack",
    "mapping": "associative_scan switch vectorize vectorized_map",
    "nan": """
        nanargmax nanargmin nancumprod nancumsum nanmax nanmean nanmin nanprod nanstd
        nansum nanvar
    """,
    "numbers": """
        allclose cbrt fabs fmax fmin fmod heaviside hypot isclose isneginf isposinf ldexp
        logaddexp2 nan_to_num nextafter saturate_cast signbit trunc view
    """,
    "products": "cdist correlate cross inner kron vander vdot",
    "quantiles": "median nanmedian nanpercentile nanquantile percentile quantile",
    "rearrangement": "rearrange",
    "segments": "segment_max segment_min segment_prod segment_sum",
    "signals": "bartlett blackman extract_sequences hamming hanning istft kaiser stft",
    "spacing": "geomspace linspace logspace meshgrid",
    "special": "erfc erfinv i0",
    "systems": "cholesky_inverse det inv logdet lstsq matrix_rank pinv slogdet solve",
    "triangular": "solve_triangular",
}

FAMILIES_OF_IMAGE = {
    "coordinates": "map_coordinates perspective_transform",
    "distortion": "elastic_transform",
    "filters": "gaussian_blur sobel_edges",
    "image_quality": "ssim",
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
