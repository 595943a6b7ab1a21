/* Instruction sets: how one source becomes several sets of machine code.
 *
 * The rooms kernels/ and bricks/, where the time goes, are compiled once per set, from the same
 * files: for any machine of the architecture ("generic"), and on x86-64 again for those with AVX2
 * and for those with AVX-512. csrc/sets.txt lists the sets with their compiler flags; the build
 * files compile each file of the two rooms for each of them, with LEGO_ISA the set's name, and
 * everything else once, with LEGO_ALL_SETS defined. Without these definitions all files in one run
 * of the compiler are a whole engine as well, of the one set "generic".
 *
 *   kernels/gemm.c -> generic: gemm_run_generic   avx2: gemm_run_avx2   avx512: gemm_run_avx512
 *   bricks/families.c         families_generic          families_avx2          families_avx512
 *
 * What a file of the two rooms offers to other files has the set's name behind its own, so that
 * the sets can lie in one library. FOR_ISA puts it there, once, at the head of a header; the code
 * itself knows nothing of it:
 *
 *   #define gemm_run FOR_ISA(gemm_run)
 *   void gemm_run(const gemm *g);
 *
 * Whoever forgets that line is told by the linker: the name is there twice.
 *
 * Each set ends in one table, of its families of bricks. registry/sets.c knows these tables, asks
 * the processor which of them it can run, and takes the last one; PYLEGO_ISA and lego_set_isa()
 * choose another. From there on a brick's pointers lead to kernels of its own set: sets never mix
 * within a brick, and a brick of a set that is no longer in use goes on working.
 *
 * Bits: all sets give the same, but for matmul and convolutions of floats. There a multiplication
 * and the addition behind it are rounded once where the set has an instruction for that, and twice
 * where not. */
#ifndef LEGO_CORE_ISA_H
#define LEGO_CORE_ISA_H

#ifndef LEGO_ISA
#define LEGO_ISA generic
#endif

#define FOR_ISA(name)             FOR_ISA_NAMED(name, LEGO_ISA)
#define FOR_ISA_NAMED(name, isa)  FOR_ISA_JOINED(name, isa)
#define FOR_ISA_JOINED(name, isa) name##_##isa

#endif
