/* Rows that fill no whole vector. Part of the templates that define NUMBER, VECTOR, LOOSE_VECTOR
 * and LANES. */

#ifdef __clang__ /* it warns of loops that stay scalar where there are no masked stores */
#pragma clang diagnostic ignored "-Wpass-failed"
#endif

/* The first n < LANES numbers of y (+)= x. Compilers make masked loads and stores of these loops,
 * where the instruction set has them; the pragma keeps GCC from unrolling them before. */
static ALWAYS_INLINE void NAME(put_end)(NUMBER *restrict y, const NUMBER *restrict x, int64_t n,
                                        bool adds) {
    if (adds) {
        _Pragma("omp simd") for (int64_t j = 0; j < LANES; j++) {
            if (j < n) {
                y[j] = (NUMBER)(y[j] + x[j]);
            }
        }
    } else {
        _Pragma("omp simd") for (int64_t j = 0; j < LANES; j++) {
            if (j < n) {
                y[j] = x[j];
            }
        }
    }
}

/* The first n numbers of y (+)= x, a row of whole vectors. */
static ALWAYS_INLINE void NAME(put_row)(NUMBER *y, const VECTOR *x, int64_t n, bool adds) {
    for (; n >= LANES; n -= LANES) {
        LOOSE_VECTOR *own = (LOOSE_VECTOR *)y;
        if (adds) {
            *own += *x;
        } else {
            *own = *x;
        }
        y += LANES;
        x++;
    }
    if (n > 0) {
        NAME(put_end)(y, (const NUMBER *)x, n, adds);
    }
}
