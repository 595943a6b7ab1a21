/* Products that are added without a rounding between, for functions of which a multiplication and
 * an addition are most of the work. The order of operations is written out, so that all machines
 * with such an instruction (AVX2, AVX-512, arm64) give the same bits, whatever the compiler; the
 * others round twice. */
#ifndef LEGO_KERNELS_FUSED_H
#define LEGO_KERNELS_FUSED_H

#if defined(__FMA__) || defined(__aarch64__)
#define IS_FUSED               1
#define FUSED_float32(a, b, c) __builtin_fmaf(a, b, c)
#define FUSED_float64(a, b, c) __builtin_fma(a, b, c)
#else
#define IS_FUSED               0
#define FUSED_float32(a, b, c) ((a) * (b) + (c))
#define FUSED_float64(a, b, c) ((a) * (b) + (c))
#endif

/* a b + c */
static inline float fused_float32(float a, float b, float c) {
    return FUSED_float32(a, b, c);
}

static inline double fused_float64(double a, double b, double c) {
    return FUSED_float64(a, b, c);
}

#endif
