/* Running sums along an axis. */
#include "scan.h"

#include "../core/threads.h"
#include "elements.h"

enum { BLOCK = 64 }; /* neighbouring lines that are walked together */

typedef struct scan_work scan_work;

/* Walks n <= BLOCK neighbouring lines, of which the first begins at element `first`. */
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
            int64_t place = w->reverse ? w->lines.length - 1 - r : r;                              \
            const in *xs = (const in *)w->x + first + place * w->lines.inner;                      \
            out *ys = (out *)w->y + first + place * w->lines.inner;                                \
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

/* Item i is block i % blocks of outer stretch i / blocks. */
static void scan_some(void *context, int64_t begin, int64_t end) {
    const scan_work *w = context;
    int64_t inner = w->lines.inner;
    int64_t blocks = threads_chunks(inner, BLOCK);
    for (int64_t item = begin; item < end; item++) {
        int64_t block = item % blocks * BLOCK;
        int64_t n = inner - block < BLOCK ? inner - block : BLOCK;
        w->scan(w, item / blocks * w->lines.length * inner + block, n);
    }
}

void cumsum_lines(lego_dtype dtype, const void *x, lines l, bool reverse, void *y) {
    scan_work work = {cumsum_scans[dtype], x, y, l, reverse};
    int64_t numbers = l.length * (l.inner < BLOCK ? l.inner : BLOCK);
    threads_run(l.outer * threads_chunks(l.inner, BLOCK), threads_grain(numbers), scan_some, &work);
}
