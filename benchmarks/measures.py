"""What is wanted of each figure, in one table, and whether it is reached."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from operations import CONVOLUTIONS, PRODUCTS, Product
from table import Row
from workloads import (
    EFFICIENTNET_PREDICT,
    HEAD_FIT,
    MOBILENET_PREDICT,
    MONTHS_FIT,
    OF_MATRICES,
    ONLINE_PREDICT,
    OWN_CELL_FIT,
    PHOTO_MEMORY,
    READER_FIT,
    RESNET_BEGIN,
    RESNET_FIT,
    RESNET_PREDICT,
    RESNET_PREDICT_8,
    SEQUENCE_MEMORY,
    SIGNALS_FIT,
    TRANSFER,
    UPDATES,
    WORDS_FIT,
    WRITER_FIT,
    Workload,
)

TORCH = ("torch", "torch.compile")
KERAS = ("keras-jax", "keras-tf")
ALL = (*TORCH, *KERAS, "onnxruntime")


@dataclass(frozen=True)
class Bound:
    """Wanted of pylego's figure: at most plus + times * the least figure of the peers `of`."""

    wanted: str
    plus: float = 0.0
    times: float = 0.0
    of: tuple[str, ...] = ()

    def limit(self, row: Row) -> float | None:
        """None when none of the peers has a figure."""
        figures = [row.cells[peer] for peer in self.of if isinstance(row.cells.get(peer), float)]
        if self.of and not figures:
            return None
        return self.plus + self.times * min(figures, default=0.0)

    def line(self, row: Row) -> str:
        limit, reached = self.limit(row), row.cells.get("pylego")
        is_known = limit is not None and isinstance(reached, float)
        verdict = ("yes" if reached <= limit else "no") if is_known else "?"
        shown = [row.show(f) if isinstance(f, float) else "-" for f in (limit, reached)]
        return f"{row.name:32}{self.wanted:36}{shown[0]:>11}{shown[1]:>11}{verdict:>6}"


STEP = (
    Bound("25 us", plus=25e-6),
    Bound("10 times faster than PyTorch", times=1 / 10, of=TORCH),
    Bound("20 times faster than Keras", times=1 / 20, of=KERAS),
)
READING = (Bound("1.5 x reading the weights + 10 us", 10e-6, 1.5, ("traffic",)),)
BUSY = (Bound("4 times the idle time", plus=4.0),)

LEAST = Bound("0.85 of PyTorch's speed", times=1 / 0.85, of=("torch",))
LEAST_OF_CONV = (Bound("0.9 of PyTorch's speed", times=1 / 0.9, of=("torch",)),)


def bounds_of_update(update: Workload) -> tuple[Bound, ...]:
    """Of an optimizer's step; those that multiply or reduce first do more than to move bytes."""
    as_torch = Bound("1.0 of PyTorch's time", times=1.0, of=("torch",))
    if update.optimizer in (*OF_MATRICES, "Lamb"):
        return (as_torch,)
    return (Bound("1.3 x moving the same bytes", times=1.3, of=("traffic",)), as_torch)


def bounds_of(product: Product) -> tuple[Bound, ...]:
    peak = Bound("80 % of the FMA peak", times=1 / 0.8, of=("traffic",))
    return (LEAST, peak) if product.is_large else (LEAST,)


def faster(times: float, peers: str = "peers", of: tuple[str, ...] = TORCH + KERAS) -> Bound:
    return Bound(f"{times:g} times faster than {peers}", times=1 / times, of=of)


SMALLER = Bound("PyTorch's", times=1.0, of=TORCH)

MEASURES = {
    "residual CNN: fit, 1 step of 64": (
        Bound("1.3 times faster than the peers", times=1 / 1.3, of=(*TORCH, *KERAS)),
    ),
    "2 inputs, 2 outputs: fit, 1 step": (
        Bound("5 times faster than the peers", times=1 / 5, of=(*TORCH, *KERAS)),
    ),
    WORDS_FIT.name: (faster(1.5),),
    SIGNALS_FIT.name: (faster(1.5),),
    MONTHS_FIT.name: (faster(10),),
    ONLINE_PREDICT.name: (
        faster(10, "Keras", KERAS),
        Bound("onnxruntime's time", times=1.0, of=("onnxruntime",)),
    ),
    READER_FIT.name: (faster(1.3),),
    WRITER_FIT.name: (faster(1.1),),
    OWN_CELL_FIT.name: (faster(3, "Keras on JAX", ("keras-jax",)),),
    **{workload.name: (SMALLER,) for workload in SEQUENCE_MEMORY},
    RESNET_PREDICT.name: (faster(1.1, of=ALL),),
    RESNET_PREDICT_8.name: (faster(1.1, of=ALL),),
    RESNET_FIT.name: (faster(1.1),),
    MOBILENET_PREDICT.name: (faster(1.1, of=ALL),),
    EFFICIENTNET_PREDICT.name: (faster(1.0, of=ALL),),
    HEAD_FIT.name: (faster(2),),
    RESNET_BEGIN.name: (faster(3, "Keras on JAX", ("keras-jax",)),),
    TRANSFER.name: (faster(2, "Keras on TensorFlow", ("keras-tf",)),),
    **{workload.name: (Bound("the best peer's", times=1.0, of=ALL),) for workload in PHOTO_MEMORY},
    "25 million numbers: save": (Bound("Keras's time", times=1.0, of=KERAS),),
    "25 million numbers: open": (Bound("Keras's time", times=1.0, of=KERAS),),
    "numbers: fit, 1 step": STEP,
    "numbers: fit, 1 epoch of 1 step": STEP,
    "numbers: first step, median": (Bound("10 ms", plus=10e-3),),
    "numbers: predict 1 row": (
        Bound("20 us", plus=20e-6),
        Bound("100 times faster than Keras", times=1 / 100, of=KERAS),
    ),
    "numbers: call on 1 row": (Bound("10 us", plus=10e-6),),
    "784-512-512-10: fit, 1 step": (
        Bound("1.3 times faster than the best", times=1 / 1.3, of=TORCH + KERAS),
    ),
    "784-512-512-10: predict 1 row": READING,
    "784-512-512-10: call on 1 row": READING,
    **{update.name: bounds_of_update(update) for update in UPDATES},
    "Adam on 670,000 parameters": (
        Bound("1.2 x moving the same bytes", times=1.2, of=("traffic",)),
    ),
    "784-512-512-10: peak memory": (Bound("the printed plan + 10 %", times=1.1, of=("plan",)),),
    "MNIST CNN: fit, 1 step of 128": (
        Bound("2 times faster than the best", times=1 / 2, of=TORCH + KERAS),
    ),
    "VGG on CIFAR: fit, 1 step of 64": (
        Bound("1.1 times faster than the best", times=1 / 1.1, of=TORCH + KERAS),
    ),
    "VGG on CIFAR: peak memory": (Bound("0.7 of PyTorch's", times=0.7, of=TORCH),),
    **{product.name: bounds_of(product) for product in PRODUCTS},
    **{c.name: LEAST_OF_CONV for c in CONVOLUTIONS if c.group == "conv 3x3"},
    "matmul: time beside PyTorch's": (Bound("1.0 of PyTorch's speed", plus=1.0),),
    "matmul: time beside NumPy's": (Bound("1.0 of NumPy's speed", plus=1.0),),
    "conv 3x3: time beside PyTorch's": (Bound("1.2 of PyTorch's speed", plus=1 / 1.2),),
    "conv others: time beside PyTorch's": (Bound("1.0 of PyTorch's speed", plus=1.0),),
    "numbers: busy, worst fit": BUSY,
    "784-512-512-10: busy, worst fit": BUSY,
}


def report(rows: Mapping[str, Row]) -> None:
    """Print a line for each bound whose figure was taken."""
    print(f"\n{'against the measures':32}{'wanted: at most':36}{'that is':>11}{'reached':>11}")
    for name, bounds in MEASURES.items():
        for bound in bounds if name in rows else ():
            print(bound.line(rows[name]))
