/* Softmax of lines. */
#include "softmax.h"

#include <math.h>

#include "../core/threads.h"
#include "elements.h"
#include "exponential.h"
#include "line_sums.h"

typedef void line_softmax(int64_t lines, int64_t n, const void *x, void *y);

/* SOFTMAX(float32, float, fast_expf) makes softmax_float32 and log_softmax_float32. The
 * exponentials of all lines are taken in one loop, for a line may be as short as ten classes. */
#define SOFTMAX(suffix, type, exp_of)                                                              \
    static void exp_##suffix(int64_t n, type *y) {                                                 \
        EACH_ELEMENT {                                                                             \
            y[i] = exp_of(y[i]);                                                                   \
        }                                                                                          \
    }                                                                                              \
    static void softmax_##suffix(int64_t lines, int64_t n, const void *numbers, void *results) {   \
        const type *x = numbers;                                                                   \
        type *y = results;                                                                         \
        for (int64_t line = 0; line < lines; line++) {                                             \
            const type max = line_max_##suffix(n, x + line * n);                                   \
            EACH_ELEMENT {                                                                         \
                y[line * n + i] = x[line * n + i] - max;                                           \
            }                                                                                      \
        }                                                                                          \
        exp_##suffix(lines * n, y);                                                                \
        for (int64_t line = 0; line < lines; line++) {                                             \
            const type sum = (type)line_sum_##suffix(n, y + line * n);                             \
            EACH_ELEMENT {                                                                         \
                y[line * n + i] /= sum;                                                            \
            }                                                                                      \
        }                                                                                          \
    }                                                                                              \
    static void log_softmax_##suffix(int64_t lines, int64_t n, const void *numbers,                \
                                     void *results) {                                              \
        const type *x = numbers;                                                                   \
        type *y = results;                                                                         \
        for (int64_t line = 0; line < lines; line++) {                                             \
            const type max = line_max_##suffix(n, x + line * n);                                   \
            const type log_sum = (type)log(line_exp_sum_##suffix(n, x + line * n, max));           \
            EACH_ELEMENT {                                                                         \
                y[line * n + i] = (x[line * n + i] - max) - log_sum;                               \
            }                                                                                      \
        }                                                                                          \
    }

SOFTMAX(float32, float, fast_expf)
SOFTMAX(float64, double, exp)

enum { BLOCK = 4096 }; /* numbers that stay in L1 from one loop to the next */

typedef struct softmax_work {
    line_softmax *softmax;
    size_t bytes; /* of a number */
    int64_t n;
    const char *x;
    char *y;
} softmax_work;

static void run_lines(void *context, int64_t begin, int64_t end) {
    const softmax_work *w = context;
    int64_t block = w->n < BLOCK ? BLOCK / w->n : 1;
    for (; begin < end; begin += block) {
        int64_t lines = end - begin < block ? end - begin : block;
        size_t offset = (size_t)(begin * w->n) * w->bytes;
        w->softmax(lines, w->n, w->x + offset, w->y + offset);
    }
}

static void run(line_softmax *softmax, lego_dtype dtype, int64_t count, int64_t n, const void *x,
                void *y) {
    const int64_t operations = 8; /* about so much as an exponential costs */
    softmax_work work = {softmax, lego_dtype_size(dtype), n, x, y};
    if (n > 0) {
        threads_run(count, threads_grain(operations * n), run_lines, &work);
    }
}

void softmax_lines(lego_dtype dtype, int64_t count, int64_t n, const void *x, void *y) {
    run(dtype == LEGO_FLOAT32 ? softmax_float32 : softmax_float64, dtype, count, n, x, y);
}

void log_softmax_lines(lego_dtype dtype, int64_t count, int64_t n, const void *x, void *y) {
    run(dtype == LEGO_FLOAT32 ? log_softmax_float32 : log_softmax_float64, dtype, count, n, x, y);
}
