"""PyTorch, eager with fused Adam, or the whole step through torch.compile."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial
from typing import Any

import torch
import torch_graphs
import torch_operations
import torch_photos
import torch_sequences
from photo_networks import Application
from sequences import Recurrent, Transformer
from workloads import (
    CLOCK,
    LAYOUTS,
    THREADS,
    Average,
    Branches,
    Conv,
    Dense,
    Dropout,
    Flatten,
    Network,
    NoFigureError,
    Pool,
    Residual,
    Workload,
    data_of,
)

Run = Callable[[], Any]


def start(name: str) -> tuple[Callable[[Workload], Run], str]:
    """Return what prepares the workloads; fails where torch.compile finds no C++ compiler."""
    torch.set_num_threads(THREADS)
    if name == "torch":
        return partial(prepare, as_it_is), f"PyTorch {torch.__version__}, eager, fused Adam"
    torch._dynamo.config.recompile_limit = 1000  # networks that share the Python code below
    torch._inductor.config.freezing = True  # weights are constants where nothing is trained
    compiled = partial(torch.compile, dynamic=False)
    compiled(lambda x: x + 1)(torch.ones(3))
    return partial(prepare, compiled), f"PyTorch {torch.__version__}, torch.compile"


def is_same_without_graph(network: Any) -> bool:
    """PyTorch has one way to make a network: what is a graph for Keras differs only there."""
    return isinstance(network, Network) and network.is_graph and len(network.inputs) == 1


def is_loop(network: Any) -> bool:
    """A loop in Python: torch.compile compiles each of its steps, which takes minutes."""
    return isinstance(network, Recurrent) and network.layer == "own cell"


def as_it_is(function: Callable) -> Callable:
    return function


def prepare(compiled: Callable, workload: Workload) -> Run:
    if workload.action == "operation":
        return operation(compiled, workload)
    if workload.action == "update":
        return update(compiled, workload)
    if is_same_without_graph(workload.network):
        raise NoFigureError("-")
    if compiled is not as_it_is and is_loop(workload.network):
        raise NoFigureError("takes minutes")
    if isinstance(workload.network, Branches):
        return torch_graphs.training(compiled, workload, adam_of)
    if isinstance(workload.network, (Recurrent, Transformer)):
        return torch_sequences.prepare(compiled, workload, partial(adam_of, compiled))
    if workload.action in ("save", "open", "transfer"):
        raise NoFigureError("-")
    make = training if workload.action == "fit" else forward
    if len(workload.network.inputs) == 1:
        return make(compiled, workload)
    layouts = (torch.channels_last, torch.contiguous_format)[:LAYOUTS]
    return min((make(compiled, workload, layout) for layout in layouts), key=least_seconds)


def least_seconds(run: Run) -> float:
    """Which of two layouts is the quicker one; the first run compiles."""

    def seconds() -> float:
        began = CLOCK()
        run()
        return CLOCK() - began

    return min(seconds() for _ in range(3))


def operation(compiled: Callable, workload: Any) -> Run:
    if compiled is not as_it_is:
        raise NoFigureError("-")
    return torch_operations.prepare(workload)


def module_of(network: Network | Application) -> torch.nn.Sequential:
    """The network up to its last activation, which PyTorch's losses contain."""
    if isinstance(network, Application):
        return torch_photos.module_of(network)
    parts: list[torch.nn.Module] = []
    shape = network.inputs
    for layer in network.layers:
        parts += modules_of(layer, shape)
        shape = shape_behind(layer, shape)
    return torch.nn.Sequential(*parts)


def modules_of(layer: Any, shape: tuple[int, ...]) -> list[torch.nn.Module]:
    """One layer on inputs of that shape, channels last."""
    match layer:
        case Dense(units, activation):
            rectified = [torch.nn.ReLU()] if activation == "relu" else []
            return [torch.nn.Linear(shape[0], units), *rectified]
        case Conv(filters, padding, is_normalized):
            sides = "same" if padding == "same" else 0
            convolution = torch.nn.Conv2d(
                shape[-1], filters, 3, padding=sides, bias=not is_normalized
            )
            norm = [torch.nn.BatchNorm2d(filters)] if is_normalized else []
            return [convolution, *norm, torch.nn.ReLU()]
        case Pool():
            return [torch.nn.MaxPool2d(2)]
        case Residual(filters, strides):
            return [torch_graphs.Residual(shape[-1], filters, strides)]
        case Average():
            return [torch.nn.AdaptiveAvgPool2d(1), torch.nn.Flatten()]
        case Dropout(rate):
            return [torch.nn.Dropout(rate)]
    return [torch.nn.Flatten()]


def shape_behind(layer: Any, shape: tuple[int, ...]) -> tuple[int, ...]:
    match layer:
        case Dense(units):
            return (units,)
        case Conv(filters, padding):
            less = 0 if padding == "same" else 2
            return (shape[0] - less, shape[1] - less, filters)
        case Pool():
            return (shape[0] // 2, shape[1] // 2, shape[2])
        case Residual(filters, strides):
            return (shape[0] // strides, shape[1] // strides, filters)
        case Average():
            return (shape[-1],)
        case Flatten():
            return (math.prod(shape),)
    return shape


def adam_of(compiled: Callable, parameters: Any) -> torch.optim.Optimizer:
    """The fastest of each kind: fused when eager; torch.compile fuses the plain one itself."""
    return torch.optim.Adam(parameters, fused=True if compiled is as_it_is else None)


def forward(compiled: Callable, workload: Workload, layout: Any = None) -> Run:
    head = torch.nn.Sigmoid() if workload.network.is_binary else torch.nn.Softmax(-1)
    module = torch.nn.Sequential(*module_of(workload.network), head).eval()
    x = torch.from_numpy(data_of(workload)[0])
    if layout is not None:
        x, module = laid_out(x, module, layout)
    module = compiled(module)
    run = torch.inference_mode()(lambda: module(x))
    return run if workload.action == "call" else lambda: run().numpy()


def laid_out(x: torch.Tensor, module: Any, layout: Any) -> tuple[torch.Tensor, Any]:
    """Pictures with channels last, and a module, as a layout has them."""
    return x.permute(0, 3, 1, 2).contiguous(memory_format=layout), module.to(memory_format=layout)


def training(compiled: Callable, workload: Workload, layout: Any = None) -> Run:
    """Epochs of shuffled batches, with the mean loss and accuracy of each, as `fit` reports."""
    module = module_of(workload.network)
    adam = adam_of(compiled, module.parameters())
    is_binary = workload.network.is_binary
    loss_of = torch.nn.BCEWithLogitsLoss() if is_binary else torch.nn.CrossEntropyLoss()
    x, y = map(torch.from_numpy, data_of(workload))
    if layout is not None:
        x, module = laid_out(x, module, layout)

    def hits(z: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        right = (z > 0) == (y > 0.5) if is_binary else z.argmax(-1) == y.argmax(-1)
        return right.sum()

    @compiled
    def step(x: torch.Tensor, y: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        adam.zero_grad(set_to_none=True)
        z = module(x)
        loss = loss_of(z, y)
        loss.backward()
        adam.step()
        return loss.detach(), hits(z.detach(), y)

    def epoch() -> tuple[float, float]:
        loss, right = torch.zeros(()), torch.zeros(())
        for rows in torch.randperm(len(x)).split(workload.batch):
            batch_loss, batch_right = step(x[rows], y[rows])
            loss += batch_loss
            right += batch_right
        return loss.item() / workload.steps, right.item() / len(x)

    return lambda: [epoch() for _ in range(workload.epochs)]


# The fastest that PyTorch has of each: fused, or one call for each operation on all variables.
OPTIMIZERS: dict[str, tuple[str, dict[str, bool]]] = {
    "SGD": ("SGD", {"fused": True}),
    "RMSprop": ("RMSprop", {"foreach": True}),
    "Adam": ("Adam", {"fused": True}),
    "Adagrad": ("Adagrad", {"fused": True}),
    "Adadelta": ("Adadelta", {"foreach": True}),
    "Adamax": ("Adamax", {"foreach": True}),
    "Nadam": ("NAdam", {"foreach": True}),
    "Adafactor": ("Adafactor", {"foreach": True}),
    "Muon": ("Muon", {}),
}


def update(compiled: Callable, workload: Workload) -> Run:
    name, options = OPTIMIZERS.get(workload.optimizer, ("", {}))
    if not hasattr(torch.optim, name):
        raise NoFigureError("-")
    weights = torch.nn.Parameter(torch.from_numpy(workload.gradient()))
    weights.grad = torch.from_numpy(workload.gradient())
    options = options if compiled is as_it_is else {}  # torch.compile fuses the plain one itself
    return compiled(getattr(torch.optim, name)([weights], **options).step)
