/* Where along an axis the largest or the smallest number lies. */
#include "argmax.h"

#include "../core/threads.h"

/* The place in one line x[i * step], 0 <= i < n. */
typedef int32_t line_scan(int64_t n, int64_t step, const void *x);

/* SCAN(argmax_float32, float, x <= best) makes the scan for a dtype. One comparison finds what is
 * better and what is NaN, for a NaN does not compare; nothing is better than a NaN. */
#define SCAN(name, type, is_no_better)                                                             \
    static int32_t name(int64_t n, int64_t step, const void *numbers) {                            \
        const type *xs = numbers;                                                                  \
        type best = xs[0];                                                                         \
        int64_t place = 0;                                                                         \
        if (best != best) {                                                                        \
            return 0;                                                                              \
        }                                                                                          \
        for (int64_t i = 1; i < n; i++) {                                                          \
            const type x = xs[i * step];                                                           \
            if (!(is_no_better)) {                                                                 \
                best = x;                                                                          \
                place = i;                                                                         \
                if (x != x) {                                                                      \
                    break;                                                                         \
                }                                                                                  \
            }                                                                                      \
        }                                                                                          \
        return (int32_t)place;                                                                     \
    }

SCAN(argmax_uint8, uint8_t, x <= best)
SCAN(argmax_int32, int32_t, x <= best)
SCAN(argmax_int64, int64_t, x <= best)
SCAN(argmax_float32, float, x <= best)
SCAN(argmax_float64, double, x <= best)

SCAN(argmin_uint8, uint8_t, x >= best)
SCAN(argmin_int32, int32_t, x >= best)
SCAN(argmin_int64, int64_t, x >= best)
SCAN(argmin_float32, float, x >= best)
SCAN(argmin_float64, double, x >= best)

/* In the order of lego_dtype; a bool is a byte of 0 or 1. */
static line_scan *const argmax_scans[LEGO_DTYPE_COUNT] = {
    argmax_uint8, argmax_uint8, argmax_int32, argmax_int64, argmax_float32, argmax_float64,
};
static line_scan *const argmin_scans[LEGO_DTYPE_COUNT] = {
    argmin_uint8, argmin_uint8, argmin_int32, argmin_int64, argmin_float32, argmin_float64,
};

typedef struct argmax_work {
    line_scan *scan;
    lines lines;
    const char *x;
    size_t x_bytes;
    int32_t *y;
} argmax_work;

static void scan_some(void *context, int64_t begin, int64_t end) {
    const argmax_work *w = context;
    int64_t inner = w->lines.inner;
    for (int64_t line = begin; line < end; line++) {
        int64_t first = line / inner * w->lines.length * inner + line % inner;
        const char *x = w->x + first * (int64_t)w->x_bytes;
        w->y[line] = w->scan(w->lines.length, inner, x);
    }
}

static void scan_lines(line_scan *scan, lego_dtype dtype, const void *x, lines l, int32_t *y) {
    argmax_work work = {scan, l, x, lego_dtype_size(dtype), y};
    threads_run(l.outer * l.inner, threads_grain(l.length), scan_some, &work);
}

void argmax_lines(lego_dtype dtype, const void *x, lines l, int32_t *y) {
    scan_lines(argmax_scans[dtype], dtype, x, l, y);
}

void argmin_lines(lego_dtype dtype, const void *x, lines l, int32_t *y) {
    scan_lines(argmin_scans[dtype], dtype, x, l, y);
}
