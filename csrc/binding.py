"""The door to Python: what cffi compiles, from three headers as they are and every C file of the
engine; and handles.c with the files beside it, a module of its own in the same library."""

from pathlib import Path

from cffi import FFI

CSRC = Path(__file__).parent
ROOMS = (
    *("core", "kernels", "tensor", "bricks", "registry"),
    *("graph", "passes/patterns", "passes", "runtime"),
)


def declarations(header: str) -> str:
    """The header without its preprocessor lines: that is all cffi needs."""
    return "\n".join(line for line in header.splitlines() if not line.startswith("#"))


# setuptools wants paths relative to setup.py, with slashes.
sources = [
    f"csrc/{room}/{path.name}" for room in ROOMS for path in sorted((CSRC / room).glob("*.c"))
]
sources += [f"csrc/{name}.c" for name in ("attributes", "autocast", "calls", "handles", "keys")]

ffi = FFI()
HEADERS = ("lego.h", "tensor/custom_gradient.h", "core/words.h")
for header in HEADERS:
    ffi.cdef(declarations((CSRC / header).read_text(encoding="utf-8")))
# What lego_set_gradient_caller() is given: pylego/engine/custom_gradients.py has its body.
ffi.cdef("""
    extern "Python" lego_status lego_python_gradient(
        int64_t owner, lego_tensor *dy, const bool *wanted, int count, lego_tensor **dx);
""")
ffi.set_source(
    "pylego._lego",
    "\n".join(f'#include "{header}"' for header in HEADERS),
    sources=sources,
    include_dirs=["csrc"],
    py_limited_api=True,
)
