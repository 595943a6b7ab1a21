"""Build the engine: cffi reads csrc/lego.h as it is and compiles csrc/ into pylego._lego (abi3).

The rooms kernels/ and bricks/ are compiled once per instruction set: csrc/core/isa.h explains it.
"""

from __future__ import annotations

import os
import sys
import sysconfig
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

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
ROOMS_OF_SETS = ("kernels", "bricks")


def instruction_sets() -> dict[str, list[str]]:
    """The names and flags of csrc/sets.txt; where nothing is for x86-64, the first alone."""
    lines = [line.split() for line in Path("csrc/sets.txt").read_text().splitlines()]
    if not sysconfig.get_platform().endswith(("x86_64", "amd64", "universal2")):
        lines = lines[:1]
    # One run of Apple's compiler may be for two architectures.
    prefix = ["-Xarch_x86_64"] if sys.platform == "darwin" else []
    return {name: [word for flag in flags for word in (*prefix, flag)] for name, *flags in lines}


class build_engine(build_ext):
    """build_ext that compiles for each instruction set, several files at a time."""

    def build_extension(self, ext):
        ext.extra_compile_args = FLAGS
        ext.extra_link_args = ["-pthread"]
        engine = [source for source in ext.sources if source.startswith("csrc/")]
        ext.sources = [source for source in ext.sources if source not in engine]
        ext.extra_objects = self.compile_engine(ext, engine)
        self.force = True  # what was compiled anew is linked anew
        super().build_extension(ext)

    def compile_engine(self, ext, sources: list[str]) -> list[str]:
        """Compile the sources, those of ROOMS_OF_SETS once per set, and return the objects."""
        varied = [source for source in sources if Path(source).parent.name in ROOMS_OF_SETS]
        once = [source for source in sources if source not in varied]
        sets = instruction_sets()
        jobs = [("once", source, ["-DLEGO_ALL_SETS"] if len(sets) > 1 else []) for source in once]
        for name, flags in sets.items():
            jobs += [(name, source, [f"-DLEGO_ISA={name}", *flags]) for source in varied]

        def compile_one(job: tuple[str, str, list[str]]) -> list[str]:
            name, source, flags = job
            folder = Path(self.build_temp, name)
            Path(folder, source).parent.mkdir(parents=True, exist_ok=True)
            return self.compiler.compile(
                [source],
                output_dir=str(folder),
                include_dirs=ext.include_dirs,
                extra_postargs=[*ext.extra_compile_args, *flags],
            )

        with ThreadPoolExecutor(os.cpu_count()) as pool:
            return [made for objects in pool.map(compile_one, jobs) for made in objects]


setup(
    cffi_modules=["csrc/binding.py:ffi"],
    cmdclass={"build_ext": build_engine},
    options={"bdist_wheel": {"py_limited_api": "cp310"}},
)
