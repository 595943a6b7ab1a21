"""Operations: what Keras says at the awkward places, what NumPy says everywhere else."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial
from typing import Any

import goldens
import numpy as np
import pytest
from hypothesis import given, strategies as st

import pylego
from pylego import GradientTape, Tensor, grad, layers, ops
from pylego.core import dtypes
from pylego.ops import shapes
from pylego.testing import check_gradients

GOLDEN = goldens.load("ops")
DTYPES = GOLDEN["dtypes"]
WITHOUT_BRICK = {"divide_no_nan", "sort"}  # of the golden file, not of this issue

OWN_GRADIENTS = ("absolute", "clip")  # 0 at 0, not 1; 1 at the bounds, not a half


# ---- what Keras says ------------------------------------------------------------------------


def ones(dtype: str) -> Any:
    """An array; a tensor where NumPy does not have the dtype."""
    return ops.ones((2, 2), dtype) if dtype == "bfloat16" else np.ones((2, 2), dtype)


# Of real bools Keras makes int32; the golden table was made of its placeholders, which say bool.
NUMBERS_OF_BOOLS = ("power", "floor_divide")


@pytest.mark.parametrize("group", GOLDEN["binary"], ids=lambda group: group["ops"][0])
def test_two_dtypes_give_keras_s(group: dict[str, Any]) -> None:
    for name in group["ops"]:
        others = [*map(ones, DTYPES), 1, 1.0]
        others = others[:-2] if name in ("matmul", "concatenate") else others
        for dtype, row in zip(DTYPES, group["table"]):
            for other, expected in zip(others, row):
                try:
                    ours = apply_to_two(name, ones(dtype), other).dtype
                except TypeError:
                    assert dtype == "bool", f"{name} of {dtype} is refused"
                    continue
                if expected == "bool" and name in NUMBERS_OF_BOOLS:
                    expected = "int32"
                assert ours == expected, f"{name} of {dtype} and {other!r}"


def apply_to_two(name: str, a: Any, b: Any) -> Tensor:
    function = getattr(ops, name)
    if name == "where":
        return function(True, a, b)
    return function([a, b]) if name == "concatenate" else function(a, b)


FROM_INTEGERS = ("sigmoid", "relu", "softmax", "rsqrt", "reciprocal")


@pytest.mark.parametrize("name", [n for n in GOLDEN["unary"] if n not in FROM_INTEGERS])
def test_one_dtype_gives_keras_s(name: str) -> None:
    refused = GOLDEN["unary_of_real_arrays_where_different"].get(name, {})
    for dtype, expected in zip(DTYPES, GOLDEN["unary"][name]):
        bounds = (0, 1) if name == "clip" else ()
        if dtype in refused:
            with pytest.raises(TypeError, match="cast"):
                getattr(ops, name)(ones(dtype), *bounds)
            continue
        assert getattr(ops, name)(ones(dtype), *bounds).dtype == expected, f"{name} of {dtype}"


@pytest.mark.parametrize("name", ["sigmoid", "softmax", "rsqrt", "reciprocal", "softplus", "erf"])
def test_integers_become_floats_where_fractions_come_out(name: str) -> None:
    assert getattr(ops, name)(np.ones((2, 2), np.int32)).dtype == "float32"


def described(facts: dict[str, Any]) -> str:
    return f"{facts['op']} {facts['inputs']} {facts['arguments'] or ''}"


AWKWARD = [facts for facts in GOLDEN["awkward"] if facts["op"] not in WITHOUT_BRICK]


def inputs_of(facts: dict[str, Any]) -> list[Any]:
    return [ops.convert_to_tensor(x) if isinstance(x, list) else x for x in facts["inputs"]]


@pytest.mark.parametrize("facts", AWKWARD, ids=described)
def test_awkward_values_are_keras_s(facts: dict[str, Any]) -> None:
    function, inputs = getattr(ops, facts["op"]), inputs_of(facts)
    if "raises" in facts:
        with pytest.raises((ValueError, TypeError)):
            function(*inputs, **facts["arguments"])
        return
    y = function(*inputs, **facts["arguments"])
    goldens.expect_close(y, facts["value"])
    assert y.dtype == facts["dtype"]


@pytest.mark.parametrize(
    "facts",
    [facts for facts in AWKWARD if "gradients" in facts and facts["op"] not in OWN_GRADIENTS],
    ids=described,
)
def test_awkward_gradients_are_keras_s(facts: dict[str, Any]) -> None:
    inputs = inputs_of(facts)
    sources = {place: inputs[int(place)] for place in facts["gradients"]}
    with GradientTape() as tape:
        tape.watch(sources)
        y = getattr(ops, facts["op"])(*inputs, **facts["arguments"])
    gradients = tape.gradient(y, sources, unconnected_gradients="zero")
    arrays = [x.numpy() for x in inputs if isinstance(x, Tensor)]
    for place, expected in facts["gradients"].items():
        # The slope at NaN means nothing, and where jax says NaN there may be a better answer.
        means_nothing = np.isnan(expected)
        for x in arrays:
            same = x.shape == np.shape(expected) and x.dtype != bool
            means_nothing = means_nothing | (np.isnan(x) if same else False)
        ours = np.where(means_nothing, 0.0, gradients[place].numpy())
        goldens.expect_close(ours, np.where(means_nothing, 0.0, expected), rtol=1e-5)


def test_own_gradients_at_corners() -> None:
    x = ops.convert_to_tensor([-2.0, 0.0, -0.0, 2.0, 3.0])
    with GradientTape(persistent=True) as tape:
        tape.watch(x)
        length, clipped = ops.absolute(x), ops.clip(x, 0.0, 2.0)
    assert tape.gradient(length, x).numpy().tolist() == [-1.0, 0.0, 0.0, 1.0, 1.0]
    assert tape.gradient(clipped, x).numpy().tolist() == [0.0, 1.0, 1.0, 1.0, 0.0]


@pytest.mark.parametrize("facts", GOLDEN["casts"], ids=lambda f: f"{f['from']} to {f['to']}")
def test_casts_are_keras_s(facts: dict[str, Any]) -> None:
    values = np.array(facts["values"])
    x = ops.cast(values.astype("float32" if values.dtype.kind == "f" else values.dtype), "float64")
    result = ops.cast(ops.cast(x, facts["from"]), facts["to"])
    expected = ops.cast(np.array(facts["result"]), facts["to"])
    np.testing.assert_array_equal(result.numpy(), expected.numpy())


def test_promotion_is_keras_s() -> None:
    kinds = [*DTYPES, int, float]
    for dtype, row in zip(DTYPES, GOLDEN["result_type"]):
        assert [dtypes.result_type(dtype, other) for other in kinds] == row, dtype
        assert [dtypes.result_type(other, dtype) for other in kinds] == row, dtype


# ---- what NumPy says: shapes ----------------------------------------------------------------

X = np.arange(24.0).reshape(2, 3, 4)
M = np.arange(6.0).reshape(2, 3)

LIKE_NUMPY: dict[str, list[tuple]] = {
    "expand_dims": [(X, 0), (X, -1), (X, (0, 2)), (X, 3)],
    "squeeze": [(X[:, :1],), (X[:, :1], 1), (X[:1, :1], (0, 1)), (X,)],
    "transpose": [(X,), (X, (1, 2, 0)), (X, (-1, 0, 1))],
    "swapaxes": [(X, 0, 2), (X, -1, 1)],
    "moveaxis": [(X, 0, -1), (X, (0, 1), (2, 0)), (X, (2, 0), (0, 1))],
    "flip": [(X,), (X, 1), (X, (0, 2)), (X, -1)],
    "roll": [(X, 1), (X, -7), (X, 2, 1), (X, (1, -1), (0, 2)), (X, 1, (0, 1)), (X, 100, 2)],
    "repeat": [(X, 2), (X, 3, 1), (X, [1, 2, 0], 1), (X, 0, 1), (5.0, 3)],
    "tile": [(M, 2), (M, (2, 1)), (M, (2, 1, 3)), (M, (0, 1)), (X, (2, 2)), (3.0, 2)],
    "pad": [(M, 1), (M, (1, 2)), (M, ((1, 0), (0, 2))), (M, ((1, 2),)), (M, 0)],
    "ravel": [(X,), (3.0,)],
    "broadcast_to": [(M, (2, 2, 3)), (M[:, :1], (2, 5)), (1.0, (2,))],
    "concatenate": [([X, X], 1), ([X, X], -1), ([M, X[0, :2, :3]],)],
    "stack": [([M, M],), ([M, M], 1), ([M, M], -1)],
    "split": [(X, 2), (X, 2, -1), (X, [1, 3], 2), (X, [2], 1), (X, [3, 1], 2), (X, 1)],
    "tril": [(X,), (X, 1), (X, -1)],
    "triu": [(X,), (X, 1), (X, -1)],
    "take": [(X, [0, -1]), (X, [[1, 0], [2, 2]], 1), (X, 1, 2), (M, [5, 0])],
    "outer": [([1.0, 2.0], [3.0, 4.0]), (M, M)],
    "dot": [(M, M.T), (M, [1.0, 2.0, 3.0]), (M, 2.0), (X, np.ones((5, 4, 2))), (M[0], M[1])],
    "tensordot": [(M, M), (M, M.T, 1), (M, M, ([1], [1])), (M, M, (1, 1)), (M, M, 0),
                  (X, X, ((0, 2), (0, 2))), (X, M, ([1, 0], [1, 0]))],
    "ptp": [(M,), (M, 1)],
    "average": [(M,), (M, 0), (M, 1, [1.0, 2.0, 3.0]), (M, None, M + 1.0), (X, 1, [0.0, 1.0, 2.0])],
    "std": [(X,), (X, 1), (X, (0, 2))],
    "var": [(X,), (X, 1), (X, (0, -1))],
    "cumsum": [(X,), (X, 1), (X, -1)],
    "count_nonzero": [(X,), (X, 0), (X, (1, 2))],
    "argmax": [(X,), (X, 1)],
    "argmin": [(X,), (X, -1)],
    "linspace": [(0.0, 1.0, 5), (3.0, -1.0, 4, False), (M, M + 1.0, 3), (2.0, 5.0, 1)],
    "eye": [(3,), (2, 3), (3, 2, 1), (3, None, -1)],
    "identity": [(3,)],
    "tri": [(3,), (2, 3, 1), (3, 2, -1)],
    "full": [((2, 3), 7.5), (3, 1.0), ((2, 2), [1.0, 2.0])],
    "zeros": [((2, 0, 3),), (4,)],
    "ones": [((2, 3),), ((),)],
    "full_like": [(M, 3.0)],
    "zeros_like": [(M,)],
    "ones_like": [(M,)],
    "arange": [(5,), (0,), (-3,), (2, 9, 3), (5, 1), (5, 1, -2), (0.0, 1.0, 0.25)],
    "where": [(M > 2, M, -M), ([True, False], 1.0, [5.0, 6.0])],
    "clip": [(M, 1.0, 3.0), (M, None, 3.0), (M, 1.0, None)],
    "maximum": [(M, 2.0)],
    "minimum": [(M, 2.0)],
    "round": [(M * 1.37,), (M * 1.37, 1), (M * 137.0, -1)],
    "true_divide": [(M, 2.0)],
    "amax": [(M,), (M, 0)],
    "amin": [(M,), (M, 1)],
    "abs": [(-M,)],
}  # fmt: skip


@pytest.mark.parametrize("name", LIKE_NUMPY)
def test_functions_are_numpys(name: str) -> None:
    for arguments in LIKE_NUMPY[name]:
        ours, numpys = getattr(ops, name)(*arguments), getattr(np, name)(*arguments)
        ours, numpys = (x if isinstance(x, list) else [x] for x in (ours, numpys))
        assert len(ours) == len(numpys)
        for y, expected in zip(ours, numpys):
            assert y.shape == np.shape(expected), arguments
            np.testing.assert_allclose(y.numpy(), expected, rtol=1e-6, err_msg=str(arguments))


def test_the_places_of_a_border_are_found_once() -> None:
    x = np.arange(24.0).reshape(2, 3, 4)
    shapes._bordered.cache_clear()
    for _ in range(3):
        found = ops.pad(x, ((0, 0), (1, 2), (0, 0)), mode="symmetric")
    np.testing.assert_array_equal(found, np.pad(x, ((0, 0), (1, 2), (0, 0)), mode="symmetric"))
    assert shapes._bordered.cache_info()[:2] == (2, 1)  # hits and misses: of one axis alone


@pytest.mark.parametrize("mode", ["reflect", "symmetric", "edge", "wrap"])
def test_borders_are_numpys(mode: str) -> None:
    for width in (1, (2, 1), ((1, 0), (0, 2)), 7):
        expected = np.pad(M, width, mode=mode)
        np.testing.assert_array_equal(ops.pad(M, width, mode=mode).numpy(), expected)
    check_gradients(lambda x: ops.pad(x, 2, mode=mode), [M])


def test_a_border_may_hold_a_number() -> None:
    expected = np.pad(M, 1, constant_values=9)
    np.testing.assert_array_equal(ops.pad(M, 1, constant_values=9).numpy(), expected)


@given(st.data())
def test_take_along_axis_is_numpys(data: Any) -> None:
    axis = data.draw(st.sampled_from((0, 1, 2, -1, None)))
    x = X.ravel() if axis is None else X
    place = axis or 0
    shape = list(x.shape)
    shape[place] = data.draw(st.integers(0, 4))
    indices = np.random.default_rng(0).integers(-x.shape[place], x.shape[place], shape)
    expected = np.take_along_axis(x, indices, place)
    np.testing.assert_array_equal(ops.take_along_axis(X, indices, axis).numpy(), expected)


@pytest.mark.parametrize("axis", [0, 1, 2])
@pytest.mark.parametrize("count", [0, 1, 2, 4, 300])
def test_rows_taken_from_a_view_are_those_of_its_copy(axis: int, count: int) -> None:
    """Few rows are walked; of many, a copy of the table is made first."""
    base = np.arange(2 * 5 * 14 * 4, dtype="float32").reshape(2, 5, 14, 4)
    views = [
        lambda x: x[0, :, ::2],
        lambda x: ops.transpose(x[0], (2, 0, 1)),
        lambda x: x[1, ::-1, 3:],
    ]
    for view in views:
        x = np.asarray(view(ops.convert_to_tensor(base)))
        indices = np.random.default_rng(count).integers(-x.shape[axis], x.shape[axis], count)
        table = view(ops.convert_to_tensor(base))
        taken = ops.take(table, indices, axis).numpy()
        np.testing.assert_array_equal(taken, np.take(x, indices, axis))
        with pytest.raises(IndexError, match="index 99"):
            ops.take(table, [*indices.tolist(), 99], axis)


def test_nothing_is_taken_from_views_of_nothing() -> None:
    empty = ops.convert_to_tensor(np.zeros((0, 4, 6), "float32"))
    assert ops.take(empty[:, :, ::2], [3, 1], 1).shape == (0, 2, 3)
    with pytest.raises(IndexError, match="index 0"):
        ops.take(empty[:, :, ::2], [0], 0)


def test_take_along_axis_broadcasts_and_adds_up_gradients() -> None:
    np.testing.assert_array_equal(ops.take_along_axis(M, [[2]], 1).numpy(), M[:, 2:])
    check_gradients(lambda x: ops.take_along_axis(x, [[0, 0], [2, 1]], 1), [M], order=2)


def test_blocks_are_cut_out_and_put_in() -> None:
    np.testing.assert_array_equal(ops.slice(X, (0, 1, 2), (2, 2, 1)).numpy(), X[:, 1:, 2:3])
    np.testing.assert_array_equal(ops.slice(X, (0, 1, 2), (-1, -1, 1)).numpy(), X[:, 1:, 2:3])
    updated = X.copy()
    updated[1:, :2, 1:3] = np.nan
    ours = ops.slice_update(X, (1, 0, 1), np.full((1, 2, 2), np.nan))
    np.testing.assert_array_equal(ours.numpy(), updated)
    check_gradients(lambda x, u: ops.slice_update(x, (0, 1), u), [M, np.ones((2, 2))])
    with pytest.raises(ValueError, match="leave axis 1"):
        ops.slice_update(M, (0, 2), np.ones((2, 2)))


@given(start=st.tuples(st.integers(-1, 3), st.integers(-1, 4)), is_pair=st.booleans())
def test_blocks_whose_place_is_a_number_to_come(start: tuple[int, int], is_pair: bool) -> None:
    """In a program they are what they are eagerly, and refused where they leave the tensor."""
    updates = np.full((2, 2), -1.0)

    def cut(place: Tensor) -> Tensor:
        return ops.slice(X[0], place if is_pair else [place[0], start[1]], (2, 2))

    def put(place: Tensor) -> Tensor:
        return ops.slice_update(X[0], place if is_pair else [place[0], start[1]], updates)

    for compute in (cut, put):
        try:
            wanted = compute(ops.convert_to_tensor(start))
        except ValueError:
            with pytest.raises((IndexError, ValueError)):
                pylego.function(compute)(np.array(start))
            continue
        found = pylego.function(compute)(np.array(start))
        np.testing.assert_array_equal(found, wanted)


def test_blocks_move_in_loops_and_have_gradients() -> None:
    def body(i: Tensor, rows: Tensor) -> Tensor:
        return ops.slice_update(rows, [i, 0], ops.slice(rows, [i, 0], (1, M.shape[1])) * 2)

    doubled = ops.fori_loop(0, len(M), body, ops.convert_to_tensor(M))
    np.testing.assert_array_equal(doubled, M * 2)

    def moved(x: Tensor, update: Tensor) -> Tensor:
        place = ops.convert_to_tensor([0, 1])
        cut = pylego.function(lambda x, place: ops.slice(x, place, (1, 2)))
        put = pylego.function(ops.slice_update)
        return put(x, place, update) * ops.sum(cut(x, place))

    check_gradients(moved, [M, np.ones((1, 2))])


def test_where_of_a_condition_alone_finds_places() -> None:
    assert [places.numpy().tolist() for places in ops.where([[True, False], [False, True]])] == [
        [0, 1],
        [0, 1],
    ]
    with pytest.raises(ValueError, match="both x1 and x2"):
        ops.where([True], 1.0)


def test_what_makes_floats_takes_numbers_that_bytes_cannot_hold() -> None:
    bytes_ = ops.convert_to_tensor([1, 200], "uint8")
    for compute in (
        lambda x: x / 300, lambda x: -300 / x, lambda x: ops.arctan2(x, -1),
        lambda x: ops.hypot(x, 300), lambda x: ops.logaddexp(x, 300),
        lambda x: ops.divide_no_nan(x, -3), lambda x: ops.heaviside(x, 300),
    ):  # fmt: skip
        found, wanted = compute(bytes_), compute(ops.cast(bytes_, "float32"))
        assert found.dtype == "float32"
        np.testing.assert_array_equal(found, wanted)
    with pytest.raises(ValueError, match="uint8 cannot hold 300"):
        bytes_ + 300


def test_tensors_are_joined_flat_along_no_axis() -> None:
    parts = [np.arange(6).reshape(2, 3), np.arange(4.0)]
    np.testing.assert_array_equal(ops.concatenate(parts, axis=None), np.concatenate(parts, None))


def test_padding_may_be_written_in_capitals() -> None:
    picture, kernel = np.ones((1, 5, 5, 1)), np.ones((3, 3, 1, 1))
    for word in ("same", "valid"):
        for compute in (
            lambda padding: ops.conv(picture, kernel, padding=padding),
            lambda padding: ops.conv_transpose(picture, kernel, 2, padding=padding),
            lambda padding: ops.max_pool(picture, 2, padding=padding),
            lambda padding: ops.image.extract_patches(picture, 2, padding=padding),
        ):
            np.testing.assert_array_equal(compute(word.upper()), compute(word))


@pytest.mark.parametrize("name", ["sum", "max", "min", "prod"])
def test_rows_with_a_negative_id_belong_to_no_segment(name: str) -> None:
    segment = getattr(ops, f"segment_{name}")
    rows, ids = np.arange(1.0, 9.0).reshape(4, 2), np.array([1, -1, -7, 1])
    wanted = segment(rows[[0, 3]], ids[[0, 3]], 3)
    np.testing.assert_array_equal(segment(rows, ids, 3), wanted)
    np.testing.assert_array_equal(pylego.function(lambda r, i: segment(r, i, 3))(rows, ids), wanted)


@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float32"])
def test_normalized_numbers_keep_the_dtype_of_x(dtype: str) -> None:
    x, wide = ops.ones((2, 4), dtype), ops.ones((4,), "float64")
    assert ops.layer_normalization(x, wide, wide).dtype == dtype
    assert ops.layer_normalization(x[:, None], wide, wide, axis=2).dtype == dtype
    assert ops.layer_normalization(x, wide[:2], wide[:2], axis=0).dtype == dtype
    assert ops.rms_normalization(x, wide).dtype == dtype
    assert ops.rms_normalization(x, wide[:2], axis=0).dtype == dtype


def test_scattered_values_meet_and_replace() -> None:
    places = [[0, 1], [1, 2], [0, 1]]
    added = np.zeros((2, 3))
    np.add.at(added, tuple(np.transpose(places)), [1.0, 2.0, 4.0])
    np.testing.assert_array_equal(ops.scatter(places, [1.0, 2.0, 4.0], (2, 3)).numpy(), added)
    rows = ops.scatter([[1]], [[7.0, 8.0, 9.0]], (2, 3))
    assert rows.numpy().tolist() == [[0.0, 0.0, 0.0], [7.0, 8.0, 9.0]]
    replaced = ops.scatter_update(M, [[0, 1], [1, 2]], [np.nan, -1.0]).numpy()
    np.testing.assert_array_equal(replaced, [[0.0, np.nan, 2.0], [3.0, 4.0, -1.0]])


UFUNCS = {"add": np.add, "max": np.maximum, "min": np.minimum, "mul": np.multiply}


@pytest.mark.parametrize("reduction", [None, *UFUNCS])
@pytest.mark.parametrize("depth", [1, 2])
@pytest.mark.parametrize("count", [0, 1, 9])
def test_updates_that_meet_are_reduced_as_numpy_does(
    reduction: str | None, depth: int, count: int
) -> None:
    generator = np.random.default_rng(depth)
    x = generator.normal(size=(3, 2, 2))
    places = generator.integers(0, 2, (count, depth))
    updates = generator.normal(size=(count, *x.shape[depth:]))
    wanted, at = x.copy(), tuple(np.transpose(places))
    if reduction is None:
        wanted[at] = updates
    else:
        UFUNCS[reduction].at(wanted, at, updates)
    update = partial(ops.scatter_update, reduction=reduction)
    np.testing.assert_allclose(update(x, places, updates).numpy(), wanted, rtol=1e-12)
    recorded = pylego.function(lambda x, u: update(x, places, u))
    np.testing.assert_array_equal(recorded(x, updates), update(x, places, updates))
    check_gradients(lambda x, u: update(x, places, u), [x, updates])


def test_updates_that_do_not_fit_are_refused() -> None:
    with pytest.raises(ValueError, match="Did you mean 'max'"):
        ops.scatter_update(M, [[0, 1]], [1.0], "maxi")
    for reduction in (None, "add", "MAX"):
        with pytest.raises(IndexError, match="scatter_update: an index"):
            ops.scatter_update(M, [[0, 3]], [1.0], reduction)
        with pytest.raises(ValueError, match="scatter_update: indices of shape"):
            ops.scatter_update(M, [[0, 1]], [1.0, 2.0], reduction)


@pytest.mark.parametrize("ord", [None, "fro", 1, -1, np.inf, -np.inf])
def test_norms_of_matrices_are_numpys(ord: Any) -> None:
    for x, axis in ((M - 2.0, None), (X, (0, 2)), (X, (2, 1))):
        for keepdims in (False, True):
            ours = ops.norm(x, ord, axis, keepdims).numpy()
            expected = np.linalg.norm(x, ord, axis, keepdims)
            np.testing.assert_allclose(ours, expected, rtol=1e-12)


@pytest.mark.parametrize("ord", [None, 0, 1, 2, 3, 0.5, -1, np.inf, -np.inf])
def test_norms_of_vectors_are_numpys(ord: Any) -> None:
    for x, axis in ((M - 2.5, 1), (X + 1.0, -1), (M[0] + 1.0, None)):
        expected = np.linalg.norm(x, ord, axis)
        np.testing.assert_allclose(ops.norm(x, ord, axis).numpy(), expected, rtol=1e-12)


def test_normalize_never_divides_by_0() -> None:
    x = np.array([[3.0, 4.0], [0.0, 0.0]])
    for order in (1, 2, 3):
        ours = ops.normalize(x, order=order).numpy()
        np.testing.assert_allclose(ours[0], x[0] / np.linalg.norm(x[0], order))
        assert ours[1].tolist() == [0.0, 0.0]
    assert ops.normalize(5.0).shape == (1,)


def test_moments_are_mean_and_variance() -> None:
    mean, variance = ops.moments(X, axes=[0, 2], keepdims=True)
    np.testing.assert_allclose(mean.numpy(), X.mean((0, 2), keepdims=True))
    np.testing.assert_allclose(variance.numpy(), X.var((0, 2), keepdims=True))


def test_extremes_take_an_initial_number() -> None:
    assert ops.max([1.0, 5.0], initial=7.0).item() == 7.0
    assert ops.min([1.0, 5.0], initial=-1.0).item() == -1.0


@pytest.mark.parametrize("axis", [-1, 0, (0, 2), None])
def test_softmax_runs_over_any_axes(axis: Any) -> None:
    exponents = np.exp(X - X.max())
    expected = exponents / exponents.sum(axis, keepdims=True)
    np.testing.assert_allclose(ops.softmax(X, axis).numpy(), expected, rtol=1e-12)
    np.testing.assert_allclose(ops.log_softmax(X, axis).numpy(), np.log(expected), rtol=1e-9)


@pytest.mark.parametrize("axis", [(0, 1), (1, 0), (-1, 0), [2, 1], (0, 1, 2), (1,), None, ()])
def test_several_axes_are_as_exact_as_one(axis: Any) -> None:
    x = np.random.default_rng(1).normal(1e4, 3.0, (3, 4, 5)).astype(np.float32)
    summed = None if axis is None else tuple(axis)
    far = x.astype(np.float64) - x.max(summed, keepdims=True)
    sums = np.log(np.exp(far).sum(summed, keepdims=True))
    np.testing.assert_allclose(ops.log_softmax(x, axis).numpy(), far - sums, rtol=1e-6, atol=1e-6)
    np.testing.assert_allclose(ops.softmax(x, axis).numpy(), np.exp(far - sums), rtol=1e-6)
    whole = sums + x.max(summed, keepdims=True)
    np.testing.assert_allclose(ops.logsumexp(x, axis, keepdims=True).numpy(), whole, rtol=1e-7)


def test_softmax_over_several_axes_is_that_of_the_flat_numbers_to_the_bit() -> None:
    x = ops.convert_to_tensor([[1e4, 1e4 - 0.5], [1e4 - 1, 1e4 - 2]])
    for function in (ops.softmax, ops.log_softmax):
        flat = function(ops.reshape(x, -1)).numpy().reshape(2, 2)
        for axis in (None, (0, 1), (1, 0), (-1, -2)):
            np.testing.assert_array_equal(function(x, axis).numpy(), flat)
    assert ops.softmax(3.0, None).item() == 1.0
    check_gradients(lambda x: ops.softmax(x, (2, 0)), [X], order=2)


@pytest.mark.parametrize("axis", [(0, 1), (0, 2), (2, 0), 1, None])
def test_statistics_over_several_axes_keep_their_digits(axis: Any) -> None:
    x = np.random.default_rng(1).normal(3e3, 1.0, (6, 7, 50)).astype(np.float32)
    wide = x.astype(np.float64)
    for name in ("sum", "mean", "var", "std"):
        expected = getattr(np, name)(wide, axis)
        np.testing.assert_allclose(getattr(ops, name)(x, axis).numpy(), expected, rtol=5e-7)
    axes = tuple(range(3)) if axis is None else axis
    mean, variance = ops.moments(x, [axes] if isinstance(axes, int) else axes)
    np.testing.assert_allclose(mean.numpy(), wide.mean(axis), rtol=5e-7)
    np.testing.assert_allclose(variance.numpy(), wide.var(axis), rtol=5e-7)


def test_large_inputs_stay_finite() -> None:
    x = np.array([-1e4, 0.0, 1e4], np.float32)
    smooth = ("sigmoid", "softplus", "log_sigmoid", "silu", "elu", "selu", "gelu", "softsign",
              "softmax", "log_softmax", "tanh", "hard_silu", "leaky_relu", "logsumexp")  # fmt: skip
    for name in smooth:
        source = ops.convert_to_tensor(x)
        with GradientTape() as tape:
            tape.watch(source)
            y = getattr(ops, name)(source)
        assert np.isfinite(y.numpy()).all(), name
        assert np.isfinite(tape.gradient(y, source).numpy()).all(), name


@pytest.mark.parametrize(
    "name",
    ["relu6", "leaky_relu", "hard_sigmoid", "log_sigmoid", "softsign", "silu", "hard_silu", "elu",
     "selu", "gelu", "logsumexp", "var", "std", "norm", "normalize", "softmax", "cumsum", "prod"],
)  # fmt: skip
def test_composites_can_be_differentiated_twice(name: str) -> None:
    x = np.array([[-2.3, 0.4], [1.7, 0.9]])
    check_gradients(getattr(ops, name), [x], order=2)


# ---- where there is no slope ----------------------------------------------------------------

WEIGHTS = np.array([1.0, -2.0, 3.0])


def norm_of(ord: Any) -> Callable:
    return lambda x: ops.sum(ops.norm(x, ord, axis=-1))


def normalized_by(order: int, epsilon: float | None = None) -> Callable:
    return lambda x: ops.sum(WEIGHTS * ops.normalize(x, order=order, epsilon=epsilon))


LENGTHS: dict[str, Callable] = {
    **{f"norm {ord}": norm_of(ord) for ord in (None, 0, 0.5, 1, 1.5, 2, 3, np.inf, -np.inf)},
    **{f"normalize {order}": normalized_by(order) for order in (1, 2, 3)},
    "normalize, tiny epsilon": normalized_by(2, 1e-12),
    "std": lambda x: ops.sum(ops.std(x, axis=-1)),
}


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", LENGTHS)
def test_gradients_are_0_where_a_length_is_0(name: str, dtype: str) -> None:
    x = ops.convert_to_tensor(np.array([[0.0, 0.0, 0.0], [1.0, -2.0, 4.0]], dtype))
    first = grad(LENGTHS[name])(x).numpy()
    second = grad(lambda x: ops.sum(WEIGHTS * grad(LENGTHS[name])(x)))(x).numpy()
    alone = grad(LENGTHS[name])(x[1:]).numpy()
    assert first[0].tolist() == [0.0, 0.0, 0.0]
    assert np.isfinite(second).all()
    np.testing.assert_array_equal(first[1:], alone)


@pytest.mark.parametrize("ord", ["fro", 1, -1, np.inf, -np.inf, None])
def test_gradients_are_0_where_a_norm_of_matrices_is_0(ord: Any) -> None:
    slopes = grad(lambda x: ops.norm(x, ord, axis=(0, 1)))(ops.zeros((2, 3))).numpy()
    assert not slopes.any()


def test_powers_pass_no_gradient_through_an_infinite_slope() -> None:
    x = ops.convert_to_tensor([[0.0, 2.0], [3.0, 4.0]])
    for ord in (-2, -1, 0.5):
        slopes = grad(norm_of(ord))(x).numpy()
        assert np.isfinite(slopes).all()
        assert slopes[0, 0] == 0.0


def test_equal_numbers_have_no_spread_and_no_gradient_of_it() -> None:
    for axis in (None, 0, (0, 1)):
        slopes = grad(lambda x: ops.sum(ops.std(x, axis)))(ops.full((3, 2), 7.0))  # noqa: B023
        assert not slopes.numpy().any()
    assert not grad(lambda x: ops.sum(ops.std(x, 0)))(ops.ones((1, 3))).numpy().any()


def test_rows_shorter_than_epsilon_are_scaled_by_it() -> None:
    x = ops.convert_to_tensor([[1e-9, 0.0, 0.0]])
    first = grad(lambda x: ops.sum(WEIGHTS * ops.normalize(x)))(x).numpy()
    np.testing.assert_allclose(first, [[1e7, -2e7, 3e7]], rtol=1e-6)
    tiny = ops.convert_to_tensor([[1e-19, 0.0, 0.0]])  # whose square is next to nothing
    assert np.isfinite(grad(lambda x: ops.sum(ops.normalize(x)))(tiny).numpy()).all()


def test_logsumexp_of_nothing_has_no_gradient() -> None:
    x = ops.convert_to_tensor([[-np.inf, -np.inf], [0.0, 0.0]])
    assert ops.logsumexp(x, axis=1).numpy().tolist() == [-np.inf, np.log(np.float32(2))]
    slopes = grad(lambda x: ops.sum(ops.logsumexp(x, axis=1)))(x).numpy()
    assert slopes.tolist() == [[0.0, 0.0], [0.5, 0.5]]


def test_a_row_of_zeros_leaves_the_weights_whole() -> None:
    layer, x = layers.Dense(3, use_bias=False), np.array([[1.0, 2.0], [0.0, 0.0]], np.float32)
    layer.build((None, 2))
    for length in (*LENGTHS.values(), lambda y: ops.sum(layers.UnitNormalization()(y))):
        with GradientTape() as tape:
            loss = length(layer(x))
        slopes = tape.gradient(loss, layer.kernel, unconnected_gradients="zero")
        assert np.isfinite(slopes.numpy()).all()


# ---- NaN among extremes ---------------------------------------------------------------------


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("length", [1, 2, 3, 5, 8, 17, 64, 100])
def test_extremes_find_a_nan_wherever_it_is(length: int, dtype: str) -> None:
    for place in {0, 1 % length, length // 2, length - 1}:
        x = np.arange(length, dtype=dtype)
        x[place] = np.nan
        for row, axis in ((x, 0), (-x, 0), (np.tile(x, (3, 1)), 1), (np.tile(x, (5, 1)).T, 0)):
            assert np.isnan(ops.max(row, axis).numpy()).all()
            assert np.isnan(ops.min(row, axis).numpy()).all()
            assert (ops.argmax(row, axis).numpy() == place).all()
            assert (ops.argmin(row, axis).numpy() == place).all()


@pytest.mark.parametrize("name", ["tile", "roll", "repeat", "flip", "tril", "transpose", "split"])
def test_shape_functions_pass_gradients(name: str) -> None:
    arguments = {"tile": ((2, 3),), "roll": (1,), "repeat": (3,), "split": (2,)}.get(name, ())
    check_gradients(lambda x: getattr(ops, name)(x, *arguments), [M], order=2)


# ---- products -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("a", "b"),
    [((3,), (3,)), ((2, 3), (3,)), ((3,), (3, 2)), ((2, 3), (3, 4)), ((5, 2, 3), (3, 4)),
     ((5, 1, 2, 3), (4, 3, 2)), ((0, 3), (3, 2)), ((2, 0), (0, 3)), ((3,), (5, 3, 2))],
)  # fmt: skip
def test_matmul_is_numpys(a: tuple, b: tuple) -> None:
    generator = np.random.default_rng(0)
    x, y = generator.standard_normal(a), generator.standard_normal(b)
    np.testing.assert_allclose(ops.matmul(x, y).numpy(), x @ y, atol=1e-12)
    check_gradients(ops.matmul, [x, y], order=2)


# ---- refusals -------------------------------------------------------------------------------

REFUSED: list[tuple[Callable[[], Any], type, str]] = [
    (lambda: ops.add(np.ones((2, 3)), np.ones(4)), ValueError, r"add: shapes \(2, 3\) and \(4,\)"),
    (lambda: ops.matmul(M, M), ValueError, r"matmul: .*\(2, 3\) and \(2, 3\).*inner lengths 3"),
    (lambda: ops.matmul(M, 1.0), ValueError, r"at least one axis on both sides"),
    (lambda: ops.matmul([1.0, 2.0], [1.0]), ValueError, r"inner lengths 2 and 1 differ"),
    (lambda: ops.reshape(M, (4, -1)), ValueError, r"reshape: the 6 elements of shape \(2, 3\)"),
    (lambda: ops.sum(M, axis=2), ValueError, "axis 2 is out of bounds for a tensor of 2 axes"),
    (lambda: ops.sum(M, axis=(0, -2)), ValueError, "names an axis twice"),
    (lambda: ops.sum(M, axis=1.5), TypeError, "axis=1.5"),
    (lambda: ops.max(np.ones((2, 0)), axis=1), ValueError, "max"),
    (lambda: ops.argmax(np.ones((0,))), ValueError, "argmax"),
    (lambda: ops.take(M, [6]), IndexError, "take: index 6 at position"),
    (lambda: ops.take(M, [0.5]), TypeError, "take.*integers"),
    (
        lambda: ops.take_along_axis(M, [[3], [0]], 1),
        IndexError,
        r"take_along_axis: index 3 .*\(0, 0\).* 3$",
    ),
    (lambda: ops.take_along_axis(M, [0], 1), ValueError, "as many axes as x"),
    (lambda: ops.scatter([[0, 3]], [1.0], (2, 3)), IndexError, r"scatter.*\(2, 3\)"),
    (lambda: ops.squeeze(M, 0), ValueError, r"squeeze: shape \(2, 3\) is not 1"),
    (lambda: ops.split(M, 2, axis=1), ValueError, "split: axis 1.*2 equal parts"),
    (lambda: ops.unstack(M, num=3), ValueError, "num=3, but axis 0"),
    (lambda: ops.concatenate([]), ValueError, "at least one tensor"),
    (lambda: ops.concatenate([M, X]), ValueError, "concatenate"),
    (lambda: ops.stack([]), ValueError, "at least one tensor"),
    (lambda: ops.stack([M, M.T]), ValueError, "stack"),
    (lambda: ops.transpose(M, (0, 0)), ValueError, r"axes \(0, 0\)"),
    (lambda: ops.moveaxis(M, (0, 1), 0), ValueError, "differ in length"),
    (lambda: ops.broadcast_to(M, (3, 2)), ValueError, r"broadcast_to: shape \(2, 3\)"),
    (lambda: ops.pad(M, -1), ValueError, "pad"),
    (lambda: ops.pad(M, ((1, 1),) * 3), ValueError, "pair for each of 2 axes"),
    (lambda: ops.pad(M, 1, mode="mirror"), ValueError, "mode 'mirror' is none of"),
    (lambda: ops.pad(M, 1, mode="edge", constant_values=1), ValueError, "mode='constant'"),
    (lambda: ops.tril([1.0]), ValueError, "at least two axes"),
    (lambda: ops.arange(0, 1, 0), ValueError, "step must not be 0"),
    (lambda: ops.linspace(0, 1, -1), ValueError, "num must be 0 or more"),
    (lambda: ops.eye(2.5), TypeError, "N=2.5"),
    (lambda: ops.tensordot(M, M, 1), ValueError, r"\(2, 3\) and \(2, 3\) do not fit"),
    (lambda: ops.norm(M, "nux"), ValueError, "ord='nux' over 2 axes"),
    (lambda: ops.normalize(M, order=0), ValueError, "order=0"),
    (lambda: ops.subtract([True], [True]), TypeError, "subtract does not work on bool"),
    (lambda: ops.one_hot([0], 3, sparse=True), ValueError, "no sparse tensors"),
    (lambda: ops.binary_crossentropy([1.0], [[0.5]]), ValueError, "binary_crossentropy"),
    (lambda: ops.categorical_crossentropy([[1.0]], [[0.5, 0.5]]), ValueError, "same shape"),
    (lambda: ops.sparse_categorical_crossentropy([2], [[0.5, 0.5]]), IndexError, "label 2"),
    (lambda: ops.sparse_categorical_crossentropy([-1], [[0.5, 0.5]]), IndexError, "label -1"),
]


@pytest.mark.parametrize(("call", "error", "sentence"), REFUSED, ids=[row[2] for row in REFUSED])
def test_what_does_not_fit_is_refused(call: Callable, error: type, sentence: str) -> None:
    with pytest.raises(error, match=sentence):
        call()


# ---- the whole ------------------------------------------------------------------------------


def test_everything_exported_is_documented_and_works_on_lists() -> None:
    assert len(ops.__all__) > 300
    for name in ops.__all__:
        assert getattr(ops, name).__doc__, f"{name} has no docstring"
    for name in ("sum", "exp", "relu", "shape", "flip", "cumsum", "softmax"):
        assert getattr(ops, name)([[1.0, 2.0]]) is not None


def test_labels_may_be_floats_and_have_an_axis_of_their_own() -> None:
    probabilities = [[0.25, 0.75], [0.5, 0.5]]
    expected = -np.log([0.75, 0.5])
    for labels in ([1, 0], [1.0, 0.0], [[1], [0]]):
        ours = ops.sparse_categorical_crossentropy(labels, probabilities)
        np.testing.assert_allclose(ours.numpy(), expected, rtol=1e-6)


def test_tensors_pass_through() -> None:
    x = ops.convert_to_tensor(M)
    assert ops.convert_to_tensor(x) is x
    assert ops.cast(x, "float64") is x
    assert isinstance(ops.convert_to_numpy(x), np.ndarray)
    assert ops.is_tensor(x)
    assert not ops.is_tensor(M)
    assert (ops.shape(M), ops.ndim(M), ops.size(M)) == ((2, 3), 2, 6)
    assert [row.shape for row in ops.unstack(x, axis=1)] == [(2,)] * 3
    assert isinstance(ops.stop_gradient(x), Tensor)


@pytest.mark.parametrize(
    ("dtype", "value"),
    [
        ("uint8", -1),
        ("uint8", 256),
        ("int32", 2.5),
        ("int32", math.nan),
        ("int32", 2**31),
        ("bool", 2),
    ],
)
def test_a_border_of_what_the_dtype_cannot_hold_is_refused(dtype: str, value: float) -> None:
    x = ops.convert_to_tensor(np.ones((2,), dtype))
    with pytest.raises(ValueError, match=f"{dtype} cannot hold constant_values={value}"):
        ops.pad(x, 1, constant_values=value)
    assert ops.pad(x, 1, constant_values=1).numpy().tolist() == [1, 1, 1, 1]


@pytest.mark.parametrize("dtype", ["uint8", "int32", "int64", "float32", "float64"])
def test_extremes_of_numbers_of_one_sign(dtype: str) -> None:
    """What a running extreme begins with must not win."""
    x = np.array([[3, 7, 3], [5, 9, 9]], dtype)
    x = x if dtype == "uint8" else -x
    for y in (x, x * 20 if dtype == "uint8" else x):
        for axis in (None, 0, 1):
            np.testing.assert_array_equal(ops.max(y, axis), np.max(y, axis))
            np.testing.assert_array_equal(ops.min(y, axis), np.min(y, axis))
            np.testing.assert_array_equal(
                ops.min(-y.astype("int64"), axis), -np.max(y, axis).astype("int64")
            )


@pytest.mark.parametrize("dtype", ["bool", "uint8", "int32", "int64", "float32", "float64"])
def test_of_equal_extremes_the_first_is_found(dtype: str) -> None:
    x = np.array([[0, 1, 0, 1], [1, 0, 1, 0], [1, 1, 1, 1]], dtype)
    for axis in (0, 1):
        np.testing.assert_array_equal(ops.argmax(x, axis), np.argmax(x, axis))
        np.testing.assert_array_equal(ops.argmin(x, axis), np.argmin(x, axis))
