/* Loops whose batch is cut into blocks of rows: each block goes through all steps on its own. */
#ifndef LEGO_RUNTIME_SCAN_ROWS_H
#define LEGO_RUNTIME_SCAN_ROWS_H

#include "../graph/program.h"

/* A body for some rows of the batch: the same ops on shorter operands. */
typedef struct row_block {
    lego_program *program;
    int64_t first; /* row */
} row_block;

typedef struct scan_rows {
    row_block *blocks;
    int count;                 /* 0: the rows depend on each other, or the work is not worth it */
    int64_t *input_row_bytes;  /* how far the rows of each input lie apart; 0: it has none */
    int64_t *output_row_bytes; /* of the results: the same */
} scan_rows;

/* Makes the blocks for a loop of so many steps over a body that is recorded, not finished, and has
 * no variables; its results before `stacked_end` differ from step to step. `records` keeps the
 * lists. */
lego_status scan_rows_make(scan_rows *rows, const lego_program *body, lego_tensor *const *results,
                           int count, int stacked_end, int64_t length, record_arena *records);

void scan_rows_release(scan_rows *rows);

#endif
