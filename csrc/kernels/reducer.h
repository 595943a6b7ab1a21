/* Reducers: for every operation and dtype, the loops that combine numbers into totals. All
 * reductions share the lanes and the rule by which work is cut into chunks. */
#ifndef LEGO_KERNELS_REDUCER_H
#define LEGO_KERNELS_REDUCER_H

#include "../core/array.h"
#include "../core/isa.h"
#include "../core/sizes.h"

#define reducer_for      FOR_ISA(reducer_for)
#define reduce_join      FOR_ISA(reduce_join)
#define lanes_open       FOR_ISA(lanes_open)
#define lanes_accumulate FOR_ISA(lanes_accumulate)
#define lanes_close      FOR_ISA(lanes_close)

typedef enum reduce_operation {
    REDUCE_SUM,
    REDUCE_MEAN, /* floats only */
    REDUCE_PROD,
    REDUCE_MAX, /* NaN if there is one */
    REDUCE_MIN,
    REDUCE_OPERATIONS
} reduce_operation;

/* Numbers in memory: element (row, column) is x[row * row_stride + column * column_stride]. */
typedef struct reduce_matrix {
    const void *x;
    int64_t rows, row_stride;
    int64_t columns, column_stride;
} reduce_matrix;

typedef struct reducer {
    lego_dtype total; /* the dtype of totals; reducer_for(operation, total) combines them */

    /* totals[n] = the identity of the operation: 0 for a sum */
    void (*start)(int64_t n, void *totals);

    /* totals[column] is combined with the numbers of its column, row by row */
    void (*accumulate)(const reduce_matrix *m, void *totals);
} reducer;

const reducer *reducer_for(reduce_operation operation, lego_dtype dtype);

/* Combines others[n] into totals[n]; both are of that dtype. */
void reduce_join(reduce_operation operation, lego_dtype dtype, int64_t n, const void *others,
                 void *totals);

/* ---- lanes: a narrow matrix is reduced as if it were wide ------------------------------------ */

enum { MOST_LANES = 64, TOTAL_ROOM = 8 /* bytes that hold any total */ };

/* `row_tile` rows of a dense matrix are read as one wide row, so that loops vectorize. Each of them
 * has its own group of totals. */
typedef struct lanes {
    reduce_operation operation;
    const reducer *numbers;
    int64_t number_bytes;
    int64_t columns;
    int64_t row_tile; /* a power of two; 1 if the matrix is wide enough */
    _Alignas(CACHE_LINE) char groups[MOST_LANES * TOTAL_ROOM];
} lanes;

/* Starts the totals for a matrix of `rows` x `columns` numbers. */
void lanes_open(lanes *l, reduce_operation operation, lego_dtype dtype, int64_t rows,
                int64_t columns);

/* Adds the next rows: a multiple of row_tile in each call but the last. */
void lanes_accumulate(lanes *l, const void *x, int64_t rows);

/* Combines the groups in halves, and the result into totals[columns]. */
void lanes_close(lanes *l, void *totals);

/* ---- cuts: they depend on sizes alone, so the bits do not depend on threads ------------------ */

enum {
    REDUCE_TILE = 512,  /* most totals in a tile: they stay in L1 */
    ENOUGH_TILES = 64,  /* enough for any number of threads */
    CHUNK_WORK = 65536, /* numbers that are worth a separate chunk */
    MOST_CHUNKS = 256
};

/* The number of rows in a chunk, of `length` rows in all: all of them if there are enough tiles,
 * else `worth` rows, or more so that there are at most MOST_CHUNKS chunks. At least one. */
static inline int64_t reduce_chunk(int64_t length, int64_t tiles, int64_t worth) {
    int64_t few = divide_up(length, MOST_CHUNKS);
    return larger(1, tiles < ENOUGH_TILES ? larger(worth, few) : length);
}

#endif
