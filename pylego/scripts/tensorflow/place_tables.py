"""Tables like those in `tables`: places of tensors, and what is less often said."""

from __future__ import annotations

ROOT = """
    complex(real, imag) = as_complex(real, imag)
    clip_by_global_norm(t_list, clip_norm, use_norm=None) = \
clipped_together(t_list, clip_norm, use_norm)
    ensure_shape(x, shape) = x
    gather_nd(params, indices) = at_places(params, indices)
    numpy_function(func=None, inp=None, Tout=None, stateful=True) = in_python(func, inp, Tout, True)
    py_function(func=None, inp=None, Tout=None) = in_python(func, inp, Tout, False)
    scatter_nd(indices, updates, shape) = scatter(indices, updates, shape)
    searchsorted(sorted_sequence, values, side="left") = \
searchsorted(sorted_sequence, values, side)
    switch_case(branch_index, branch_fns) = switch(branch_index, branch_fns)
    tensor_scatter_nd_add(tensor, indices, updates) = scattered(tensor, indices, updates, "add")
    tensor_scatter_nd_max(tensor, indices, updates) = scattered(tensor, indices, updates, "max")
    tensor_scatter_nd_update(tensor, indices, updates) = scattered(tensor, indices, updates, None)
    unique(x) = unequal(x)
    vectorized_map(fn, elems) = vectorized_map(fn, elems)
"""
MATH = """
    imag(input) = part_of(input, "imag")
    real(input) = part_of(input, "real")
    bincount(arr, weights=None, minlength=0) = bincount(arr, weights, minlength)
    cumulative_logsumexp(x, axis=0) = log(cumsum(exp(x), axis))
    erfinv(x) = erfinv(x)
    multiply_no_nan(x, y) = where(equal(y, 0), zeros_like(x), x * y)
    reduce_euclidean_norm(input_tensor, axis=None, keepdims=False) = \
norm(input_tensor, axis=axis, keepdims=keepdims)
    segment_max(data, segment_ids) = segment_max(data, segment_ids)
    softmax(logits, axis=-1) = softmax(logits, axis)
    unsorted_segment_max(data, segment_ids, num_segments) = \
segment_max(data, segment_ids, num_segments)
    segment_mean(data, segment_ids) = mean_of_segments(data, segment_ids, None)
    unsorted_segment_mean(data, segment_ids, num_segments) = \
mean_of_segments(data, segment_ids, num_segments)
    unsorted_segment_sum(data, segment_ids, num_segments) = \
segment_sum(data, segment_ids, num_segments)
    xlogy(x, y) = where(equal(x, 0), zeros_like(x), x * log(y))
    zero_fraction(value) = mean(cast(equal(value, 0), "float32"))
"""
LINALG = """
    adjoint(matrix) = swapaxes(matrix, -1, -2)
    cholesky(input) = cholesky(input)
    cross(a, b) = cross(a, b)
    diag(diagonal) = on_diagonals(diagonal)
    diag_part(input) = diagonal(input, 0, -2, -1)
    eigh(tensor) = eigh(tensor)
    eye(num_rows, num_columns=None, dtype="float32") = eye(num_rows, num_columns, dtype=dtype)
    global_norm(t_list) = length_of_all(t_list)
    lstsq(matrix, rhs) = lstsq(matrix, rhs)
    matvec(a, b) = squeeze(matmul(a, expand_dims(b, -1)), -1)
    normalize(tensor, ord="euclidean", axis=None) = divided(tensor, axis)
    pinv(a) = pinv(a)
    qr(input) = qr(input)
    set_diag(input, diagonal) = diagonal_set(input, diagonal)
    solve(matrix, rhs) = solve(matrix, rhs)
"""
NN = """
    avg_pool(input, ksize, strides, padding) = \
average_pool(input, inner(ksize), inner(strides), padding.lower())
    batch_normalization(x, mean, variance, offset, scale, variance_epsilon) = \
(x - mean) * rsqrt(variance + variance_epsilon) * (1 if scale is None else scale) + \
(0 if offset is None else offset)
    ctc_loss(labels, logits, label_length, logit_length, logits_time_major=True, unique=None, \
blank_index=None) = ctc_loss(labels, swapaxes(logits, 0, 1) if logits_time_major else logits, \
label_length, logit_length, blank_index or 0)
    conv1d(input, filters, stride, padding) = conv(input, filters, stride, padding.lower())
    conv2d_transpose(input, filters, output_shape, strides, padding="SAME") = \
conv_transpose(input, filters, inner(strides), padding.lower())
    crelu(features, axis=-1) = relu(concatenate([features, negative(features)], axis))
    depth_to_space(input, block_size) = depth_to_space(input, block_size)
    depthwise_conv2d(input, filter, strides, padding) = \
depthwise_conv(input, filter, inner(strides), padding.lower())
    max_pool(input, ksize, strides, padding) = \
max_pool(input, inner(ksize), inner(strides), padding.lower())
    space_to_depth(input, block_size) = space_to_depth(input, block_size)
    weighted_cross_entropy_with_logits(labels, logits, pos_weight) = \
subtract(1, labels) * logits + (1 + multiply(pos_weight - 1, labels)) * softplus(negative(logits))
    zero_fraction(value) = mean(cast(equal(value, 0), "float32"))
"""
SIGNAL = """
    fft(input) = spectrum(input, "fft")
    frame(signal, frame_length, frame_step, pad_end=False, pad_value=0, axis=-1) = \
framed(signal, frame_length, frame_step, pad_end, pad_value)
    ifft(input) = spectrum(input, "ifft")
    irfft(input_tensor, fft_length=None) = spectrum(input_tensor, "irfft", fft_length)
    rfft(input_tensor, fft_length=None) = spectrum(input_tensor, "rfft", fft_length)
    stft(signals, frame_length, frame_step, fft_length=None, window_fn=None, pad_end=False) = \
short_spectra(signals, frame_length, frame_step, fft_length, \
window_fn and window_fn(frame_length), pad_end)
    hamming_window(window_length) = hamming(window_length)
    hann_window(window_length) = hanning(window_length + 1)[:-1]
"""
