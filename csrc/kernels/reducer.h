/* Reducers: for every operation and dtype, the loops that combine numbers into totals. All
 * reductions share them and the rule by which work is cut into chunks. */
#ifndef LEGO_KERNELS_REDUCER_H
#define LEGO_KERNELS_REDUCER_H

#include "../core/array.h"
#include "../core/isa.h"
#include "../core/sizes.h"

#define reducer_for     FOR_ISA(reducer_for)
#define reduce_join     FOR_ISA(reduce_join)
#define reduce_join_all FOR_ISA(reduce_join_all)
#define running_open    FOR_ISA(running_open)
#define running_feed    FOR_ISA(running_feed)
#define running_close   FOR_ISA(running_close)

typedef enum reduce_operation {
    REDUCE_SUM,
    REDUCE_MEAN, /* floats only */
    REDUCE_PROD,
    REDUCE_MAX, /* NaN if there is one */
    REDUCE_MIN,
    REDUCE_COUNT, /* of the numbers that are not 0 */
    REDUCE_NORM,  /* floats only: the root of the sum of squares */
    REDUCE_OPERATIONS
} reduce_operation;

/* Numbers in memory: element (row, column) is x[row * row_stride + column * column_stride]. */
typedef struct reduce_matrix {
    const void *x;
    int64_t rows, row_stride;
    int64_t columns, column_stride;
} reduce_matrix;

typedef void reducer_feed(int64_t n, const void *x, int64_t step, void *lanes);

typedef struct reducer {
    lego_dtype total; /* the dtype of totals; reduce_join() combines them */
    int lanes;        /* totals of a dense line */
    int least;        /* of its numbers: fewer are combined in turn, without lanes */

    /* totals[n] = the identity of the operation: 0 for a sum */
    void (*start)(int64_t n, void *totals);

    /* totals[column] is combined with the numbers of its column, row by row */
    void (*accumulate)(const reduce_matrix *m, void *totals);

    /* A line in parts: lanes[] is combined with the next n numbers, `step` apart; then the total is
     * combined with the lanes. The bits are those of the whole line if n is a multiple of
     * MOST_LANES in each call but the last. */
    reducer_feed *feed;
    void (*close)(void *lanes, void *total);
} reducer;

const reducer *reducer_for(reduce_operation operation, lego_dtype dtype);

/* Combines others[n] into totals[n]; both are of that dtype. */
void reduce_join(reduce_operation operation, lego_dtype dtype, int64_t n, const void *others,
                 void *totals);

/* Combines others[n] into one total. */
void reduce_join_all(reduce_operation operation, lego_dtype dtype, int64_t n, const void *others,
                     void *total);

/* ---- running lines: a line that comes block by block ----------------------------------------- */

enum { MOST_LANES = 32, TOTAL_ROOM = 8 /* bytes that hold any total */ };

/* The total is that of one call of accumulate() for the whole line, bit by bit. */
typedef struct running_line {
    const reducer *reducer;
    bool is_short; /* combined in turn */
    _Alignas(CACHE_LINE) char lanes[MOST_LANES * TOTAL_ROOM];
} running_line;

/* Starts a line of n numbers. */
void running_open(running_line *l, reduce_operation operation, lego_dtype dtype, int64_t n);

/* Adds the next n numbers, `step` apart: a multiple of MOST_LANES in each call but the last. */
void running_feed(running_line *l, const void *x, int64_t n, int64_t step);

void running_close(running_line *l, void *total);

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
