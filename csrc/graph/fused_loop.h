/* Fused loops: elementwise bricks that walk the same elements together, a tile at a time.
 *
 * Numbers that only pass from one brick of the fused loop to the next never reach memory as a
 * whole: they live in tiles, buffers of a few KB that stay in the first-level cache. */
#ifndef LEGO_GRAPH_FUSED_LOOP_H
#define LEGO_GRAPH_FUSED_LOOP_H

#include "program.h"

enum {
    TILE_ELEMENTS = 1024, /* most elements that are worked on at once */
    LONE_ELEMENTS = 8192, /* the same for a single stage: threads share what is left evenly */
    MOST_TILES = 12, /* buffers of a fused loop: with operands in memory they still fit into L1 */
    MOST_STAGES = 48,
    MOST_TOTALS = 4,
    MOST_STAGE_INPUTS = MOST_PATTERN_INPUTS, /* no elementwise brick has more */
    MOST_SLOTS = 4 * MOST_STAGES,
    TOTAL_BYTES = 8,
    STAGE_GAIN = 8, /* operations in tiles that cost what one over memory does */

    /* Room for elements of any dtype. Buffers that begin at the same offset of a page would be in
     * each other's way in the cache: hence a few lines more. */
    TILE_BYTES = 8 * TILE_ELEMENTS + 448
};

/* How an operand lies below the elements (row, column) that a fused loop walks. */
typedef enum access_kind {
    ACCESS_NONE,   /* in no way that a fused loop can walk */
    ACCESS_EACH,   /* each element has its own number */
    ACCESS_SCALAR, /* one number for all */
    ACCESS_ROW,    /* a number for each column */
    ACCESS_COLUMN  /* a number for each row */
} access_kind;

/* The elements that a fused loop walks: rows of `columns` each. columns is 0 while no operand has
 * asked for rows: then all are one long row. */
typedef struct iteration_space {
    int64_t size;
    int64_t columns;
} iteration_space;

/* The access of an operand below the elements of y; *columns says what the space's must be (0: it
 * does not matter). */
access_kind access_of(const lego_array *x, const lego_array *y, int64_t *columns);

/* Whether an op is elementwise and its operands have an access; then over which space. */
bool fused_loop_accepts(const program_op *op, iteration_space *s);

/* Whether an op joins all that a fused loop could feed to it to one number; then over which space.
 */
bool fused_loop_accepts_total(const program_op *op, iteration_space *s);

/* The space of both; false when they walk different elements. */
bool iteration_space_join(const iteration_space *a, const iteration_space *b,
                          iteration_space *both);

/* Where there is no buffer: in memory, or in the block of a product that the fused loop is the
 * epilogue of.
 */
enum { TILE_NONE = -1, TILE_OF_BLOCK = -2 };

/* What a stage reads and writes: an operand in memory, or a tile. */
typedef struct slot {
    int buffer;
    int64_t offset;
    access_kind access;
    int64_t bytes; /* of an element */
    int tile;      /* TILE_NONE, TILE_OF_BLOCK, or the number of a buffer */
    void *memory;
} slot;

typedef struct stage {
    element_loop *loop; /* both NULL: x[0] is fed to a total of the fused loop */
    pattern_loop *pattern;
    const char *text; /* of the pattern; NULL without one */
    int first;        /* of the fused loop's ops, it does those from here */
    int last;         /* to here */
    int total;        /* which one */
    int x_count;
    int y_count;
    int x[MOST_STAGE_INPUTS]; /* slots */
    int y[MOST_PATTERN_RESULTS];
} stage;

/* What one stage does: ops[first] to ops[last], one op alone or all that a pattern says. */
typedef struct stage_ops {
    element_loop *loop;
    pattern_loop *pattern;
    const char *text; /* of the pattern; NULL without one */
    int first;
    int last;
    int x_count;
    int y_count;
    const operand *x[MOST_STAGE_INPUTS];
    int readers[MOST_STAGE_INPUTS];   /* the op that each x belongs to */
    int makers[MOST_PATTERN_RESULTS]; /* the op that makes each y */
} stage_ops;

/* The stage of ops[count] that ends with ops[last]. writes_for[i]: the assignment that op i
 * does itself; -1: none. */
stage_ops stage_ops_ending_at(const program_op *const *ops, int count, const bool *is_inner,
                              const int *writes_for, int last);

/* A fused loop while it is put together: small enough for the stack. */
typedef struct loop_plan {
    iteration_space space;
    int slot_count;
    int stage_count;
    int total_count;
    int tile_count;
    slot slots[MOST_SLOTS];
    stage stages[MOST_STAGES];
} loop_plan;

/* Plans the fused loop of ops[count], in this order. is_inner[buffer]: nothing outside of these ops
 * reads it, so it needs no memory. False when it would need more than a fused loop may have. */
bool loop_plan_make(const program_op *const *ops, int count, const bool *is_inner, loop_plan *s);

/* A fused loop, bound. The elements are rows x columns; a tile holds tile_columns of one row, or,
 * where rows and columns of numbers are spread out, tile_rows whole ones. */
typedef struct total total;

struct fused_loop {
    int64_t rows;
    int64_t columns;
    int64_t tile_rows; /* of a whole tile */
    int64_t tile_columns;
    int64_t tile_elements;
    int64_t tiles;      /* in all */
    int64_t across;     /* tiles side by side */
    int64_t grain;      /* tiles that are worth a thread */
    bool is_spread;     /* rows and columns of numbers are spread out in tiles of their own */
    bool is_streamed;   /* its operands in memory are more than the second-level cache holds */
    int64_t block_rows; /* rows of a product's block that may be taken as one */
    size_t block_bytes; /* of a product's number */
    int op_count;
    int slot_count;
    int stage_count;
    slot *slots;
    stage *stages;

    /* With totals, the tiles are those of one long row. */
    int total_count;
    total *totals;
    int64_t chunk; /* elements that share a total */
    int64_t chunks;
    int64_t chunk_grain; /* chunks that are worth a thread */
};

/* What everything is joined to in the end. */
struct total {
    const total_faces *faces;
    lego_call call;
    const lego_array *x;
    lego_array y;
    char *chunks; /* the totals of all chunks */
};

/* Makes the fused loop of an instruction's ops, of those from `first` on; buffers of the kind
 * LEGO_BUFFER_TILE are inner. */
lego_status bind_fused_loop(lego_program *p, instruction *i, int first);

void fused_loop_run(const fused_loop *c);

/* What belongs to a block of the product that the fused loop is the epilogue of. */
void fused_loop_run_block(const void *c, const result_block *block);

#endif
