/* Epilogues: what is applied to each block of a result while the block is still in the cache. */
#ifndef LEGO_CORE_EPILOGUE_H
#define LEGO_CORE_EPILOGUE_H

#include <stdbool.h>
#include <stdint.h>

/* rows x columns numbers of a matrix, from (row, column) on; the numbers of a row are adjacent. */
typedef struct result_block {
    int64_t row;
    int64_t rows;
    int64_t column;
    int64_t columns;
    const void *data;   /* the number at (row, column) */
    int64_t row_stride; /* in elements */
} result_block;

/* Rows up to this length are never cut, neither by the kernel nor by the epilogue. */
enum { LONG_ROW = 256 };

enum { MOST_BESIDE = 2 };

/* The thread that computed a block calls run() as soon as the block is complete. Blocks hold whole
 * rows, or segments of rows that are longer than LONG_ROW. */
typedef struct epilogue {
    void (*run)(const void *context, const result_block *block);
    const void *context;
    bool is_stored;     /* whether the result is written to memory, too */
    bool takes_columns; /* blocks may be segments of shorter rows, too: of a multiple of BLOCK_LANES
                           columns, where all columns are one */

    /* Where other matrices of the result's shape and dtype lie, which run() reads or writes at the
     * block's places: they may be prefetched while the block is computed. NULL: none. */
    void *const *beside[MOST_BESIDE];
} epilogue;

#endif
