/* Reducers: how the numbers of one dtype are joined, for every operation, and what all reductions
 * share: lanes, and the cuts of their work. */
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
    REDUCE_MAX, /* NaN wins */
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
    lego_dtype total; /* the dtype of running totals; its own reducer joins totals */

    /* totals[n] = the result for no numbers at all: 0 for a sum */
    void (*start)(int64_t n, void *totals);

    /* totals[column] joins all numbers of that column, row by row */
    void (*accumulate)(const reduce_matrix *m, void *totals);
} reducer;

const reducer *reducer_for(reduce_operation operation, lego_dtype dtype);

/* totals[n] join others[n]; both are totals of that dtype. */
void reduce_join(reduce_operation operation, lego_dtype dtype, int64_t n, const void *others,
                 void *totals);

/* ---- lanes: a narrow matrix, joined as if it were wide --------------------------------------- */

enum { MOST_LANES = 64, TOTAL_ROOM = 8 /* bytes that hold any total */ };

/* The rows of a dense matrix, `row_tile` of them side by side, go to as many groups of totals. */
typedef struct lanes {
    reduce_operation operation;
    const reducer *numbers;
    int64_t number_bytes;
    int64_t columns;
    int64_t row_tile; /* a power of two; 1 where that is no gain */
    _Alignas(CACHE_LINE) char groups[MOST_LANES * TOTAL_ROOM];
} lanes;

/* Begins with a matrix of so many rows and columns. */
void lanes_open(lanes *l, reduce_operation operation, lego_dtype dtype, int64_t rows,
                int64_t columns);

/* Joins the next rows: a multiple of row_tile in each call but the last. */
void lanes_accumulate(lanes *l, const void *x, int64_t rows);

/* totals[columns] join what was accumulated: the groups in halves first. */
void lanes_close(lanes *l, void *totals);

/* ---- cuts: they depend on sizes alone, and so do the bits ------------------------------------ */

enum {
    REDUCE_TILE = 512,  /* most totals that are worked on at once: they stay in L1 */
    ENOUGH_TILES = 64,  /* for threads to share */
    CHUNK_WORK = 65536, /* numbers that are worth a total of their own */
    MOST_CHUNKS = 256
};

/* How many of `length` rows one chunk of a tile joins: all of them where there are enough tiles,
 * else so many as are worth it, in at most MOST_CHUNKS chunks. At least one. */
static inline int64_t reduce_chunk(int64_t length, int64_t tiles, int64_t worth) {
    int64_t few = divide_up(length, MOST_CHUNKS);
    return larger(1, tiles < ENOUGH_TILES ? larger(worth, few) : length);
}

#endif
