/* What a brick is: three functions, its faces (shape, kernel, gradient), and the few flags that
 * apply.c and backward.c need. A family's file in bricks/ ends with the table of its bricks. */
#ifndef LEGO_TENSOR_BRICK_H
#define LEGO_TENSOR_BRICK_H

#include "../core/array.h"
#include "../core/element_loops.h"
#include "../core/epilogue.h"
#include "../core/kept.h"
#include "../core/register_steps.h"

/* An output that shares the memory of x[0] instead of having its own. */
typedef struct lego_view {
    bool is_view;
    int64_t offset; /* in elements, from x[0]'s element (0, ..., 0); may be negative */
} lego_view;

/* One application of a brick, as its shape face and its kernel see it. */
typedef struct lego_call {
    const lego_brick *brick;
    const void *attributes;     /* the brick's own struct; every field takes slots of 8 bytes */
    const lego_array *const *x; /* x[input_count], already of the dtypes that `types` asks for */
    int input_count;
    lego_array *y; /* y[output_count]: the shape face sets them, the kernel fills their data */
    int output_count;
    lego_view *views; /* views[output_count], all own memory unless the shape face says so */
    kept *kept;       /* of x[1]: what the kernel makes of it stays; NULL: it does not */
} lego_call;

/* Checks the inputs' shapes, dtypes and the attributes, and sets y's dtype and shape by
 * array_set(). All checks live here: kernels contain none, save for numbers such as labels. */
typedef lego_status shape_face(const lego_call *call);

/* Fills y[i].data. Not called when every output is a view. */
typedef lego_status kernel_face(const lego_call *call);

/* The same, and calls the epilogue with each block of y[0] when it is complete. y[0].data may be
 * NULL when the epilogue does not store the result. The block's rows are those of y as a matrix,
 * with all axes but the last as one. Only for calls whose tensors all have two axes, unless the
 * brick has LEGO_EPILOGUE_ANY_RANK. */
typedef lego_status epilogue_kernel_face(const lego_call *call, const epilogue *epilogue);

/* Sets context->dx[i] where context->wanted[i], by applying bricks (gradient_context.h). Where a
 * brick broadcasts, dx may keep the broadcast shape: the backward pass sums it back. */
typedef struct gradient_context gradient_context;
typedef void gradient_face(gradient_context *context);

/* The name of the algorithm that the kernel takes for a call. */
typedef const char *algorithm_face(const lego_call *call);

/* The loop of an elementwise brick, for any range of elements: a program can run several bricks on
 * one tile before it goes on to the next tile. The loop reads the elements of x (only those of the
 * value where the brick writes). NULL: the call is not elementwise. */
typedef element_loop *loop_face(const lego_call *call);

/* How many additions, multiplications and the like a call takes; or how many chunks it has for
 * threads. */
typedef int64_t work_face(const lego_call *call);

/* What is reduced along its rows: `matrices` of rows x columns, dense and one after another. A
 * chunk of rows shares totals. */
typedef struct column_space {
    int64_t matrices;
    int64_t rows;
    int64_t columns;
    int64_t chunk;  /* rows */
    int64_t chunks; /* of each matrix */
} column_space;

/* Some columns of one chunk: `columns` of them, from `first` on. */
typedef struct column_block {
    int64_t rows;
    int64_t first;
    int64_t columns;
    int64_t all_columns;
    void *totals; /* of the chunk: all_columns times 8 bytes */
} column_block;

/* Narrow rows are fed in multiples of COLUMN_ROWS, all but the last ones. */
enum { NARROW_COLUMNS = 32, COLUMN_ROWS = 32 };

/* How a brick reduces its whole input to one number, chunk by chunk (kernels/reduce.h): a fused
 * loop reduces its result in this way. `running` is memory of RUNNING_BYTES; a total has 8 bytes.
 */
enum { RUNNING_BYTES = 640, MOST_LINE = 8192 };
typedef struct total_faces {
    int64_t (*chunk)(int64_t n);                                   /* numbers that share a total */
    void (*open)(const lego_call *call, int64_t n, void *running); /* n: of this chunk */
    void (*feed)(void *running, const void *x, int64_t n); /* 64 or a multiple; the last: any */
    void (*close)(void *running, void *total);
    void (*finish)(const lego_call *call, void *totals, int64_t chunks);

    /* Reduces each of the lines x[count][n] to one number, 1 < n <= MOST_LINE: the bits of the
     * kernel, however many lines there are. Where a brick works along one axis, that is its first
     * attribute, and it has no other faces here; a softmax makes n numbers of each line. */
    bool is_along_axis;
    void (*lines)(lego_dtype dtype, const void *x, int64_t count, int64_t n, lego_dtype y_dtype,
                  void *y);

    /* Reduces the columns of dense matrices, some rows at a time: the bits of the kernel. Whether
     * it can; sets how many rows share a total. */
    bool (*cut_columns)(column_space *space);
    void (*open_columns)(const lego_call *call, const column_block *block, void *running);
    void (*feed_columns)(void *running, const void *x, int64_t rows); /* see COLUMN_ROWS */
    void (*close_columns)(void *running);
    void (*finish_columns)(const lego_call *call, const column_space *space, void *totals);
} total_faces;

typedef struct lego_attribute {
    const char *name;
    lego_attribute_kind kind;
} lego_attribute;

enum {
    LEGO_BROADCASTS = 1, /* inputs are broadcast against each other; dx is summed back */
    LEGO_DENSE = 2,      /* the kernel reads row-major order only: other inputs are copied */
    LEGO_WRITES = 4,     /* y[0] is the variable x[0], written in place */
    LEGO_VIEWS = 8,   /* y may share the memory of x[0], unless that is a variable: then a copy */
    LEGO_USES_Y = 16, /* the gradient face reads the numbers of y, not just its shape */
    LEGO_EPILOGUE_ANY_RANK = 32, /* epilogue_kernel takes tensors of any number of axes */
    LEGO_COMMUTES = 64,          /* f(a, b) has the bits of f(b, a): patterns take either order */

    /* The kernel does more than to fill y: it sends, or appends to a log. A program runs it in any
     * case, once for each time that it was applied, and in the order of all such applications. */
    LEGO_EFFECT = 128,
    LEGO_ROW_MAJOR = 256, /* y is in row-major order, though the brick has a loop */
    LEGO_ANY_DTYPE = 512, /* the kernel takes narrow numbers as they are: it moves them, for one */
    LEGO_KEEPS = 1024     /* the kernel makes something of x[1] that it may keep (core/kept.h) */
};

enum { LEGO_MAX_ATTRIBUTES = 8 };

struct lego_brick {
    const char *name;
    const char *formula;
    int inputs;  /* -1: any number from one on */
    int outputs; /* -1: as many as the first attribute says */

    /* One letter per input, the last one for all that follow: which dtype it is cast to.
     *   p  to the common dtype of all p and f inputs     b  to bool
     *   f  the same, and at least float32                i  an integer, to int64
     *   w  the same as p, but bools alone to int32       .  as it is
     * The letters lie in the table itself: a pointer would need a relocation. */
    char types[8];

    /* One letter per input, the last one for all that follow: n where the gradient face reads its
     * numbers, . where it reads the shape at most. Empty: no numbers of any input. */
    char uses[8];
    unsigned flags;

    shape_face *shape;
    kernel_face *kernel;
    epilogue_kernel_face *epilogue_kernel; /* NULL: the brick makes its result as a whole */
    gradient_face *gradient;

    /* Elementwise bricks: one loop per dtype of the last input, NULL where the brick does not take
     * it. A brick whose loop depends on more than that chooses it itself. */
    element_loop *const *loops;
    loop_face *choose_loop;
    block_loop *const *block_loops; /* the same for blocks, one per dtype; or NULL */
    int channels;                   /* as in pattern_kernel */
    const register_ops
        *in_registers; /* the loops of floats as a step, if they are cheap; or NULL */

    const total_faces *total; /* reductions that take chunks; else NULL */

    work_face *operations;     /* NULL: one for each element of the largest tensor */
    work_face *chunks;         /* NULL: as many as the operations are worth */
    algorithm_face *algorithm; /* NULL: the kernel has a single one */

    lego_attribute attributes[LEGO_MAX_ATTRIBUTES]; /* ends at the first without a name */
};

/* Slots (8 bytes each) of an attribute, and of all attributes of a brick. */
static inline int attribute_slots(lego_attribute_kind kind) {
    return kind == LEGO_INTS ? 1 + LEGO_MAX_RANK : 1;
}
int brick_attribute_slots(const lego_brick *brick);

/* The loop of an elementwise call; NULL for all others. */
element_loop *brick_loop(const lego_call *call);

/* The letter of an input in `types` or `uses`. */
static inline char input_letter(const char *letters, int input) {
    for (; input > 0 && letters[1]; input--) {
        letters++;
    }
    return *letters;
}

/* Whether the gradient face reads the numbers of that input. */
static inline bool brick_uses_input(const lego_brick *brick, int input) {
    return brick->uses[0] && input_letter(brick->uses, input) == 'n';
}

/* The type behind LEGO_INTS. */
typedef struct lego_ints {
    int64_t count;
    int64_t values[LEGO_MAX_RANK];
} lego_ints;

#endif
