"""How Keras writes an op on symbolic tensors into the configuration of a functional model."""

from __future__ import annotations

import json
from typing import Any

import keras
from keras import ops

from areas.encoding import encode

# Symbolic inputs: name, shape, dtype.
INPUTS: dict[str, tuple[list[int | None], str]] = {
    "x": ([None, 4, 6], "float32"),
    "y": ([None, 4, 6], "float32"),
    "n": ([None, 4, 6], "int32"),
    "b": ([None, 4, 6], "bool"),
    "m": ([None, 6, 3], "float32"),
    "i": ([None, 4], "int32"),
    "p": ([None, 4, 6], "float32"),
    "image": ([None, 8, 8, 3], "float32"),
    "kernel": ([3, 3, 3, 5], "float32"),
    "square": ([3, 3, 3, 3], "float32"),
    "narrow": ([None, 1, 6], "float32"),
    "row": ([6], "float32"),
    "four": ([4, 6], "float32"),
    "places": ([2, 1], "int32"),
    "values": ([2], "float32"),
    "moves": ([None, 8], "float32"),
    "start": ([3], "int32"),
    "ids": ([4], "int32"),
    "lengths": ([None], "int32"),
    "corners": ([None, 4, 2], "float32"),
    "at": ([2, 5], "float32"),
    "one": ([1], "float32"),
}

# One expression a line.
EXPRESSIONS = """
x + y
x + 1.0
1 + x
x - 1.0
1 - x
x * y
2.0 * x
x / 2
1.0 / x
x // 2
7 // n
n % 3
7 % n
x**2
2.0**x
x @ m
-x
abs(x)
x != 1.0
x > 0
x >= 0.5
x < y
x <= 1
~b
b & b
b | b
b ^ b
x[0]
x[:, 1]
x[:, 1:3, None]
x[..., -1]
x[..., ::2, None]
x[:, ::-1]
ops.add(x, y)
ops.subtract(x, 1.0)
ops.multiply(x, y)
ops.divide(x, y)
ops.divide_no_nan(x, y)
ops.sort(x)
ops.sort(x, axis=1)
ops.argsort(x)
ops.argsort(x, axis=1)
ops.top_k(x, 2)
ops.in_top_k(ids, four, 2)
ops.segment_sum(four, ids, num_segments=3)
ops.true_divide(x, y)
ops.floor_divide(x, 2)
ops.mod(n, 3)
ops.power(x, 2)
ops.maximum(x, y)
ops.minimum(x, 0.0)
ops.matmul(x, m)
ops.dot(x, row)
ops.outer(row, row)
ops.tensordot(x, m, axes=[[2], [1]])
ops.tensordot(x, four)
ops.einsum("bij,bjk->bik", x, m)
ops.einsum("...i->...", x)
ops.dot_product_attention(image, image, image)
ops.dot_product_attention(image, image, image, scale=0.5, is_causal=True)
ops.abs(x)
ops.absolute(x)
ops.negative(x)
ops.square(x)
ops.sqrt(x)
ops.rsqrt(x)
ops.exp(x)
ops.exp2(x)
ops.expm1(x)
ops.log(x)
ops.log10(x)
ops.log1p(x)
ops.log2(x)
ops.logaddexp(x, y)
ops.sin(x)
ops.cos(x)
ops.tan(x)
ops.arcsin(x)
ops.arccos(x)
ops.arctan(x)
ops.sinh(x)
ops.cosh(x)
ops.arcsinh(x)
ops.arccosh(x)
ops.arctanh(x)
ops.sinc(x)
ops.deg2rad(x)
ops.rad2deg(x)
ops.arctan2(x, y)
ops.tanh(x)
ops.sign(x)
ops.floor(x)
ops.ceil(x)
ops.round(x)
ops.round(x, 2)
ops.round(x, decimals=1)
ops.reciprocal(x)
ops.erf(x)
ops.clip(x, 0.0, 6.0)
ops.clip(x, x_min=-1, x_max=1)
ops.equal(x, y)
ops.not_equal(x, y)
ops.greater(x, 0)
ops.greater_equal(x, y)
ops.less(x, y)
ops.less_equal(x, 1.0)
ops.logical_and(b, b)
ops.logical_or(b, b)
ops.logical_xor(b, b)
ops.logical_not(b)
ops.isnan(x)
ops.isinf(x)
ops.isfinite(x)
ops.where(b, x, y)
ops.where(b, x, 0.0)
ops.sum(x)
ops.sum(x, axis=-1, keepdims=True)
ops.sum(x, (1, 2))
ops.sum(x, axis=[1, 2])
ops.mean(x, axis=1)
ops.mean(x)
ops.max(x, axis=(1, 2))
ops.max(x, axis=1, initial=0.0)
ops.max(x)
ops.min(x, axis=1, keepdims=True)
ops.min(x, initial=1.0)
ops.amax(x, axis=1)
ops.amin(x, axis=1, keepdims=True)
ops.prod(x, axis=1)
ops.prod(x, axis=1, dtype="float32")
ops.std(x, axis=1)
ops.var(x, axis=-1, keepdims=True)
ops.ptp(x, axis=1)
ops.any(b, axis=1)
ops.all(b, axis=1, keepdims=True)
ops.argmax(x, axis=-1)
ops.argmax(x, axis=1, keepdims=True)
ops.argmin(x)
ops.count_nonzero(x, axis=1)
ops.cumsum(x, axis=1)
ops.cumsum(x, axis=1, dtype="float32")
ops.average(x, axis=1)
ops.average(x, axis=1, weights=p)
ops.logsumexp(x, axis=-1)
ops.norm(x, axis=-1)
ops.norm(x, ord=1, axis=1, keepdims=True)
ops.norm(x, ord="fro", axis=(1, 2))
ops.normalize(x)
ops.normalize(x, axis=1, order=1, epsilon=1e-3)
ops.moments(x, axes=[1])
ops.moments(x, axes=[0, 1], keepdims=True)
ops.reshape(x, (-1, 24))
ops.reshape(x, [-1, 2, 12])
ops.reshape(x, newshape=(-1, 3, 8))
ops.ravel(x)
ops.expand_dims(x, -1)
ops.expand_dims(x, axis=[1, 2])
ops.squeeze(narrow, axis=1)
ops.squeeze(narrow)
ops.transpose(x, (0, 2, 1))
ops.transpose(x)
ops.swapaxes(x, 1, 2)
ops.moveaxis(x, 1, -1)
ops.moveaxis(x, [1, 2], [2, 1])
ops.broadcast_to(row, (4, 6))
ops.concatenate([x, y])
ops.concatenate([x, y], axis=-1)
ops.concatenate((x, y), axis=1)
ops.stack([x, y], axis=1)
ops.stack([x, y])
ops.split(x, 2, axis=1)
ops.split(x, [1, 3], axis=2)
ops.unstack(x, axis=1)
ops.unstack(x, 6, -1)
ops.flip(x, axis=1)
ops.flip(x)
ops.pad(x, ((0, 0), (1, 1), (2, 0)))
ops.pad(x, 1)
ops.pad(x, [[0, 0], [1, 1], [0, 0]], mode="reflect")
ops.pad(x, 1, constant_values=2.0)
ops.repeat(x, 2, axis=1)
ops.repeat(x, [1, 2, 1, 0], axis=1)
ops.tile(x, (1, 2, 1))
ops.tile(x, 2)
ops.roll(x, 1, axis=1)
ops.roll(x, shift=2)
ops.tril(x)
ops.triu(x, k=1)
ops.take(x, i, axis=1)
ops.take(x, [0, 2], axis=1)
ops.take(x, 1, axis=2)
ops.take_along_axis(x, n, axis=1)
ops.ctc_loss(i, x, lengths, lengths)
ops.ctc_loss(i, x, lengths, lengths, mask_index=5)
ops.ctc_decode(x, lengths)
ops.ctc_decode(x, lengths, strategy="beam_search", top_paths=2)
ops.one_hot(i, 5)
ops.one_hot(i, num_classes=5, axis=1, dtype="int32")
ops.cast(x, "int32")
ops.cast(x, dtype="float64")
ops.convert_to_tensor(x)
ops.convert_to_tensor(x, dtype="float32")
ops.stop_gradient(x)
ops.ones_like(x)
ops.zeros_like(x, dtype="int32")
ops.full_like(x, 2.0)
ops.full_like(x, fill_value=3, dtype="int32")
ops.scatter(places, values, (4,))
ops.scatter_update(row, places, values)
ops.scatter_update(row, places, values, reduction="max")
ops.slice(row, [1], [2])
ops.slice(x, start, (1, 2, 2))
ops.slice_update(row, [1], values)
ops.linspace(row, row, num=3)
ops.full((2, 6), row)
ops.relu(x)
ops.relu6(x)
ops.sigmoid(x)
ops.silu(x)
ops.swish(x)
ops.softplus(x)
ops.softsign(x)
ops.log_sigmoid(x)
ops.hard_sigmoid(x)
ops.hard_silu(x)
ops.hard_swish(x)
ops.leaky_relu(x)
ops.leaky_relu(x, negative_slope=0.1)
ops.elu(x)
ops.elu(x, alpha=0.5)
ops.celu(x, 2.0)
ops.selu(x)
ops.gelu(x)
ops.gelu(x, approximate=False)
ops.glu(x)
ops.threshold(x, 0.5, 0.0)
ops.softmax(x)
ops.softmax(x, axis=1)
ops.softmax(x, axis=(1, 2))
ops.log_softmax(x)
ops.log_softmax(x, axis=(1, 2))
ops.max_pool(image, 2)
ops.max_pool(image, (2, 3), strides=1, padding="same")
ops.average_pool(image, 2, strides=2)
ops.average_pool(image, [2, 2], padding="same", data_format="channels_last")
ops.conv(image, kernel)
ops.conv(image, kernel, strides=(2, 1), padding="same", dilation_rate=1)
ops.depthwise_conv(image, kernel, padding="same")
ops.separable_conv(image, kernel, ops.ones((1, 1, 15, 2)), strides=2)
ops.conv_transpose(image, square, 2)
ops.conv_transpose(image, square, 2, padding="same", output_padding=1)
ops.batch_normalization(x, row, row, -1)
ops.batch_normalization(x, row, row, axis=-1, offset=row, scale=row, epsilon=1e-5)
ops.layer_normalization(x)
ops.layer_normalization(x, row, row, axis=-1, epsilon=1e-3)
ops.rms_normalization(x)
ops.rms_normalization(x, scale=row, axis=-1, epsilon=1e-3)
ops.binary_crossentropy(p, x)
ops.binary_crossentropy(p, x, from_logits=True)
ops.categorical_crossentropy(p, x)
ops.categorical_crossentropy(p, x, from_logits=True, axis=1)
ops.sparse_categorical_crossentropy(i, x)
ops.sparse_categorical_crossentropy(i, x, from_logits=True)
ops.nn.relu(x)
ops.image.resize(image, (4, 4))
ops.image.resize(image, (4, 6), interpolation="nearest", antialias=True)
ops.image.rgb_to_grayscale(image)
ops.image.rgb_to_hsv(image)
ops.image.hsv_to_rgb(image)
ops.image.affine_transform(image, moves)
ops.image.affine_transform(image, moves, interpolation="nearest", fill_mode="reflect")
ops.image.extract_patches(image, 2)
ops.image.extract_patches(image, (2, 4), strides=1, padding="same")
ops.image.pad_images(image, 1, 2, 3, 4)
ops.image.pad_images(image, top_padding=1, left_padding=1, target_height=12, target_width=12)
ops.image.crop_images(image, 1, 1, 1, 1)
ops.image.crop_images(image, top_cropping=1, left_cropping=1, target_height=4, target_width=4)
ops.adaptive_max_pool(image, (4, 2))
ops.depth_to_space(image, 2, data_format="channels_first")
ops.fold(m, (2, 3), (2, 1))
ops.hard_shrink(x)
ops.hard_tanh(x)
ops.psnr(x, y, max_val=1.0)
ops.soft_shrink(x, threshold=0.25)
ops.space_to_depth(image, 2)
ops.sparse_plus(x)
ops.sparse_sigmoid(x)
ops.sparsemax(x)
ops.squareplus(x)
ops.tanh_shrink(x)
ops.unfold(image, 2, padding=1)
ops.allclose(x, y)
ops.angle(x)
ops.append(x, y, axis=1)
ops.argpartition(x, 2)
ops.array(x)
ops.array_split(x, 2, axis=1)
ops.bincount(ids, minlength=4)
ops.bitwise_invert(n)
ops.bitwise_left_shift(n, 2)
ops.bitwise_not(n)
ops.bitwise_right_shift(n, 2)
ops.cbrt(x)
ops.conj(x)
ops.conjugate(x)
ops.copy(x)
ops.corrcoef(four)
ops.correlate(row, row, mode="same")
ops.cross(m, m)
ops.cumprod(x, axis=1)
ops.diag(row)
ops.diagflat(row, k=1)
ops.diagonal(x, axis1=1, axis2=2)
ops.diff(x)
ops.digitize(x, row)
ops.dsplit(x, 2)
ops.dstack([x, y])
ops.empty_like(x)
ops.fabs(x)
ops.fliplr(x)
ops.flipud(x)
ops.fmax(x, y)
ops.fmin(x, y)
ops.fmod(x, y)
ops.gcd(n, 6)
ops.geomspace(x, y, num=4)
ops.histogram(four, bins=4)
ops.hsplit(x, 2)
ops.hstack([x, y])
ops.hypot(x, y)
ops.i0(x)
ops.imag(x)
ops.inner(x, row)
ops.isclose(x, y, equal_nan=True)
ops.isin(x, row)
ops.isneginf(x)
ops.isposinf(x)
ops.isreal(x)
ops.kron(four, four)
ops.lcm(n, 6)
ops.ldexp(x, n)
ops.left_shift(n, 1)
ops.logaddexp2(x, y)
ops.logspace(x, y, num=4)
ops.median(x, axis=1)
ops.nan_to_num(x, nan=1.0)
ops.nanargmax(x, axis=1)
ops.nanargmin(x, axis=1)
ops.nancumprod(x, axis=1)
ops.nancumsum(x, axis=1)
ops.nanmax(x, axis=1)
ops.nanmean(x, axis=1)
ops.nanmedian(x, axis=1)
ops.nanmin(x, axis=1)
ops.nanpercentile(x, 50, axis=1)
ops.nanprod(x, axis=1)
ops.nanquantile(x, 0.5, axis=1)
ops.nanstd(x, axis=1)
ops.nansum(x, axis=1)
ops.nanvar(x, axis=1)
ops.nextafter(x, y)
ops.percentile(x, 50, axis=1)
ops.quantile(x, 0.5, axis=1, method="nearest")
ops.real(x)
ops.right_shift(n, 1)
ops.rot90(image, axes=(1, 2))
ops.searchsorted(row, x, side="right")
ops.select([b, b], [x, y])
ops.signbit(x)
ops.slogdet(square)
ops.trace(x, axis1=1, axis2=2)
ops.trapezoid(x, dx=0.5)
ops.trunc(x)
ops.unique(ids, size=3)
ops.unravel_index(ids, (2, 3))
ops.vander(row, 3)
ops.vdot(row, row)
ops.vsplit(four, 2)
ops.vstack([x, y])
ops.saturate_cast(x, "uint8")
ops.cdist(x, y)
ops.erfc(x)
ops.erfinv(x)
ops.extract_sequences(row, 3, 1)
ops.fft((x, y))
ops.fft2((x, y))
ops.ifft2((x, y))
ops.irfft((x, y), fft_length=8)
ops.istft((x, y), 6, 2, 10)
ops.logdet(square)
ops.rfft(x)
ops.segment_max(four, ids, num_segments=3)
ops.segment_min(four, ids, num_segments=3)
ops.segment_prod(four, ids, num_segments=3)
ops.stft(x, 4, 2, 4)
ops.cholesky(square)
ops.cholesky_inverse(square, upper=True)
ops.det(square)
ops.eigh(square)
ops.inv(square)
ops.lu_factor(square)
ops.matrix_rank(square)
ops.pinv(square)
ops.qr(square)
ops.solve(square, square)
ops.solve_triangular(square, square, lower=True)
ops.image.elastic_transform(image, alpha=2.0, seed=3)
ops.image.gaussian_blur(image)
ops.image.map_coordinates(four, at, order=1)
ops.image.perspective_transform(image, corners, corners)
ops.image.scale_and_translate(row, (6,), one, one, (0,), "linear")
ops.image.sobel_edges(image)
ops.image.ssim(image, image, filter_size=3)
ops.svd(square, full_matrices=False)
ops.adaptive_average_pool(image, (4, 4))
ops.bitwise_and(n, n)
ops.bitwise_or(n, n)
ops.bitwise_xor(n, n)
ops.heaviside(x, y)
ops.lstsq(four, four)
"""


def write(tensor: Any) -> Any:
    """Return the entry of the op that a tensor came out of, in the configuration of a model."""
    history = tensor._keras_history
    node = history.operation._inbound_nodes[history.node_index]
    used = {id(one): one for one in node.input_tensors}
    model = keras.Model(list(used.values()), tensor)
    entry = model.get_config()["layers"][-1]
    (call,) = entry.pop("inbound_nodes")
    entry["config"].pop("name", None)
    return {
        "module": entry["module"],
        "class_name": entry["class_name"],
        "name": entry["name"],
        "config": entry["config"],
        "args": call["args"],
        "kwargs": call["kwargs"],
    }


def name_inputs(value: Any) -> Any:
    """Put the names of the inputs in the places of symbolic tensors."""
    if isinstance(value, dict):
        if value.get("class_name") == "__keras_tensor__":
            return {"input": value["config"]["keras_history"][0]}
        return {key: name_inputs(item) for key, item in value.items()}
    return [name_inputs(item) for item in value] if isinstance(value, list | tuple) else value


def described(expression: str) -> dict[str, Any]:
    """Return what Keras writes for the last op of an expression."""
    keras.backend.clear_session()
    inputs = {
        name: keras.Input(batch_shape=shape, dtype=dtype, name=name)
        for name, (shape, dtype) in INPUTS.items()
    }
    found = eval(expression, {"ops": ops, **inputs})
    first = found[0] if isinstance(found, list | tuple) else found
    return {"expression": expression, **name_inputs(json.loads(json.dumps(write(first))))}


def facts() -> dict[str, Any]:
    """Return the content of operations.json."""
    lines = [line for line in EXPRESSIONS.splitlines() if line]
    return {
        "about": "entries of ops in Model(inputs, expression).get_config()['layers']",
        "inputs": encode(INPUTS),
        "expressions": [described(line) for line in lines],
    }
