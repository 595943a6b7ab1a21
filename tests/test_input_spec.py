"""`InputSpec`: what a layer takes, as Keras says it."""

from __future__ import annotations

import numpy as np
import pytest

from pylego import Variable, ops
from pylego.layers import Input, InputSpec, Layer


class Takes(Layer):
    def __init__(self, spec: InputSpec):
        super().__init__()
        self.input_spec = spec

    def call(self, inputs):
        return 0 if inputs is None else ops.sum(inputs)


def test_specs_come_round():
    spec = InputSpec(shape=(None, 3), dtype="float32", axes={-1: 3}, optional=True)
    same = InputSpec.from_config(spec.get_config())
    assert same.get_config() == spec.get_config()
    assert same.ndim == 2


def test_a_last_axis_of_one_may_lack_or_be_beyond():
    wide = Takes(InputSpec(shape=(None, 28, 28, 1), allow_last_axis_squeeze=True))
    narrow = Takes(InputSpec(shape=(None, 28, 28), allow_last_axis_squeeze=True))
    for layer in (wide, narrow):
        assert layer(np.ones((2, 28, 28), "float32")) == layer(np.ones((2, 28, 28, 1), "float32"))
        with pytest.raises(ValueError, match="expects inputs of shape"):
            layer(np.ones((2, 28, 28, 2), "float32"))
    with pytest.raises(ValueError, match="expects inputs of shape"):
        Takes(InputSpec(shape=(None, 28, 28)))(np.ones((2, 28, 28, 1), "float32"))


def test_inputs_that_may_be_none():
    assert Takes(InputSpec(ndim=2, optional=True))(None) == 0
    with pytest.raises(ValueError, match="without inputs"):
        Takes(InputSpec(ndim=2))(None)


def test_axes_are_checked():
    with pytest.raises(TypeError, match="dictionary"):
        InputSpec(axes=[3])
    with pytest.raises(TypeError, match="dictionary"):
        InputSpec(axes={"last": 3})
    with pytest.raises(ValueError, match="axis 2 is beyond the 2 axes"):
        InputSpec(ndim=2, axes={2: 5})


@pytest.mark.parametrize("make", [ops.convert_to_tensor, Variable])
def test_python_rounds(make):
    x = make([0.5, 1.5, -2.75])
    np.testing.assert_array_equal(round(x), [0, 2, -3])
    np.testing.assert_allclose(round(x, 1), np.round([0.5, 1.5, -2.75], 1))
    assert round(Input((3,))).shape == (None, 3)
