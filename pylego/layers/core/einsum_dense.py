"""The fully connected layer over any axes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from pylego import activations, constraints, initializers, ops, regularizers
from pylego.core.tensor import Tensor
from pylego.initializers import VarianceScaling
from pylego.layers.adapters import ADAPTED_WEIGHT, LowRankLayer, refuse_few_bits
from pylego.layers.input_spec import InputSpec

Shape = tuple[int | None, ...]

_EQUATION = re.compile(r"(\.\.\.)?([a-zA-Z]+)(\.\.\.)?,([a-zA-Z]+)->(\.\.\.)?([a-zA-Z]+)(\.\.\.)?")


class EinsumDense(LowRankLayer):
    """Multiply inputs with a kernel as an equation says: activation(einsum(inputs, kernel) + bias).

    "abc,cd->abd" is a `Dense` over sequences, "...x,xy->...y" one over any number of axes,
    "abc,cde->abde" makes heads of attention.

    Args:
        equation: axes of the inputs, the kernel and the outputs, as for `ops.einsum`. `...` stands
            for axes of the inputs that come out as they are, at the same end.
        output_shape: lengths of the outputs' axes, without the batch axis and those of `...`; None
            for a length of the inputs.
        activation: name or function; None for none.
        bias_axes: the axes of the outputs that have a bias, such as "d"; None for no bias.
        kernel_initializer: how the kernel starts.
        bias_initializer: how the bias starts.
        kernel_regularizer: penalty on the kernel.
        bias_regularizer: penalty on the bias.
        kernel_constraint: applied to the kernel after each step.
        bias_constraint: applied to the bias after each step.
        lora_rank: calls `enable_lora` with that rank, once the layer is built; None does not.
        lora_alpha: see `enable_lora`.
        gptq_unpacked_column_size: only None.
        quantization_config: only None.
        **kwargs: see `Layer`.

    Raises:
        NotImplementedError: for weights of few bits.
        ValueError: for an equation of another form, and shapes that do not fit it.

    >>> layer = EinsumDense("abc,cd->abd", (None, 64), bias_axes="d")
    >>> layer.compute_output_shape((None, 32, 128)), layer.count_params()
    ((None, 32, 64), 8256)
    """

    def __init__(
        self,
        equation: str,
        output_shape: int | Sequence[int | None],
        activation: Any = None,
        bias_axes: str | None = None,
        kernel_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        kernel_regularizer: Any = None,
        bias_regularizer: Any = None,
        kernel_constraint: Any = None,
        bias_constraint: Any = None,
        lora_rank: int | None = None,
        lora_alpha: float | None = None,
        gptq_unpacked_column_size: Any = None,
        quantization_config: Any = None,
        **kwargs: Any,
    ):
        super().__init__(**kwargs)
        refuse_few_bits(
            "EinsumDense",
            quantization_config=quantization_config,
            gptq_unpacked_column_size=gptq_unpacked_column_size,
        )
        self._begin_low_rank(lora_rank, lora_alpha)
        self.equation = equation
        self._axes = _Axes(self.name, equation, bias_axes)
        if isinstance(output_shape, int):
            output_shape = (output_shape,)
        self.partial_output_shape = tuple(output_shape)
        self.bias_axes = bias_axes
        self.activation = activations.get(activation)
        self.kernel_initializer = initializers.get(kernel_initializer)
        self.bias_initializer = initializers.get(bias_initializer)
        self.kernel_regularizer = regularizers.get(kernel_regularizer)
        self.bias_regularizer = regularizers.get(bias_regularizer)
        self.kernel_constraint = constraints.get(kernel_constraint)
        self.bias_constraint = constraints.get(bias_constraint)

    def build(self, input_shape: Shape) -> None:
        output_shape = self._axes.output_shape(input_shape, self.partial_output_shape)
        self.kernel = self.add_weight(
            self._axes.kernel_shape(input_shape, output_shape),
            self._initializer_for_axes(),
            regularizer=self.kernel_regularizer,
            constraint=self.kernel_constraint,
            name="kernel",
        )
        self.bias = None
        if self.bias_axes is not None:
            self.bias = self.add_weight(
                self._axes.bias_shape(output_shape),
                self.bias_initializer,
                regularizer=self.bias_regularizer,
                constraint=self.bias_constraint,
                name="bias",
            )
        self.input_spec = InputSpec(ndim=len(input_shape))
        self._end_low_rank()

    def _initializer_for_axes(self) -> Any:
        """The kernel's initializer, which learns what axes count inputs and outputs."""
        found = self.kernel_initializer
        if not isinstance(found, VarianceScaling):
            return found
        if None not in (found.input_axes, found.output_axes):
            return found
        inputs, outputs = self._axes.of_kernel()
        config = {"input_axes": inputs, "output_axes": outputs}
        return type(found).from_config({**found.get_config(), **config})

    kernel = ADAPTED_WEIGHT

    def call(self, inputs: Tensor) -> Tensor:
        x = ops.einsum(self.equation, inputs, self.kernel)
        if self.bias is not None:
            x = x + self.bias
        activation = self.activation or activations.linear
        return activation(x)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        if not self.built:
            self.build(input_shape)
        return self._axes.output_shape(input_shape, self.partial_output_shape)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "output_shape": self.partial_output_shape,
            "equation": self.equation,
            "activation": activations.serialize(self.activation),
            "bias_axes": self.bias_axes,
            "kernel_initializer": initializers.serialize(self.kernel_initializer),
            "bias_initializer": initializers.serialize(self.bias_initializer),
            "kernel_regularizer": regularizers.serialize(self.kernel_regularizer),
            "bias_regularizer": regularizers.serialize(self.bias_regularizer),
            "activity_regularizer": regularizers.serialize(self.activity_regularizer),
            "kernel_constraint": constraints.serialize(self.kernel_constraint),
            "bias_constraint": constraints.serialize(self.bias_constraint),
            "quantization_config": None,
        }


class _Axes:
    """The letters of an equation, and the lengths that they stand for."""

    def __init__(self, owner: str, equation: str, bias_axes: str | None):
        self.owner, self.equation = owner, equation
        read = _EQUATION.fullmatch(equation.replace(" ", "")) if isinstance(equation, str) else None
        ends = read.group(1, 3, 5, 7) if read else ("...",) * 4
        if read is None or ends[:2] != ends[2:] or all(ends):
            raise ValueError(
                f"Layer {owner!r}: the equation has the form 'abc,cd->abd', '...c,cd->...d' or "
                f"'ab...,bc->ac...'. Received: equation={equation!r}"
            )
        self.inputs, self.kernel, self.outputs = read.group(2, 4, 6)
        self.elides_first, self.elides_last = map(bool, ends[:2])
        self.bias = bias_axes
        self._check_letters()

    def _check_letters(self) -> None:
        for letter in self.outputs:
            if letter not in self.inputs + self.kernel:
                self._refuse(f"the output axis {letter!r} is neither in the inputs nor the kernel")
        for letter in self.kernel:
            if letter not in self.inputs + self.outputs:
                self._refuse(f"the kernel axis {letter!r} is neither in the inputs nor the outputs")
        for letter in self.bias or "":
            if letter not in self.outputs:
                self._refuse(f"bias_axes={self.bias!r}, but the outputs have no axis {letter!r}")

    def _refuse(self, reason: str) -> None:
        raise ValueError(f"Layer {self.owner!r}: in the equation {self.equation!r} {reason}")

    def output_shape(self, input_shape: Shape, partial: Shape) -> Shape:
        """The lengths of all axes of the outputs; None where they are free."""
        elided = len(input_shape) - len(self.inputs)
        if elided < self.elides_first or (elided and not (self.elides_first or self.elides_last)):
            self._refuse(f"the inputs have other axes. Received: inputs of shape {input_shape}")
        named = partial if self.elides_first else (None, *partial)
        if len(named) != len(self.outputs):
            self._refuse(
                f"the outputs have {len(self.outputs)} axes, the batch axis among them. Received: "
                f"output_shape={partial}"
            )
        skipped = elided if self.elides_first else 0
        inputs = input_shape[skipped : skipped + len(self.inputs)]
        lengths = dict(zip(self.inputs, inputs))
        given = map(lengths.get, self.outputs)
        found = map(self._length, self.outputs, named, given)
        return (*input_shape[:skipped], *found, *input_shape[skipped + len(self.inputs) :])

    def _length(self, letter: str, wanted: int | None, given: int | None) -> int | None:
        if None not in (wanted, given) and wanted != given:
            self._refuse(
                f"the axis {letter!r} has length {given} in the inputs and {wanted} in output_shape"
            )
        return given if wanted is None else wanted

    def kernel_shape(self, input_shape: Shape, output_shape: Shape) -> Shape:
        """The lengths of the kernel's axes."""
        skipped = len(input_shape) - len(self.inputs) if self.elides_first else 0
        lengths = dict(zip(self.inputs, input_shape[skipped:]))
        lengths.update(zip(self.outputs, output_shape[skipped:]))
        return tuple(lengths[letter] for letter in self.kernel)

    def bias_shape(self, output_shape: Shape) -> Shape:
        """The lengths of the bias's axes: 1 where it has none, from its first axis on."""
        skipped = len(output_shape) - len(self.outputs) if self.elides_first else 0
        named = list(zip(self.outputs, output_shape[skipped:]))
        first = min(self.outputs.index(letter) for letter in self.bias or "")
        lengths = [length if letter in (self.bias or "") else 1 for letter, length in named[first:]]
        return (*lengths, *[1] * (len(output_shape) - skipped - len(named)))

    def of_kernel(self) -> tuple[list[int], list[int]]:
        """Which axes of the kernel count inputs, and which outputs."""
        outputs = [i for i, letter in enumerate(self.kernel) if letter in self.outputs]
        return [i for i in range(len(self.kernel)) if i not in outputs], outputs
