/* Chains: elementwise bricks that walk the same elements together, a tile at a time.
 *
 * Numbers that only pass from one brick of the chain to the next never reach memory as a whole:
 * they live in tiles, buffers of a few KB that stay in the first-level cache. */
#ifndef LEGO_PROGRAM_CHAIN_H
#define LEGO_PROGRAM_CHAIN_H

#include "program.h"

enum {
    TILE_ELEMENTS = 1024, /* most elements that are worked on at once */
    LONE_ELEMENTS = 8192, /* the same for a single stage: threads share what is left evenly */
    MOST_TILES = 12,      /* buffers of a chain: with operands in memory they still fit into L1 */
    MOST_STAGES = 48,
    MOST_TOTALS = 4,
    MOST_STAGE_INPUTS = MOST_PHRASE_INPUTS, /* no elementwise brick has more */
    MOST_SLOTS = 4 * MOST_STAGES,
    TOTAL_BYTES = 8,
    STAGE_GAIN = 8, /* operations in tiles that cost what one over memory does */

    /* Room for elements of any dtype. Buffers that begin at the same offset of a page would be in
     * each other's way in the cache: hence a few lines more. */
    TILE_BYTES = 8 * TILE_ELEMENTS + 448
};

/* How an operand lies below the elements (row, column) that a chain walks. */
typedef enum operand_form {
    FORM_NONE,   /* in no way that a chain can walk */
    FORM_WHOLE,  /* each element has its own number */
    FORM_NUMBER, /* one number for all */
    FORM_ROW,    /* a number for each column */
    FORM_COLUMN  /* a number for each row */
} operand_form;

/* The elements that a chain walks: rows of `columns` each. columns is 0 while no operand has asked
 * for rows: then all are one long row. */
typedef struct space {
    int64_t size;
    int64_t columns;
} space;

/* The form of an operand below the elements of y; *columns says what the space's must be (0: it
 * does not matter). */
operand_form form_below(const lego_array *x, const lego_array *y, int64_t *columns);

/* Whether a part is elementwise and its operands have forms; then over which space. */
bool chain_takes(const part *piece, space *s);

/* Whether a part joins all that a chain could feed to it to one number; then over which space. */
bool chain_totals(const part *piece, space *s);

/* The space of both; false when they walk different elements. */
bool space_join(const space *a, const space *b, space *both);

/* Where there is no buffer: in memory, or in the block of a product that the chain is the end of.
 */
enum { TILE_NONE = -1, TILE_OF_BLOCK = -2 };

/* What a stage reads and writes: an operand in memory, or a tile. */
typedef struct slot {
    int home;
    int64_t offset;
    operand_form form;
    int64_t bytes; /* of an element */
    int tile;      /* TILE_NONE, TILE_OF_BLOCK, or the number of a buffer */
    void *memory;
} slot;

typedef struct stage {
    element_loop *loop; /* both NULL: x[0] is fed to a total of the chain */
    phrase_loop *phrase;
    const char *text; /* of the phrase; NULL without one */
    int first;        /* of the chain's parts, it does those from here */
    int last;         /* to here */
    int total;        /* which one */
    int x_count;
    int y_count;
    int x[MOST_STAGE_INPUTS]; /* slots */
    int y[MOST_PHRASE_RESULTS];
} stage;

/* What one stage does: parts[first] to parts[last], one part alone or all that a phrase says. */
typedef struct wording {
    element_loop *loop;
    phrase_loop *phrase;
    const char *text; /* of the phrase; NULL without one */
    int first;
    int last;
    int x_count;
    int y_count;
    const operand *x[MOST_STAGE_INPUTS];
    int readers[MOST_STAGE_INPUTS];  /* the part that each x belongs to */
    int makers[MOST_PHRASE_RESULTS]; /* the part that makes each y */
} wording;

/* The wording of parts[count] that ends with parts[last]. writes_for[i]: the assignment that part i
 * does itself; -1: none. */
wording chain_wording(const part *const *parts, int count, const bool *is_inner,
                      const int *writes_for, int last);

/* A chain while it is put together: small enough for the stack. */
typedef struct sketch {
    space space;
    int slot_count;
    int stage_count;
    int total_count;
    int tile_count;
    slot slots[MOST_SLOTS];
    stage stages[MOST_STAGES];
} sketch;

/* Sketches the chain of parts[count], in this order. is_inner[home]: nothing outside of these parts
 * reads it, so it needs no memory. False when it would need more than a chain may have. */
bool chain_sketch(const part *const *parts, int count, const bool *is_inner, sketch *s);

/* A chain, linked. The elements are rows x columns; a tile holds tile_columns of one row, or, where
 * rows and columns of numbers are spread out, tile_rows whole ones. */
typedef struct total total;

struct chain {
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
    int part_count;
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

/* Makes the chain of an instruction's parts, of those from `first` on; homes of the kind
 * LEGO_HOME_TILE are inner. */
lego_status link_chain(lego_program *p, instruction *i, int first);

void chain_run(const chain *c);

/* What belongs to a block of the product that the chain is the end of. */
void chain_run_block(const void *c, const result_block *block);

#endif
