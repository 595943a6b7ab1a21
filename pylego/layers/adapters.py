"""Small weights beside a large one (LoRA), for layers that can be trained further with few numbers.

Weights of few bits are not there. Keras writes their argument into the descriptions of layers, None
where it is not used, so that it has to be taken.
"""

from __future__ import annotations

from collections.abc import MutableMapping
from typing import Any

from pylego import checks, initializers, ops
from pylego.core.variable import Variable
from pylego.layers.layer import Layer


def refuse_few_bits(owner: str, **arguments: Any) -> None:
    """Refuse arguments that are not None, in the name of a class.

    Raises:
        NotImplementedError: for weights of few bits.

    >>> refuse_few_bits("Dense", quantization_config="int8")
    Traceback (most recent call last):
    NotImplementedError: Dense: quantization_config is not there: weights are floats. Leave it out
    """
    for name, value in arguments.items():
        if value is not None:
            raise NotImplementedError(
                f"{owner}: {name} is not there: weights are floats. Leave it out"
            )


class LowRankLayer(Layer):
    """The base of layers whose largest weight W can be frozen and changed by two small ones.

    W becomes W + lora_alpha / lora_rank * A B: W of shape (..., n), A (..., lora_rank), B
    (lora_rank, n). A starts at random and B with zeros, so that nothing is changed at first.

    Source: Hu and others, LoRA: Low-Rank Adaptation of Large Language Models (arXiv:2106.09685).

    A subclass says in `_large_name` what W is called, has `ADAPTED_WEIGHT` under that name, and
    ends `build` by `_end_low_rank`.
    """

    _large_name = "kernel"
    _lora_scale = 0.0
    lora_enabled = False

    def _begin_low_rank(self, lora_rank: int | None, lora_alpha: float | None) -> None:
        self.lora_rank = lora_rank
        self.lora_alpha = lora_rank if lora_alpha is None else lora_alpha
        if lora_rank and self.lora_alpha is not None:
            self._lora_scale = self.lora_alpha / lora_rank

    def _end_low_rank(self) -> None:
        """End `build`: the small weights come after all others."""
        if self.lora_rank is not None:
            self.enable_lora(self.lora_rank, lora_alpha=self.lora_alpha)

    def _adapted_weight(self) -> Any:
        """Return the weight; a tensor where small weights change it."""
        if "_large_weight" not in vars(self):
            raise AttributeError(
                f"{type(self).__name__} has no attribute {self._large_name!r} yet: it comes into "
                "being when the layer is built; call it on data first, or build(input_shape)"
            )
        if not self.lora_enabled:
            return self._large_weight
        return self._large_weight + ops.matmul(self._lora_a, self._lora_b) * self._lora_scale

    def _set_large_weight(self, weight: Any) -> None:
        self._large_weight = weight

    @property
    def _lora_a(self) -> Variable:
        return getattr(self, f"lora_{self._large_name}_a")

    @property
    def _lora_b(self) -> Variable:
        return getattr(self, f"lora_{self._large_name}_b")

    def enable_lora(
        self,
        rank: int,
        a_initializer: Any = "he_uniform",
        b_initializer: Any = "zeros",
        lora_alpha: float | None = None,
    ) -> None:
        """Freeze the large weight, and train two small ones that are added to it.

        Files get the sum, and a file that is read sets the second of the small ones to zeros.

        Args:
            rank: how many columns the first small weight has, and rows the second.
            a_initializer: how the first starts.
            b_initializer: how the second starts.
            lora_alpha: their product counts lora_alpha / rank; `rank` by default.

        Raises:
            ValueError: for a rank below 1, a layer that is not built, one with a constraint on the
                large weight, and a second time.
        """
        name = self._large_name
        checks.whole_number("rank", rank, 1, f"Layer {self.name!r}: enable_lora")
        if "_large_weight" not in vars(self):
            raise ValueError(f"Layer {self.name!r}: build it before enable_lora, or call it once")
        if getattr(self, f"{name}_constraint") is not None:
            raise ValueError(
                f"Layer {self.name!r}: the {name}_constraint cannot hold for a sum of weights. "
                "Leave it out for enable_lora"
            )
        if self.lora_enabled:
            raise ValueError(f"Layer {self.name!r}: enable_lora was called before")
        *rows, columns = self._large_weight.shape
        parts = {"a": ((*rows, rank), a_initializer), "b": ((rank, columns), b_initializer)}
        for part, (shape, initializer) in parts.items():
            full = f"lora_{name}_{part}"
            regularizer = getattr(self, f"{name}_regularizer")
            start = initializers.get(initializer)
            weight = self.add_weight(
                shape, start, dtype="float32", regularizer=regularizer, name=full
            )
            setattr(self, full, weight)
        self._large_weight.trainable = False
        self._begin_low_rank(rank, lora_alpha)
        self.lora_enabled = True

    # ---- the order of weights, and files ----

    def _own_weights(self) -> list[Variable]:
        """The large weight stays the first one, also where it is frozen."""
        found = super()._own_weights()
        if not self.lora_enabled:
            return found
        return [self._large_weight, *(w for w in found if w is not self._large_weight)]

    def _stored_variables(self) -> list[Variable]:
        found = super()._stored_variables()
        if not self.lora_enabled:
            return found
        return [w for w in found if w is not self._lora_a and w is not self._lora_b]

    def save_own_variables(self, store: MutableMapping[str, Any]) -> None:
        """Put the numbers of its own variables into a store: the sum for the large weight."""
        for number, variable in enumerate(self._stored_variables()):
            is_sum = self.lora_enabled and variable is self._large_weight
            weight = ops.cast(self._adapted_weight(), variable.dtype) if is_sum else variable
            store[str(number)] = weight.numpy()

    def _take_up_loaded(self) -> None:
        if self.lora_enabled:
            self._lora_b.assign(ops.zeros_like(self._lora_b))

    def get_config(self) -> dict[str, Any]:
        config = super().get_config()
        if self.lora_rank is None:
            return config
        return {**config, "lora_rank": self.lora_rank, "lora_alpha": self.lora_alpha}


ADAPTED_WEIGHT = property(
    LowRankLayer._adapted_weight,
    LowRankLayer._set_large_weight,
    doc="The large weight, or the sum of it and the small ones of `enable_lora`.",
)
