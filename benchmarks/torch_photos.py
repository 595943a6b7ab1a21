"""PyTorch's modules of the networks for photos; as a program, it writes one of them as ONNX.

    python benchmarks/torch_photos.py MobileNetV2 mobilenet.onnx

They are what torchvision has, which need not be installed: convolutions without biases, padded by
half their window. They end with the scores of the classes, in front of softmax.
"""

from __future__ import annotations

import sys

import torch
from photo_networks import EFFICIENTNET, MOBILENET, RESNET50, Application
from torch import nn
from torch_graphs import normalized


def module_of(network: Application) -> nn.Sequential:
    features, channels = FEATURES[network.name]()
    return nn.Sequential(*features, *average(), nn.Linear(channels, network.classes))


def average() -> tuple[nn.Module, ...]:
    return nn.AdaptiveAvgPool2d(1), nn.Flatten()


class Bottleneck(nn.Module):
    """Convolutions of 1x1, 3x3 and 1x1, and a way past them (He et al., arXiv:1512.03385)."""

    def __init__(self, channels: int, filters: int, strides: int):
        super().__init__()
        self.narrow = nn.Sequential(normalized(channels, filters, 1, strides), nn.ReLU())
        self.look = nn.Sequential(normalized(filters, filters, 3), nn.ReLU())
        self.widen = normalized(filters, 4 * filters, 1)
        is_same = channels == 4 * filters
        past = nn.Identity() if is_same else normalized(channels, 4 * filters, 1, strides)
        self.past = past

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Add what both ways give."""
        return torch.relu(self.past(x) + self.widen(self.look(self.narrow(x))))


def resnet50() -> tuple[list[nn.Module], int]:
    modules: list[nn.Module] = [normalized(3, 64, 7, 2), nn.ReLU(), nn.MaxPool2d(3, 2, 1)]
    channels = 64
    for stage, count in enumerate((3, 4, 6, 3)):
        for block in range(count):
            filters = 64 << stage
            modules.append(Bottleneck(channels, filters, 2 if stage and not block else 1))
            channels = 4 * filters
    return modules, channels


class Weighed(nn.Module):
    """Each channel by a weight made of the means of all (Hu et al., arXiv:1709.01507)."""

    def __init__(self, channels: int, squeezed: int):
        super().__init__()
        self.weight = nn.Sequential(
            nn.AdaptiveAvgPool2d(1),
            nn.Conv2d(channels, squeezed, 1),
            nn.SiLU(),
            nn.Conv2d(squeezed, channels, 1),
            nn.Sigmoid(),
        )

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Weigh the channels."""
        return x * self.weight(x)


class Inverted(nn.Module):
    """Widen, convolve each channel, narrow; add x where the shape stayed (arXiv:1801.04381)."""

    def __init__(
        self,
        channels: int,
        filters: int,
        expansion: int,
        strides: int,
        size: int,
        activation: type[nn.Module],
        is_weighed: bool,
    ):
        super().__init__()
        wide = channels * expansion
        widen = [normalized(channels, wide, 1), activation()] if expansion > 1 else []
        look = [
            nn.Conv2d(wide, wide, size, strides, size // 2, groups=wide, bias=False),
            nn.BatchNorm2d(wide),
            activation(),
        ]
        weigh = [Weighed(wide, max(1, channels // 4))] if is_weighed else []
        self.steps = nn.Sequential(*widen, *look, *weigh, normalized(wide, filters, 1))
        self.is_added = strides == 1 and channels == filters

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Go through the steps."""
        return x + self.steps(x) if self.is_added else self.steps(x)


# Expansion, filters, blocks, stride of the first, window.
MOBILENET_STAGES = (
    (1, 16, 1, 1, 3), (6, 24, 2, 2, 3), (6, 32, 3, 2, 3), (6, 64, 4, 2, 3),
    (6, 96, 3, 1, 3), (6, 160, 3, 2, 3), (6, 320, 1, 1, 3),
)  # fmt: skip
EFFICIENTNET_STAGES = (
    (1, 16, 1, 1, 3), (6, 24, 2, 2, 3), (6, 40, 2, 2, 5), (6, 80, 3, 2, 3),
    (6, 112, 3, 1, 5), (6, 192, 4, 2, 5), (6, 320, 1, 1, 3),
)  # fmt: skip


def inverted(
    stages: tuple[tuple[int, ...], ...], activation: type[nn.Module], is_weighed: bool
) -> tuple[list[nn.Module], int]:
    modules: list[nn.Module] = [normalized(3, 32, 3, 2), activation()]
    channels = 32
    for expansion, filters, count, first, size in stages:
        for block in range(count):
            strides = first if block == 0 else 1
            modules.append(
                Inverted(channels, filters, expansion, strides, size, activation, is_weighed)
            )
            channels = filters
    return [*modules, normalized(channels, 1280, 1), activation()], 1280


FEATURES = {
    RESNET50.name: resnet50,
    MOBILENET.name: lambda: inverted(MOBILENET_STAGES, nn.ReLU6, False),
    EFFICIENTNET.name: lambda: inverted(EFFICIENTNET_STAGES, nn.SiLU, True),
}


def main() -> None:
    name, path = sys.argv[1:]
    network = Application(name)
    module = nn.Sequential(module_of(network), nn.Softmax(-1)).eval()
    photo = torch.zeros(1, 3, network.side, network.side)
    axes = {"x": {0: "batch"}, "y": {0: "batch"}}
    names = {"input_names": ["x"], "output_names": ["y"], "dynamic_axes": axes}
    torch.onnx.export(module, (photo,), path, dynamo=False, **names)


if __name__ == "__main__":
    main()
