"""PyTorch's modules for networks over sequences, their training, and the writing of one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from sequences import Recurrent, Transformer
from torch import Tensor, nn
from workloads import Workload, data_of

Run = Callable[[], Any]


class OwnCell(nn.Module):
    """A loop over the steps: what PyTorch has for a cell of one's own."""

    def __init__(self, features: int, units: int):
        super().__init__()
        self.units = units
        self.gate = nn.Linear(features + units, units, bias=False)
        self.kernel = nn.Linear(features + units, units, bias=False)

    def forward(self, x: Tensor) -> tuple[Tensor, None]:
        """The outputs of all steps."""
        h, outputs = x.new_zeros(len(x), self.units), []
        for step in x.unbind(1):
            f = torch.sigmoid(self.gate(torch.cat((step, h), -1)))
            new = torch.tanh(self.kernel(torch.cat((step, f * h), -1)))
            h = f * h + (1 - f) * new
            outputs.append(h)
        return torch.stack(outputs, 1), None


class Recurrence(nn.Module):
    """Words or numbers, a recurrent layer, one number of its last output."""

    def __init__(self, network: Recurrent):
        super().__init__()
        features, units = network.features, network.units
        is_read = network.words is not None
        self.embedding = nn.Embedding(network.words, features) if is_read else nn.Identity()
        self.is_both_ways = network.layer == "bidirectional LSTM"
        if network.layer == "own cell":
            self.layer = OwnCell(features, units)
        else:
            kind = nn.GRU if network.layer == "GRU" else nn.LSTM
            self.layer = kind(features, units, batch_first=True, bidirectional=self.is_both_ways)
        self.head = nn.Linear(units * (1 + self.is_both_ways), 1)

    def forward(self, x: Tensor) -> Tensor:
        """The number, before its activation."""
        y, _ = self.layer(self.embedding(x))
        if self.is_both_ways:
            forward, backward = y.chunk(2, -1)
            return self.head(torch.cat((forward[:, -1], backward[:, 0]), -1))
        return self.head(y[:, -1])


class Block(nn.Module):
    """Attention and two dense layers, each with a way past it."""

    def __init__(self, network: Transformer):
        super().__init__()
        width = network.width
        self.heads, self.is_causal = network.heads, network.is_writer
        self.norms = nn.ModuleList(nn.LayerNorm(width, eps=1e-3) for _ in range(2))
        self.projection = nn.Linear(width, 3 * width)
        self.output = nn.Linear(width, width)
        hidden = network.hidden
        self.dense = nn.Sequential(nn.Linear(width, hidden), nn.ReLU(), nn.Linear(hidden, width))

    def projected(self, x: Tensor) -> tuple[Tensor, ...]:
        """Queries, keys and values: (batch, heads, steps, size)."""
        parts = self.projection(self.norms[0](x)).chunk(3, -1)
        return tuple(part.unflatten(-1, (self.heads, -1)).transpose(1, 2) for part in parts)

    def attended(self, x: Tensor, query: Tensor, key: Tensor, value: Tensor, **mask: Any) -> Tensor:
        """What follows the projections."""
        y = nn.functional.scaled_dot_product_attention(query, key, value, **mask)
        x = x + self.output(y.transpose(1, 2).flatten(2))
        return x + self.dense(self.norms[1](x))

    def forward(self, x: Tensor) -> Tensor:
        """All steps at once."""
        return self.attended(x, *self.projected(x), is_causal=self.is_causal)

    def step(self, x: Tensor, place: Tensor, keys: Tensor, values: Tensor) -> Tensor:
        """One step more: its key and value go into the cache."""
        query, key, value = self.projected(x)
        keys.index_copy_(2, place, key)
        values.index_copy_(2, place, value)
        seen = torch.arange(keys.shape[2]) <= place
        return self.attended(x, query, keys, values, attn_mask=seen[None, None, None])


class Blocks(nn.Module):
    """A transformer, up to its last activation."""

    def __init__(self, network: Transformer):
        super().__init__()
        self.network = network
        self.embedding = nn.Embedding(network.words, network.width)
        self.places = nn.Parameter(torch.rand(network.steps, network.width) * 0.1 - 0.05)
        self.blocks = nn.ModuleList(Block(network) for _ in range(network.blocks))
        self.norm = nn.LayerNorm(network.width, eps=1e-3)
        self.head = nn.Linear(network.width, network.words if network.is_writer else 1)

    def forward(self, x: Tensor) -> Tensor:
        """All steps at once."""
        x = self.embedding(x) + self.places
        for block in self.blocks:
            x = block(x)
        x = self.norm(x)
        return self.head(x if self.network.is_writer else x.mean(1))

    def step(self, word: Tensor, place: Tensor, caches: list[tuple[Tensor, Tensor]]) -> Tensor:
        """The most likely next word."""
        x = self.embedding(word) + self.places[place]
        for block, (keys, values) in zip(self.blocks, caches):
            x = block.step(x, place, keys, values)
        return self.head(self.norm(x)).argmax(-1)


def prepare(compiled: Callable, workload: Workload, adam_of: Callable) -> Run:
    network = workload.network
    make = Recurrence if isinstance(network, Recurrent) else Blocks
    module = make(network)
    if workload.action == "predict":
        return online(compiled, module, workload)
    if workload.action == "write":
        return writing(compiled, module)
    return training(compiled, module, workload, adam_of)


def online(compiled: Callable, module: Recurrence, workload: Workload) -> Run:
    """From a NumPy row to a NumPy row, with the states that the last row left."""
    x = data_of(workload)[0]
    states = [torch.zeros(1, 1, workload.network.units) for _ in range(2)]

    @compiled
    def step(x: Tensor, h: Tensor, c: Tensor) -> tuple[Tensor, ...]:
        y, kept = module.layer(x, (h, c))
        return module.head(y[:, -1]), *kept

    @torch.inference_mode()
    def run() -> Any:
        y, *states[:] = step(torch.from_numpy(x), *states)
        return y.numpy()

    return run


def writing(compiled: Callable, module: Blocks) -> Run:
    """As many words as there are places, each the most likely one after those before."""
    network = module.network
    shape = (1, network.heads, network.steps, network.width // network.heads)
    caches = [(torch.zeros(shape), torch.zeros(shape)) for _ in module.blocks]
    step = compiled(module.step)

    @torch.inference_mode()
    def run() -> list[int]:
        word, written = torch.zeros((1, 1), dtype=torch.long), []
        for place in range(network.steps):
            word = step(word, torch.tensor([place]), caches)
            written.append(word.item())
        return written

    return run


def training(compiled: Callable, module: nn.Module, workload: Workload, adam_of: Callable) -> Run:
    """Epochs of shuffled batches, with mean loss and accuracy, as `fit` reports them."""
    adam = adam_of(module.parameters())
    x, y = map(torch.from_numpy, data_of(workload))
    y = y.long() if y.dtype == torch.int32 else y
    loss_of, hits = TORCH_LOSSES[workload.network.loss]

    @compiled
    def step(x: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
        adam.zero_grad(set_to_none=True)
        z = module(x)
        loss = loss_of(z, y)
        loss.backward()
        adam.step()
        return loss.detach(), hits(z.detach(), y)

    def epoch() -> list[float]:
        totals = torch.zeros(2)
        for rows in torch.randperm(len(x)).split(workload.batch):
            totals += torch.stack([part.float() for part in step(x[rows], y[rows])])
        return totals.tolist()

    return lambda: [epoch() for _ in range(workload.epochs)]


def cross_entropy(z: Tensor, y: Tensor) -> Tensor:
    return nn.functional.cross_entropy(z.flatten(0, 1), y.flatten())


TORCH_LOSSES = {
    "mse": (nn.functional.mse_loss, lambda z, y: torch.zeros(())),
    "binary_crossentropy": (
        nn.functional.binary_cross_entropy_with_logits,
        lambda z, y: ((z > 0) == (y > 0.5)).sum(),
    ),
    "sparse_categorical_crossentropy": (cross_entropy, lambda z, y: (z.argmax(-1) == y).sum()),
}
