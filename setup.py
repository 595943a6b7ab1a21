"""Build the engine: cffi reads csrc/lego.h as it is and compiles csrc/ into pylego._lego (abi3)."""

from __future__ import annotations

from setuptools import setup
from setuptools.command.build_ext import build_ext

FLAGS = [
    "-std=c11",
    "-O3",
    "-g0",  # symbols for a debugger would double the wheel
    "-fvisibility=hidden",
    "-fwrapv",  # integers wrap around, as NumPy's do
    "-ffp-contract=off",  # the same bits whether or not the machine has a fused multiply-add
    "-fno-math-errno",  # nobody reads errno, and sqrt becomes one instruction
    "-fno-trapping-math",  # nobody traps floating-point exceptions
    "-fopenmp-simd",  # "#pragma omp simd" over loops; the threads are our own
    "-pthread",
]


class build_engine(build_ext):
    """build_ext with the flags of the engine."""

    def build_extension(self, ext):
        ext.extra_compile_args = FLAGS
        ext.extra_link_args = ["-pthread"]
        super().build_extension(ext)


setup(
    cffi_modules=["csrc/binding.py:ffi"],
    cmdclass={"build_ext": build_engine},
    options={"bdist_wheel": {"py_limited_api": "cp310"}},
)
