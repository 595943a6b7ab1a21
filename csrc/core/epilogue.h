/* Blocks of a result that are handed on while they are still in the cache. */
#ifndef LEGO_CORE_EPILOGUE_H
#define LEGO_CORE_EPILOGUE_H

#include <stdbool.h>
#include <stdint.h>

/* rows x columns numbers of a matrix, from (row, column) on; each row lies densely. */
typedef struct result_block {
    int64_t row;
    int64_t rows;
    int64_t column;
    int64_t columns;
    const void *data;   /* the number at (row, column) */
    int64_t row_stride; /* in elements */
} result_block;

/* Rows up to this length are never cut: not by what hands blocks on, and not by what takes them. */
enum { LONG_ROW = 256 };

/* What is to be done with each block as soon as it is complete, by the thread that made it. Blocks
 * hold whole rows, or parts of rows that are longer than LONG_ROW. */
typedef struct epilogue {
    void (*run)(const void *context, const result_block *block);
    const void *context;
    bool is_stored; /* whether the result has memory of its own as well */
} epilogue;

#endif
