"""Each library as statements see it: its names, and how an array becomes its tensor."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from sweep.case import NAMES, VIEWS, Array, Case


@dataclass(frozen=True)
class Library:
    """The names of statements, the tensor of an array, and which version it is."""

    names: dict[str, Any]
    tensor: Callable[[np.ndarray], Any]
    version: str

    def operands(self, case: Case) -> dict[str, Any]:
        """The tensors of a case by their names; the same numbers in every library."""
        return {
            name: self.operand(operand, seed)
            for seed, (name, operand) in enumerate(zip(NAMES, case.operands))
        }

    def operand(self, operand: Array, seed: int) -> Any:
        view = VIEWS[operand.view][1].format("x")
        return eval(view, {**self.names, "x": self.tensor(operand.base(seed))})


def pylego_library(threads: int) -> Library:
    import pylego
    from pylego import config, ops
    from pylego.core.tensor import apply, apply_all

    config.set_num_threads(threads)
    names = {
        "pylego": pylego, "ops": ops, "apply": apply, "apply_all": apply_all,
        "transposed": ops.transpose, "variable": pylego.Variable,
    }  # fmt: skip
    return Library(names, ops.convert_to_tensor, f"pylego {pylego.__version__}, {config.isa()}")


def torch_library(threads: int) -> Library:
    """Eager, and without the tape."""
    import torch
    from torch.nn import functional

    torch.set_num_threads(threads)
    torch.set_grad_enabled(False)

    def transposed(x: torch.Tensor) -> torch.Tensor:
        return x.permute(*reversed(range(x.ndim)))

    def channels_last(x: torch.Tensor) -> torch.Tensor:
        """Images, or lines, or volumes, as PyTorch counts their axes; channels last in memory."""
        return x.contiguous().movedim(-1, 1)

    def channels_first(x: torch.Tensor) -> torch.Tensor:
        return x.movedim(-1, 1).contiguous()

    def kernel_last(k: torch.Tensor) -> torch.Tensor:
        """Keras's (lengths..., channels, filters) as PyTorch has it."""
        return channels_last(k.movedim(-1, 0))

    def kernel_first(k: torch.Tensor) -> torch.Tensor:
        return channels_first(k.movedim(-1, 0))

    helpers = (transposed, channels_last, channels_first, kernel_last, kernel_first)
    names = {function.__name__: function for function in helpers}
    names |= {"torch": torch, "F": functional, "variable": torch.clone}
    names["backward"] = torch.ops.aten.convolution_backward
    return Library(names, torch.from_numpy, f"PyTorch {torch.__version__}")


def numpy_library(threads: int) -> Library:
    random = np.random.default_rng(0)
    names = {"np": np, "random": random, "transposed": np.transpose, "variable": np.copy}
    return Library(names, lambda x: x, f"NumPy {np.__version__}")


LIBRARIES: dict[str, Callable[[int], Library]] = {
    "pylego": pylego_library,
    "torch": torch_library,
    "numpy": numpy_library,
}
