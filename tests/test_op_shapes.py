"""Shapes of ops on placeholders: Keras's for every op, and where free lengths have to fit."""

from __future__ import annotations

from typing import Any

import goldens
import numpy as np
import pytest

from pylego import Function, KerasTensor, layers, ops
from pylego.core.tree import leaves

GOLDEN = goldens.load("op_shapes")
# They take whole numbers only; Keras's placeholders are not asked.
WHOLE = {"bincount", "gcd", "lcm", "left_shift", "right_shift"}
# Keras is wrong (its `corrcoef` of a vector is a number, its `slogdet` of two matrices has two
# signs), or asks for three colors only when numbers come; a number that is known is not a
# tensor here.
OWN = {"corrcoef", "slogdet", "ndim", "size", "dtype", "hsv_to_rgb", "rgb_to_grayscale",
       "rgb_to_hsv"}  # fmt: skip
# Where all lengths are free, Keras does not look what fits: what is square, or has 2 numbers.
UNLIKE = {
    ("broadcast_to", "first"), ("broadcast_to", "last"), ("broadcast_to", "all"),
    ("cross", "all"), ("logdet", "last"), ("cholesky_inverse", "all"), ("diagonal", "first"),
    ("affine_transform", "first"), ("affine_transform", "last"), ("affine_transform", "all"),
}  # fmt: skip
# A slice x[:2] of a free axis: Keras says nothing about its length, and we that it is no shorter.
SLICED = {"conv_transpose", "dsplit", "glu", "hsplit", "split"}


def placeholders(name: str, free: str) -> dict[str, KerasTensor]:
    found = {}
    for letter, (shape, dtype) in GOLDEN["inputs"].items():
        last = len(shape) - 1
        axes = {"none": (), "first": (0,), "last": (last,), "all": range(last + 1)}[free]
        lengths = tuple(None if axis in axes else n for axis, n in enumerate(shape))
        is_whole = name in WHOLE or name.startswith("bitwise")
        found[letter] = KerasTensor(lengths, "int32" if is_whole else dtype)
    return found


@pytest.mark.parametrize("free", GOLDEN["free"])
@pytest.mark.parametrize("name", sorted(GOLDEN["ops"].keys() - OWN))
def test_shapes_are_keras_s(name: str, free: str) -> None:
    expression, *answers = GOLDEN["ops"][name]
    wanted = answers[GOLDEN["free"].index(free)]
    if wanted == "!" or (name, free) in UNLIKE:
        return
    known = {"ops": ops, "axis": -1, "axes": -1, "dtype": "float32", **placeholders(name, free)}
    found = [x for x in leaves(eval(expression, known)) if isinstance(x, KerasTensor)]
    ours = [list(x.shape) for x in found]
    if name in SLICED:
        ours = [[b and a for a, b in zip(one, other)] for one, other in zip(ours, wanted)]
    assert ours == wanted


P = KerasTensor


@pytest.mark.parametrize(
    ("compute", "shape"),
    [
        (lambda: P((None,)) + P((6, None)), (6, None)),
        (lambda: P((None, 3)) + P((10, 3)), (10, 3)),
        (lambda: ops.matmul(P((2, 3, None)), P((2, 4, None))), (2, 3, None)),
        (lambda: ops.matmul(P((None, None)), P((4, None))), (None, None)),
        (lambda: ops.matmul(P((None, 3, None)), P((2, 4, 5))), (2, 3, 5)),
        (lambda: ops.einsum("ab,bc->ac", P((None, None)), P((4, 7))), (None, 7)),
        (lambda: layers.Dot(1)([P((None, 4)), P((None, None))]), (None, 1)),
        (lambda: layers.Add()([P((None, 4)), P((3, 4))]), (3, 4)),
        (lambda: ops.slice(P((3, None)), P((2,), "int32"), (2, 2)), (2, 2)),
        (lambda: ops.slice_update(P((4, None)), P((2,), "int32"), P((2, 2))), (4, None)),
        (lambda: ops.while_loop(lambda x: True, lambda x: x, P((10, None))), (10, None)),
        (lambda: ops.unstack(P((2, None, None)), num=3, axis=1)[2], (2, None)),
        (lambda: ops.unique(P((4,)), return_counts=True)[1], (None,)),
        (lambda: ops.scan(lambda c, x: (c, x + c), P((None,)), P((6, None)))[1], (6, None)),
        (lambda: ops.sum(P((None, 3))) / ops.size(P((None, 3))), ()),
    ],
)
def test_free_lengths_that_have_to_fit_others(compute: Any, shape: tuple) -> None:
    assert compute().shape == shape


@pytest.mark.parametrize(
    ("compute", "words"),
    [
        (lambda: ops.unstack(P((2, None, None)), axis=1), "how many outputs"),
        (lambda: ops.matmul(P((None, 5)), P((4, 3))), "inner lengths 5 and 4"),
        (lambda: ops.convert_to_numpy(P((2,))), "has no numbers"),
        (lambda: ops.cond(P((), "bool"), lambda: P((3,)), lambda: P((3,))), "from outside"),
        (lambda: ops.slice(P((3, 3)), P((2,), "int32"), (-1, -1)), "no numbers yet"),
        (lambda: ops.slice(P((3, 3)), P((3,), "int32"), (1, 1)), "start_indices"),
    ],
)
def test_what_no_length_mends_is_refused(compute: Any, words: str) -> None:
    with pytest.raises((ValueError, TypeError), match=words):
        compute()


def test_a_graph_counts_unstacks_and_slices_what_comes() -> None:
    x, start = P((None, 3)), P((2,), "int32")
    doubled = ops.while_loop(lambda y: ops.max(y) < 10, lambda y: y * 2, x)
    rows = ops.unstack(x, num=4)
    graph = Function([x, start], [ops.sum(x) / ops.size(x), ops.slice(x, start, (2, 1)), doubled,
                                  rows[3]])  # fmt: skip
    numbers = np.arange(12.0).reshape(4, 3)
    mean, block, large, last = graph([numbers, np.array([1, 2])])
    assert mean.item() == numbers.mean()
    np.testing.assert_array_equal(block, [[5.0], [8.0]])
    np.testing.assert_array_equal(large, numbers)
    np.testing.assert_array_equal(last, numbers[3])


def test_a_diagonal_of_one_free_axis_has_a_free_length() -> None:
    for shape in ((3, None), (None, 3), (None, None)):
        assert ops.diag(KerasTensor(shape)).shape == ops.diagonal(KerasTensor(shape), 1).shape
        assert ops.diagonal(KerasTensor(shape)).shape == (None,)
    assert ops.diagonal(KerasTensor((None, 3, 4))).shape == (4, None)
    assert ops.diagonal(KerasTensor((None, 3, 4)), 0, 1, axis2=2).shape == (None, 3)
    assert ops.diag(KerasTensor((None,))).shape == (None, None)
    x = layers.Input((4, None), batch_size=2)
    function = Function(x, ops.diagonal(x, axis1=1, axis2=2))
    assert function(np.ones((2, 4, 2), np.float32)).shape == (2, 2)
