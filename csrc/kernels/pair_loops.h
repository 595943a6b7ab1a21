/* The loops behind pair_sums.c: s += g and t += g (x - c), for one dtype each. */
#ifndef LEGO_KERNELS_PAIR_LOOPS_H
#define LEGO_KERNELS_PAIR_LOOPS_H

#include <stddef.h>
#include <stdint.h>

#include "../core/isa.h"

#define pair_loops_float32 FOR_ISA(pair_loops_float32)
#define pair_loops_float64 FOR_ISA(pair_loops_float64)
#define pair_lanes_close   FOR_ISA(pair_lanes_close)

enum { PAIR_LANES = 16 };

/* Running sums of a line: number i goes to lane i % PAIR_LANES. */
typedef struct pair_lanes {
    double s[PAIR_LANES];
    double t[PAIR_LANES];
} pair_lanes;

/* The sums of all lanes, joined in halves. */
void pair_lanes_close(pair_lanes *lanes, double *s, double *t);

/* Rows of columns[n] that lie row_stride numbers apart. g is NULL where it is x - c. */
typedef struct pair_matrix {
    const void *g;
    const void *x;
    int64_t rows, row_stride;
    int64_t columns;
} pair_matrix;

typedef struct pair_loops {
    void (*line)(int64_t n, const void *g, const void *x, double c, pair_lanes *lanes);
    void (*columns)(const pair_matrix *m, const double *c, double *s, double *t);
} pair_loops;

extern const pair_loops pair_loops_float32;
extern const pair_loops pair_loops_float64;

#endif
