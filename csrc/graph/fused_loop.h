/* Fused loops: elementwise ops that walk the same elements together, a tile at a time.
 *
 * A value that only ops of the same loop read is never in memory as a whole: it lies in a tile, a
 * buffer of a few KB that stays in the first-level cache. */
#ifndef LEGO_GRAPH_FUSED_LOOP_H
#define LEGO_GRAPH_FUSED_LOOP_H

#include "../core/sizes.h"
#include "program.h"

enum {
    TILE_ELEMENTS = 1024,   /* most elements that are worked on at once */
    LONE_ELEMENTS = 8192,   /* the same for a single stage; no more, so that threads share evenly */
    STORED_ELEMENTS = 4096, /* and for stages that store all they make, which needs no tiles */
    MOST_TILES = 12, /* of a fused loop: together with operands in memory they still fit into L1 */
    MOST_STAGES = 48,
    MOST_TOTALS = 4,
    MOST_STAGE_INPUTS = MOST_PATTERN_INPUTS, /* no elementwise brick has more */
    MOST_SLOTS = 4 * MOST_STAGES,
    TOTAL_BYTES = 8,
    STAGE_GAIN = 8, /* operations in tiles that cost what one over memory does */

    /* Room for elements of any dtype, and a few cache lines more: buffers that begin at the same
     * offset of a page would evict each other. */
    TILE_BYTES = 8 * TILE_ELEMENTS + 448,
    ALL_TILE_BYTES = MOST_TILES * TILE_BYTES,

    ROW_TILE_ELEMENTS = 2048 /* of a tile of whole rows, if they are not longer */
};

/* Tiles of whole rows share the room of all: fewer of them may be larger. */
static inline int64_t row_tile_bytes(int tiles) {
    return ALL_TILE_BYTES / (tiles < 1 ? 1 : tiles) / CACHE_LINE * CACHE_LINE;
}

/* How many elements of `bytes` such a tile holds: what is written over its end stays inside. */
static inline int64_t row_tile_elements(int tiles, int64_t bytes) {
    return (row_tile_bytes(tiles) - CACHE_LINE) / bytes;
}

/* Which number of an operand belongs to element (row, column) of a fused loop. */
typedef enum access_kind {
    ACCESS_NONE,   /* a fused loop cannot walk it */
    ACCESS_EACH,   /* each element has its own number */
    ACCESS_SCALAR, /* one number for all */
    ACCESS_ROW,    /* a number for each column */
    ACCESS_COLUMN, /* a number for each row */
    ACCESS_PER_ROW /* the same, for a stage that works on a number for each row */
} access_kind;

/* The elements that a fused loop walks: rows of `columns` each. columns is 0 while no operand
 * needs rows: then all are one long row. */
typedef struct iteration_space {
    int64_t size;
    int64_t columns;
} iteration_space;

/* The access of an operand for the elements of y; *columns: what the space's must be (0: any). */
access_kind access_of(const lego_array *x, const lego_array *y, int64_t *columns);

/* Whether an op reads an operand element by element: a number is not read again once the result
 * that belongs to it, or to its row, is made. */
bool reads_each(const operand *x);

/* Why an op cannot be part of a fused loop, in words that follow its name ("has no loop"); NULL: it
 * can, and walks that space. */
const char *fused_loop_obstacle(const program_op *op, iteration_space *s);

/* Whether an op reduces all that a fused loop can feed to it to one number; then over which space.
 */
bool fused_loop_accepts_total(const program_op *op, iteration_space *s);

/* Whether an op reduces each row of what a fused loop can feed to it to one number, or makes a row
 * of it (softmax); then over which space. The loop's tiles are whole rows, so that later stages can
 * read the results. */
bool fused_loop_accepts_rows(const program_op *op, iteration_space *s);

/* Whether an op reduces the columns of what a fused loop can feed to it; then over which space, and
 * what is reduced. */
bool fused_loop_accepts_columns(const program_op *op, iteration_space *s, column_space *c);

/* Whether an op reduces to one number or to one for each column: after the loop's last tile. */
bool fused_loop_accepts_totals(const program_op *op, iteration_space *s);

/* The space of both; false when they walk different elements. */
bool iteration_space_join(const iteration_space *a, const iteration_space *b,
                          iteration_space *both);

/* Instead of a tile's number: in memory, or in the block of the product whose epilogue the fused
 * loop is. */
enum { TILE_NONE = -1, TILE_OF_BLOCK = -2 };

/* What a stage reads and writes: an operand in memory, or a tile. */
typedef struct slot {
    int buffer;
    int64_t offset;
    access_kind access;
    int64_t bytes; /* of an element */
    int tile;      /* its number, TILE_NONE or TILE_OF_BLOCK */
    void *memory;
} slot;

typedef enum stage_kind {
    STAGE_LOOP,
    STAGE_PATTERN,
    STAGE_TOTAL,   /* feeds x[0] to a total of the fused loop */
    STAGE_COLUMNS, /* feeds x[0] to totals of columns */
    STAGE_ROWS,    /* reduces each row of x[0] to one number, or makes a row of it */
    STAGE_REPEAT   /* repeats the number of each row for all its elements */
} stage_kind;

typedef struct stage {
    stage_kind kind;
    bool is_per_row; /* it works on a number for each row, not on all elements */
    bool is_by_rows; /* it runs for each row that a tile has a part of, with the row's number */
    element_loop *loop;
    pattern_loop *pattern;
    block_loop *block_loop; /* the same work, if there is a loop for blocks */
    int channels;           /* x[1] to x[channels] of that have a number for each column */
    const register_ops *in_registers[MOST_REGISTER_OPS]; /* the same work in registers, if it is
                                                            cheap: x[0], then an op each with x[1],
                                                            x[2]; or NULL */
    const total_faces *faces;                            /* of the reduction */
    lego_dtype x_dtype;                                  /* of what is reduced */
    lego_dtype y_dtype;
    const char *name; /* of the pattern; NULL without one */
    int first;        /* it computes the fused loop's ops from here */
    int last;         /* to here */
    int total;        /* which one */
    int x_count;
    int y_count;
    int x[MOST_STAGE_INPUTS]; /* slots */
    int y[MOST_PATTERN_RESULTS];
} stage;

/* What one stage computes: ops[first] to ops[last], a single op or those of a pattern. */
typedef struct stage_ops {
    stage_kind kind;
    element_loop *loop;
    pattern_loop *pattern;
    block_loop *block_loop;
    int channels;
    const register_ops *in_registers[MOST_REGISTER_OPS];
    const char *name; /* of the pattern; NULL without one */
    int first;
    int last;
    int x_count;
    int y_count;
    const operand *x[MOST_STAGE_INPUTS];
    int readers[MOST_STAGE_INPUTS];   /* the op that each x belongs to */
    int makers[MOST_PATTERN_RESULTS]; /* the op that makes each y */
} stage_ops;

/* The patterns that end with this brick (pattern.h), in the order in which they are tried; a row
 * without a pattern ends the list. NULL: none. The patterns lie in passes/patterns/, and who makes
 * a plan says so. */
typedef struct loop_pattern loop_pattern;
typedef const loop_pattern *pattern_finder(const lego_brick *brick);

/* The stage of ops[count] that ends with ops[last]. writes_for[i]: the assignment that op i
 * does itself; -1: none. */
stage_ops stage_ops_ending_at(program_op *const *ops, int count, const bool *is_inner,
                              const int *writes_for, pattern_finder *patterns, int last);

/* A fused loop before it is bound; small enough for the stack. */
typedef struct loop_plan {
    iteration_space space;
    bool reduces_rows;
    bool reduces_columns;
    column_space column_space;
    int slot_count;
    int stage_count;
    int total_count;
    int tile_count;
    slot slots[MOST_SLOTS];
    stage stages[MOST_STAGES];
} loop_plan;

/* Plans the fused loop of ops[count], in this order. is_inner[buffer]: only these ops read it, so
 * it needs no memory. NULL, or why they cannot be one fused loop, in a sentence. */
const char *loop_plan_make(program_op *const *ops, int count, const bool *is_inner,
                           pattern_finder *patterns, loop_plan *s);

/* How many tiles it needs at most, and how many elements each of them holds where rows are reduced.
 */
int loop_plan_tiles(const loop_plan *s);
int64_t loop_plan_row_elements(const loop_plan *s);

/* Stages that follow each other and hand their numbers on in registers, a block at a time. The last
 * elements of a tile are a block, too, some of which are computed twice: but not where the run
 * writes over what it reads. */
enum { MOST_RUN_SLOTS = 24 };
typedef struct register_run register_run;
struct register_run {
    int first; /* stage */
    int last;
    int64_t bytes; /* of an element */
    const register_frame *frame;
    const register_step *steps;
    bool reads_over; /* what it writes */
    int slot_count;
    int slots[MOST_RUN_SLOTS];
    const register_run *next; /* of later stages; or NULL */
};

/* A fused loop, bound. The elements are rows x columns; a tile holds tile_columns of one row, or,
 * where the numbers of rows and columns are repeated in tiles of their own, tile_rows whole ones.
 * Where rows are reduced, it holds whole rows in any case. */
typedef struct total total;

/* Where operands of so many bytes come from, as far as it is known without asking the machine. */
typedef enum distance { WITHIN_L2, BEYOND_L2, BEYOND_L3 } distance;

struct fused_loop {
    int64_t rows;
    int64_t columns;
    int64_t tile_rows; /* of a whole tile */
    int64_t tile_columns;
    int64_t tile_elements;
    int64_t tiles;          /* in all */
    int64_t across;         /* tiles side by side */
    int64_t grain;          /* tiles that are worth a thread */
    bool is_spread;         /* numbers of rows and columns are repeated in tiles of their own */
    distance distance;      /* of its operands in memory */
    int64_t tile_bytes;     /* from one tile to the next in the room for all of them */
    int64_t block_rows;     /* rows of a product's block that are walked as one */
    size_t block_bytes;     /* of a product's number */
    block_loop *block_loop; /* that takes a product's blocks as they are; NULL: tile by tile */
    int op_count;
    int slot_count;
    int stage_count;
    slot *slots;
    stage *stages;
    const register_run *runs; /* the first one; or NULL */
    int moving_count;
    int *moving; /* slots whose numbers lie elsewhere for another tile, or are others */

    /* With totals, the tiles are those of one long row. row_length: of the rows that it consists
     * of, where an operand has numbers of rows or columns; else 0. */
    int total_count;
    int64_t row_length;
    total *totals;
    int64_t chunk; /* elements that share a total */
    int64_t chunks;
    int64_t chunk_grain; /* chunks that are worth a thread */

    /* With totals of columns, the tiles of a chunk of rows lie below each other. */
    bool reduces_columns;
    column_space column_space;
};

/* What all elements are reduced to, such as their sum: one number, or one for each column. */
struct total {
    const total_faces *faces;
    lego_call call;
    const lego_array *x;
    lego_array y;
    char *chunks; /* the totals of all chunks */
};

/* Whether a slot has a number for each element or each column. A tile of several rows has also
 * several numbers of rows. */
bool slot_is_stepping(const fused_loop *c, const slot *s);

/* Finds the runs of a fused loop whose slots are set. */
lego_status bind_register_runs(lego_program *p, fused_loop *c);

/* Makes the fused loop of an instruction's ops, of those from `first` on. */
lego_status bind_fused_loop(lego_program *p, instruction *i, int first, const bool *is_inner);

/* The result of a loop that takes blocks as they are and may change them in place, for it reads
 * nothing else there; NULL: another loop. */
const slot *fused_loop_place(const lego_program *p, const fused_loop *c);

/* Sets where an epilogue walks other matrices like the result of its product, whose place it is
 * itself if not NULL. */
void fused_loop_beside(const lego_program *p, const fused_loop *c, const slot *place,
                       epilogue *end);

void fused_loop_run(const fused_loop *c);

/* Runs an epilogue on one block of its product. */
void fused_loop_run_block(const void *c, const result_block *block);

#endif
