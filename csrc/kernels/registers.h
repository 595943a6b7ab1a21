/* Vectors and unrolled loops for kernels that keep their sums in registers: products,
 * convolutions. */
#ifndef LEGO_KERNELS_REGISTERS_H
#define LEGO_KERNELS_REGISTERS_H

#include "unroll.h"

/* These kernels use the fused multiply-add if the instruction set has one; the other files are
 * compiled with -ffp-contract=off. GCC forms it in its expensive optimizations, that is from -O2
 * on. They are enabled by name, so that the bits are the same at all levels. */
#ifdef __clang__
#pragma clang fp contract(fast)
#else
#pragma GCC optimize("fp-contract=fast", "expensive-optimizations")
#endif

#if defined(__AVX512F__)
enum { VECTOR_BYTES = 64 };
#elif defined(__AVX2__)
enum { VECTOR_BYTES = 32 };
#else
enum { VECTOR_BYTES = 16 };
#endif

#endif
