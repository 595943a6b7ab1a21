"""Print whether convolutions take the fastest of their algorithms, over drawn shapes.

    python benchmarks/conv_algorithms.py [--isa avx512] [--shapes 40] [--seed 0] [--rounds 3]

conv_algorithms.c is linked with the objects of the last build of the engine. Each drawn shape that
two algorithms can compute is timed by both, forward and as both gradients: CPU time of one thread,
the least of several rounds. What the choice of conv.c costs beside the best one is printed, and `<`
where that is more than a twentieth.
"""

from __future__ import annotations

import argparse
import math
import os
import random
import subprocess
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
ACTIONS = ("forward", "input", "kernel")
SETS = ("generic", "avx2", "avx512")
CHANNELS = (1, 3, 8, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512)
GROUPED_COLUMNS = (4, 5, 8, 10, 12, 16, 24, 32)
MOST_OPERATIONS = {"winograd": 1e9, "pointwise": 2e8, "depthwise": 4e6, "grouped": 5e8}
FEWEST_OPERATIONS = 1e5
DEAR = 1.05  # of the better algorithm's time


@dataclass(frozen=True)
class Shape:
    """A convolution of square images, "same", and the two algorithms that can compute it."""

    rivals: tuple[str, str]
    batch: int
    size: int
    channels: int
    filters: int
    taps: int
    groups: int = 1

    def __str__(self) -> str:
        groups = f" in {self.groups} groups" if self.groups > 1 else ""
        image = f"{self.batch}x{self.size}x{self.size}x{self.channels}"
        return f"{image}->{self.filters} {self.taps}x{self.taps}{groups}"

    @property
    def operations(self) -> int:
        taps = self.taps**2 * self.channels // self.groups
        return 2 * self.batch * self.size**2 * taps * self.filters

    def task(self, algorithm: str, action: str) -> str:
        """A line for conv_algorithms.c; the axis in front has length 1."""
        counts = [2, self.batch, self.groups]
        counts += [self.channels // self.groups, self.filters // self.groups]
        axis = [self.size, self.size, self.taps, 1, 1, (self.taps - 1) // 2]
        numbers = [*counts, 1, 1, 1, 1, 1, 0, *axis, *axis]
        return " ".join([algorithm, action, "float32", *map(str, numbers)])


def drawn(draw: random.Random) -> Shape:
    kind = draw.choice(("winograd", "winograd", "pointwise", "depthwise", "grouped"))
    batch, size = draw.choice((1, 2, 8, 32)), draw.randint(4, 57)
    channels, filters = draw.choice(CHANNELS), draw.choice(CHANNELS)
    if kind == "winograd":
        channels, filters = (round(n / 16 + 0.5) * 16 for n in (channels, filters))
        return Shape(("winograd", "direct"), batch, size, channels, filters, 3)
    if kind == "pointwise":
        return Shape(("pointwise", "direct"), batch, size, channels, filters, 1)
    taps = draw.choice((3, 3, 5))
    if kind == "grouped":
        groups = draw.choice((2, 3, 8, 32))
        channels, filters = (groups * draw.choice(GROUPED_COLUMNS) for _ in range(2))
        return Shape(("grouped", "direct"), batch, size, channels, filters, taps, groups)
    return Shape(("depthwise", "direct"), batch, size, channels, channels, taps, channels)


def shapes(count: int, seed: int) -> list[Shape]:
    draw = random.Random(seed)
    found: list[Shape] = []
    while len(found) < count:
        shape = drawn(draw)
        if FEWEST_OPERATIONS < shape.operations < MOST_OPERATIONS[shape.rivals[0]]:
            found.append(shape)
    return found


def compiled(isa: str) -> Path:
    """conv_algorithms.c with the engine's objects whose sources are still there."""
    folders = [f"{folder}/csrc/" for folder in ("once", isa)]
    objects = []
    for path in (ROOT / "build").glob("temp*/*/csrc/**/*.o"):
        source = ROOT / "csrc" / str(path).split("/csrc/", 1)[1]
        if any(folder in str(path) for folder in folders) and source.with_suffix(".c").exists():
            objects.append(str(path))
    program, library = ROOT / "build" / "conv_algorithms", ROOT / "build" / "conv_algorithms.a"
    library.unlink(missing_ok=True)
    subprocess.run(["ar", "rcs", library, *objects], check=True)
    includes = [f"-I{ROOT / 'csrc'}", f"-DLEGO_ISA={isa}"]
    command = [os.environ.get("CC", "cc"), "-O2", *includes, str(HERE / "conv_algorithms.c")]
    subprocess.run([*command, library, "-fopenmp", "-lm", "-o", program], check=True)
    return program


class Stopwatch:
    """The compiled program, which answers task by task."""

    def __init__(self, program: Path):
        pipe = subprocess.PIPE
        self.process = subprocess.Popen([program], stdin=pipe, stdout=pipe, text=True)

    def seconds(self, task: str) -> tuple[str, float]:
        """The algorithm that conv.c chooses, and how long the one of the task takes."""
        print(task, file=self.process.stdin, flush=True)
        chosen, nanoseconds = self.process.stdout.readline().split()
        return chosen, float(nanoseconds) / 1e9


def measured(watch: Stopwatch, shape: Shape, action: str, rounds: int) -> tuple[str, dict]:
    """The choice, and the seconds of both rivals, and of a third where that is chosen."""
    task = shape.task(shape.rivals[0], action)
    chosen, _ = watch.seconds(task)
    seconds = dict.fromkeys((*shape.rivals, chosen), math.inf)
    for _ in range(rounds):
        for rival, least in seconds.items():
            seconds[rival] = min(least, watch.seconds(shape.task(rival, action))[1])
    return chosen, seconds


def cell(chosen: str, seconds: dict[str, float]) -> tuple[float, str]:
    """What the choice costs beside the best, and the same in words."""
    cost = seconds[chosen] / min(seconds.values())
    best = min(seconds, key=seconds.get)
    words = chosen if chosen == best else f"{chosen}, not {best}"
    return cost, f"{cost:.2f} {'<' if cost > DEAR else ' '} {words}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--isa", default="avx512", choices=SETS, help="the instruction set")
    parser.add_argument("--shapes", type=int, default=40, help="how many are drawn")
    parser.add_argument("--seed", type=int, default=0, help="of the draws")
    parser.add_argument("--rounds", type=int, default=3, help="how often each is timed")
    options = parser.parse_args()
    watch = Stopwatch(compiled(options.isa))
    costs = []
    print(f"{'':32}" + "".join(f"{action:30}" for action in ACTIONS))
    for shape in shapes(options.shapes, options.seed):
        cells = [cell(*measured(watch, shape, action, options.rounds)) for action in ACTIONS]
        costs += [cost for cost, _ in cells]
        print(f"{shape!s:32}" + "".join(f"{words:30}" for _, words in cells), flush=True)
    mean = math.exp(sum(math.log(cost) for cost in costs) / len(costs))
    print(f"{mean:6.2f}  the chosen algorithm's time over the better one's: the geometric mean")


if __name__ == "__main__":
    main()
