/* Programs: instructions over homes.
 *
 * A home is a piece of memory that instructions read and write: a part of the arena, an input, an
 * output, a constant or a variable. An instruction is one brick, or several that passes have put
 * together: its parts. Operands say where in a home their numbers lie. Homes of the arena have one
 * writer; variables may be written again and again, in the order of the instructions. */
#ifndef LEGO_PROGRAM_PROGRAM_H
#define LEGO_PROGRAM_PROGRAM_H

#include "../core/list.h"
#include "../tensor/recorder.h"
#include "pool.h"

typedef struct home {
    lego_home_kind kind;
    int64_t bytes;
    lego_tensor *tensor; /* of a constant or variable: retained, it holds the memory */
    int slot;            /* of an input or output: which one */
    int first;           /* instructions that write it first and touch it last; -1: none */
    int last;
    int room;        /* the home whose memory it takes over; its own number otherwise */
    int room_last;   /* when the last of those who share this home's memory is touched last */
    int64_t place;   /* in the arena; -1 elsewhere */
    bool is_written; /* a variable that an instruction assigns to */
} home;

typedef struct operand {
    int home;
    int64_t offset;   /* in bytes */
    lego_array array; /* its data is an address once the program is linked */
} operand;

typedef struct part {
    const lego_brick *brick;
    const void *attributes;
    int x_count;
    int y_count;
    operand *x;
    operand *y;
    origin origin;
} part;

typedef struct chain chain;

typedef struct instruction {
    part *parts;
    int part_count;
    bool is_chain;  /* all parts are elementwise and walked in tiles */
    lego_call call; /* linked: of the first part */
    chain *chain;   /* linked: of the parts that are walked in tiles */
    block_end end;  /* linked: where a chain follows the first part */
    double seconds;
} instruction;

/* Memory that the runs of sibling programs take turns in. */
typedef struct arena arena;

struct lego_program {
    recorder recorder; /* the first member, so that a recorder is its program */
    pool pool;         /* instructions, operands and all that belongs to them */
    list homes;        /* of home */
    list instructions; /* of instruction */
    list labels;       /* of const char *; label n is number n - 1 */
    list addresses;    /* of address: the pointers that hang on where a home lies (link.h) */
    int *groups;       /* where the addresses of each group begin */
    operand *inputs;
    operand *outputs;
    int input_count;
    int output_count;
    int64_t arena_bytes;
    arena *arena;
    char *arena_base; /* where the arena lay when addresses were resolved last */
    bool is_closed;   /* nothing can be added: it was finished, or that failed half way */
    bool is_finished; /* it can be run */
    bool is_profiled;
    int64_t profiled_runs;
};

static inline home *program_home(const lego_program *p, int index) {
    return (home *)p->homes.items + index;
}

static inline instruction *program_instruction(const lego_program *p, size_t index) {
    return (instruction *)p->instructions.items + index;
}

/* A new home; -1 when there is no memory. */
int program_add_home(lego_program *p, home h);

/* A brick that writes a variable (y[0], which is x[0]) does not read it. */
static inline bool part_writes(const part *piece) {
    return piece->brick->facts & LEGO_WRITES;
}
static inline int part_first_input(const part *piece) {
    return part_writes(piece) ? 1 : 0;
}

/* The loop of an elementwise part, of one output; NULL for all others. */
element_loop *part_loop(const part *piece);

/* Additions, multiplications and other work on single numbers. */
int64_t part_operations(const part *piece);

static inline int64_t operand_bytes(const operand *o) {
    return array_size(&o->array) * (int64_t)lego_dtype_size(o->array.dtype);
}

/* ---- passes, each in a file of its own ---- */

/* Drops instructions whose results nobody reads. */
lego_status pass_dead(lego_program *p);

/* Computes at once what depends on constants alone. */
lego_status pass_fold(lego_program *p);

/* Computes once what would be computed twice. */
lego_status pass_common(lego_program *p);

/* Masks what goes back through max pooling before it is spread. */
lego_status pass_narrow(lego_program *p);

/* Puts elementwise bricks together that can walk the same elements. */
lego_status pass_fuse(lego_program *p);

/* Puts the chain behind a product at the product's end. */
lego_status pass_product(lego_program *p);

/* Lets what a chain makes take over the memory of what it reads for the last time. Lifetimes are
 * known. */
void plan_in_place(lego_program *p);

/* Finds each home's first and last instruction, and its place in the arena. */
lego_status plan_arena(lego_program *p, bool reuse);

#endif
