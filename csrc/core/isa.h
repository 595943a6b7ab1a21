/* Instruction sets: how one source is compiled for several of them.
 *
 * Most of the time is spent in the folders kernels/ and bricks/. Their files are compiled once per
 * set: for any machine of the architecture ("generic"), and on x86-64 also for machines with AVX2
 * and with AVX-512. csrc/sets.txt lists the sets with their compiler flags. The build compiles the
 * files of the two folders once for each set, with LEGO_ISA defined as its name, and all other
 * files once, with LEGO_ALL_SETS defined. Without these definitions one run of the compiler over
 * all files makes a complete engine, too, with one set only: LEGO_ISA, or "generic".
 *
 *   kernels/gemm.c -> generic: gemm_run_generic   avx2: gemm_run_avx2   avx512: gemm_run_avx512
 *   bricks/families.c         families_generic          families_avx2          families_avx512
 *
 * Each function that a file of the two folders exports ends with the set's name, so that all sets
 * can be linked into one library. FOR_ISA appends the name, once, at the head of a header; the code
 * itself uses the plain name:
 *
 *   #define gemm_run FOR_ISA(gemm_run)
 *   void gemm_run(const gemm *g);
 *
 * Without that line the linker reports a name that is defined twice.
 *
 * Each set has one table of its families of bricks and one of its loops for patterns
 * (kernels/updates.c). registry/sets.c lists these tables, checks which sets the processor can run,
 * and uses the last one; PYLEGO_ISA and lego_set_isa() choose another. A brick's pointers lead to
 * kernels of its own set only: sets never mix within a brick, and a brick still works when another
 * set is in use later.
 *
 * Bits: all sets give the same, except for matmul and convolutions of floats, and for elementary
 * functions, whose polynomials are fused (kernels/fused.h). There a multiplication and its addition
 * are rounded once if the set has an instruction for both (FMA), else twice. */
#ifndef LEGO_CORE_ISA_H
#define LEGO_CORE_ISA_H

#ifndef LEGO_ISA
#define LEGO_ISA generic
#endif

#define FOR_ISA(name)             FOR_ISA_NAMED(name, LEGO_ISA)
#define FOR_ISA_NAMED(name, isa)  FOR_ISA_JOINED(name, isa)
#define FOR_ISA_JOINED(name, isa) name##_##isa

#define ISA_NAME         ISA_TEXT(LEGO_ISA)
#define ISA_TEXT(isa)    ISA_TEXT_OF(isa)
#define ISA_TEXT_OF(isa) #isa

#endif
