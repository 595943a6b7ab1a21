"""PyTorch, eager with fused Adam, or the whole step through torch.compile."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import torch
import torch_operations
from workloads import THREADS, Network, NoFigureError, Workload, data_of

Run = Callable[[], Any]


def start(name: str) -> tuple[Callable[[Workload], Run], str]:
    """Return what prepares the workloads; fails where torch.compile finds no C++ compiler."""
    torch.set_num_threads(THREADS)
    if name == "torch":
        return partial(prepare, as_it_is), f"PyTorch {torch.__version__}, eager, fused Adam"
    torch._dynamo.config.recompile_limit = 1000  # networks that share the Python code below
    compiled = partial(torch.compile, dynamic=False)
    compiled(lambda x: x + 1)(torch.ones(3))
    return partial(prepare, compiled), f"PyTorch {torch.__version__}, torch.compile"


def as_it_is(function: Callable) -> Callable:
    return function


def prepare(compiled: Callable, workload: Workload) -> Run:
    if workload.action == "operation":
        return operation(compiled, workload)
    if workload.action == "adam":
        return adam(compiled, workload)
    if workload.action in ("predict", "call"):
        return forward(compiled, workload)
    return training(compiled, workload)


def operation(compiled: Callable, workload: Any) -> Run:
    if compiled is not as_it_is:
        raise NoFigureError("-")
    return torch_operations.prepare(workload)


def module_of(network: Network) -> torch.nn.Sequential:
    """The network up to its last activation, which PyTorch's losses contain."""
    parts: list[torch.nn.Module] = []
    width = network.inputs
    for units, activation in network.layers:
        parts += [torch.nn.Linear(width, units)]
        parts += [torch.nn.ReLU()] if activation == "relu" else []
        width = units
    return torch.nn.Sequential(*parts)


def adam_of(compiled: Callable, parameters: Any) -> torch.optim.Optimizer:
    """The fastest of each kind: fused when eager; torch.compile fuses the plain one itself."""
    return torch.optim.Adam(parameters, fused=True if compiled is as_it_is else None)


def forward(compiled: Callable, workload: Workload) -> Run:
    head = torch.nn.Sigmoid() if workload.network.is_binary else torch.nn.Softmax(-1)
    module = compiled(torch.nn.Sequential(*module_of(workload.network), head))
    x = torch.from_numpy(data_of(workload)[0])
    run = torch.inference_mode()(lambda: module(x))
    return run if workload.action == "call" else lambda: run().numpy()


def training(compiled: Callable, workload: Workload) -> Run:
    """Epochs of shuffled batches, with the mean loss and accuracy of each, as `fit` reports."""
    module = module_of(workload.network)
    adam = adam_of(compiled, module.parameters())
    is_binary = workload.network.is_binary
    loss_of = torch.nn.BCEWithLogitsLoss() if is_binary else torch.nn.CrossEntropyLoss()
    x, y = map(torch.from_numpy, data_of(workload))

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


def adam(compiled: Callable, workload: Workload) -> Run:
    weights = torch.nn.Parameter(torch.from_numpy(workload.gradient()))
    weights.grad = torch.from_numpy(workload.gradient())
    return compiled(adam_of(compiled, [weights]).step)
