/* What one dense line of floats adds up to. */
#include "line_sums.h"

#include <math.h>

#include "elements.h"
#include "exponential.h"

enum { LANES = 8, PIECE = 256 };

/* LINE_SUMS(float32, float, fast_expf) makes the functions of the header for a dtype. */
#define LINE_SUMS(suffix, type, exp_of)                                                            \
    type line_max_##suffix(int64_t n, const type *x) {                                             \
        type lanes[LANES];                                                                         \
        for (int lane = 0; lane < LANES; lane++) {                                                 \
            lanes[lane] = -(type)INFINITY;                                                         \
        }                                                                                          \
        for (; n >= LANES; n -= LANES, x += LANES) {                                               \
            for (int lane = 0; lane < LANES; lane++) {                                             \
                lanes[lane] = LARGER(lanes[lane], x[lane]);                                        \
            }                                                                                      \
        }                                                                                          \
        for (int lane = 0; lane < n; lane++) {                                                     \
            lanes[lane] = LARGER(lanes[lane], x[lane]);                                            \
        }                                                                                          \
        for (int half = LANES / 2; half > 0; half /= 2) {                                          \
            for (int lane = 0; lane < half; lane++) {                                              \
                lanes[lane] = LARGER(lanes[lane], lanes[lane + half]);                             \
            }                                                                                      \
        }                                                                                          \
        return lanes[0];                                                                           \
    }                                                                                              \
    double line_sum_##suffix(int64_t n, const type *x) {                                           \
        double lanes[LANES] = {0};                                                                 \
        for (; n >= LANES; n -= LANES, x += LANES) {                                               \
            for (int lane = 0; lane < LANES; lane++) {                                             \
                lanes[lane] += (double)x[lane];                                                    \
            }                                                                                      \
        }                                                                                          \
        for (int lane = 0; lane < n; lane++) {                                                     \
            lanes[lane] += (double)x[lane];                                                        \
        }                                                                                          \
        for (int half = LANES / 2; half > 0; half /= 2) {                                          \
            for (int lane = 0; lane < half; lane++) {                                              \
                lanes[lane] += lanes[lane + half];                                                 \
            }                                                                                      \
        }                                                                                          \
        return lanes[0];                                                                           \
    }                                                                                              \
    static void shifted_exp_##suffix(int64_t n, const type *x, type max, type *y) {                \
        EACH_ELEMENT {                                                                             \
            y[i] = exp_of(x[i] - max);                                                             \
        }                                                                                          \
    }                                                                                              \
    double line_exp_sum_##suffix(int64_t n, const type *x, type max) {                             \
        double sum = 0;                                                                            \
        for (int64_t begin = 0; begin < n; begin += PIECE) {                                       \
            type powers[PIECE];                                                                    \
            int64_t count = n - begin < PIECE ? n - begin : PIECE;                                 \
            shifted_exp_##suffix(count, x + begin, max, powers);                                   \
            sum += line_sum_##suffix(count, powers);                                               \
        }                                                                                          \
        return sum;                                                                                \
    }

LINE_SUMS(float32, float, fast_expf)
LINE_SUMS(float64, double, exp)
