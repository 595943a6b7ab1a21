/* Scans along an axis: running sums, and the index of the largest or the smallest number. */
#include "scan.h"

#include "../core/sizes.h"
#include "../core/threads.h"
#include "elements.h"

/* ---- running sums ---------------------------------------------------------------------------- */

enum { BLOCK = 64 }; /* adjacent lines that are scanned together, so that loops vectorize */

typedef struct scan_work scan_work;

/* Scans n <= BLOCK adjacent lines. The first of them begins at element `first`. */
typedef void block_scan(const scan_work *w, int64_t first, int64_t n);

struct scan_work {
    block_scan *scan;
    const void *x;
    void *y;
    lines lines;
    bool reverse;
};

/* CUMSUM(cumsum_float32, float, double, float) makes the scan of floats with totals in double. */
#define CUMSUM(name, in, total, out)                                                               \
    static void name(const scan_work *w, int64_t first, int64_t n) {                               \
        total totals[BLOCK] = {0};                                                                 \
        for (int64_t r = 0; r < w->lines.length; r++) {                                            \
            int64_t index = w->reverse ? w->lines.length - 1 - r : r;                              \
            const in *xs = (const in *)w->x + first + index * w->lines.inner;                      \
            out *ys = (out *)w->y + first + index * w->lines.inner;                                \
            EACH_ELEMENT {                                                                         \
                totals[i] += (total)xs[i];                                                         \
                ys[i] = (out)totals[i];                                                            \
            }                                                                                      \
        }                                                                                          \
    }

CUMSUM(cumsum_bool, bool, int32_t, int32_t)
CUMSUM(cumsum_uint8, uint8_t, uint8_t, uint8_t)
CUMSUM(cumsum_int32, int32_t, int32_t, int32_t)
CUMSUM(cumsum_int64, int64_t, int64_t, int64_t)
CUMSUM(cumsum_float32, float, double, float)
CUMSUM(cumsum_float64, double, double, double)

/* In the order of lego_dtype. */
static block_scan *const cumsum_scans[LEGO_DTYPE_COUNT] = {
    cumsum_bool, cumsum_uint8, cumsum_int32, cumsum_int64, cumsum_float32, cumsum_float64,
};

/* Item i is block i % blocks of outer index i / blocks. */
static void scan_some(void *context, int64_t begin, int64_t end) {
    const scan_work *w = context;
    int64_t inner = w->lines.inner;
    int64_t blocks = divide_up(inner, BLOCK);
    for (int64_t item = begin; item < end; item++) {
        int64_t block = item % blocks * BLOCK;
        int64_t n = smaller(BLOCK, inner - block);
        w->scan(w, item / blocks * w->lines.length * inner + block, n);
    }
}

void cumsum_lines(lego_dtype dtype, const void *x, lines l, bool reverse, void *y) {
    scan_work work = {cumsum_scans[dtype], x, y, l, reverse};
    int64_t numbers = l.length * smaller(BLOCK, l.inner);
    threads_run(l.outer * divide_up(l.inner, BLOCK), threads_grain(numbers), scan_some, &work);
}

/* ---- argmax, argmin -------------------------------------------------------------------------- */

/* The index of the extreme number in one line x[i * step], 0 <= i < n. */
typedef int32_t arg_loop(int64_t n, int64_t step, const void *x);

/* ARG_LOOP(argmax_float32, float, x <= best) makes the loop for a dtype. One comparison finds both
 * a better number and a NaN, since no comparison with a NaN is true; nothing is better than a NaN.
 */
#define ARG_LOOP(name, type, is_no_better)                                                         \
    static int32_t name(int64_t n, int64_t step, const void *numbers) {                            \
        const type *xs = numbers;                                                                  \
        type best = xs[0];                                                                         \
        int64_t index = 0;                                                                         \
        if (best != best) {                                                                        \
            return 0;                                                                              \
        }                                                                                          \
        for (int64_t i = 1; i < n; i++) {                                                          \
            const type x = xs[i * step];                                                           \
            if (!(is_no_better)) {                                                                 \
                best = x;                                                                          \
                index = i;                                                                         \
                if (x != x) {                                                                      \
                    break;                                                                         \
                }                                                                                  \
            }                                                                                      \
        }                                                                                          \
        return (int32_t)index;                                                                     \
    }

ARG_LOOP(argmax_uint8, uint8_t, x <= best)
ARG_LOOP(argmax_int32, int32_t, x <= best)
ARG_LOOP(argmax_int64, int64_t, x <= best)
ARG_LOOP(argmax_float32, float, x <= best)
ARG_LOOP(argmax_float64, double, x <= best)

ARG_LOOP(argmin_uint8, uint8_t, x >= best)
ARG_LOOP(argmin_int32, int32_t, x >= best)
ARG_LOOP(argmin_int64, int64_t, x >= best)
ARG_LOOP(argmin_float32, float, x >= best)
ARG_LOOP(argmin_float64, double, x >= best)

/* In the order of lego_dtype; a bool is a byte of 0 or 1. */
static arg_loop *const argmax_scans[LEGO_DTYPE_COUNT] = {
    argmax_uint8, argmax_uint8, argmax_int32, argmax_int64, argmax_float32, argmax_float64,
};
static arg_loop *const argmin_scans[LEGO_DTYPE_COUNT] = {
    argmin_uint8, argmin_uint8, argmin_int32, argmin_int64, argmin_float32, argmin_float64,
};

typedef struct argmax_work {
    arg_loop *loop;
    lines lines;
    const char *x;
    size_t x_bytes;
    int32_t *y;
} argmax_work;

static void find_some(void *context, int64_t begin, int64_t end) {
    const argmax_work *w = context;
    int64_t inner = w->lines.inner;
    for (int64_t line = begin; line < end; line++) {
        int64_t first = line / inner * w->lines.length * inner + line % inner;
        const char *x = w->x + first * (int64_t)w->x_bytes;
        w->y[line] = w->loop(w->lines.length, inner, x);
    }
}

static void find_lines(arg_loop *loop, lego_dtype dtype, const void *x, lines l, int32_t *y) {
    argmax_work work = {loop, l, x, lego_dtype_size(dtype), y};
    threads_run(l.outer * l.inner, threads_grain(l.length), find_some, &work);
}

void argmax_lines(lego_dtype dtype, const void *x, lines l, int32_t *y) {
    find_lines(argmax_scans[dtype], dtype, x, l, y);
}

void argmin_lines(lego_dtype dtype, const void *x, lines l, int32_t *y) {
    find_lines(argmin_scans[dtype], dtype, x, l, y);
}
