/* The gradient of the normalization of dense lines: one pass over memory, as normalize_lines.h. */
#ifndef LEGO_KERNELS_LINES_GRADIENT_H
#define LEGO_KERNELS_LINES_GRADIENT_H

#include "../core/array.h"
#include "../core/isa.h"

#define lines_gradient FOR_ISA(lines_gradient)

typedef struct normalized_gradient {
    lego_dtype dtype;
    int64_t count; /* of lines */
    int64_t n;     /* numbers in each */
    const void *dy, *x;
    const void *gamma;
    const void *mean, *factor; /* of the shape (count): m and r */
    bool gamma_is_line;        /* n numbers; else one for all */
    bool is_centered;
    void *dx;             /* of the shape (count, n) */
    void *dgamma, *dbeta; /* n numbers each */
} normalized_gradient;

/* With f = dy gamma, s = sum of f and t = sum of f (x - m) in each line:
 *
 *     dx = r f - (x - m) r^3 t / n - r s / n      without the last term if not centered
 *     dgamma = sum of dy (x - m) r      dbeta = sum of dy      over all lines
 *
 * Sums are in double, in an order that depends on sizes alone. */
lego_status lines_gradient(const normalized_gradient *l);

#endif
