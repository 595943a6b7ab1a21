"""Build the engine: cffi reads csrc/lego.h as it is and compiles csrc/ into pylego._lego (abi3).

The rooms kernels/ and bricks/ are compiled once per instruction set: csrc/core/isa.h explains it.
While working, `make engine` compiles what changed, in place; PYLEGO_SETS=avx2 builds that set only,
PYLEGO_DEBUG=1 builds for a debugger. Threads are OpenMP's, or POSIX threads where the compiler has
no OpenMP or PYLEGO_OPENMP is 0.
"""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import tempfile
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
    "-fopenmp-simd",  # "#pragma omp simd" over loops
    "-pthread",
    "-fno-asynchronous-unwind-tables",  # nothing is thrown through C; they are a thirtieth of it
]
if os.environ.get("PYLEGO_DEBUG"):
    FLAGS += ["-Og", "-g"]  # the last of several -O counts; the numbers may differ in the last bit
# Without names of functions of files, which only profilers read: they are a fiftieth of the wheel.
STRIP = ["-s"] if sys.platform.startswith("linux") and not os.environ.get("PYLEGO_DEBUG") else []
ROOMS_OF_SETS = ("kernels", "bricks")
OPENMP_SOURCE = "csrc/core/team.c"  # the one file that calls OpenMP
# GCC follows a loop over vectors with loops over half and quarter vectors, for the few numbers that
# are left. They are a tenth of a set, and pay where numbers take long: these files do without, and
# so does the set for processors before 2017.
NO_HALVES = ["--param=vect-epilogues-nomask=0"] if sys.platform.startswith("linux") else []
BRIEF = [] if os.environ.get("PYLEGO_DEBUG") else ["-Os"]
# Rooms that make programs, once each, and compute nothing.
BRIEF_ROOMS = ("graph", "passes")
# Families whose loops are all in kernels/. What is left of them runs once a call: checks of shapes,
# the choice of a kernel, gradients. Each set has its own.
BRIEF_FAMILIES = tuple(
    f"csrc/bricks/{name}.c"
    for name in (
        *("activations", "attention", "convolution", "convolution_shapes", "families", "image"),
        *("linear", "pooling", "product_tree", "recurrent", "reductions", "reductions_axis"),
        *("shape_rules", "shapes_joins", "shapes_repeats", "shapes_views"),
    )
)
# The set for processors before 2013: short code, which has no vectors unless it is told to.
SMALL = ["-Os", "-fno-openmp-simd", "-Wno-unknown-pragmas"]
# Clears and copies of short arrays store vectors that are as wide as those of the loops which read
# them: a load waits for narrower stores, and "rep stos", GCC's choice, takes longer than a short
# line.
BY_VECTORS = "-mmemset-strategy=vector_loop:1024:noalign,libcall:-1:noalign"
WIDE_STORES = {
    "avx2": ["-mstore-max=256", "-mmove-max=256", BY_VECTORS],
    "avx512": ["-mstore-max=512", "-mmove-max=512", BY_VECTORS],
}
LIGHT_SOURCES = (
    "csrc/bricks/logic.c",
    "csrc/bricks/arithmetic.c",
    "csrc/kernels/random.c",
    "csrc/kernels/transpose.c",
    "csrc/kernels/updates.c",
)
# GCC copies a loop for both answers to a question that is asked before it, and a function for the
# constants that it is given. A quarter of these files was such copies, and hardly faster; elsewhere
# they pay: sums in pairs and extremes along an axis take a tenth longer without.
ONE_LOOP = ["-fno-unswitch-loops"] if sys.platform.startswith("linux") else []
ONE_FUNCTION = ["-fno-ipa-cp-clone"] if sys.platform.startswith("linux") else []
# It joins steps of an outer loop in an inner one: sums of narrow rows and scattered rows take a
# third longer then, and a tenth of these files. It pays for moments of narrow matrices.
ONE_ROW = ["-fno-loop-unroll-and-jam"] if sys.platform.startswith("linux") else []
WITHOUT_COPIES = (
    (
        [f"csrc/kernels/{name}.c" for name in ("gemm", "lines_gradient", "scan")],
        ONE_LOOP,
    ),
    (["csrc/bricks/trigonometric.c"], ONE_FUNCTION),
    (["csrc/kernels/reducer.c", "csrc/kernels/scatter.c"], ONE_ROW),
)
# It copies a loop for steps of 1, too. All bricks have a loop of their own for these, and so have
# some kernels.
OWN_STEPS = tuple(
    f"csrc/kernels/{name}.c"
    for name in (
        "conv_depthwise_loops",
        "conv_direct",
        "conv_grouped_loops",
        "conv_tile",
        "convert",
        "convert_narrow",
    )
)
ONE_FOR_STEPS = ["-fno-version-loops-for-strides"]  # of GCC since 9
# In these files the loops that matter are marked ("omp simd"). Of the others, most are over the few
# numbers that are left beside blocks: vectors for them were a quarter of the files, and no faster.
MARKED_LOOPS = tuple(
    f"csrc/kernels/{name}.c" for name in ("conv_depthwise_loops", "reducer", "repeats")
)
MARKED_ALONE = ["-fvect-cost-model=very-cheap"]  # of GCC since 11
# Where GCC sees that a loop has few rounds, blocks of 128 numbers among them, it writes all of them
# one after another. These were half of these files, and no faster.
AS_LOOPS = ["--param=max-completely-peel-times=0"]
BLOCKS = ("csrc/kernels/power.c", "csrc/kernels/updates.c")
# Files of many short loops, which -O3 makes a fifth longer and no faster.
SECOND_LEVEL = [] if os.environ.get("PYLEGO_DEBUG") else ["-O2"]
SHORT_LOOPS = tuple(
    f"csrc/kernels/{name}.c"
    for name in ("recurrent_forward", "recurrent_backward", "cell_activations")
)


def instruction_sets() -> dict[str, list[str]]:
    """The names and flags of csrc/sets.txt; where nothing is for x86-64, the first alone."""
    lines = [line.split() for line in Path("csrc/sets.txt").read_text().splitlines()]
    if not sysconfig.get_platform().endswith(("x86_64", "amd64", "universal2")):
        lines = lines[:1]
    # One run of Apple's compiler may be for two architectures.
    prefix = ["-Xarch_x86_64"] if sys.platform == "darwin" else []
    sets = {name: [word for flag in flags for word in (*prefix, flag)] for name, *flags in lines}
    if len(sets) > 1:  # of x86-64, where processors before 2013 have the first alone
        sets[lines[0][0]] += [word for flag in SMALL for word in (*prefix, flag)]
        sets["avx2"] += NO_HALVES
    wanted = os.environ.get("PYLEGO_SETS")
    if wanted and wanted not in sets:
        raise SystemExit(f"PYLEGO_SETS={wanted}: the sets of this machine are {', '.join(sets)}")
    return {wanted: sets[wanted]} if wanted else sets


def room_of(source: str) -> str:
    """The folder of csrc/ in which a source lies, deep or not."""
    return Path(source).parts[1]


def is_current(made: Path, flags: list[str]) -> bool:
    """Whether an object is newer than all it was made of, with the same flags.

    The compiler lists the files in the .d beside the object; the flags are kept in .flags.
    """
    listed, kept = made.with_suffix(".d"), made.with_suffix(".flags")
    if not (made.exists() and listed.exists() and kept.exists()):
        return False
    if kept.read_text() != " ".join(flags):
        return False
    files = listed.read_text().replace("\\\n", " ").split(":", 1)[1].split()
    return all(Path(file).exists() and newer(made, file) for file in [*files, "setup.py"])


def newer(made: Path, file: str) -> bool:
    """Whether made was written after file."""
    return made.stat().st_mtime > Path(file).stat().st_mtime


def known_flags(compiler, flags: list[str]) -> list[str]:
    """The flags, or none of them where the compiler does not know them all."""
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder, "has_flags.c")
        source.write_text("int has_flags;\n")
        made = str(source.with_suffix(".o"))
        command = [*compiler.compiler_so, *flags, "-c", str(source), "-o", made]
        return [] if subprocess.run(command, capture_output=True).returncode else flags


def openmp_flags(compiler) -> list[str]:
    """The flag of OpenMP, if the compiler and the linker know it; says which threads it will be."""
    if os.environ.get("PYLEGO_OPENMP") == "0":
        print("threads: POSIX threads, since PYLEGO_OPENMP is 0")
        return []
    with tempfile.TemporaryDirectory() as folder:
        made = f"{folder}/has_openmp"
        commands = (
            [*compiler.compiler_so, "-fopenmp", "-c", "csrc/has_openmp.c", "-o", f"{made}.o"],
            [*compiler.linker_so, "-fopenmp", f"{made}.o", "-o", made],
        )
        if any(subprocess.run(command, capture_output=True).returncode for command in commands):
            print(f"threads: POSIX threads, since {compiler.compiler_so[0]} has no OpenMP here")
            return []
    print("threads: OpenMP")
    return ["-fopenmp"]


class build_engine(build_ext):
    """build_ext that compiles for each instruction set, several files at a time."""

    def build_extension(self, ext):
        self.openmp = openmp_flags(self.compiler)
        ext.extra_compile_args = FLAGS
        ext.extra_link_args = ["-pthread", *self.openmp, *STRIP]
        engine = [source for source in ext.sources if source.startswith("csrc/")]
        ext.sources = [source for source in ext.sources if source not in engine]
        ext.extra_objects = self.compile_engine(ext, engine)
        self.force = True  # what was compiled anew is linked anew
        ext.extra_compile_args = [*FLAGS, *BRIEF]  # cffi's own code converts arguments
        super().build_extension(ext)

    def flags_by_source(self, sources: list[str]) -> dict[str, list[str]]:
        """The flags that single files have beside those of all."""
        brief = [source for source in sources if room_of(source) in BRIEF_ROOMS]
        bricks = [source for source in sources if room_of(source) == "bricks"]
        rules = [
            ([OPENMP_SOURCE], self.openmp),
            ([*brief, *BRIEF_FAMILIES], BRIEF),
            (LIGHT_SOURCES, NO_HALVES),
            (BLOCKS, known_flags(self.compiler, AS_LOOPS)),
            (SHORT_LOOPS, SECOND_LEVEL),
            (MARKED_LOOPS, known_flags(self.compiler, MARKED_ALONE)),
            ([*bricks, *OWN_STEPS], known_flags(self.compiler, ONE_FOR_STEPS)),
            *((files, known_flags(self.compiler, flags)) for files, flags in WITHOUT_COPIES),
        ]
        return {
            source: [flag for files, flags in rules if source in files for flag in flags]
            for source in sources
        }

    def compile_engine(self, ext, sources: list[str]) -> list[str]:
        """Compile the sources, those of ROOMS_OF_SETS once per set, and return the objects."""
        varied = [source for source in sources if Path(source).parent.name in ROOMS_OF_SETS]
        once = [source for source in sources if source not in varied]
        sets = instruction_sets()
        for name, flags in sets.items():
            flags += known_flags(self.compiler, WIDE_STORES.get(name, []))
        choice = "-DLEGO_ALL_SETS" if len(sets) > 1 else f"-DLEGO_ISA={next(iter(sets))}"
        extra = self.flags_by_source(sources)
        jobs = [("once", source, [choice, *extra[source]]) for source in once]
        # The objects of a source are linked side by side: what the sets have in common is found
        # by compression, which looks back by 32 KB. That is a fortieth of the wheel.
        for source in varied:
            for name, flags in sets.items():
                named = f"-DLEGO_ISA={name}"  # of several -O the last counts: that of a set
                jobs.append((name, source, [named, *extra[source], *flags]))

        def compile_one(job: tuple[str, str, list[str]]) -> str:
            name, source, flags = job
            folder = Path(self.build_temp, name)
            Path(folder, source).parent.mkdir(parents=True, exist_ok=True)
            made, flags = Path(folder, source).with_suffix(".o"), [*ext.extra_compile_args, *flags]
            if not is_current(made, flags):
                self.compiler.compile(
                    [source],
                    output_dir=str(folder),
                    include_dirs=ext.include_dirs,
                    extra_postargs=[*flags, "-MMD", "-MF", str(made.with_suffix(".d"))],
                )
                made.with_suffix(".flags").write_text(" ".join(flags))
            return str(made)

        with ThreadPoolExecutor(os.cpu_count()) as pool:
            return list(pool.map(compile_one, jobs))


setup(
    cffi_modules=["csrc/binding.py:ffi"],
    cmdclass={"build_ext": build_engine},
    options={"bdist_wheel": {"py_limited_api": "cp310"}},
)
