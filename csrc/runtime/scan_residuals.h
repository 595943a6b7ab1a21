/* What a loop's gradient reads of the loop's forward steps, and where it finds that. */
#ifndef LEGO_RUNTIME_SCAN_RESIDUALS_H
#define LEGO_RUNTIME_SCAN_RESIDUALS_H

#include "scan_body.h"

typedef struct residuals {
    scan_body *forward;
    bool *is_common; /* of its buffers: whether they hold the same at all steps */
    list *rows;      /* of lego_tensor *: what a step gives, and keeps for the gradient */
    list *kept;      /* of lego_tensor *: what all steps keep for it in common */
} residuals;

/* For a body that has taken its variables. */
lego_status residuals_begin(residuals *r, scan_body *forward, list *rows, list *kept);

/* The operand of the loop that x stands for at a step; -1: none. */
int residual_operand(const residuals *r, const lego_tensor *x);

/* Where a value of a forward step is found, and whether it is a row or the same at all steps. An
 * input of the body is taken as it is. All else is a result of its loop, added if need be, and so
 * is a carry, of which the loop keeps only the last one. */
lego_status residual_source(residuals *r, lego_tensor *x, feed_kind *kind, scan_source *source);

/* The number of x among results[count] from `first` on; it is added if need be. -1: no memory. */
int residual_result(list *results, size_t first, lego_tensor *x);

/* Whether x is all of a buffer in row-major order, under any shape. */
bool residual_is_whole(const program_buffer *b, const lego_array *x);

#endif
