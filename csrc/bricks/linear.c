/* Products of matrices: matmul. */
#include "../core/error.h"
#include "../kernels/gemm.h"
#include "../kernels/gemm_gram.h"
#include "../tensor/grad_ops.h"
#include "families.h"
#include "shape_rules.h"

/* ---- matmul: y = a b over the last two axes; the axes before are broadcast ------------------- */

typedef struct matmul_attributes {
    int64_t transpose_a;
    int64_t transpose_b;
} matmul_attributes;

/* The last two axes of an operand, after its transposition. */
typedef struct matrix {
    int64_t rows;
    int64_t columns;
    int64_t row_stride;
    int64_t column_stride;
} matrix;

static matrix matrix_of(const lego_array *x, bool transposed) {
    int row = x->rank - (transposed ? 1 : 2);
    int column = x->rank - (transposed ? 2 : 1);
    return (matrix){x->shape[row], x->shape[column], x->strides[row], x->strides[column]};
}

static lego_status check_operands(const lego_array *a, const lego_array *b) {
    if (a->rank < 2 || b->rank < 2) {
        return fail(LEGO_BAD_SHAPE,
                    "matmul: both inputs need 2 axes or more, got shapes %s and %s: give a vector "
                    "an axis of length 1",
                    array_text(a), array_text(b));
    }
    if (a->dtype == LEGO_BOOL) {
        return fail(LEGO_BAD_DTYPE, "matmul does not work on bool: cast to a number type first");
    }
    return LEGO_OK;
}

/* A hint for the error message: whether transposing one operand would make them fit. */
static const char *hint(const matmul_attributes *attributes, const matrix *a, const matrix *b) {
    if (a->columns == b->columns) {
        return attributes->transpose_b ? "; b fits as it is, not transposed"
                                       : "; it would fit with b transposed";
    }
    if (a->rows == b->rows) {
        return attributes->transpose_a ? "; a fits as it is, not transposed"
                                       : "; it would fit with a transposed";
    }
    return "";
}

static lego_status check_inner(const lego_call *call, const matrix *a, const matrix *b) {
    const matmul_attributes *attributes = call->attributes;
    if (a->columns != b->rows) {
        return fail(LEGO_BAD_SHAPE,
                    "matmul: shapes %s%s and %s%s do not fit: the inner lengths %lld and %lld "
                    "differ%s",
                    array_text(call->x[0]), attributes->transpose_a ? " (transposed)" : "",
                    array_text(call->x[1]), attributes->transpose_b ? " (transposed)" : "",
                    (long long)a->columns, (long long)b->rows, hint(attributes, a, b));
    }
    return LEGO_OK;
}

/* Broadcasts the axes before the last two: their lengths are equal, or one is 1 or missing. */
static lego_status broadcast_batch(const lego_array *a, const lego_array *b, int rank,
                                   int64_t *shape) {
    for (int back = 3; back <= rank; back++) {
        int64_t in_a = back <= a->rank ? a->shape[a->rank - back] : 1;
        int64_t in_b = back <= b->rank ? b->shape[b->rank - back] : 1;
        if (in_a != in_b && in_a != 1 && in_b != 1) {
            return fail(LEGO_BAD_SHAPE,
                        "matmul: shapes %s and %s do not fit: axis %d, one of those that count "
                        "the matrices, is %lld long in a and %lld in b: they must be equal, or "
                        "one of them 1",
                        array_text(a), array_text(b), -back, (long long)in_a, (long long)in_b);
        }
        shape[rank - back] = in_a == 1 ? in_b : in_a;
    }
    return LEGO_OK;
}

static lego_status matmul_shape(const lego_call *call) {
    const matmul_attributes *attributes = call->attributes;
    const lego_array *x[] = {call->x[0], call->x[1]};
    lego_status status = check_operands(x[0], x[1]);
    if (status) {
        return status;
    }
    matrix a = matrix_of(x[0], attributes->transpose_a);
    matrix b = matrix_of(x[1], attributes->transpose_b);
    int rank = x[0]->rank > x[1]->rank ? x[0]->rank : x[1]->rank;
    int64_t shape[LEGO_MAX_RANK];
    status = check_inner(call, &a, &b);
    if (status == LEGO_OK) {
        status = broadcast_batch(x[0], x[1], rank, shape);
    }
    if (status == LEGO_OK) {
        shape[rank - 2] = a.rows;
        shape[rank - 1] = b.columns;
        array_set(&call->y[0], x[0]->dtype, rank, shape);
    }
    return status;
}

static gemm_operand operand_of(const lego_array *x, const matrix *m) {
    return (gemm_operand){x->data, m->row_stride, m->column_stride, {0}};
}

static int64_t batch_stride(const lego_array *x, int back) {
    bool is_shared = back > x->rank || x->shape[x->rank - back] == 1;
    return is_shared ? 0 : x->strides[x->rank - back];
}

/* Adds an axis of the batch, inner axes first. If all matrices of a along it are multiplied by the
 * same b and lie one below another in memory, they become one tall matrix: a dense layer over
 * sequences is one product. */
static void add_batch_axis(gemm *g, int64_t length, int64_t stride_a, int64_t stride_b) {
    if (length == 1) {
        return;
    }
    if (g->batch_rank == 0 && stride_b == 0 && stride_a == g->rows * g->a.row_stride) {
        g->rows *= length;
        return;
    }
    g->batch_shape[g->batch_rank] = length;
    g->a.batch_strides[g->batch_rank] = stride_a;
    g->b.batch_strides[g->batch_rank] = stride_b;
    g->batch_rank++;
}

static lego_status matmul_epilogue_kernel(const lego_call *call, const epilogue *end) {
    const matmul_attributes *attributes = call->attributes;
    const lego_array *y = &call->y[0];
    matrix a = matrix_of(call->x[0], attributes->transpose_a);
    matrix b = matrix_of(call->x[1], attributes->transpose_b);
    gemm g = {
        .dtype = y->dtype,
        .rows = a.rows,
        .columns = b.columns,
        .depth = a.columns,
        .a = operand_of(call->x[0], &a),
        .b = operand_of(call->x[1], &b),
        .y = y->data,
        .end = end,
    };
    for (int back = 3; back <= y->rank; back++) {
        add_batch_axis(&g, y->shape[y->rank - back], batch_stride(call->x[0], back),
                       batch_stride(call->x[1], back));
    }
    if (gemm_is_gram(&g)) {
        gemm_gram_run(&g);
    } else {
        gemm_run(&g);
    }
    return LEGO_OK;
}

static lego_status matmul_kernel(const lego_call *call) {
    return matmul_epilogue_kernel(call, NULL);
}

/* One multiplication and one addition for each number of y and each step of the inner axis. */
static int64_t matmul_operations(const lego_call *call) {
    const matmul_attributes *attributes = call->attributes;
    return 2 * array_size(&call->y[0]) * matrix_of(call->x[0], attributes->transpose_a).columns;
}

static lego_tensor *product(gradient_context *g, lego_tensor *a, bool transpose_a, lego_tensor *b,
                            bool transpose_b) {
    matmul_attributes attributes = {transpose_a, transpose_b};
    lego_tensor *both[] = {a, b};
    return context_apply(g, "matmul", both, 2, &attributes);
}

/* All matrices of x, one below another, as one matrix. */
static lego_tensor *as_one_matrix(gradient_context *g, lego_tensor *x) {
    lego_ints shape = {.count = 2, .values = {1, x->array.shape[x->array.rank - 1]}};
    for (int axis = 0; axis < x->array.rank - 1; axis++) {
        shape.values[0] *= x->array.shape[axis];
    }
    return context_apply(g, "reshape", &x, 1, &shape);
}

/* With y = a b:     da = dy b^T       db = a^T dy
 * with y = a^T b:   da = b dy^T       db = a dy
 * with y = a b^T:   da = dy b         db = dy^T a
 * with y = a^T b^T: da = b^T dy^T     db = dy^T a^T
 * If one b is multiplied by a batch of a, db is a sum over the batch. It is computed as one product
 * with all rows of a below one another, so that the terms of the sum are never stored. */
static void matmul_gradient(gradient_context *g) {
    const matmul_attributes *attributes = g->attributes;
    bool transposed_a = attributes->transpose_a;
    bool transposed_b = attributes->transpose_b;
    lego_tensor *a = g->x[0];
    lego_tensor *b = g->x[1];
    lego_tensor *dy = g->dy[0];
    if (g->wanted[0]) {
        g->dx[0] = transposed_a ? product(g, b, transposed_b, dy, true)
                                : product(g, dy, false, b, !transposed_b);
    }
    if (g->wanted[1]) {
        if (!transposed_a && a->array.rank > 2 && b->array.rank == 2) {
            a = as_one_matrix(g, a);
            dy = as_one_matrix(g, dy);
        }
        g->dx[1] = transposed_b ? product(g, dy, true, a, transposed_a)
                                : product(g, a, !transposed_a, dy, false);
    }
}

/* ---- the family ----------------------------------------------------------------------------- */

const lego_brick linear_bricks[] = {
    {
        .name = "matmul",
        .formula = "y = a b",
        .inputs = 2,
        .outputs = 1,
        .types = "p",
        .uses = "n",
        .flags = LEGO_BROADCASTS,
        .shape = matmul_shape,
        .kernel = matmul_kernel,
        .epilogue_kernel = matmul_epilogue_kernel,
        .gradient = matmul_gradient,
        .operations = matmul_operations,
        .attributes = {{"transpose_a", LEGO_INT}, {"transpose_b", LEGO_INT}},
    },
    {.name = NULL},
};
