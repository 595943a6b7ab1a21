/* Recurrent cells over whole sequences, and a brick for the gradient of each.
 *
 * x (batch, steps, G units) are the inputs of all steps, already multiplied by the kernel of the
 * inputs: that is one matmul for all steps, with a gradient of its own. R (units, G units) is the
 * kernel of the state. A brick takes the states from step to step:
 *
 *     simple_rnn   G = 1   h = f(x + h R)
 *     gru          G = 3   p = h R + b, z = g(x_z + p_z), r = g(x_r + p_r), n = f(x_n + r p_n),
 *                          h = z h + (1 - z) n
 *     lstm         G = 4   the columns of s = x + h R are those of i, f, n, o: c = g(s_f) c +
 *                          g(s_i) f(s_n), h = g(s_o) f(c)
 *
 * where f is the activation and g that of the gates. Where the mask (batch, steps) is 0 the states
 * stay; a mask of the shape (0) masks nothing. The gradient brick walks back. It leaves the slopes
 * of x and what R was multiplied by at each step, so dR is one matmul as well. */
#include "../kernels/recurrence.h"

#include "../core/error.h"
#include "../core/memory.h"
#include "families.h"
#include "grad_ops.h"

/* The bricks have these attributes, or the first of them. */
typedef struct recurrent_attributes {
    int64_t activation;
    int64_t is_reversed;
    int64_t zero_masked;
    int64_t recurrent_activation; /* from here on not of simple_rnn */
    int64_t keeps_gates;          /* 0: no gradient will be taken; not of gradient bricks */
} recurrent_attributes;

/* ---- shapes ---------------------------------------------------------------------------------- */

/* What an input or an output is, and its axes: the letters are those of axis_length(). An input
 * whose axes end with ? may be missing: then it is of the shape (0). */
typedef struct operand_shape {
    const char *name;
    const char *axes;
} operand_shape;

static int64_t axis_length(const recurrence *r, char axis) {
    switch (axis) {
    case 'B':
        return r->batch;
    case 'T':
        return r->steps;
    case 'U':
        return r->units;
    case 'G': /* of all gates */
        return r->units * (r->kind == CELL_LSTM ? 4 : r->kind == CELL_GRU ? 3 : 1);
    default: /* K, what is kept of the gates */
        return r->units * 4;
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
                               const operand_shape *wanted, const lego_array *x) {
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

static lego_status check_inputs(const lego_call *call, const recurrence *r,
                                const operand_shape *wanted) {
    const recurrent_attributes *a = call->attributes;
    lego_status status = check_activation(call, a->activation);
    if (status == LEGO_OK && r->kind != CELL_SIMPLE) {
        status = check_activation(call, a->recurrent_activation);
    }
    for (int i = 0; i < call->input_count && status == LEGO_OK; i++) {
        status = check_input(call, r, &wanted[i], call->x[i]);
    }
    return status;
}

static void set_output(const recurrence *r, const char *axes, lego_array *y) {
    int64_t shape[LEGO_MAX_RANK];
    int rank = shape_of(r, axes, shape);
    array_set(y, r->dtype, rank, shape);
}

static void set_missing(const recurrence *r, lego_array *y) {
    array_set(y, r->dtype, 1, (int64_t[]){0});
}

/* ---- calls ----------------------------------------------------------------------------------- */

/* The sizes, from an array (batch, steps, ...) and one that begins with the units. */
static recurrence recurrence_of(cell_kind kind, const lego_call *call, const lego_array *sequence,
                                int64_t units) {
    const recurrent_attributes *a = call->attributes;
    bool has_gates = kind != CELL_SIMPLE;
    return (recurrence){
        .kind = kind,
        .dtype = sequence->dtype,
        .batch = sequence->shape[0],
        .steps = sequence->shape[1],
        .units = units,
        .is_reversed = a->is_reversed,
        .zero_masked = a->zero_masked,
        .activation = (cell_activation)a->activation,
        .gate_activation = has_gates ? (cell_activation)a->recurrent_activation : CELL_LINEAR,
    };
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

static const void *data_or_null(const lego_array *x) {
    return is_missing(x) ? NULL : x->data;
}

/* 2 for each product with R, and about 8 for each gate. */
static int64_t forward_operations(const lego_call *call) {
    const lego_array *x = call->x[0], *kernel = call->x[1];
    return array_size(x) * (2 * kernel->shape[0] + 8);
}

static int64_t backward_operations(const lego_call *call) {
    return array_size(&call->y[0]) * (2 * call->x[0]->shape[0] + 8);
}

/* ---- gradients ------------------------------------------------------------------------------- */

/* An input that is missing. */
static lego_tensor *missing(gradient_context *g) {
    const lego_array nothing = {.dtype = g->x[0]->array.dtype, .rank = 1, .shape = {0}};
    return filled(g, &nothing, 1, 0);
}

static lego_tensor *or_missing(gradient_context *g, lego_tensor *dy) {
    return dy ? dy : missing(g);
}

/* Whether only those outputs have slopes that can, and what they need was kept. */
static bool has_gradient(gradient_context *g, int outputs) {
    const recurrent_attributes *a = g->attributes;
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

/* ---- simple_rnn ------------------------------------------------------------------------------ */

static lego_status simple_rnn_shape(const lego_call *call) {
    static const operand_shape inputs[] = {
        {"x", "BTG"}, {"the recurrent kernel", "UG"}, {"h0", "BU"}, {"the mask", "BT?"}};
    lego_status status = check_ranks(call, call->x[0], call->x[1]);
    if (status) {
        return status;
    }
    recurrence r = recurrence_of(CELL_SIMPLE, call, call->x[0], call->x[1]->shape[0]);
    set_output(&r, "BTU", &call->y[0]);
    set_output(&r, "BU", &call->y[1]);
    return check_inputs(call, &r, inputs);
}

static lego_status simple_rnn_kernel(const lego_call *call) {
    recurrence r = recurrence_of(CELL_SIMPLE, call, call->x[0], call->x[1]->shape[0]);
    r.x = call->x[0]->data;
    r.kernel = call->x[1]->data;
    r.h0 = call->x[2]->data;
    r.mask = data_or_null(call->x[3]);
    r.y = call->y[0].data;
    r.last_h = call->y[1].data;
    return recurrent_forward(&r);
}

static void simple_rnn_gradient(gradient_context *g) {
    lego_tensor *inputs[] = {
        g->x[1], g->x[2], g->x[3], g->y[0], or_missing(g, g->dy[0]), or_missing(g, g->dy[1])};
    lego_tensor *d[3];
    context_apply_all(g, "simple_rnn_gradient", inputs, 6, g->attributes, d, 3);
    g->dx[0] = d[0];
    g->dx[1] = g->wanted[1] ? kernel_gradient(g, d[2], d[0]) : NULL;
    g->dx[2] = d[1];
}

static lego_status simple_rnn_gradient_shape(const lego_call *call) {
    static const operand_shape inputs[] = {{"the recurrent kernel", "UG"},
                                           {"h0", "BU"},
                                           {"the mask", "BT?"},
                                           {"y", "BTU"},
                                           {"dy", "BTU?"},
                                           {"dh", "BU?"}};
    lego_status status = check_ranks(call, call->x[3], call->x[0]);
    if (status) {
        return status;
    }
    recurrence r = recurrence_of(CELL_SIMPLE, call, call->x[3], call->x[0]->shape[0]);
    set_output(&r, "BTG", &call->y[0]);
    set_output(&r, "BU", &call->y[1]);
    set_output(&r, "BTU", &call->y[2]);
    return check_inputs(call, &r, inputs);
}

static lego_status simple_rnn_gradient_kernel(const lego_call *call) {
    recurrence r = recurrence_of(CELL_SIMPLE, call, call->x[3], call->x[0]->shape[0]);
    r.kernel = call->x[0]->data;
    r.h0 = call->x[1]->data;
    r.mask = data_or_null(call->x[2]);
    r.y = call->x[3]->data;
    return recurrent_backward(&r, &(recurrence_slopes){
                                      .dy = data_or_null(call->x[4]),
                                      .dh = data_or_null(call->x[5]),
                                      .dx = call->y[0].data,
                                      .dh0 = call->y[1].data,
                                      .h_before = call->y[2].data,
                                  });
}

/* ---- gru ------------------------------------------------------------------------------------- */

static lego_status gru_shape(const lego_call *call) {
    static const operand_shape inputs[] = {{"x", "BTG"},
                                           {"the recurrent kernel", "UG"},
                                           {"the recurrent bias", "G"},
                                           {"h0", "BU"},
                                           {"the mask", "BT?"}};
    const recurrent_attributes *a = call->attributes;
    lego_status status = check_ranks(call, call->x[0], call->x[1]);
    if (status) {
        return status;
    }
    recurrence r = recurrence_of(CELL_GRU, call, call->x[0], call->x[1]->shape[0]);
    set_output(&r, "BTU", &call->y[0]);
    set_output(&r, "BU", &call->y[1]);
    set_output(&r, "TBK", &call->y[2]);
    if (!a->keeps_gates) {
        set_missing(&r, &call->y[2]);
    }
    return check_inputs(call, &r, inputs);
}

static lego_status gru_kernel(const lego_call *call) {
    recurrence r = recurrence_of(CELL_GRU, call, call->x[0], call->x[1]->shape[0]);
    r.x = call->x[0]->data;
    r.kernel = call->x[1]->data;
    r.bias = call->x[2]->data;
    r.h0 = call->x[3]->data;
    r.mask = data_or_null(call->x[4]);
    r.y = call->y[0].data;
    r.last_h = call->y[1].data;
    r.gates = is_missing(&call->y[2]) ? NULL : call->y[2].data;
    return recurrent_forward(&r);
}

static void gru_gradient(gradient_context *g) {
    if (!has_gradient(g, 2)) {
        return;
    }
    lego_tensor *inputs[] = {g->x[1],
                             g->x[3],
                             g->x[4],
                             g->y[0],
                             g->y[2],
                             or_missing(g, g->dy[0]),
                             or_missing(g, g->dy[1])};
    lego_tensor *d[4];
    context_apply_all(g, "gru_gradient", inputs, 7, g->attributes, d, 4);
    lego_ints batch_and_steps = {.count = 2, .values = {0, 1}};
    g->dx[0] = d[0];
    g->dx[1] = g->wanted[1] ? kernel_gradient(g, d[3], d[2]) : NULL;
    g->dx[2] = g->wanted[2] ? reshape_like(g, sum_over(g, d[2], &batch_and_steps), g->x[2]) : NULL;
    g->dx[3] = d[1];
}

static lego_status gru_gradient_shape(const lego_call *call) {
    static const operand_shape inputs[] = {
        {"the recurrent kernel", "UG"}, {"h0", "BU"},   {"the mask", "BT?"}, {"y", "BTU"},
        {"the gates", "TBK"},           {"dy", "BTU?"}, {"dh", "BU?"}};
    lego_status status = check_ranks(call, call->x[3], call->x[0]);
    if (status) {
        return status;
    }
    recurrence r = recurrence_of(CELL_GRU, call, call->x[3], call->x[0]->shape[0]);
    set_output(&r, "BTG", &call->y[0]);
    set_output(&r, "BU", &call->y[1]);
    set_output(&r, "BTG", &call->y[2]);
    set_output(&r, "BTU", &call->y[3]);
    return check_inputs(call, &r, inputs);
}

static lego_status gru_gradient_kernel(const lego_call *call) {
    recurrence r = recurrence_of(CELL_GRU, call, call->x[3], call->x[0]->shape[0]);
    r.kernel = call->x[0]->data;
    r.h0 = call->x[1]->data;
    r.mask = data_or_null(call->x[2]);
    r.y = call->x[3]->data;
    r.gates = call->x[4]->data;
    return recurrent_backward(&r, &(recurrence_slopes){
                                      .dy = data_or_null(call->x[5]),
                                      .dh = data_or_null(call->x[6]),
                                      .dx = call->y[0].data,
                                      .dh0 = call->y[1].data,
                                      .d_product = call->y[2].data,
                                      .h_before = call->y[3].data,
                                  });
}

/* ---- lstm ------------------------------------------------------------------------------------ */

static lego_status lstm_shape(const lego_call *call) {
    static const operand_shape inputs[] = {{"x", "BTG"},
                                           {"the recurrent kernel", "UG"},
                                           {"h0", "BU"},
                                           {"c0", "BU"},
                                           {"the mask", "BT?"}};
    const recurrent_attributes *a = call->attributes;
    lego_status status = check_ranks(call, call->x[0], call->x[1]);
    if (status) {
        return status;
    }
    recurrence r = recurrence_of(CELL_LSTM, call, call->x[0], call->x[1]->shape[0]);
    set_output(&r, "BTU", &call->y[0]);
    set_output(&r, "BU", &call->y[1]);
    set_output(&r, "BU", &call->y[2]);
    set_output(&r, "TBK", &call->y[3]);
    set_output(&r, "TBU", &call->y[4]);
    if (!a->keeps_gates) {
        set_missing(&r, &call->y[3]);
        set_missing(&r, &call->y[4]);
    }
    return check_inputs(call, &r, inputs);
}

static lego_status lstm_kernel(const lego_call *call) {
    recurrence r = recurrence_of(CELL_LSTM, call, call->x[0], call->x[1]->shape[0]);
    r.x = call->x[0]->data;
    r.kernel = call->x[1]->data;
    r.h0 = call->x[2]->data;
    r.c0 = call->x[3]->data;
    r.mask = data_or_null(call->x[4]);
    r.y = call->y[0].data;
    r.last_h = call->y[1].data;
    r.last_c = call->y[2].data;
    r.gates = is_missing(&call->y[3]) ? NULL : call->y[3].data;
    r.cells = is_missing(&call->y[4]) ? NULL : call->y[4].data;
    return recurrent_forward(&r);
}

static void lstm_gradient(gradient_context *g) {
    if (!has_gradient(g, 3)) {
        return;
    }
    lego_tensor *inputs[] = {g->x[1],
                             g->x[2],
                             g->x[3],
                             g->x[4],
                             g->y[0],
                             g->y[3],
                             g->y[4],
                             or_missing(g, g->dy[0]),
                             or_missing(g, g->dy[1]),
                             or_missing(g, g->dy[2])};
    lego_tensor *d[4];
    context_apply_all(g, "lstm_gradient", inputs, 10, g->attributes, d, 4);
    g->dx[0] = d[0];
    g->dx[1] = g->wanted[1] ? kernel_gradient(g, d[3], d[0]) : NULL;
    g->dx[2] = d[1];
    g->dx[3] = d[2];
}

static lego_status lstm_gradient_shape(const lego_call *call) {
    static const operand_shape inputs[] = {{"the recurrent kernel", "UG"},
                                           {"h0", "BU"},
                                           {"c0", "BU"},
                                           {"the mask", "BT?"},
                                           {"y", "BTU"},
                                           {"the gates", "TBK"},
                                           {"the cells", "TBU"},
                                           {"dy", "BTU?"},
                                           {"dh", "BU?"},
                                           {"dc", "BU?"}};
    lego_status status = check_ranks(call, call->x[4], call->x[0]);
    if (status) {
        return status;
    }
    recurrence r = recurrence_of(CELL_LSTM, call, call->x[4], call->x[0]->shape[0]);
    set_output(&r, "BTG", &call->y[0]);
    set_output(&r, "BU", &call->y[1]);
    set_output(&r, "BU", &call->y[2]);
    set_output(&r, "BTU", &call->y[3]);
    return check_inputs(call, &r, inputs);
}

static lego_status lstm_gradient_kernel(const lego_call *call) {
    recurrence r = recurrence_of(CELL_LSTM, call, call->x[4], call->x[0]->shape[0]);
    r.kernel = call->x[0]->data;
    r.h0 = call->x[1]->data;
    r.c0 = call->x[2]->data;
    r.mask = data_or_null(call->x[3]);
    r.y = call->x[4]->data;
    r.gates = call->x[5]->data;
    r.cells = call->x[6]->data;
    return recurrent_backward(&r, &(recurrence_slopes){
                                      .dy = data_or_null(call->x[7]),
                                      .dh = data_or_null(call->x[8]),
                                      .dc = data_or_null(call->x[9]),
                                      .dx = call->y[0].data,
                                      .dh0 = call->y[1].data,
                                      .dc0 = call->y[2].data,
                                      .h_before = call->y[3].data,
                                  });
}

/* ---- the family ------------------------------------------------------------------------------ */

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
        .shape = simple_rnn_shape,
        .kernel = simple_rnn_kernel,
        .gradient = simple_rnn_gradient,
        .operations = forward_operations,
        .attributes = {OF_CELLS},
    },
    {
        .name = "simple_rnn_gradient",
        .formula = "dx, dh0 and h of the step before",
        .inputs = 6,
        .outputs = 3,
        .types = "ffbf",
        .flags = LEGO_DENSE,
        .shape = simple_rnn_gradient_shape,
        .kernel = simple_rnn_gradient_kernel,
        .gradient = no_second_gradient,
        .operations = backward_operations,
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
        .shape = gru_shape,
        .kernel = gru_kernel,
        .gradient = gru_gradient,
        .operations = forward_operations,
        .attributes = {OF_GATES, {"keeps_gates", LEGO_INT}},
    },
    {
        .name = "gru_gradient",
        .formula = "dx, dh0, the slopes of h R, and h of the step before",
        .inputs = 7,
        .outputs = 4,
        .types = "ffbf",
        .flags = LEGO_DENSE,
        .shape = gru_gradient_shape,
        .kernel = gru_gradient_kernel,
        .gradient = no_second_gradient,
        .operations = backward_operations,
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
        .shape = lstm_shape,
        .kernel = lstm_kernel,
        .gradient = lstm_gradient,
        .operations = forward_operations,
        .attributes = {OF_GATES, {"keeps_gates", LEGO_INT}},
    },
    {
        .name = "lstm_gradient",
        .formula = "dx, dh0, dc0, and h of the step before",
        .inputs = 10,
        .outputs = 4,
        .types = "fffbf",
        .flags = LEGO_DENSE,
        .shape = lstm_gradient_shape,
        .kernel = lstm_gradient_kernel,
        .gradient = no_second_gradient,
        .operations = backward_operations,
        .attributes = {OF_GATES},
    },
    {.name = NULL},
};
