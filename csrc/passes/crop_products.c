/* A pass: of a product, only those columns are computed that are read.
 *
 *     slice(a b, from column i to j)    becomes    a slice(b, from column i to j)
 *
 * where the slice of b is a view; and so do sums of products, or what else elementwise bricks make
 * of products alone. The gradient of layers that multiply joined columns, (x, h) w, is such a sum:
 * where x needs no gradient, the half for h is enough. Each number of a product is summed in the
 * same order wherever it lies, so the bits are the same; only a single column has an order of its
 * own. */
#include <string.h>

#include "../core/error.h"
#include "../graph/values.h"
#include "passes.h"

/* Columns `begin` to `end` of a matrix. */
typedef struct column_range {
    int64_t begin;
    int64_t end;
} column_range;

static int64_t item_size(const operand *x) {
    return (int64_t)lego_dtype_size(x->array.dtype);
}

/* Whether x reads all rows of some columns of the matrix y, as a matrix: which ones. */
static bool reads_columns(const operand *x, const operand *y, column_range *read) {
    const lego_array *whole = &y->array;
    const lego_array *part = &x->array;
    read->begin = x->offset / item_size(y);
    bool is_part = part->rank == 2 && part->shape[0] == whole->shape[0] &&
                   part->strides[0] == whole->strides[0] && part->strides[1] == 1;
    read->end = read->begin + (is_part ? part->shape[1] : 0);
    return is_part && x->offset >= 0 && read->end <= whole->shape[1];
}

/* The columns that are read of a product, if they are some and not all. */
static bool has_unread_columns(const operand *y, column_range *all) {
    *all = (column_range){y->array.shape[1], 0};
    for (const operand *x = y->value->first_read; x; x = x->next_read) {
        column_range read;
        if (!reads_columns(x, y, &read)) {
            return false;
        }
        all->begin = read.begin < all->begin ? read.begin : all->begin;
        all->end = read.end > all->end ? read.end : all->end;
    }
    int64_t columns = all->end - all->begin;
    return columns > 1 && columns < y->array.shape[1];
}

/* The result, and those who read it: the columns before the kept ones are gone. */
static void crop_result(lego_program *p, operand *y, column_range kept) {
    array_set(&y->array, y->array.dtype, 2, (int64_t[]){y->array.shape[0], kept.end - kept.begin});
    buffer_at(p, y->buffer)->bytes = operand_bytes(y);
    for (operand *x = y->value->first_read; x; x = x->next_read) {
        x->offset -= kept.begin * item_size(y);
        x->array.strides[0] = y->array.strides[0];
    }
}

static void narrow(operand *x, int axis, column_range kept) {
    x->offset += kept.begin * x->array.strides[axis] * item_size(x);
    x->array.shape[axis] = kept.end - kept.begin;
}

static bool is_product(const program_op *op) {
    return strcmp(op->brick->name, "matmul") == 0 && op->x[0].array.rank == 2 &&
           op->x[1].array.rank == 2;
}

/* Whether the op that reads the matrix is the only one, and products are all that it is made of:
 * is_of_products[] says so of each instruction before. */
static bool is_read_of_products(const lego_program *p, const operand *x, const lego_array *y,
                                const bool *is_of_products) {
    const program_op *maker = x->value->maker;
    return maker && is_of_products[maker->instruction] && x->value->read_count == 1 &&
           x->offset == 0 && array_same_shape(&x->array, y) && array_is_contiguous(&x->array) &&
           buffer_at(p, x->buffer)->kind == LEGO_BUFFER_ARENA;
}

/* Whether the op makes a matrix that is a product, or number by number of such matrices alone. */
static bool makes_of_products(const lego_program *p, const program_op *op,
                              const bool *is_of_products) {
    const lego_array *y = &op->y[0].array;
    bool is_it = op->x_count > 0 && !op_has_effect(op) && op_loop(op) && y->rank == 2 &&
                 array_is_contiguous(y);
    for (int i = 0; i < op->x_count && is_it; i++) {
        is_it = is_read_of_products(p, &op->x[i], y, is_of_products);
    }
    return is_it || is_product(op);
}

static void crop(lego_program *p, program_op *op, column_range kept) {
    if (is_product(op)) {
        bool is_transposed = ((const int64_t *)op->attributes)[1];
        narrow(&op->x[1], is_transposed ? 0 : 1, kept);
    } else {
        for (int i = 0; i < op->x_count; i++) {
            narrow(&op->x[i], 1, kept);
        }
    }
    crop_result(p, &op->y[0], kept);
}

/* From the last op on: what a sum does not read, its products need not make. */
static void crop_all(lego_program *p, const bool *is_of_products) {
    for (size_t i = p->instructions.count; i-- > 0;) {
        program_op *op = op_of(p, i);
        column_range kept;
        if (is_of_products[i] && buffer_at(p, op->y[0].buffer)->kind == LEGO_BUFFER_ARENA &&
            has_unread_columns(&op->y[0], &kept)) {
            crop(p, op, kept);
        }
    }
}

lego_status pass_crop_products(lego_program *p) {
    record_arena scratch = {NULL};
    size_t count = p->instructions.count;
    bool *is_of_products = record_arena_take(&scratch, count + 1, sizeof *is_of_products);
    for (size_t i = 0; is_of_products && i < count; i++) {
        is_of_products[i] = makes_of_products(p, op_of(p, i), is_of_products);
    }
    if (is_of_products) {
        crop_all(p, is_of_products);
    }
    record_arena_free(&scratch);
    return is_of_products ? LEGO_OK : LEGO_NO_MEMORY;
}
