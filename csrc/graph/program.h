/* Programs: instructions over buffers.
 *
 * A buffer is memory that instructions read and write: in the arena, an input, an output, a
 * constant or a variable. An op is one application of a brick. An instruction is one op, or several
 * that passes have joined. Operands say where in a buffer their numbers lie. Buffers of the arena
 * have one writer; variables may be written again and again, in the order of the instructions. */
#ifndef LEGO_GRAPH_PROGRAM_H
#define LEGO_GRAPH_PROGRAM_H

#include "../core/list.h"
#include "../tensor/recorder.h"
#include "record_arena.h"

typedef struct program_buffer {
    lego_buffer_kind kind;
    int64_t bytes;
    lego_tensor *tensor; /* of a constant or variable: retained, it holds the memory */
    int slot;            /* of an input or output: which one */
    int first;           /* instructions that write it first and touch it last; -1: none */
    int last;
    int alias_of;    /* the buffer whose memory it takes over; its own number otherwise */
    int alias_last;  /* when the last of those who share this buffer's memory is touched last */
    int64_t offset;  /* in the arena; -1 elsewhere */
    bool is_written; /* a variable that an instruction assigns to */
} program_buffer;

typedef struct operand {
    int buffer;
    int64_t offset;   /* in bytes */
    lego_array array; /* its data is an address once the program is bound */
} operand;

typedef struct program_op {
    const lego_brick *brick;
    const void *attributes;
    int x_count;
    int y_count;
    operand *x;
    operand *y;
    origin origin;
} program_op;

typedef struct fused_loop fused_loop;

typedef struct instruction {
    program_op *ops;
    int op_count;
    bool is_fused_loop;     /* all ops are elementwise and walked in tiles */
    lego_call call;         /* bound: of the first op */
    fused_loop *fused_loop; /* bound: of the ops that are walked in tiles */
    epilogue epilogue;      /* bound: where a fused loop follows the first op */
    double seconds;
} instruction;

/* Memory that the runs of sibling programs take turns in. */
typedef struct arena arena;

/* A pointer that is to be set whenever its buffer moves. */
typedef struct address {
    void **pointer;
    int64_t offset; /* from where the buffer's group begins */
    int group;
} address;

struct lego_program {
    recorder recorder;    /* the first member, so that a recorder is its program */
    record_arena records; /* instructions, operands and all that belongs to them */
    list buffers;         /* of program_buffer */
    list instructions;    /* of instruction */
    list labels;          /* of const char *; label n is number n - 1 */
    list addresses;       /* of address: pointers to set when a buffer moves */
    int *groups;          /* where the addresses of each group begin */
    operand *inputs;
    operand *outputs;
    int input_count;
    int output_count;
    int64_t arena_bytes;
    arena *arena;
    char *arena_base; /* where the arena lay when addresses were resolved last */
    bool is_closed;   /* nothing can be added: it is finished, or finishing failed */
    bool is_finished; /* it can be run */
    bool is_profiled;
    int64_t profiled_runs;
};

static inline program_buffer *buffer_at(const lego_program *p, int index) {
    return (program_buffer *)p->buffers.items + index;
}

static inline instruction *instruction_at(const lego_program *p, size_t index) {
    return (instruction *)p->instructions.items + index;
}

/* A new buffer; -1 when there is no memory. */
int program_add_buffer(lego_program *p, program_buffer b);

/* A brick that writes a variable (y[0], which is x[0]) does not read it. */
static inline bool op_writes(const program_op *op) {
    return op->brick->flags & LEGO_WRITES;
}
static inline int op_first_input(const program_op *op) {
    return op_writes(op) ? 1 : 0;
}

/* The loop of an elementwise op, of one output; NULL for all others. */
element_loop *op_loop(const program_op *op);

/* How many additions, multiplications and other operations on single numbers it takes. */
int64_t op_operations(const program_op *op);

/* The name of the algorithm that the kernel takes; NULL: it has a single one. */
const char *op_algorithm(const program_op *op);

static inline int64_t operand_bytes(const operand *o) {
    return array_size(&o->array) * (int64_t)lego_dtype_size(o->array.dtype);
}

#endif
