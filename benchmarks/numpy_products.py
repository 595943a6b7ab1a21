"""Products of matrices in NumPy, which leaves them to OpenBLAS; the kernels that it chose are told.

PyTorch's MKL leaves AVX-512 alone on machines that are not Intel's; OpenBLAS asks the processor.
"""

from __future__ import annotations

import ctypes
import os
import re
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from operations import Product
from workloads import THREADS, NoFigureError, Workload

Run = Callable[[], Any]
# Where these are set, OpenBLAS takes another machine's kernels or blocks than it would by itself.
BIASES = ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE")


def unbiased(environment: Mapping[str, str]) -> dict[str, str]:
    """An environment in which OpenBLAS chooses by itself."""
    return {name: value for name, value in environment.items() if name not in BIASES}


def start(name: str) -> tuple[Callable[[Workload], Run], str]:
    library = np.show_config("dicts")["Build Dependencies"]["blas"]
    version = f"NumPy {np.__version__} on {library['name']} {library['version']}"
    return prepare, f"{version}, kernels for {kernels()}, {THREADS} threads"


def prepare(operation: Any) -> Run:
    if not isinstance(operation, Product):
        raise NoFigureError("-")
    a, b = operation.data()
    a = a.T if operation.form == "aTb" else a
    b = b.T if operation.form == "abT" else b
    y = np.empty((operation.rows, operation.columns), np.float32)
    return partial(np.matmul, a, b, out=y)


def kernels() -> str:
    """For which machine the kernels are that OpenBLAS chose; it says so where it can be found."""
    for library in map(ctypes.CDLL, loaded_libraries()):
        for name in ("scipy_openblas_get_corename64_", "openblas_get_corename"):
            ask = getattr(library, name, None)
            if ask is not None:
                ask.restype = ctypes.c_char_p
                return ask().decode()
    return "a machine that it does not tell"


def loaded_libraries() -> list[str]:
    """The files of OpenBLAS in this process (Linux tells), or beside NumPy."""
    maps = Path("/proc/self/maps")
    if maps.exists():
        return sorted(set(re.findall(r"/\S*openblas\S*", maps.read_text())))
    beside = Path(np.__file__).parent
    folders = (beside.parent / "numpy.libs", beside / ".dylibs")
    return [os.fspath(path) for folder in folders for path in folder.glob("*openblas*")]
