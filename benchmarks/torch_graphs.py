"""PyTorch's modules for networks that branch, and the training of one with two outputs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from workloads import Branches, Workload, data_of

Run = Callable[[], Any]


def normalized(channels: int, filters: int, size: int, strides: int = 1) -> torch.nn.Sequential:
    """A convolution as padding="same" has it on even images, and batch normalization."""
    convolution = torch.nn.Conv2d(
        channels, filters, size, stride=strides, padding=size // 2, bias=False
    )
    return torch.nn.Sequential(convolution, torch.nn.BatchNorm2d(filters))


class Residual(torch.nn.Module):
    """Two normalized convolutions and a way past them."""

    def __init__(self, channels: int, filters: int, strides: int):
        super().__init__()
        self.first = normalized(channels, filters, 3, strides)
        self.second = normalized(filters, filters, 3)
        is_same = strides == 1 and channels == filters
        self.past = torch.nn.Identity() if is_same else normalized(channels, filters, 1, strides)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Add what both ways give."""
        y = self.second(torch.relu(self.first(x)))
        return torch.relu(self.past(x) + y)


class TwoOutputs(torch.nn.Module):
    """Two inputs, joined behind a hidden layer each; logits of classes, and a number."""

    def __init__(self, network: Branches):
        super().__init__()
        units = network.units
        self.branches = torch.nn.ModuleList(
            torch.nn.Linear(shape[0], units) for shape in network.inputs
        )
        self.hidden = torch.nn.Linear(len(network.inputs) * units, units)
        self.classes = torch.nn.Linear(units, network.classes)
        self.number = torch.nn.Linear(units, 1)

    def forward(self, xs: list[torch.Tensor]) -> tuple[torch.Tensor, torch.Tensor]:
        """Compute both outputs."""
        parts = [torch.relu(branch(x)) for branch, x in zip(self.branches, xs)]
        hidden = torch.relu(self.hidden(torch.cat(parts, -1)))
        return self.classes(hidden), self.number(hidden)


def training(compiled: Callable, workload: Workload, adam_of: Callable) -> Run:
    """Epochs of shuffled batches, with mean losses and accuracy, as `fit` reports them."""
    module = TwoOutputs(workload.network)
    adam = adam_of(compiled, module.parameters())
    xs, (labels, numbers) = data_of(workload)
    xs = list(map(torch.from_numpy, xs))
    labels, numbers = torch.from_numpy(labels), torch.from_numpy(numbers)

    @compiled
    def step(xs: list, labels: torch.Tensor, numbers: torch.Tensor) -> tuple[torch.Tensor, ...]:
        adam.zero_grad(set_to_none=True)
        z, number = module(xs)
        of_classes = torch.nn.functional.cross_entropy(z, labels)
        of_number = torch.nn.functional.mse_loss(number, numbers)
        (of_classes + of_number).backward()
        adam.step()
        right = (z.argmax(-1) == labels.argmax(-1)).sum()
        return of_classes.detach(), of_number.detach(), right

    def epoch() -> list[float]:
        totals = torch.zeros(3)
        for rows in torch.randperm(len(labels)).split(workload.batch):
            batch = step([x[rows] for x in xs], labels[rows], numbers[rows])
            totals += torch.stack([part.float() for part in batch])
        return totals.tolist()

    return lambda: [epoch() for _ in range(workload.epochs)]
