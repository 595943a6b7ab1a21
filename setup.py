"""Build the engine: cffi reads csrc/lego.h as it is and compiles csrc/ into pylego._lego (abi3)."""

from __future__ import annotations

import tempfile
from pathlib import Path

from setuptools import setup
from setuptools.command.build_ext import build_ext
from setuptools.errors import CompileError, LinkError

FLAGS = [
    "-std=c11",
    "-O3",
    "-g0",  # symbols for a debugger would double the wheel
    "-fvisibility=hidden",
    "-fwrapv",  # integers wrap around, as NumPy's do
    "-ffp-contract=off",  # the same bits whether or not the machine has a fused multiply-add
    "-fno-math-errno",  # nobody reads errno, and sqrt becomes one instruction
    "-fno-trapping-math",  # nobody traps floating-point exceptions
]
OPENMP = "-fopenmp"
SIMD_ONLY = "-fopenmp-simd"  # one thread, but loops are vectorized all the same
OPENMP_PROBE = "#include <omp.h>\nint main(void) { return omp_get_max_threads() < 1; }\n"


class build_engine(build_ext):
    """build_ext that uses OpenMP where the compiler has it, and says so where it has not."""

    def build_extension(self, ext):
        openmp = self.compiler_takes(OPENMP_PROBE, OPENMP)
        if not openmp:
            self.announce("pylego: no OpenMP in this compiler; the engine will use 1 thread", 3)
        ext.extra_compile_args = [*FLAGS, OPENMP if openmp else SIMD_ONLY]
        ext.extra_link_args = [OPENMP] if openmp else []
        super().build_extension(ext)

    def compiler_takes(self, program: str, flag: str) -> bool:
        with tempfile.TemporaryDirectory() as folder:
            source = Path(folder, "probe.c")
            source.write_text(program)
            try:
                objects = self.compiler.compile(
                    [str(source)], output_dir=folder, extra_postargs=[flag]
                )
                self.compiler.link_executable(
                    objects, "probe", output_dir=folder, extra_postargs=[flag]
                )
            except (CompileError, LinkError):
                return False
        return True


setup(
    cffi_modules=["csrc/binding.py:ffi"],
    cmdclass={"build_ext": build_engine},
    options={"bdist_wheel": {"py_limited_api": "cp310"}},
)
