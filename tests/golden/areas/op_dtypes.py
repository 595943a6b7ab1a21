"""Result dtypes of every op for arrays of every dtype.

An expression names its inputs by letters that say what they are like; `tests/laws/test_every_op.py`
draws others of the same kinds.
"""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Iterator
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from keras import ops

from areas.ops import DTYPES, with_64_bits

HALVED = {"int64": "int32", "float64": "float32"}
# One letter a dtype, as NumPy has them; E is bfloat16.
LETTERS = dict(zip(DTYPES, "?BilfdbhHIeE", strict=True))
REFUSED = "!"
NO_TENSOR = "."
OF_NO_TENSORS = ("ops.dtype(x)", "ops.is_tensor(x)", "ops.ndim(x)", "ops.shape(x)", "ops.size(x)")


@functools.cache
def inputs(dtype: str, has_64_bits: bool) -> dict[str, Any]:
    """Return arrays by name, of this dtype but for i, j and t; for JAX with 64 bits or without.

    x: any shape; y: broadcasts against it; z: of the same shape; pos: of x's shape, above 0;
    unit: of x's shape, between 0 and 1; v, w, u: vectors, v and u of one length; k: whole numbers
    from 0 to 4 in a vector; m, r: matrices that can be multiplied; a: square matrices that can be
    inverted; s: symmetric and positive ones; c: what stands beside them; rows: 3 numbers each;
    picture, kernel, deep, point: of convolutions; near: rows of points of pictures;
    i: whole numbers from 0 to 2 in a vector; j: one for each number of x; t: bools of x's shape.
    """
    draw = np.random.default_rng(16)
    square = draw.integers(-2, 3, (2, 3, 3)) + 6 * np.eye(3)
    numbers = {
        "x": draw.integers(0, 5, (2, 3, 4)),
        "y": draw.integers(1, 4, (3, 4)),
        "z": draw.integers(0, 5, (2, 3, 4)),
        "pos": draw.integers(1, 5, (2, 3, 4)),
        "unit": draw.integers(0, 2, (2, 3, 4)),
        "v": draw.integers(0, 5, (6,)),
        "u": draw.integers(0, 5, (6,)),
        "w": draw.integers(0, 5, (5,)),
        "k": draw.integers(0, 5, (4,)),
        "m": draw.integers(0, 5, (2, 3, 4)),
        "r": draw.integers(0, 5, (2, 4, 3)),
        "a": square,
        "s": square @ square.swapaxes(1, 2),
        "c": draw.integers(0, 5, (2, 3, 2)),
        "rows": draw.integers(0, 5, (2, 3)),
        "picture": draw.integers(0, 5, (2, 4, 4, 3)),
        "kernel": draw.integers(0, 3, (2, 2, 3, 2)),
        "deep": draw.integers(0, 3, (2, 2, 3, 1)),
        "point": draw.integers(0, 3, (1, 1, 3, 2)),
        "corners": np.array([[[0, 0], [0, 3], [3, 0], [3, 3]]] * 2),
    }
    whole = {
        "i": np.array([0, 2, 1, 2], "int32"),
        "j": draw.integers(0, 4, (2, 3, 4)).astype("int32"),
        "t": draw.random((2, 3, 4)) < 0.5,
    }
    arrays = {name: jnp.asarray(np.asarray(x, "float64"), dtype) for name, x in numbers.items()}
    return arrays | {name: jnp.asarray(x) for name, x in whole.items()}


# The name of an op is the first word; its expression is behind it.
EXPRESSIONS = """
abs ops.abs(x)
absolute ops.absolute(x)
adaptive_average_pool ops.adaptive_average_pool(picture, 2)
adaptive_max_pool ops.adaptive_max_pool(picture, 2)
add ops.add(x, y)
all ops.all(x, axis=axes)
allclose ops.allclose(x, z)
amax ops.amax(x, axis=axes)
amin ops.amin(x, axis=axes)
angle ops.angle(x)
any ops.any(x, axis=axes)
append ops.append(x, z)
arange ops.arange(3, dtype=dtype)
arccos ops.arccos(unit)
arccosh ops.arccosh(pos)
arcsin ops.arcsin(unit)
arcsinh ops.arcsinh(x)
arctan ops.arctan(x)
arctan2 ops.arctan2(x, y)
arctanh ops.arctanh(unit)
argmax ops.argmax(x, axis=axis)
argmin ops.argmin(x, axis=axis)
argpartition ops.argpartition(ops.sort(v), 2)
argsort ops.argsort(x, axis=axis)
array ops.array(x)
array_split ops.array_split(x, 2, axis=axis)
associative_scan ops.associative_scan(lambda one, two: one + two, v)
average ops.average(x, axis=axis)
average_pool ops.average_pool(picture, 2, strides=2)
bartlett ops.bartlett(4)
batch_normalization ops.batch_normalization(picture, point[0, 0, :, 0], deep[0, 0, :, 0], -1)
binary_crossentropy ops.binary_crossentropy(unit, unit)
bincount ops.bincount(k)
bitwise_and ops.bitwise_and(x, y)
bitwise_invert ops.bitwise_invert(x)
bitwise_left_shift ops.bitwise_left_shift(x, y)
bitwise_not ops.bitwise_not(x)
bitwise_or ops.bitwise_or(x, y)
bitwise_right_shift ops.bitwise_right_shift(x, y)
bitwise_xor ops.bitwise_xor(x, y)
blackman ops.blackman(4)
broadcast_to ops.broadcast_to(x, (2, *x.shape))
cast ops.cast(x, "float32")
categorical_crossentropy ops.categorical_crossentropy(rows, rows)
cbrt ops.cbrt(x)
cdist ops.cdist(m, m)
ceil ops.ceil(x)
celu ops.celu(x)
cholesky ops.cholesky(s)
cholesky_inverse ops.cholesky_inverse(ops.cholesky(s[0]))
clip ops.clip(x, 1, 3)
concatenate ops.concatenate([x, z], axis=axis)
cond ops.cond(True, lambda: x, lambda: x)
conj ops.conj(x)
conjugate ops.conjugate(x)
conv ops.conv(picture, kernel)
conv_transpose ops.conv_transpose(picture, ops.swapaxes(kernel[..., :1], 2, 3), 2)
convert_to_numpy ops.convert_to_numpy(x)
convert_to_tensor ops.convert_to_tensor(x)
copy ops.copy(x)
corrcoef ops.corrcoef(v)
correlate ops.correlate(v, w)
cos ops.cos(x)
cosh ops.cosh(x)
count_nonzero ops.count_nonzero(x, axis=axes)
cross ops.cross(rows, rows[..., ::-1])
ctc_decode ops.ctc_decode(m, i[1:3])
ctc_loss ops.ctc_loss(i[:2, None], m, i[2:] * 0 + 1, i[1:3])
cumprod ops.cumprod(x, axis=axis)
cumsum ops.cumsum(x, axis=axis)
deg2rad ops.deg2rad(x)
depth_to_space ops.depth_to_space(ops.concatenate([picture] * 4, axis=-1), 2)
depthwise_conv ops.depthwise_conv(picture, deep)
det ops.det(a)
diag ops.diag(v)
diagflat ops.diagflat(x)
diagonal ops.diagonal(m)
diff ops.diff(x, axis=axis)
digitize ops.digitize(x, ops.sort(v))
divide ops.divide(x, y)
divide_no_nan ops.divide_no_nan(x, y)
dot ops.dot(x, w[0])
dot_product_attention ops.dot_product_attention(picture, picture, picture)
dsplit ops.dsplit(picture[:, :, :2], 2)
dstack ops.dstack([x, z])
dtype ops.dtype(x)
eigh ops.eigh(s)
einsum ops.einsum("...ij,...jk->...ik", m, r)
elu ops.elu(x)
empty ops.empty((2,), dtype)
empty_like ops.empty_like(x) * 0
equal ops.equal(x, y)
erf ops.erf(x)
erfc ops.erfc(x)
erfinv ops.erfinv(unit)
exp ops.exp(x)
exp2 ops.exp2(x)
expand_dims ops.expand_dims(x, axis)
expm1 ops.expm1(x)
extract_sequences ops.extract_sequences(w, 3, 1)
eye ops.eye(3, dtype=dtype)
fabs ops.fabs(x)
fft ops.fft((w, w))
fft2 ops.fft2((m, m))
flip ops.flip(x, axis=axes)
fliplr ops.fliplr(m)
flipud ops.flipud(m)
floor ops.floor(x)
floor_divide ops.floor_divide(x, y)
fmax ops.fmax(x, y)
fmin ops.fmin(x, y)
fmod ops.fmod(x, y)
fold ops.fold(ops.unfold(picture, 2), (4, 3), 2)
fori_loop ops.fori_loop(0, 2, lambda step, total: total + total, x)
full ops.full((2,), 1, dtype)
full_like ops.full_like(x, 1)
gcd ops.gcd(x, y)
gelu ops.gelu(x)
geomspace ops.geomspace(pos, pos, num=3)
get_item ops.get_item(m, 0)
glu ops.glu(picture[..., :2])
greater ops.greater(x, y)
greater_equal ops.greater_equal(x, y)
hamming ops.hamming(4)
hanning ops.hanning(4)
hard_shrink ops.hard_shrink(x)
hard_sigmoid ops.hard_sigmoid(x)
hard_silu ops.hard_silu(x)
hard_swish ops.hard_swish(x)
hard_tanh ops.hard_tanh(x)
heaviside ops.heaviside(x, y)
histogram ops.histogram(v, bins=3)
hsplit ops.hsplit(m[:, :2], 2)
hstack ops.hstack([x, z])
hypot ops.hypot(x, y)
i0 ops.i0(x)
identity ops.identity(3, dtype)
ifft2 ops.ifft2((m, m))
imag ops.imag(x)
in_top_k ops.in_top_k(i[:2], rows, 2)
inner ops.inner(v, u)
inv ops.inv(a)
irfft ops.irfft((w, w))
is_tensor ops.is_tensor(x)
isclose ops.isclose(x, y)
isfinite ops.isfinite(x)
isin ops.isin(x, v)
isinf ops.isinf(x)
isnan ops.isnan(x)
isneginf ops.isneginf(x)
isposinf ops.isposinf(x)
isreal ops.isreal(x)
istft ops.istft((m, m), 6, 2, 6)
jvp ops.jvp(lambda one: one * one, (x,), (x,))
kaiser ops.kaiser(4, 2.0)
kron ops.kron(v, w)
layer_normalization ops.layer_normalization(x)
lcm ops.lcm(x, y)
ldexp ops.ldexp(x, j)
leaky_relu ops.leaky_relu(x)
left_shift ops.left_shift(x, y)
less ops.less(x, y)
less_equal ops.less_equal(x, y)
linspace ops.linspace(x, z, num=3)
log ops.log(pos)
log10 ops.log10(pos)
log1p ops.log1p(pos)
log2 ops.log2(pos)
log_sigmoid ops.log_sigmoid(x)
log_softmax ops.log_softmax(x, axis=axis)
logaddexp ops.logaddexp(x, y)
logaddexp2 ops.logaddexp2(x, y)
logdet ops.logdet(s)
logical_and ops.logical_and(x, y)
logical_not ops.logical_not(x)
logical_or ops.logical_or(x, y)
logical_xor ops.logical_xor(x, y)
logspace ops.logspace(unit, unit, num=3)
logsumexp ops.logsumexp(x, axis=axes)
lstsq ops.lstsq(a[0], c[0])
lu_factor ops.lu_factor(a)
map ops.map(lambda one: one + one, v)
matmul ops.matmul(m, r)
matrix_rank ops.matrix_rank(a)
max ops.max(x, axis=axes)
max_pool ops.max_pool(picture, 2, strides=2)
maximum ops.maximum(x, y)
mean ops.mean(x, axis=axes)
median ops.median(x, axis=axes)
meshgrid ops.meshgrid(v, w)
min ops.min(x, axis=axes)
minimum ops.minimum(x, y)
mod ops.mod(x, y)
moments ops.moments(x, axes=[axis])
moveaxis ops.moveaxis(x, axis, 0)
multi_hot ops.multi_hot(k, 5)
multiply ops.multiply(x, y)
nan_to_num ops.nan_to_num(x)
nanargmax ops.nanargmax(x, axis=axis)
nanargmin ops.nanargmin(x, axis=axis)
nancumprod ops.nancumprod(x, axis=axis)
nancumsum ops.nancumsum(x, axis=axis)
nanmax ops.nanmax(x, axis=axes)
nanmean ops.nanmean(x, axis=axes)
nanmedian ops.nanmedian(x, axis=axes)
nanmin ops.nanmin(x, axis=axes)
nanpercentile ops.nanpercentile(x, 40, axis=axes)
nanprod ops.nanprod(x, axis=axes)
nanquantile ops.nanquantile(x, 0.4, axis=axes)
nanstd ops.nanstd(x, axis=axes)
nansum ops.nansum(x, axis=axes)
nanvar ops.nanvar(x, axis=axes)
ndim ops.ndim(x)
negative ops.negative(x)
nextafter ops.nextafter(x, y)
nonzero ops.nonzero(m)
norm ops.norm(x, axis=axis)
normalize ops.normalize(x, axis=axis)
not_equal ops.not_equal(x, y)
one_hot ops.one_hot(k, 5)
ones ops.ones((2,), dtype)
ones_like ops.ones_like(x)
outer ops.outer(x, w)
pad ops.pad(m, 1)
percentile ops.percentile(x, 40, axis=axes)
pinv ops.pinv(a)
power ops.power(x, y)
prod ops.prod(x, axis=axes)
psnr ops.psnr(x, x + 1, 4)
ptp ops.ptp(x, axis=axes)
qr ops.qr(a)
quantile ops.quantile(x, 0.4, axis=axes)
rad2deg ops.rad2deg(x)
ravel ops.ravel(x)
real ops.real(x)
rearrange ops.rearrange(m, "a b c -> a (c b)")
reciprocal ops.reciprocal(pos)
relu ops.relu(x)
relu6 ops.relu6(x)
repeat ops.repeat(x, 2, axis=axis)
reshape ops.reshape(x, (-1, 1))
rfft ops.rfft(w)
right_shift ops.right_shift(x, y)
rms_normalization ops.rms_normalization(x)
roll ops.roll(x, 1, axis=axis)
rot90 ops.rot90(m)
round ops.round(x)
rsqrt ops.rsqrt(pos)
saturate_cast ops.saturate_cast(x, "uint8")
scan ops.scan(lambda total, one: (total + one, total), w[:1], v)
scatter ops.scatter(i[:2, None], v[:2], (4,))
scatter_update ops.scatter_update(v, i[:2, None], v[:2])
searchsorted ops.searchsorted(ops.sort(v), w)
segment_max ops.segment_max(k, i, num_segments=3)
segment_min ops.segment_min(k, i, num_segments=3)
segment_prod ops.segment_prod(k, i, num_segments=3)
segment_sum ops.segment_sum(k, i, num_segments=3)
select ops.select([t], [x], 1)
selu ops.selu(x)
separable_conv ops.separable_conv(picture, deep, point)
shape ops.shape(x)
sigmoid ops.sigmoid(x)
sign ops.sign(x)
signbit ops.signbit(x)
silu ops.silu(x)
sin ops.sin(x)
sinc ops.sinc(x)
sinh ops.sinh(x)
size ops.size(x)
slice ops.slice(w, (1,), (2,))
slice_update ops.slice_update(w, (1,), w[:2])
slogdet ops.slogdet(a)
soft_shrink ops.soft_shrink(x)
softmax ops.softmax(x, axis=axis)
softplus ops.softplus(x)
softsign ops.softsign(x)
solve ops.solve(a, c)
solve_triangular ops.solve_triangular(a, c, lower=True)
sort ops.sort(x, axis=axis)
space_to_depth ops.space_to_depth(picture, 2)
sparse_categorical_crossentropy ops.sparse_categorical_crossentropy(i[:2], rows)
sparse_plus ops.sparse_plus(x)
sparse_sigmoid ops.sparse_sigmoid(x)
sparsemax ops.sparsemax(rows)
split ops.split(m[:, :2], 2, axis=1)
sqrt ops.sqrt(pos)
square ops.square(x)
squareplus ops.squareplus(x)
squeeze ops.squeeze(m[:, :, :1], axis=-1)
stack ops.stack([x, z], axis=0)
std ops.std(x, axis=axes)
stft ops.stft(w, 4, 1, 4)
stop_gradient ops.stop_gradient(x)
subtract ops.subtract(x, y)
sum ops.sum(x, axis=axes)
svd ops.svd(a)
swapaxes ops.swapaxes(x, axis, -1)
swish ops.swish(x)
switch ops.switch(0, [lambda: x])
take ops.take(k, i, axis=0)
take_along_axis ops.take_along_axis(k, i, axis=0)
tan ops.tan(x)
tanh ops.tanh(x)
tanh_shrink ops.tanh_shrink(x)
tensordot ops.tensordot(m, r, axes=[[2], [1]])
threshold ops.threshold(x, 1, 2)
tile ops.tile(x, 2)
top_k ops.top_k(v, 2)
trace ops.trace(m)
transpose ops.transpose(x)
trapezoid ops.trapezoid(x, axis=axis)
tri ops.tri(3, dtype=dtype)
tril ops.tril(m)
triu ops.triu(m)
true_divide ops.true_divide(x, y)
trunc ops.trunc(x)
unfold ops.unfold(picture, 2)
unique ops.unique(v)
unravel_index ops.unravel_index(k, (2, 3))
unstack ops.unstack(m, axis=1)
vander ops.vander(v, 3)
var ops.var(x, axis=axes)
vdot ops.vdot(v, u)
vectorize ops.vectorize(lambda one: one + one)(v)
vectorized_map ops.vectorized_map(lambda one: one + one, v)
view ops.view(x, "uint8")
vsplit ops.vsplit(m, 2)
vstack ops.vstack([x, z])
where ops.where(t, x, z)
while_loop ops.while_loop(lambda n, one: n < 2, lambda n, one: (n + 1, one), (i[0] * 0, x))
zeros ops.zeros((2,), dtype)
zeros_like ops.zeros_like(x)
affine_transform ops.image.affine_transform(picture, corners.reshape((2, 8)))
crop_images ops.image.crop_images(picture, 1, 1, 1, 1)
extract_patches ops.image.extract_patches(picture, 2)
extract_patches_3d ops.image.extract_patches_3d(picture[..., None], 2)
gaussian_blur ops.image.gaussian_blur(picture)
hsv_to_rgb ops.image.hsv_to_rgb(picture)
map_coordinates ops.image.map_coordinates(v, w[None], 1)
pad_images ops.image.pad_images(picture, 1, 1, 1, 1)
perspective_transform ops.image.perspective_transform(picture, corners, corners)
resize ops.image.resize(picture, (2, 2))
rgb_to_grayscale ops.image.rgb_to_grayscale(picture)
rgb_to_hsv ops.image.rgb_to_hsv(picture)
scale_and_translate ops.image.scale_and_translate(v, (3,), v[:1], v[:1], (0,), "linear")
sobel_edges ops.image.sobel_edges(picture)
ssim ops.image.ssim(picture, picture, filter_size=3)
"""


def letter(value: Any) -> str:
    """Return the letter of the dtype that came out."""
    return LETTERS.get(str(getattr(value, "dtype", "")), NO_TENSOR)


def answered(expression: str, dtype: str) -> str:
    """Return the letters of all that comes out, or that it is refused."""
    arrays = inputs(dtype, jax.config.jax_enable_x64)
    known = {"ops": ops, "axis": -1, "axes": -1, "dtype": dtype}

    def result(**arrays: Any) -> Any:
        return eval(expression, known | arrays)

    try:  # shapes and dtypes alone, which need nothing to be compiled
        found = jax.eval_shape(result, **arrays)
    except Exception:  # each op has its own kinds; some need numbers, or give no arrays
        try:
            found = result(**arrays)
        except Exception:
            return REFUSED
    leaves = jax.tree.leaves(found)
    return "".join(NO_TENSOR if expression in OF_NO_TENSORS else letter(y) for y in leaves)


def row(expression: str) -> str:
    """Return the answers for all dtypes, of a backend that has 64 bits.

    Keras on JAX has them only where JAX is told so, and then JAX makes 64 bits of whole numbers and
    of Python's floats as well. So what comes out of 64 bits is counted as JAX's own doing where it
    comes out of 32 bits, too, and is then the answer for 32 bits.
    """
    narrow = {dtype: answered(expression, dtype) for dtype in DTYPES if dtype not in HALVED}
    with with_jax_64_bits(), with_64_bits():
        wide = {dtype: answered(expression, dtype) for dtype in (*HALVED, *HALVED.values())}
    is_constant = len({found for found in narrow.values() if found != REFUSED}) == 1
    for dtype, half in HALVED.items():
        is_own = set(wide[dtype]) == {LETTERS[dtype]}
        is_jax_s = wide[dtype] == wide[half] and (is_constant or not is_own)
        narrow[dtype] = narrow[half] if is_jax_s else wide[dtype]
    # Keras's table promotes int64 and a float of Python's to float32; JAX does not ask it here.
    narrow["int64"] = narrow["int64"].replace(LETTERS["float64"], LETTERS["float32"])
    return " ".join(narrow[dtype] for dtype in DTYPES)


@contextlib.contextmanager
def with_jax_64_bits() -> Iterator[None]:
    """Let JAX keep 64 bits."""
    jax.config.update("jax_enable_x64", True)
    yield
    jax.config.update("jax_enable_x64", False)


def facts() -> dict[str, Any]:
    """Return the content of op_dtypes.json."""
    lines = dict(line.split(" ", 1) for line in EXPRESSIONS.strip().splitlines())
    return {
        "about": "op: expression, and the letters of the results' dtypes for inputs of each dtype;"
        f" '{REFUSED}' is refused, '{NO_TENSOR}' is no tensor",
        "letters": LETTERS,
        "ops": {name: [expression, row(expression)] for name, expression in lines.items()},
    }
