/* Recurrent cells over whole sequences, and a brick for the gradient of each.
 *
 * x (batch, steps, G units) are the inputs of all steps, already multiplied by the kernel of the
 * inputs: that is one matmul for all steps, with a gradient of its own. R (units, G units) is the
 * kernel of the state. A brick takes the states from step to step:
 *
 *     simple_rnn   G = 1   h = f(x + h R)
 *     gru          G = 3   p = h R + b, z = g(x_z + p_z), r = g(x_r + p_r), n = f(x_n + r p_n),
 *                          h = z h + (1 - z) n
 *     gru_reset_before     the same with p_z, p_r = h R_z, h R_r, and n = f(x_n + (r h) R_n)
 *     lstm         G = 4   the columns of s = x + h R are those of i, f, n, o: c = g(s_f) c +
 *                          g(s_i) f(s_n), h = g(s_o) f(c)
 *
 * where f is the activation and g that of the gates. Where the mask (batch, steps) is 0 the states
 * stay; a mask of the shape (0) masks nothing. The gradient brick walks back. It leaves the slopes
 * of x and what R was multiplied by at each step, so dR is one matmul as well. */
#include "../kernels/recurrence.h"

#include <stddef.h>
#include <string.h>

#include "../core/error.h"
#include "../core/memory.h"
#include "../tensor/grad_ops.h"
#include "families.h"

/* The bricks have these attributes, or the first of them. */
typedef struct recurrent_attributes {
    int64_t activation;
    int64_t is_reversed;
    int64_t zero_masked;
    int64_t recurrent_activation; /* from here on not of simple_rnn */
    int64_t keeps_gates;          /* 0: no gradient will be taken; not of gradient bricks */
} recurrent_attributes;

/* ---- what goes in and comes out -------------------------------------------------------------- */

/* One call, as the kernels take it. */
typedef struct recurrent_call {
    recurrence r;
    recurrence_slopes s;
} recurrent_call;

/* An input or an output: its name, its axes by the letters of axis_length(), and where its address
 * goes. An input whose axes end with ? may be missing: then it is of the shape (0). */
typedef struct operand_role {
    const char *name;
    const char *axes;
    size_t field;
} operand_role;

enum { MOST_INPUTS = 10, MOST_OUTPUTS = 5 };

typedef struct brick_roles {
    cell_kind kind;
    bool goes_back;
    int sequence, kernel; /* the inputs that tell the sizes */
    int own_outputs;      /* those behind them are kept for the gradient */
    operand_role inputs[MOST_INPUTS];
    operand_role outputs[MOST_OUTPUTS];
} brick_roles;

#define OF_CALL(name, axes, field) {name, axes, offsetof(recurrent_call, field)}
#define X                          OF_CALL("x", "BTG", r.x)
#define KERNEL                     OF_CALL("the recurrent kernel", "UG", r.kernel)
#define BIAS                       OF_CALL("the recurrent bias", "G", r.bias)
#define H0                         OF_CALL("h0", "BU", r.h0)
#define C0                         OF_CALL("c0", "BU", r.c0)
#define MASK                       OF_CALL("the mask", "BT?", r.mask)
#define Y                          OF_CALL("y", "BTU", r.y)
#define LAST_H                     OF_CALL("h", "BU", r.last_h)
#define LAST_C                     OF_CALL("c", "BU", r.last_c)
#define GATES                      OF_CALL("the gates", "TPBU", r.gates)
#define CELLS                      OF_CALL("the cells", "TBU", r.cells)
#define DY                         OF_CALL("dy", "BTU?", s.dy)
#define DH                         OF_CALL("dh", "BU?", s.dh)
#define DC                         OF_CALL("dc", "BU?", s.dc)
#define DX                         OF_CALL("dx", "BTG", s.dx)
#define DH0                        OF_CALL("dh0", "BU", s.dh0)
#define DC0                        OF_CALL("dc0", "BU", s.dc0)
#define D_PRODUCT                  OF_CALL("the slopes of h R", "BTG", s.d_product)
#define H_BEFORE                   OF_CALL("h before", "BTU", s.h_before)
#define H_RESET                    OF_CALL("r h", "BTU", s.h_reset)

/* In the order of the family's table. */
static const brick_roles all_roles[] = {
    {CELL_SIMPLE, false, 0, 1, 2, {X, KERNEL, H0, MASK}, {Y, LAST_H}},
    {CELL_SIMPLE, true, 3, 0, 3, {KERNEL, H0, MASK, Y, DY, DH}, {DX, DH0, H_BEFORE}},
    {CELL_GRU, false, 0, 1, 2, {X, KERNEL, BIAS, H0, MASK}, {Y, LAST_H, GATES}},
    {CELL_GRU, true, 3, 0, 4, {KERNEL, H0, MASK, Y, GATES, DY, DH}, {DX, DH0, D_PRODUCT, H_BEFORE}},
    {CELL_GRU_RESET_BEFORE, false, 0, 1, 2, {X, KERNEL, H0, MASK}, {Y, LAST_H, GATES}},
    {CELL_GRU_RESET_BEFORE,
     true,
     3,
     0,
     4,
     {KERNEL, H0, MASK, Y, GATES, DY, DH},
     {DX, DH0, H_BEFORE, H_RESET}},
    {CELL_LSTM, false, 0, 1, 3, {X, KERNEL, H0, C0, MASK}, {Y, LAST_H, LAST_C, GATES, CELLS}},
    {CELL_LSTM,
     true,
     4,
     0,
     4,
     {KERNEL, H0, C0, MASK, Y, GATES, CELLS, DY, DH, DC},
     {DX, DH0, DC0, H_BEFORE}},
};

static const brick_roles *roles_of(const lego_brick *brick) {
    return &all_roles[brick - recurrent_bricks];
}

/* ---- shapes ---------------------------------------------------------------------------------- */

static int64_t axis_length(const recurrence *r, char axis) {
    switch (axis) {
    case 'B':
        return r->batch;
    case 'T':
        return r->steps;
    case 'U':
        return r->units;
    case 'G': /* of all gates */
        return r->units * gates_of(r->kind);
    default: /* P, the planes that are kept of a step */
        return planes_of(r->kind);
    }
}

static int shape_of(const recurrence *r, const char *axes, int64_t *shape) {
    int rank = 0;
    for (; axes[rank] && axes[rank] != '?'; rank++) {
        shape[rank] = axis_length(r, axes[rank]);
    }
    return rank;
}

static bool is_missing(const lego_array *x) {
    return x->rank == 1 && x->shape[0] == 0;
}

static lego_status check_input(const lego_call *call, const recurrence *r,
                               const operand_role *wanted, const lego_array *x) {
    int64_t shape[LEGO_MAX_RANK];
    int rank = shape_of(r, wanted->axes, shape);
    bool may_be_missing = wanted->axes[rank] == '?';
    bool fits = x->rank == rank && memcmp(x->shape, shape, sizeof *shape * (size_t)rank) == 0;
    if (fits || (may_be_missing && is_missing(x))) {
        return LEGO_OK;
    }
    return fail(LEGO_BAD_SHAPE,
                "%s: %s of shape %s does not fit %lld samples of %lld steps and %lld units: it "
                "needs the shape %s",
                call->brick->name, wanted->name, array_text(x), (long long)r->batch,
                (long long)r->steps, (long long)r->units, shape_text(rank, shape));
}

static lego_status check_activation(const lego_call *call, int64_t activation) {
    if (activation >= 0 && activation < CELL_ACTIVATIONS) {
        return LEGO_OK;
    }
    return fail(LEGO_BAD_VALUE, "%s: activations are numbered from 0 to %d, got %lld",
                call->brick->name, CELL_ACTIVATIONS - 1, (long long)activation);
}

static lego_status check_ranks(const lego_call *call, const lego_array *sequence,
                               const lego_array *kernel) {
    int64_t numbers; /* so that no length overflows */
    if (sequence->rank == 3 && kernel->rank == 2 && size_multiply(kernel->shape[0], 4, &numbers)) {
        return LEGO_OK;
    }
    return fail(LEGO_BAD_SHAPE,
                "%s: sequences have the axes batch, steps, units and a recurrent kernel has two, "
                "got shapes %s and %s",
                call->brick->name, array_text(sequence), array_text(kernel));
}

static recurrence sizes_of(const lego_call *call) {
    const brick_roles *roles = roles_of(call->brick);
    const recurrent_attributes *a = call->attributes;
    const lego_array *sequence = call->x[roles->sequence];
    bool has_gates = roles->kind != CELL_SIMPLE;
    return (recurrence){
        .kind = roles->kind,
        .dtype = sequence->dtype,
        .batch = sequence->shape[0],
        .steps = sequence->shape[1],
        .units = call->x[roles->kernel]->shape[0],
        .is_reversed = a->is_reversed,
        .zero_masked = a->zero_masked,
        .activation = (cell_activation)a->activation,
        .gate_activation = has_gates ? (cell_activation)a->recurrent_activation : CELL_LINEAR,
    };
}

static lego_status check_inputs(const lego_call *call, const recurrence *r) {
    const recurrent_attributes *a = call->attributes;
    const brick_roles *roles = roles_of(call->brick);
    lego_status status = check_activation(call, a->activation);
    if (status == LEGO_OK && r->kind != CELL_SIMPLE) {
        status = check_activation(call, a->recurrent_activation);
    }
    for (int i = 0; i < call->input_count && status == LEGO_OK; i++) {
        status = check_input(call, r, &roles->inputs[i], call->x[i]);
    }
    return status;
}

static lego_status recurrent_shape(const lego_call *call) {
    const brick_roles *roles = roles_of(call->brick);
    const recurrent_attributes *a = call->attributes;
    lego_status status = check_ranks(call, call->x[roles->sequence], call->x[roles->kernel]);
    if (status) {
        return status;
    }
    recurrence r = sizes_of(call);
    for (int i = 0; i < call->output_count; i++) {
        int64_t shape[LEGO_MAX_RANK] = {0};
        bool is_made = i < roles->own_outputs || a->keeps_gates;
        int rank = is_made ? shape_of(&r, roles->outputs[i].axes, shape) : 1;
        array_set(&call->y[i], r.dtype, rank, shape);
    }
    return check_inputs(call, &r);
}

/* ---- calls ----------------------------------------------------------------------------------- */

static void bind(recurrent_call *c, const operand_role *role, const lego_array *x) {
    void *data = is_missing(x) ? NULL : x->data;
    memcpy((char *)c + role->field, &data, sizeof data);
}

static lego_status recurrent_kernel(const lego_call *call) {
    const brick_roles *roles = roles_of(call->brick);
    recurrent_call c = {.r = sizes_of(call)};
    for (int i = 0; i < call->input_count; i++) {
        bind(&c, &roles->inputs[i], call->x[i]);
    }
    for (int i = 0; i < call->output_count; i++) {
        bind(&c, &roles->outputs[i], &call->y[i]);
    }
    return roles->goes_back ? recurrent_backward(&c.r, &c.s) : recurrent_forward(&c.r);
}

/* 2 for each product with R, and about 8 for each gate. */
static int64_t recurrent_operations(const lego_call *call) {
    recurrence r = sizes_of(call);
    return r.batch * r.steps * axis_length(&r, 'G') * (2 * r.units + 8);
}

/* Of rows of the batch. */
static int64_t recurrent_chunks(const lego_call *call) {
    recurrence r = sizes_of(call);
    return r.batch > 0 && r.units > 0 ? divide_up(r.batch, rows_in_block(&r)) : 0;
}

/* ---- gradients ------------------------------------------------------------------------------- */

/* Slopes, or an input that is missing. */
static lego_tensor *or_missing(gradient_context *g, lego_tensor *dy) {
    const lego_array nothing = {.dtype = g->x[0]->array.dtype, .rank = 1, .shape = {0}};
    return dy ? dy : filled(g, &nothing, 1, 0);
}

/* Whether only those outputs have slopes that can, and what they need was kept. */
static bool has_gradient(gradient_context *g) {
    const recurrent_attributes *a = g->attributes;
    int outputs = roles_of(g->brick)->own_outputs;
    for (int i = outputs; i < g->output_count; i++) {
        if (g->dy[i]) {
            context_fail(g, LEGO_NO_GRADIENT,
                         "gates and cells are kept for the gradient and have none themselves: use "
                         "the outputs and the states");
            return false;
        }
    }
    if (g->output_count > outputs && !a->keeps_gates) {
        context_fail(g, LEGO_NO_GRADIENT, "without keeps_gates it has no gradient");
        return false;
    }
    return true;
}

static void no_second_gradient(gradient_context *g) {
    context_fail(g, LEGO_NO_GRADIENT,
                 "second derivatives through a recurrent layer are not there: give it "
                 "unroll=True, which makes each step of plain bricks");
}

/* (batch, steps, n) as (batch steps, n) */
static lego_tensor *rows_of(gradient_context *g, lego_tensor *x) {
    if (!x) {
        return NULL;
    }
    const int64_t *shape = x->array.shape;
    return reshape(g, x, 2, (int64_t[]){shape[0] * shape[1], shape[2]});
}

/* dR = the sum of h_before^T d over all samples and steps. */
static lego_tensor *kernel_gradient(gradient_context *g, lego_tensor *h_before, lego_tensor *d) {
    const int64_t transposed[] = {true, false};
    lego_tensor *both[] = {rows_of(g, h_before), rows_of(g, d)};
    return context_apply(g, "matmul", both, 2, transposed);
}

/* What the call reads or makes that has this field. */
static lego_tensor *operand_of(const gradient_context *g, size_t field) {
    const brick_roles *roles = roles_of(g->brick);
    for (int i = 0; i < g->brick->inputs; i++) {
        if (roles->inputs[i].field == field) {
            return g->x[i];
        }
    }
    for (int i = 0; i < g->brick->outputs; i++) {
        if (roles->outputs[i].field == field) {
            return g->y[i];
        }
    }
    return NULL;
}

/* Applies the gradient brick, which is the next one of the table, to what it reads of the call, and
 * to the slopes of y and of the last states, in this order. */
static void apply_gradient(gradient_context *g, lego_tensor **d) {
    const lego_brick *brick = g->brick + 1;
    lego_tensor *inputs[MOST_INPUTS];
    int slopes = 0;
    for (int i = 0; i < brick->inputs; i++) {
        lego_tensor *x = operand_of(g, roles_of(brick)->inputs[i].field);
        inputs[i] = x ? x : or_missing(g, g->dy[slopes++]);
    }
    if (has_gradient(g)) {
        context_apply_all(g, brick->name, inputs, brick->inputs, g->attributes, d, brick->outputs);
    }
}

static void simple_rnn_gradient(gradient_context *g) {
    lego_tensor *d[3] = {NULL};
    apply_gradient(g, d);
    g->dx[0] = d[0];
    g->dx[1] = g->wanted[1] ? kernel_gradient(g, d[2], d[0]) : NULL;
    g->dx[2] = d[1];
}

static void gru_gradient(gradient_context *g) {
    lego_tensor *d[4] = {NULL};
    apply_gradient(g, d);
    lego_ints batch_and_steps = {.count = 2, .values = {0, 1}};
    g->dx[0] = d[0];
    g->dx[1] = g->wanted[1] ? kernel_gradient(g, d[3], d[2]) : NULL;
    g->dx[2] = g->wanted[2] ? reshape_like(g, sum_over(g, d[2], &batch_and_steps), g->x[2]) : NULL;
    g->dx[3] = d[1];
}

/* The columns from `first` up to `end` of rows (batch, steps, n). */
static lego_tensor *columns_between(gradient_context *g, lego_tensor *x, int64_t first,
                                    int64_t end) {
    if (!x) {
        return NULL;
    }
    slice_window w = window_of(&x->array);
    w.begin.values[2] = first;
    w.shape.values[2] = end - first;
    return slice(g, x, &w);
}

/* dR = h_before^T d for the columns of z and r, and beside them (r h)^T d for those of n. */
static lego_tensor *reset_kernel_gradient(gradient_context *g, lego_tensor *h_before,
                                          lego_tensor *h_reset, lego_tensor *d) {
    const int64_t units = g->x[1]->array.shape[0], axis = 1;
    lego_tensor *both[] = {
        kernel_gradient(g, h_before, columns_between(g, d, 0, 2 * units)),
        kernel_gradient(g, h_reset, columns_between(g, d, 2 * units, 3 * units)),
    };
    return context_apply(g, "concatenate", both, 2, &axis);
}

static void gru_reset_before_gradient(gradient_context *g) {
    lego_tensor *d[4] = {NULL};
    apply_gradient(g, d);
    g->dx[0] = d[0];
    g->dx[1] = g->wanted[1] ? reset_kernel_gradient(g, d[2], d[3], d[0]) : NULL;
    g->dx[2] = d[1];
}

static void lstm_gradient(gradient_context *g) {
    lego_tensor *d[4] = {NULL};
    apply_gradient(g, d);
    g->dx[0] = d[0];
    g->dx[1] = g->wanted[1] ? kernel_gradient(g, d[3], d[0]) : NULL;
    g->dx[2] = d[1];
    g->dx[3] = d[2];
}

/* ---- the family ------------------------------------------------------------------------------ */

#define FACES                                                                                      \
    .shape = recurrent_shape, .kernel = recurrent_kernel, .operations = recurrent_operations,      \
    .chunks = recurrent_chunks

#define GRADIENT_FACES FACES, .flags = LEGO_DENSE, .gradient = no_second_gradient

#define OF_CELLS                                                                                   \
    {"activation", LEGO_INT}, {"is_reversed", LEGO_INT}, {                                         \
        "zero_masked", LEGO_INT                                                                    \
    }
#define OF_GATES                                                                                   \
    OF_CELLS, {                                                                                    \
        "recurrent_activation", LEGO_INT                                                           \
    }

const lego_brick recurrent_bricks[] = {
    {
        .name = "simple_rnn",
        .formula = "h = f(x + h R)",
        .inputs = 4,
        .outputs = 2,
        .types = "fffb",
        .uses = ".nnn",
        .flags = LEGO_DENSE | LEGO_USES_Y,
        FACES,
        .gradient = simple_rnn_gradient,
        .attributes = {OF_CELLS},
    },
    {
        .name = "simple_rnn_gradient",
        .formula = "dx, dh0 and h of the step before",
        .inputs = 6,
        .outputs = 3,
        .types = "ffbf",
        GRADIENT_FACES,
        .attributes = {OF_CELLS},
    },
    {
        .name = "gru",
        .formula = "h = z h + (1 - z) n, with the gates of x and h R + b",
        .inputs = 5,
        .outputs = 3,
        .types = "ffffb",
        .uses = ".n.nn",
        .flags = LEGO_DENSE | LEGO_USES_Y,
        FACES,
        .gradient = gru_gradient,
        .attributes = {OF_GATES, {"keeps_gates", LEGO_INT}},
    },
    {
        .name = "gru_gradient",
        .formula = "dx, dh0, the slopes of h R, and h of the step before",
        .inputs = 7,
        .outputs = 4,
        .types = "ffbf",
        GRADIENT_FACES,
        .attributes = {OF_GATES},
    },
    {
        .name = "gru_reset_before",
        .formula = "h = z h + (1 - z) n, with the gates z and r of x + h R, and n of x + (r h) R",
        .inputs = 4,
        .outputs = 3,
        .types = "fffb",
        .uses = ".nnn",
        .flags = LEGO_DENSE | LEGO_USES_Y,
        FACES,
        .gradient = gru_reset_before_gradient,
        .attributes = {OF_GATES, {"keeps_gates", LEGO_INT}},
    },
    {
        .name = "gru_reset_before_gradient",
        .formula = "dx, dh0, h of the step before, and r h",
        .inputs = 7,
        .outputs = 4,
        .types = "ffbf",
        GRADIENT_FACES,
        .attributes = {OF_GATES},
    },
    {
        .name = "lstm",
        .formula = "c = f c + i n, h = o f(c), with the gates of x + h R",
        .inputs = 5,
        .outputs = 5,
        .types = "ffffb",
        .uses = ".nnnn",
        .flags = LEGO_DENSE | LEGO_USES_Y,
        FACES,
        .gradient = lstm_gradient,
        .attributes = {OF_GATES, {"keeps_gates", LEGO_INT}},
    },
    {
        .name = "lstm_gradient",
        .formula = "dx, dh0, dc0, and h of the step before",
        .inputs = 10,
        .outputs = 4,
        .types = "fffbf",
        GRADIENT_FACES,
        .attributes = {OF_GATES},
    },
    {.name = NULL},
};
