"""How functions of ops are written into Keras's files, and found again when a file is opened.

In Keras an op is a class: some arguments make the object (`Reshape(newshape)`), the others go into
its call. A file has the module and the name of the class, the arguments that made the object as its
`config`, and those of each call. `_TABLE` says which argument is which.

What Keras cannot write is written in a form of our own, `pylego.ops` and the name of the function,
with all arguments in the call: functions that Keras lacks, and tensors where Keras's class needs a
number. Keras refuses to open that, and pylego opens it.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple

import numpy as np

from pylego import config as settings, names, ops
from pylego.core import dtypes
from pylego.core.tree import leaves, map_leaves

_OURS = "pylego.ops"
_KERAS = "keras.src.ops."

# By module: function, =Class where the name is another one, :arguments of its constructor.
_TABLE = {
    "core": """
        cast:dtype convert_to_tensor:dtype,sparse,ragged saturate_cast:dtype scatter:shape
        scatter_update:reduction slice:shape slice_update stop_gradient unstack:num,axis
    """,
    "numpy": """
        absolute add all:axis,keepdims allclose=AllClose:rtol,atol,equal_nan
        amax:axis,keepdims amin:axis,keepdims angle any:axis,keepdims append:axis arccos
        arccosh arcsin arcsinh arctan arctan2 arctanh argmax:axis,keepdims
        argmin:axis,keepdims argpartition:kth,axis argsort:axis array:dtype
        array_split:indices_or_sections,axis average:axis bincount:weights,minlength,sparse
        bitwise_and bitwise_invert bitwise_left_shift bitwise_not bitwise_or
        bitwise_right_shift bitwise_xor broadcast_to:shape cbrt ceil clip:x_min,x_max
        concatenate:axis conjugate copy corrcoef correlate:mode cos cosh
        count_nonzero:axis cross:axisa,axisb,axisc,axis cumprod:axis,dtype cumsum:axis,dtype
        deg2rad diag:k diagflat:k diagonal:offset,axis1,axis2 diff:n,axis digitize divide
        divide_no_nan dot dsplit:indices_or_sections dstack einsum:subscripts
        empty_like:dtype equal exp exp2 expand_dims:axis expm1 fabs flip:axis fliplr flipud
        floor floor_divide fmax fmin fmod full:shape,dtype full_like:dtype gcd
        geomspace:num,endpoint,dtype,axis get_item greater greater_equal heaviside
        histogram:bins,range hsplit:indices_or_sections hstack hypot i0 imag inner
        isclose:equal_nan isfinite isin=IsIn:assume_unique,invert isinf isnan isneginf
        isposinf isreal kron lcm ldexp left_shift less less_equal
        linspace:num,endpoint,retstep,dtype,axis log log10 log1p log2 logaddexp logaddexp2
        logical_and logical_not logical_or logical_xor logspace:num,endpoint,base,dtype,axis
        matmul max:axis,keepdims,initial maximum mean:axis,keepdims median:axis,keepdims
        min:axis,keepdims,initial minimum mod moveaxis:source,destination multiply
        nan_to_num:nan,posinf,neginf nanargmax:axis,keepdims nanargmin:axis,keepdims
        nancumprod:axis,dtype nancumsum:axis,dtype nanmax:axis,keepdims
        nanmean:axis,keepdims nanmedian:axis,keepdims nanmin:axis,keepdims
        nanpercentile:axis,method,keepdims nanprod:axis,keepdims
        nanquantile:axis,method,keepdims nanstd:axis,keepdims nansum:axis,keepdims
        nanvar:axis,keepdims negative nextafter not_equal ones_like:dtype outer
        pad:pad_width,mode percentile:axis,method,keepdims power prod:axis,keepdims,dtype
        ptp:axis,keepdims quantile:axis,method,keepdims rad2deg ravel real reciprocal
        repeat:repeats,axis reshape:newshape right_shift roll:shift,axis rot90:k,axes
        round:decimals searchsorted=SearchSorted:side select sign signbit sin sinc sinh
        slogdet sort:axis split:indices_or_sections,axis sqrt square squeeze:axis stack:axis
        std:axis,keepdims subtract sum:axis,keepdims swapaxes:axis1,axis2 take:axis
        take_along_axis:axis tan tanh tensordot:axes tile:repeats trace:offset,axis1,axis2
        transpose:axes trapezoid:x,dx,axis tril:k triu:k true_divide trunc
        unique:sorted,return_index,return_inverse,return_counts,axis,size,fill_value
        unravel_index:shape vander:N,increasing var:axis,keepdims vdot
        vsplit:indices_or_sections vstack where zeros_like:dtype
    """,
    "math": """
        cdist=CDist erf erfc erfinv extract_sequences:sequence_length,sequence_stride
        fft2=FFT2 fft=FFT ifft2=IFFT2 in_top_k:k irfft=IRFFT:fft_length
        istft=ISTFT:sequence_length,sequence_stride,fft_length,length,window,center logdet
        logsumexp:axis,keepdims rfft=RFFT:fft_length rsqrt segment_max:num_segments,sorted
        segment_min:num_segments,sorted segment_prod:num_segments,sorted
        segment_sum:num_segments,sorted
        stft=STFT:sequence_length,sequence_stride,fft_length,window,center top_k:k,sorted
    """,
    "linalg": """
        cholesky:upper cholesky_inverse:upper det eigh inv lstsq:rcond lu_factor
        matrix_rank:tol norm:ord,axis,keepdims pinv:rcond qr:mode solve
        solve_triangular:lower svd=SVD:full_matrices,compute_uv
    """,
    "nn": """
        adaptive_average_pool:output_size,data_format
        adaptive_max_pool:output_size,data_format
        average_pool:pool_size,strides,padding,data_format
        batch_normalization=BatchNorm:axis,epsilon binary_crossentropy:from_logits
        categorical_crossentropy:from_logits,axis celu:alpha
        conv:strides,padding,data_format,dilation_rate
        conv_transpose:strides,padding,output_padding,data_format,dilation_rate
        ctc_decode=CTCDecode:strategy,beam_width,top_paths,merge_repeated,mask_index
        ctc_loss=CTCLoss:mask_index depth_to_space:block_size,data_format
        depthwise_conv:strides,padding,data_format,dilation_rate
        dot_product_attention:is_causal,flash_attention,attn_logits_soft_cap elu:alpha
        fold:output_size,kernel_size,dilation,padding,stride gelu:approximate glu:axis
        hard_shrink:threshold hard_sigmoid hard_silu hard_tanh
        layer_normalization=LayerNorm:axis,epsilon,rms_scaling leaky_relu:negative_slope log_sigmoid
        log_softmax:axis max_pool:pool_size,strides,padding,data_format
        moments:axes,keepdims,synchronized normalize:axis,order,epsilon
        one_hot:num_classes,axis,dtype,sparse psnr=PSNR:max_val relu relu6
        rms_normalization=RMSNorm:axis,epsilon selu
        separable_conv:strides,padding,data_format,dilation_rate sigmoid silu
        soft_shrink:threshold softmax:axis softplus softsign
        space_to_depth:block_size,data_format
        sparse_categorical_crossentropy:from_logits,axis sparse_plus sparse_sigmoid
        sparsemax:axis squareplus:b tanh_shrink threshold:threshold,default_value
        unfold:kernel_size,dilation,padding,stride
    """,
    "image": """
        affine_transform:interpolation,fill_mode,fill_value,data_format
        crop_images:top_cropping,left_cropping,bottom_cropping,right_cropping,target_height,\
target_width,data_format
        elastic_transform:alpha,sigma,interpolation,fill_mode,fill_value,seed,data_format
        extract_patches:size,strides,dilation_rate,padding,data_format
        gaussian_blur:kernel_size,sigma,data_format hsv_to_rgb=HSVToRGB:data_format
        map_coordinates:order,fill_mode,fill_value
        pad_images:top_padding,left_padding,bottom_padding,right_padding,target_height,\
target_width,data_format perspective_transform:interpolation,fill_value,data_format
        resize:size,interpolation,antialias,crop_to_aspect_ratio,pad_to_aspect_ratio,\
fill_mode,fill_value,data_format rgb_to_grayscale=RGBToGrayscale:data_format
        rgb_to_hsv=RGBToHSV:data_format scale_and_translate:spatial_dims,method,antialias
        sobel_edges:data_format ssim=SSIM:max_val,filter_size,filter_sigma,k1,k2,data_format
    """,
}
_ALIASES = {"abs": "absolute", "conj": "conjugate", "hard_swish": "hard_silu", "swish": "silu"}
_BY_NAME = {
    "average": ("weights",),
    "dot_product_attention": ("bias", "mask", "scale"),
    "pad": ("constant_values",),
    "rms_normalization": ("scale",),
}  # in calls


# Keras's files say which layout these have; other ops leave it to the setting of who opens them.
_FORMATTED = frozenset({
    "adaptive_average_pool", "adaptive_max_pool", "average_pool", "conv", "conv_transpose",
    "depthwise_conv", "extract_patches", "max_pool", "separable_conv",
})  # fmt: skip


class KerasOperation(NamedTuple):
    """A call of an op as Keras's files have it: `config` makes the object, the rest calls it."""

    module: str
    class_name: str
    config: dict[str, Any]
    args: tuple
    kwargs: dict[str, Any]


class _Entry(NamedTuple):
    """A function of the table."""

    function: str
    module: str
    class_name: str
    of_constructor: Sequence[str]


def class_name(function: str) -> str:
    """Return the name of the class that a function has in Keras; automatic names count by it.

    >>> class_name("expand_dims"), class_name("batch_normalization")
    ('ExpandDims', 'BatchNorm')
    """
    entry = _by_function().get(_ALIASES.get(function, function))
    return entry.class_name if entry else _camel_case(function)


def module_of(class_name: str) -> str | None:
    """Return the module of Keras that has the op of that class, or None: old files do not say it.

    >>> module_of("Relu")
    'keras.src.ops.nn'
    """
    found = (module for module, name in _by_class() if name == class_name)
    return next((f"{_KERAS}{module}" for module in found), None)


def is_operation(module: Any) -> bool:
    """Return whether an entry of a file with this module is an op, and no layer.

    >>> is_operation("keras.src.ops.numpy"), is_operation("keras.layers")
    (True, False)
    """
    return isinstance(module, str) and (module == _OURS or module.startswith((_KERAS, "keras.ops")))


def describe(function: str, args: tuple, kwargs: Mapping[str, Any]) -> KerasOperation:
    """Say how a call of a function of ops, or of `get_item`, is written.

    Args:
        function: its name.
        args: what it was called with.
        kwargs: what it was called with by name.

    Raises:
        ValueError: when there is no such function.

    >>> describe("sum", ("x",), {"axis": 1}).config
    {'axis': 1, 'keepdims': False}
    """
    entry = _by_function().get(_ALIASES.get(function, function))
    given = _bind(function, args, kwargs)
    made = {name: _standardized(entry, name, given.pop(name)) for name in _constructed(entry)}
    if entry is None or not all(map(_is_plain, made.values())):
        return KerasOperation(_OURS, function, {}, tuple(args), dict(kwargs))
    if entry.function == "get_item":
        given["key"] = _written_key(given["key"])
    if entry.function == "extract_patches":
        made.update(_written_sizes(made["size"], made["strides"]))
    by_name = {name: given.pop(name) for name in _BY_NAME.get(entry.function, ())}
    return KerasOperation(
        f"{_KERAS}{entry.module}", entry.class_name, made, tuple(given.values()), by_name
    )


def rebuild(operation: KerasOperation) -> tuple[Callable, tuple, dict[str, Any]]:
    """Return the function that an entry of a file means, with the arguments to call it with.

    Nothing but functions of ops is found in this way, whatever a file says.

    Raises:
        ValueError: when pylego has no such op, or not with these arguments.

    >>> function, args, kwargs = rebuild(describe("sum", (ops.ones((2, 3)),), {"axis": 1}))
    >>> function(*args, **kwargs).shape
    (2,)
    """
    module, name, config, args, kwargs = operation
    if not all(isinstance(one, Mapping) for one in (config, kwargs)) or not _is_list(args):
        raise ValueError(
            f"The op {name!r} is described by a dictionary of arguments, and called with a list "
            f"and a dictionary. Received: {operation}"
        )
    if module == _OURS:
        return _function(name), tuple(args), dict(kwargs)
    entry = _by_class().get((str(module).rpartition(".")[2], str(name)))
    if entry is None or not is_operation(module):
        raise ValueError(f"pylego does not have the op {name!r} of Keras ({module}) yet")
    function = _function(entry.function)
    made = _read_config(entry, config)
    if _takes_any_number(function) and not kwargs:
        return function, (*made.values(), *args), {}
    of_call = [
        one for one in inspect.signature(function).parameters if one not in entry.of_constructor
    ]
    if len(args) > len(of_call) or not set(kwargs) <= set(of_call[len(args) :]):
        raise ValueError(
            f"The op {name!r} is called with {', '.join(of_call)}. Received: {len(args)} "
            f"arguments, and by name {', '.join(kwargs) or 'none'}"
        )
    given = {**dict(zip(of_call, args)), **kwargs}
    if entry.function == "get_item" and isinstance(given.get("key"), list):
        given["key"] = tuple(given["key"])
    return function, *_laid_out(function, of_call, {**given, **made})


# ---- the table ------------------------------------------------------------------------------


@cache
def _by_function() -> dict[str, _Entry]:
    rows = [(module, word) for module, words in _TABLE.items() for word in words.split()]
    entries = [_entry(module, word) for module, word in rows]
    return {entry.function: entry for entry in entries}


@cache
def _by_class() -> dict[tuple[str, str], _Entry]:
    return {(entry.module, entry.class_name): entry for entry in _by_function().values()}


def _entry(module: str, word: str) -> _Entry:
    named, _, listed = word.partition(":")
    function, _, other = named.partition("=")
    of_constructor = listed.split(",") if listed else []
    return _Entry(function, module, other or _camel_case(function), of_constructor)


def _camel_case(function: str) -> str:
    return "".join(part.capitalize() for part in function.split("_"))


def _function(name: Any) -> Callable:
    """The public function of ops of that name."""
    entry = _by_function().get(name) if isinstance(name, str) else None
    if entry is not None and entry.module == "image":
        return getattr(ops.image, name)
    if not isinstance(name, str) or name not in ops.__all__:
        raise names.unknown("function of ops", name, ops.__all__)
    return getattr(ops, name)


# ---- arguments ------------------------------------------------------------------------------


def _bind(function: str, args: tuple, kwargs: Mapping[str, Any]) -> dict[str, Any]:
    """All arguments by name, in the order of the function."""
    bound = inspect.signature(_function(function)).bind(*args, **kwargs)
    bound.apply_defaults()
    if not _takes_any_number(_function(function)):
        return dict(bound.arguments)
    parameters = bound.signature.parameters.values()  # those by name alone are not written
    names = [p.name for p in parameters if p.kind is p.POSITIONAL_OR_KEYWORD]
    names += map(str, range(len(bound.args) - len(names)))
    return dict(zip(names, bound.args))


def _takes_any_number(function: Callable) -> bool:
    """Whether the function takes `*operands`."""
    parameters = inspect.signature(function).parameters.values()
    return any(p.kind is p.VAR_POSITIONAL for p in parameters)


def _constructed(entry: _Entry | None) -> Sequence[str]:
    return entry.of_constructor if entry else ()


def _standardized(entry: Any, name: str, value: Any) -> Any:
    """The value as Keras writes it: settings that were left open are filled in."""
    if name == "dtype":
        is_open = value is None and entry.function != "one_hot"
        return None if is_open else dtypes.standardize_dtype(value)
    if name == "data_format" and value is None and entry.function in _FORMATTED:
        return settings.image_data_format()
    if isinstance(value, np.ndarray):
        return value.tolist()
    return map_leaves(lambda one: one.item() if isinstance(one, np.generic) else one, value)


def _is_plain(value: Any) -> bool:
    """Whether a file can hold the value as an argument of a constructor."""
    return all(one is None or isinstance(one, (bool, int, float, str)) for one in leaves(value))


def _written_key(key: Any) -> Any:
    """Lists in an index pick rows. Files know no tuples, so these are written as arrays."""
    parts = key if isinstance(key, tuple) else (key,)
    written = tuple(np.asarray(part) if isinstance(part, list) else part for part in parts)
    return written if isinstance(key, tuple) else written[0]


def _written_sizes(size: Any, strides: Any) -> dict[str, Any]:
    """Height and width of patches, and of the steps between them: one patch by default."""
    size = (size, size) if isinstance(size, int) else size
    return {"size": size, "strides": size if strides is None else strides}


def _read_config(entry: _Entry, config: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments of the constructor; one that pylego lacks must be at rest."""
    for name, value in config.items():
        known = name in entry.of_constructor or name == "name"
        if not known and value not in (None, False):
            raise ValueError(
                f"pylego's ops.{entry.function} has no {name}={value!r}, which is asked of the op "
                f"{entry.class_name!r}"
            )
    return {name: _tuples(config[name]) for name in entry.of_constructor if name in config}


def _tuples(value: Any) -> Any:
    """Make tuples of lists: axes and shapes were tuples before they went into a file."""
    return tuple(map(_tuples, value)) if isinstance(value, (list, tuple)) else value


def _is_list(value: Any) -> bool:
    return isinstance(value, (list, tuple))


def _laid_out(
    function: Callable, of_call: Sequence[str], given: Mapping[str, Any]
) -> tuple[tuple, dict[str, Any]]:
    """The arguments of a call as one writes them: `sum(x, axis=1)`."""
    named = {name: given[name] for name in inspect.signature(function).parameters if name in given}
    args: list[Any] = []
    for name in inspect.signature(function).parameters:
        if name not in of_call or name not in named:
            break
        args.append(named.pop(name))
    return tuple(args), named
