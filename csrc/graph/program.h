/* Programs: instructions over buffers.
 *
 * A buffer is memory that instructions read and write: in the arena, an input, an output, a
 * constant or a variable. An op is one application of a brick. An instruction is one op, or several
 * that passes have joined. Operands say where in a buffer their numbers lie.
 *
 * A value is what a buffer holds from one write to the next. Buffers of the arena have one value,
 * variables have one more for each assignment. Each value knows who makes it and who reads it
 * (values.h). */
#ifndef LEGO_GRAPH_PROGRAM_H
#define LEGO_GRAPH_PROGRAM_H

#include "../core/list.h"
#include "../tensor/recorder.h"
#include "hash_chains.h"
#include "record_arena.h"

typedef struct program_op program_op;
typedef struct operand operand;
typedef struct value value;

struct value {
    int buffer;
    int read_count;      /* operands that read it */
    program_op *maker;   /* NULL: an input, a constant, or what a variable holds before the run */
    operand *first_read; /* in the order of the instructions, once the program is settled */
    operand *last_read;
    value *former; /* what the maker overwrites: of a variable; NULL elsewhere */
    value *next;   /* what overwrites it */
};

typedef struct program_buffer {
    lego_buffer_kind kind;
    int64_t bytes;
    value *first_value;
    value *last_value;   /* another one only of a variable that is written */
    lego_tensor *tensor; /* of a constant or variable: retained, it holds the memory */
    int slot;            /* of an input or output: which one */
    int first;           /* instructions that write it first and touch it last; -1: none */
    int last;
    int alias_of;    /* the buffer whose memory it takes over; its own number otherwise */
    int alias_last;  /* when the last of those who share this buffer's memory is touched last */
    int64_t offset;  /* in the arena; -1 elsewhere */
    bool is_written; /* a variable that an instruction assigns to */
} program_buffer;

struct operand {
    int buffer;
    int64_t offset;       /* in bytes */
    lego_array array;     /* its data is an address once the program is bound */
    program_op *op;       /* whose operand it is */
    value *value;         /* that it reads or makes */
    operand *former_read; /* of the same value */
    operand *next_read;
    const char *obstacle; /* why the op that makes the value is not joined with this one; or NULL */
};

struct program_op {
    const lego_brick *brick;
    const void *attributes;
    int x_count;
    int y_count;
    operand *x;
    operand *y;
    origin origin;
    program_op *former_effect; /* of those with LEGO_EFFECT, in their order */
    program_op *next_effect;
    int instruction;      /* the number of the instruction that it belongs to; -1: it is removed */
    const char *obstacle; /* why no fused loop takes it, in words that follow its name; or NULL */
    int place; /* among the ops of the loop that was planned last with it (loop_plan.c) */
};

typedef struct fused_loop fused_loop;

typedef struct instruction {
    program_op **ops;
    int op_count;
    bool is_fused_loop;     /* all ops are elementwise and walked in tiles */
    bool is_side_by_side;   /* all ops run at the same time: none needs another one */
    lego_call *calls;       /* bound: of the first op; of all ops that run side by side */
    fused_loop *fused_loop; /* bound: of the ops that are walked in tiles */
    epilogue epilogue;      /* bound: where a fused loop follows the first op */
    double seconds;
} instruction;

enum { MOST_SIDE_BY_SIDE = 2 };

/* Memory that the runs of sibling programs take turns in. */
typedef struct arena arena;

/* A pointer that is to be set whenever its buffer moves. */
typedef struct address {
    void **pointer;
    int64_t offset; /* from where the buffer's group begins */
    int group;
} address;

/* What an input of a body (body.h) is at each step of its loop. */
typedef enum feed_kind {
    FEED_CARRY, /* what the step before has made of it */
    FEED_ROW,   /* a row of a sequence */
    FEED_WHOLE  /* the same at all steps */
} feed_kind;

/* An input of a body, and the tensor outside that it comes from. */
typedef struct feed {
    feed_kind kind;
    lego_tensor *outer; /* retained; NULL where the loop itself makes it */
    lego_tensor *inner; /* retained; symbolic */
} feed;

struct lego_program {
    recorder recorder;    /* the first member, so that a recorder is its program */
    record_arena records; /* instructions, operands and all that belongs to them */
    list buffers;         /* of program_buffer */
    list instructions;    /* of instruction */
    list insertions;      /* of insertion: ops that are not among the instructions yet (values.h) */
    list labels;          /* of const char *; label n is number n - 1 */
    hash_chains concrete; /* buffers of constants and variables, by their storage */
    hash_chains label_names;
    program_op *last_effect; /* of the ops with LEGO_EFFECT */
    list addresses;          /* of address: pointers to set when a buffer moves */
    list feeds;              /* of feed, in a body while it is recorded: one for each input */
    int *groups;             /* where the addresses of each group begin */
    operand *inputs;
    operand *outputs;
    int input_count;
    int output_count;
    int64_t arena_bytes;
    arena *arena;
    char *arena_base;   /* where the arena lay when addresses were resolved last */
    bool shares_memory; /* buffers that do not live at the same time lie in one place */
    bool is_closed;     /* nothing can be added: it is finished, or finishing failed */
    bool is_finished;   /* it can be run */
    bool is_profiled;
    int64_t profiled_runs;
};

static inline program_buffer *buffer_at(const lego_program *p, int index) {
    return (program_buffer *)p->buffers.items + index;
}

static inline instruction *instruction_at(const lego_program *p, size_t index) {
    return (instruction *)p->instructions.items + index;
}

/* Releases the tensors of all feeds of a body, which is recorded to its end. */
void program_forget_feeds(lego_program *body);

/* The op of an instruction that no pass has joined with others; the first one of the others. */
static inline program_op *op_of(const lego_program *p, size_t index) {
    return instruction_at(p, index)->ops[0];
}

/* A new buffer with its first value; -1 when there is no memory. */
int program_add_buffer(lego_program *p, program_buffer b);

/* A brick that writes a variable (y[0], which is x[0]) does not read it. */
static inline bool op_writes(const program_op *op) {
    return op->brick->flags & LEGO_WRITES;
}
/* Whether a run needs the op for more than its results. */
static inline bool op_has_effect(const program_op *op) {
    return op->brick->flags & (LEGO_WRITES | LEGO_EFFECT);
}
static inline int op_first_input(const program_op *op) {
    return op_writes(op) ? 1 : 0;
}

/* The loop of an elementwise op, of one output; NULL for all others. */
element_loop *op_loop(const program_op *op);

/* How many additions, multiplications and other operations on single numbers it takes. */
int64_t op_operations(const program_op *op);

/* How many chunks its kernel has for threads; -1: as many as the operations are worth. */
int64_t op_chunks(const program_op *op);

/* The name of the algorithm that the kernel takes; NULL: it has a single one. */
const char *op_algorithm(const program_op *op);

static inline int64_t operand_bytes(const operand *o) {
    return array_size(&o->array) * (int64_t)lego_dtype_size(o->array.dtype);
}

#endif
