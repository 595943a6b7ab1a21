"""Print how fast single kernels are, for each instruction set, beside NumPy's and PyTorch's.

    python benchmarks/kernels.py [--python /path/to/python]

benchmarks/kernels.c is linked with the objects of the last build of the engine, so what is timed is
the kernel alone; NumPy and PyTorch are timed through Python into an output that is there already.
One thread everywhere, the best of fifteen runs. PyTorch is looked for in the interpreter that
--python names. Read differences under 10 % as ties.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
from numpy_products import unbiased

HERE = Path(__file__).resolve().parent
LEAST_SECONDS = 0.002
REPEATS = 15

Times = dict[str, dict[str, float]]  # nanoseconds by case and by column


def kernel_times() -> Times:
    """Compile and run kernels.c."""
    build = HERE.parent / "build"
    objects = [str(path) for path in build.glob("temp*/*/csrc/**/*.o")]
    program = str(build / "kernels")
    command = [os.environ.get("CC", "cc"), "-O2", f"-I{HERE.parent / 'csrc'}"]
    source = str(HERE / "kernels.c")
    subprocess.run([*command, source, *objects, "-fopenmp", "-lm", "-o", program], check=True)
    times: Times = {}
    done = subprocess.run([program], check=True, capture_output=True, text=True)
    for line in done.stdout.splitlines():
        isa, case, nanoseconds = line.split("\t")
        times.setdefault(case, {})[isa] = float(nanoseconds)
    return times


def best_nanoseconds(run: Callable[[], object]) -> float:
    best, calls, repeats = float("inf"), 1, 0
    while repeats < REPEATS:
        began = time.perf_counter()
        for _ in range(calls):
            run()
        seconds = time.perf_counter() - began
        if seconds < LEAST_SECONDS:
            calls *= 2
        else:
            best, repeats = min(best, seconds / calls), repeats + 1
    return 1e9 * best


def operands(case: str) -> list[np.ndarray]:
    """The matrices a, b and y of a case such as "32x512x10 abT"."""
    size, form = case.split()
    m, k, n = map(int, size.split("x"))
    a = np.ones((k, m), np.float32).T if "aT" in form else np.ones((m, k), np.float32)
    b = np.ones((n, k), np.float32).T if "bT" in form else np.ones((k, n), np.float32)
    return [a, b, np.empty((m, n), np.float32)]


def print_peer_times(cases: list[str]) -> None:
    """Time the products with NumPy, and with PyTorch where it is installed."""
    peers: dict[str, Callable] = {"numpy": lambda a, b, y: partial(np.matmul, a, b, out=y)}
    with contextlib.suppress(ImportError):
        import torch

        torch.set_num_threads(1)
        tensor = torch.from_numpy
        peers["torch"] = lambda a, b, y: partial(torch.mm, tensor(a), tensor(b), out=tensor(y))
    for case in cases:
        for peer, product in peers.items():
            print(case, peer, best_nanoseconds(product(*operands(case))), sep="\t")


def is_product(case: str) -> bool:
    return case.split()[0].count("x") == 2


def add_peers(times: Times, python: str) -> None:
    products = [case for case in times if is_product(case)]
    command = [python, __file__, "--peers", *products]
    one_thread = {"OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
    environment = {**unbiased(os.environ), **one_thread}
    done = subprocess.run(command, check=True, capture_output=True, text=True, env=environment)
    for line in done.stdout.splitlines():
        case, peer, nanoseconds = line.split("\t")
        times[case][peer] = float(nanoseconds)


def cell(case: str, nanoseconds: float) -> str:
    if not is_product(case):
        return f"{nanoseconds:.0f} ns"
    m, k, n = map(int, case.split()[0].split("x"))
    return f"{nanoseconds / 1000:.2f} us ({2 * m * k * n / nanoseconds:.0f} GF/s)"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--python", default=sys.executable, help="where PyTorch is installed")
    parser.add_argument("--peers", nargs="+", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.peers:
        print_peer_times(options.peers)
        return
    times = kernel_times()
    add_peers(times, options.python)
    columns = list(dict.fromkeys(column for row in times.values() for column in row))
    print(f"{'':26}" + "".join(f"{column:>24}" for column in columns))
    for case, row in times.items():
        cells = [cell(case, row[column]) if column in row else "" for column in columns]
        print(f"{case:26}" + "".join(f"{text:>24}" for text in cells))


if __name__ == "__main__":
    main()
