/* Normalization of dense lines: one pass over memory, for a line stays in the cache between its
 * sums and its results. */
#ifndef LEGO_KERNELS_NORMALIZE_LINES_H
#define LEGO_KERNELS_NORMALIZE_LINES_H

#include "../core/array.h"
#include "../core/isa.h"

#define normalize_lines FOR_ISA(normalize_lines)

typedef struct normalized_lines {
    lego_dtype dtype;
    int64_t count; /* of lines */
    int64_t n;     /* numbers in each */
    const void *x, *gamma, *beta;
    bool gamma_is_line, beta_is_line; /* n numbers; else one for all */
    bool is_centered;
    double epsilon;
    void *y;      /* of the shape (count, n) */
    void *mean;   /* of the shape (count): m */
    void *factor; /* the same: r */
} normalized_lines;

/* y = (x - m) r gamma + beta, with r = (v + epsilon)^(-1/2) and the mean m and the variance v of
 * each line; if not centered, m = 0 and v is the mean square. Sums are in double. */
void normalize_lines(const normalized_lines *l);

#endif
