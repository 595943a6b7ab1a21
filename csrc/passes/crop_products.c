/* A pass: of a product, only those columns are computed that are read.
 *
 *     slice(a b, from column i to j)    becomes    a slice(b, from column i to j)
 *
 * where the slice of b is a view. The gradient of a layer that multiplies joined columns, (x, h) w,
 * is such a product: where x needs no gradient, the half for h is enough. Each number of a product
 * is summed in the same order wherever it lies, so the bits are the same; only a single column has
 * an order of its own. */
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

static void crop(lego_program *p, program_op *op, column_range kept) {
    bool is_transposed = ((const int64_t *)op->attributes)[1];
    operand *b = &op->x[1];
    operand *y = &op->y[0];
    int axis = is_transposed ? 0 : 1;
    b->offset += kept.begin * b->array.strides[axis] * item_size(b);
    b->array.shape[axis] = kept.end - kept.begin;
    array_set(&y->array, y->array.dtype, 2, (int64_t[]){y->array.shape[0], kept.end - kept.begin});
    buffer_at(p, y->buffer)->bytes = operand_bytes(y);
    for (operand *x = y->value->first_read; x; x = x->next_read) {
        x->offset -= kept.begin * item_size(y);
        x->array.strides[0] = y->array.strides[0];
    }
}

lego_status pass_crop_products(lego_program *p) {
    for (size_t i = 0; i < p->instructions.count; i++) {
        program_op *op = op_of(p, i);
        bool is_matrix = strcmp(op->brick->name, "matmul") == 0 && op->x[0].array.rank == 2 &&
                         op->x[1].array.rank == 2;
        column_range kept;
        if (is_matrix && buffer_at(p, op->y[0].buffer)->kind == LEGO_BUFFER_ARENA &&
            has_unread_columns(&op->y[0], &kept)) {
            crop(p, op, kept);
        }
    }
    return LEGO_OK;
}
