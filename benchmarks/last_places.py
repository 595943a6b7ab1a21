"""Print how far elementary functions are from the truth, in units in the last place.

    python benchmarks/last_places.py [--count N] [--only NAME]

Numbers of all sizes and both signs, in even steps through their bits, and an interval of each
function where it is hard or where most arguments lie; of the trigonometric ones also beyond 10^4,
where arguments have to be reduced with many digits. The truth is NumPy's in float64 for float32,
and in long double for float64 where the machine has a longer one. Half a unit is the least that
rounding allows. Truths and bounds are those of tests/test_elementary.py.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from pylego import ops

sys.path.append(str(Path(__file__).resolve().parent.parent / "tests"))

from test_elementary import FUNCTIONS, LEAST_NORMAL, LEAST_RESULTS

# Functions without a bound there: the truth, and an interval where most arguments lie.
OTHERS: dict[str, tuple[Callable, tuple[float, float]]] = {
    "sin": (np.sin, (-10.0, 10.0)),
    "cos": (np.cos, (-10.0, 10.0)),
    "tan": (np.tan, (-10.0, 10.0)),
    "arcsin": (np.arcsin, (-1.0, 1.0)),
    "arccos": (np.arccos, (-1.0, 1.0)),
    "arctan": (np.arctan, (-10.0, 10.0)),
    "sinh": (np.sinh, (-10.0, 10.0)),
    "cosh": (np.cosh, (-10.0, 10.0)),
    "arcsinh": (np.arcsinh, (-10.0, 10.0)),
    "arccosh": (np.arccosh, (1.0, 10.0)),
    "arctanh": (np.arctanh, (-1.0, 1.0)),
    "sqrt": (np.sqrt, (0.0, 4.0)),
    "rsqrt": (lambda x: 1 / np.sqrt(x), (0.1, 4.0)),
}
TRIGONOMETRIC = ("sin", "cos", "tan")
FAR = {"to 10^4": (1.0, 1e4), "to 10^6": (1e4, 1e6), "to 10^15": (1e6, 1e15)}
WIDER = {"float32": np.float64, "float64": np.longdouble}


def truths() -> dict[str, tuple[Callable, tuple[float, float]]]:
    """Of what pylego has."""
    shared = {name: (truth, interval) for name, (truth, _, interval) in FUNCTIONS.items()}
    return {name: both for name, both in (shared | OTHERS).items() if hasattr(ops, name)}


def through_bits(dtype: str, count: int) -> np.ndarray:
    """Normal numbers of all sizes and both signs; the step is odd, so that last bits differ."""
    bits = 8 * np.dtype(dtype).itemsize
    step = 2**bits // count | 1
    x = (np.arange(count, dtype=np.uint64) * np.uint64(step)).astype(f"uint{bits}").view(dtype)
    return x[np.isfinite(x) & (np.abs(x) >= np.finfo(dtype).tiny)]


def between(low: float, high: float, dtype: str, count: int) -> np.ndarray:
    """Even steps; of an interval that is many times as far away as its begin, steps of factors."""
    if low > 0 and high > 100 * low:
        positive = np.geomspace(low, high, count // 2).astype(dtype)
        return np.concatenate((positive, -positive))
    return np.linspace(low, high, count).astype(dtype)


def intervals(name: str, hard: tuple[float, float], dtype: str, count: int) -> Iterator[tuple]:
    yield "all", through_bits(dtype, count)
    yield f"{hard[0]:g} to {hard[1]:g}", between(*hard, dtype, count)
    for words, (low, high) in FAR.items() if name in TRIGONOMETRIC else ():
        yield words, between(low, high, dtype, count)


def errors(name: str, truth: Callable, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Distances in units of the truth's last place, and for which numbers.

    Left out is what has no finite truth, or one that is too small to be normal: it may be 0.
    """
    right = truth(x.astype(WIDER[x.dtype.name]))
    if right.dtype != WIDER[x.dtype.name]:
        raise TypeError("no truth with more digits")
    ours = getattr(ops, name)(x).numpy()
    least = LEAST_RESULTS.get(name, LEAST_NORMAL) if x.dtype == np.float32 else 1e-300
    rounded = right.astype(x.dtype)
    kept = np.isfinite(rounded) & (np.abs(right) >= least)
    unit = np.spacing(np.abs(rounded[kept])).astype(right.dtype)
    return (np.abs(ours[kept] - right[kept]) / unit).astype(np.float64), x[kept]


def lines(name: str, truth: Callable, hard: tuple[float, float], count: int) -> Iterator[str]:
    for dtype in WIDER:
        for words, x in intervals(name, hard, dtype, count):
            try:
                distances, where = errors(name, truth, x)
            except TypeError as error:
                yield f"{name:18}{dtype:9}{error}"
                break
            largest = distances.argmax()
            yield (
                f"{name:18}{dtype:9}{words:16}{distances[largest]:12.3f}{distances.mean():9.3f}"
                f"   {where[largest]!r}"
            )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=400_000, help="numbers of each interval")
    parser.add_argument("--only", default="", help="functions with this in their name")
    options = parser.parse_args()
    np.seterr(all="ignore")
    print(f"{'function':18}{'dtype':9}{'interval':16}{'largest':>12}{'mean':>9}   where")
    for name, (truth, hard) in truths().items():
        if options.only in name:
            for line in lines(name, truth, hard, options.count):
                print(line, flush=True)


if __name__ == "__main__":
    main()
