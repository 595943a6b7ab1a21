/* What each element of a resized axis takes of the old one. */
#ifndef LEGO_KERNELS_RESIZE_WEIGHTS_H
#define LEGO_KERNELS_RESIZE_WEIGHTS_H

#include "resize.h"

#define resize_table_make FOR_ISA(resize_table_make)
#define resize_table_free FOR_ISA(resize_table_free)

/* y = weights[0] x[from] + ... + weights[count - 1] x[from + count - 1]. */
typedef struct resize_source {
    int64_t from;
    int64_t count;
    const double *weights;
} resize_source;

/* Neither `from` nor `from + count` ever falls. */
typedef struct resize_table {
    resize_source *sources; /* [out] */
    double *weights;        /* [out][most] */
    int64_t out;
    int64_t most; /* of the counts, at most `in` */
} resize_table;

lego_status resize_table_make(const resize *r, resize_table *table);
void resize_table_free(resize_table *table);

#endif
