/* Words for the compiler: what is unrolled, and what is inlined. */
#ifndef LEGO_KERNELS_UNROLL_H
#define LEGO_KERNELS_UNROLL_H

/* Defined as nothing by the C tests: sanitizers take minutes to check unrolled tiles. */
#ifndef UNROLL
#ifdef __clang__
#define UNROLL _Pragma("clang loop unroll(full)")
#else
#define UNROLL _Pragma("GCC unroll 32")
#endif
#endif

#define ALWAYS_INLINE inline __attribute__((always_inline))
#define NEVER_INLINE  __attribute__((noinline))

#endif
