"""Functions of TensorFlow that are functions of `ops` under other names: tables by module."""

from __future__ import annotations

from pylego.scripts.tensorflow import picture_table, place_tables

_REDUCTIONS = """
    reduce_all(input_tensor, axis=None, keepdims=False) = all(input_tensor, axis, keepdims)
    reduce_any(input_tensor, axis=None, keepdims=False) = any(input_tensor, axis, keepdims)
    reduce_logsumexp(input_tensor, axis=None, keepdims=False) = \
logsumexp(input_tensor, axis, keepdims)
    reduce_max(input_tensor, axis=None, keepdims=False) = max(input_tensor, axis, keepdims)
    reduce_mean(input_tensor, axis=None, keepdims=False) = mean(input_tensor, axis, keepdims)
    reduce_min(input_tensor, axis=None, keepdims=False) = min(input_tensor, axis, keepdims)
    reduce_prod(input_tensor, axis=None, keepdims=False) = prod(input_tensor, axis, keepdims)
    reduce_sum(input_tensor, axis=None, keepdims=False) = sum(input_tensor, axis, keepdims)
"""
_ELEMENTWISE = """
    abs(x) = magnitude(x)
    acos(x) = arccos(x)
    acosh(x) = arccosh(x)
    add(x, y) = add(x, y)
    asin(x) = arcsin(x)
    asinh(x) = arcsinh(x)
    atan(x) = arctan(x)
    atan2(y, x) = arctan2(y, x)
    atanh(x) = arctanh(x)
    cos(x) = cos(x)
    cosh(x) = cosh(x)
    divide(x, y) = divide(x, y)
    equal(x, y) = matched(x, y)
    exp(x) = exp(x)
    floor(x) = floor(x)
    greater(x, y) = greater(x, y)
    greater_equal(x, y) = greater_equal(x, y)
    less(x, y) = less(x, y)
    less_equal(x, y) = less_equal(x, y)
    logical_and(x, y) = logical_and(x, y)
    logical_not(x) = logical_not(x)
    logical_or(x, y) = logical_or(x, y)
    maximum(x, y) = maximum(x, y)
    minimum(x, y) = minimum(x, y)
    multiply(x, y) = multiply(x, y)
    negative(x) = negative(x)
    not_equal(x, y) = not_equal(x, y)
    pow(x, y) = power(x, y)
    round(x) = round(x)
    sigmoid(x) = sigmoid(x)
    sign(x) = sign(x)
    sin(x) = sin(x)
    sinh(x) = sinh(x)
    sqrt(x) = sqrt(x)
    square(x) = square(x)
    subtract(x, y) = subtract(x, y)
    tan(x) = tan(x)
    tanh(x) = tanh(x)
    truediv(x, y) = true_divide(x, y)
"""
_SHAPES = """
    add_n(inputs) = total(inputs)
    argmax(input, axis=None, output_type="int64") = to(argmax(input, axis or 0), output_type)
    argmin(input, axis=None, output_type="int64") = to(argmin(input, axis or 0), output_type)
    argsort(values, axis=-1) = argsort(values, axis)
    broadcast_to(input, shape) = broadcast_to(input, shape)
    cast(x, dtype) = converted(x, dtype)
    clip_by_norm(t, clip_norm) = t * (clip_norm / maximum(sqrt(sum(square(t))), clip_norm))
    clip_by_value(t, clip_value_min, clip_value_max) = clip(t, clip_value_min, clip_value_max)
    concat(values, axis) = concatenate(values, axis)
    cond(pred, true_fn=None, false_fn=None) = cond(pred, true_fn, false_fn)
    constant(value, dtype=None, shape=None) = filled(value, dtype, shape)
    convert_to_tensor(value, dtype=None) = filled(value, dtype)
    cumsum(x, axis=0, exclusive=False, reverse=False) = accumulated(x, axis, exclusive, reverse)
    dynamic_partition(data, partitions, num_partitions) = \
sorted_out(data, partitions, num_partitions)
    einsum(equation, *inputs) = einsum(equation, *inputs)
    expand_dims(input, axis) = widened(input, axis)
    eye(num_rows, num_columns=None, dtype="float32") = eye(num_rows, num_columns, dtype=dtype)
    fill(dims, value) = full(dims, value)
    gather(params, indices, validate_indices=None, axis=None, batch_dims=0) = \
gathered(params, indices, axis, batch_dims)
    identity(input) = input * 1
    is_tensor(x) = is_tensor(x)
    linspace(start, stop, num) = linspace(start, stop, num)
    map_fn(fn, elems, dtype=None, fn_output_signature=None) = map(fn, elems)
    meshgrid(*args, indexing="xy") = meshgrid(*args, indexing=indexing)
    norm(tensor, ord="euclidean", axis=None, keepdims=False) = \
norm(tensor, None if ord == "euclidean" else ord, axis, keepdims)
    one_hot(indices, depth, on_value=None, off_value=None, axis=-1, dtype="float32") = \
one_hot(indices, depth, axis, dtype)
    ones(shape, dtype="float32") = ones(shape, dtype)
    ones_like(input, dtype=None) = ones_like(input, dtype)
    pad(tensor, paddings, mode="CONSTANT", constant_values=0) = \
padded(tensor, paddings, mode, constant_values)
    range(start, limit=None, delta=1, dtype=None) = arange(start, limit, delta, dtype)
    rank(input) = ndim(input)
    repeat(input, repeats, axis=None) = repeat(input, repeats, axis)
    reshape(tensor, shape) = reshape(tensor, whole(shape))
    reverse(tensor, axis) = flip(tensor, axis)
    roll(input, shift, axis) = roll(input, shift, axis)
    sequence_mask(lengths, maxlen=None, dtype="bool") = mask_of(lengths, maxlen, dtype)
    shape(input) = known_shape(input)
    size(input, out_type="int32") = to(convert_to_tensor(size(input)), out_type)
    slice(input_, begin, size) = slice(input_, begin, size)
    sort(values, axis=-1) = sort(values, axis)
    split(value, num_or_size_splits, axis=0) = parted(value, num_or_size_splits, axis)
    squeeze(input, axis=None) = squeeze(input, axis)
    stack(values, axis=0) = stack(values, axis)
    stop_gradient(input) = stop_gradient(input)
    tensordot(a, b, axes) = tensordot(a, b, axes)
    tile(input, multiples) = tile(input, whole(multiples))
    transpose(a, perm=None) = transpose(a, perm)
    unstack(value, num=None, axis=0) = unstack(value, num, axis)
    while_loop(cond, body, loop_vars) = while_loop(cond, body, loop_vars)
    where(condition, x=None, y=None) = \
numbered(condition) if x is None else where(condition, x, y)
    zeros(shape, dtype="float32") = zeros(shape, dtype)
    zeros_like(input, dtype=None) = zeros_like(input, dtype)
"""
_PRODUCTS = """
    matmul(a, b, transpose_a=False, transpose_b=False) = \
matmul(turned(a) if transpose_a else a, turned(b) if transpose_b else b)
"""
_LINALG = f"""
    band_part(input, num_lower, num_upper) = banded(input, num_lower, num_upper)
    det(input) = det(input)
    einsum(equation, *inputs) = einsum(equation, *inputs)
    inv(input) = inv(input)
    matrix_transpose(a) = turned(a)
    tensordot(a, b, axes) = tensordot(a, b, axes)
    trace(x) = trace(x)
    {_PRODUCTS}
    norm(tensor, ord="euclidean", axis=None, keepdims=False) = \
norm(tensor, None if ord == "euclidean" else ord, axis, keepdims)
"""
_MORE_MATH = """
    ceil(x) = ceil(x)
    confusion_matrix(labels, predictions, num_classes=None) = \
confusion(labels, predictions, num_classes)
    cumprod(x, axis=0) = cumprod(x, axis)
    logical_xor(x, y) = logical_xor(x, y)
    count_nonzero(input, axis=None) = count_nonzero(input, axis)
    divide_no_nan(x, y) = divide_no_nan(x, y)
    erf(x) = erf(x)
    expm1(x) = expm1(x)
    floordiv(x, y) = floor_divide(x, y)
    floormod(x, y) = mod(x, y)
    in_top_k(targets, predictions, k) = in_top_k(targets, predictions, k)
    is_finite(x) = isfinite(x)
    is_inf(x) = isinf(x)
    is_nan(x) = isnan(x)
    l2_normalize(x, axis=None, epsilon=1e-12) = \
x * rsqrt(maximum(sum(square(x), axis, True), epsilon))
    log(x) = log(x)
    log1p(x) = log1p(x)
    log_sigmoid(x) = log_sigmoid(x)
    mod(x, y) = mod(x, y)
    reciprocal(x) = reciprocal(x)
    reduce_std(input_tensor, axis=None, keepdims=False) = std(input_tensor, axis, keepdims)
    reduce_variance(input_tensor, axis=None, keepdims=False) = var(input_tensor, axis, keepdims)
    rsqrt(x) = rsqrt(x)
    segment_sum(data, segment_ids) = segment_sum(data, segment_ids)
    softplus(features) = softplus(features)
    squared_difference(x, y) = square(x - y)
    top_k(input, k=1, sorted=True) = TopK(*top_k(input, k, sorted))
"""
_NN = """
    avg_pool2d(input, ksize, strides, padding) = \
average_pool(input, inner(ksize), inner(strides), padding.lower())
    bias_add(value, bias) = value + bias
    conv2d(input, filters, strides, padding) = conv(input, filters, inner(strides), padding.lower())
    dropout(x, rate, noise_shape=None, seed=None) = dropped(x, rate, noise_shape, seed)
    elu(features) = elu(features)
    embedding_lookup(params, ids) = take(params, ids, 0)
    gelu(features, approximate=False) = gelu(features, approximate)
    in_top_k(targets, predictions, k) = in_top_k(targets, predictions, k)
    l2_loss(t) = sum(square(t)) / 2
    l2_normalize(x, axis=None, epsilon=1e-12) = \
x * rsqrt(maximum(sum(square(x), axis, True), epsilon))
    leaky_relu(features, alpha=0.2) = leaky_relu(features, alpha)
    log_softmax(logits, axis=-1) = log_softmax(logits, axis)
    max_pool2d(input, ksize, strides, padding) = \
max_pool(input, inner(ksize), inner(strides), padding.lower())
    moments(x, axes, keepdims=False) = moments(x, axes, keepdims)
    relu(features) = relu(features)
    relu6(features) = relu6(features)
    selu(features) = selu(features)
    sigmoid(x) = sigmoid(x)
    sigmoid_cross_entropy_with_logits(labels, logits) = \
binary_crossentropy(labels, logits, from_logits=True)
    silu(features) = silu(features)
    softmax(logits, axis=-1) = softmax(logits, axis)
    softmax_cross_entropy_with_logits(labels, logits, axis=-1) = \
categorical_crossentropy(labels, logits, from_logits=True, axis=axis)
    softplus(features) = softplus(features)
    softsign(features) = softsign(features)
    sparse_softmax_cross_entropy_with_logits(labels, logits) = \
sparse_categorical_crossentropy(labels, logits, from_logits=True)
    swish(features) = silu(features)
    tanh(x) = tanh(x)
    top_k(input, k=1, sorted=True) = TopK(*top_k(input, k, sorted))
"""
_IMAGE = """
    adjust_brightness(image, delta) = image + delta
    adjust_contrast(images, contrast_factor) = with_contrast(images, contrast_factor)
    central_crop(image, central_fraction) = center_of(image, central_fraction)
    convert_image_dtype(image, dtype, saturate=False) = as_image(image, dtype)
    crop_to_bounding_box(image, offset_height, offset_width, target_height, target_width) = \
cut_out(image, offset_height, offset_width, target_height, target_width)
    flip_left_right(image) = flip(image, -2)
    flip_up_down(image) = flip(image, -3)
    grayscale_to_rgb(images) = repeat(images, 3, -1)
    per_image_standardization(image) = standardized(image)
    random_brightness(image, max_delta, seed=None) = image + drawn(-max_delta, max_delta, seed)
    random_contrast(image, lower, upper, seed=None) = \
with_contrast(image, drawn(lower, upper, seed))
    random_crop(value, size, seed=None) = cut_anywhere(value, size, seed)
    random_flip_left_right(image, seed=None) = flipped(image, -2, seed)
    random_flip_up_down(image, seed=None) = flipped(image, -3, seed)
    resize(images, size, method="bilinear", preserve_aspect_ratio=False, antialias=False) = \
resized(images, size, method, antialias, preserve_aspect_ratio)
    rot90(image, k=1) = rot90(image, k, (-3, -2))
    rgb_to_grayscale(images) = image.rgb_to_grayscale(images)
    total_variation(images) = steps_between(images, -3) + steps_between(images, -2)
"""

TABLES: dict[str, str] = {
    "": _REDUCTIONS + _ELEMENTWISE + _SHAPES + _PRODUCTS + place_tables.ROOT,
    "image": _IMAGE + picture_table.PICTURES,
    "linalg": _LINALG + place_tables.LINALG,
    "math": _REDUCTIONS + _ELEMENTWISE + _PRODUCTS + _MORE_MATH + _SHAPES + place_tables.MATH,
    "nn": _NN + place_tables.NN,
    "signal": place_tables.SIGNAL,
}
