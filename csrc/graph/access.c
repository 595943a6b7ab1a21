/* Access: how the operands of a fused loop lie in memory, compared with the elements it walks. */
#include "fused_loop.h"

#include <string.h>

/* The axes of y that are longer than 1, in the order of its memory, and x's strides along them: 0
 * where x is broadcast. */
typedef struct axes {
    int count;
    int64_t lengths[LEGO_MAX_RANK];
    int64_t strides[LEGO_MAX_RANK];
} axes;

static axes axes_below(const lego_array *x, const lego_array *y) {
    axes a = {.count = 0};
    int order[LEGO_MAX_RANK];
    axes_by_stride(y, order);
    for (int i = 0; i < y->rank; i++) {
        int axis = order[i];
        int own = axis - (y->rank - x->rank);
        if (y->shape[axis] == 1) {
            continue;
        }
        a.lengths[a.count] = y->shape[axis];
        a.strides[a.count] = own < 0 || x->shape[own] == 1 ? 0 : x->strides[own];
        a.count++;
    }
    return a;
}

/* Whether axes begin <= i < end lie in row-major order, the last one densely. */
static bool is_dense(const axes *a, int begin, int end) {
    int64_t expected = 1;
    for (int i = end - 1; i >= begin; i--) {
        if (a->strides[i] != expected) {
            return false;
        }
        expected *= a->lengths[i];
    }
    return true;
}

static int64_t product(const axes *a, int begin) {
    int64_t size = 1;
    for (int i = begin; i < a->count; i++) {
        size *= a->lengths[i];
    }
    return size;
}

/* Axes without a stride at the front: a row, read again and again. At the end: a column. */
access_kind access_of(const lego_array *x, const lego_array *y, int64_t *columns) {
    axes a = axes_below(x, y);
    int front = 0;
    int back = a.count;
    *columns = 0;
    while (front < a.count && a.strides[front] == 0) {
        front++;
    }
    while (back > front && a.strides[back - 1] == 0) {
        back--;
    }
    if (front == a.count) {
        return ACCESS_SCALAR;
    }
    if (!is_dense(&a, front, back) || (front > 0 && back < a.count)) {
        return ACCESS_NONE;
    }
    if (front == 0 && back == a.count) {
        return ACCESS_EACH;
    }
    *columns = product(&a, front > 0 ? front : back);
    return front > 0 ? ACCESS_ROW : ACCESS_COLUMN;
}

bool iteration_space_join(const iteration_space *a, const iteration_space *b,
                          iteration_space *both) {
    *both = (iteration_space){a->size, a->columns ? a->columns : b->columns};
    return a->size == b->size && (!a->columns || !b->columns || a->columns == b->columns);
}

const char *fused_loop_obstacle(const program_op *op, iteration_space *s) {
    enum { MOST_INPUTS = 4 };
    int inputs = op->x_count - op_first_input(op);
    *s = (iteration_space){array_size(&op->y[0].array), 0};
    if (op->brick->flags & LEGO_EFFECT) {
        return "it has an effect";
    }
    if (inputs > MOST_INPUTS || !op_loop(op) || !array_is_dense(&op->y[0].array)) {
        return "has no loop over single elements";
    }
    for (int i = op_first_input(op); i < op->x_count; i++) {
        iteration_space asked = {s->size, 0};
        access_kind access = access_of(&op->x[i].array, &op->y[0].array, &asked.columns);
        if (access == ACCESS_NONE) {
            return "reads an operand in another order than it lies in memory";
        }
        if (!iteration_space_join(s, &asked, s)) {
            return "reads rows of different lengths";
        }
    }
    return s->size > 0 ? NULL : "has no elements";
}

/* Whether the op is a reduction over any axes: a total, or of columns. */
static bool reduces_any_axes(const program_op *op) {
    const total_faces *faces = op->brick->total;
    return faces && !faces->is_along_axis && op->x_count == 1 && op->y_count == 1;
}

bool fused_loop_accepts_total(const program_op *op, iteration_space *s) {
    if (!reduces_any_axes(op) || array_size(&op->y[0].array) != 1) {
        return false;
    }
    const operand *x = &op->x[0];
    *s = (iteration_space){array_size(&x->array), 0};
    return s->size > 1 && x->offset == 0 && array_is_contiguous(&x->array);
}

/* ---- reductions of rows -----------------------------------------------------------------------
 */

/* The axes that a reduction names are all from `first` on. */
static bool names_last_axes(const program_op *op, int first) {
    const lego_attribute *attribute = &op->brick->attributes[0];
    if (!attribute->name || strcmp(attribute->name, "axes") != 0) {
        return false;
    }
    const lego_ints *axes = op->attributes;
    for (int i = 0; i < axes->count; i++) {
        if (axis_from_first(axes->values[i], op->x[0].array.rank) < first) {
            return false;
        }
    }
    return true;
}

/* Whether the axes before some axis are kept, and all others reduced. */
static bool reduces_last_axes(const program_op *op) {
    const lego_array *x = &op->x[0].array;
    const lego_array *y = &op->y[0].array;
    if (x->rank != y->rank) {
        return names_last_axes(op, y->rank);
    }
    int axis = 0;
    while (axis < x->rank && x->shape[axis] == y->shape[axis]) {
        axis++;
    }
    while (axis < x->rank && y->shape[axis] == 1) {
        axis++;
    }
    return axis == x->rank;
}

/* The length of the lines along the last axes that the op works on; 0: it works on others. */
static int64_t length_of_lines(const program_op *op) {
    const lego_array *x = &op->x[0].array;
    int64_t rows = array_size(&op->y[0].array);
    if (op->brick->total->is_along_axis) {
        int axis = axis_from_first(*(const int64_t *)op->attributes, x->rank);
        return rows > 1 && axis == x->rank - 1 ? x->shape[axis] : 0;
    }
    return rows > 1 && reduces_last_axes(op) ? array_size(x) / rows : 0;
}

bool fused_loop_accepts_rows(const program_op *op, iteration_space *s) {
    if (!op->brick->total || op->x_count != 1 || op->y_count != 1) {
        return false;
    }
    const lego_array *x = &op->x[0].array;
    *s = (iteration_space){array_size(x), length_of_lines(op)};
    return s->size > 0 && s->columns > 1 && s->columns <= MOST_LINE && op->x[0].offset == 0 &&
           array_is_contiguous(x) && array_is_contiguous(&op->y[0].array);
}

/* ---- reductions of columns --------------------------------------------------------------------
 */

/* Whether the reduction removes an axis of x, or leaves it with length 1. */
static bool removes_axis(const program_op *op, int axis) {
    const lego_array *x = &op->x[0].array;
    const lego_array *y = &op->y[0].array;
    const lego_attribute *attribute = &op->brick->attributes[0];
    bool has_axes = attribute->name && strcmp(attribute->name, "axes") == 0;
    if (x->rank == y->rank || !has_axes) { /* sum_to() aligns the last axes */
        int own = axis - (x->rank - y->rank);
        return own < 0 || y->shape[own] != x->shape[axis];
    }
    const lego_ints *axes = op->attributes;
    for (int i = 0; i < axes->count; i++) {
        if (axis_from_first(axes->values[i], x->rank) == axis) {
            return true;
        }
    }
    return false;
}

/* The product of the lengths of the axes from *axis on that are all removed, or all kept. */
static int64_t take_axes(const program_op *op, int *axis, bool are_removed) {
    const lego_array *x = &op->x[0].array;
    int64_t size = 1;
    while (*axis < x->rank && (x->shape[*axis] == 1 || removes_axis(op, *axis) == are_removed)) {
        size *= x->shape[(*axis)++];
    }
    return size;
}

bool fused_loop_accepts_columns(const program_op *op, iteration_space *s, column_space *c) {
    if (!reduces_any_axes(op)) {
        return false;
    }
    const lego_array *x = &op->x[0].array;
    int axis = 0;
    c->matrices = take_axes(op, &axis, false);
    c->rows = take_axes(op, &axis, true);
    c->columns = take_axes(op, &axis, false);
    *s = (iteration_space){array_size(x), c->columns};
    return axis == x->rank && s->size > 0 && c->rows > 1 && c->columns > 1 &&
           op->x[0].offset == 0 && array_is_contiguous(x) && array_is_contiguous(&op->y[0].array) &&
           op->brick->total->cut_columns(c);
}

bool fused_loop_accepts_totals(const program_op *op, iteration_space *s) {
    column_space columns;
    return fused_loop_accepts_total(op, s) || fused_loop_accepts_columns(op, s, &columns);
}

bool reads_each(const operand *x) {
    int64_t columns;
    iteration_space own;
    return fused_loop_accepts_rows(x->op, &own) ||
           access_of(&x->array, &x->op->y[0].array, &columns) == ACCESS_EACH;
}

bool slot_is_stepping(const fused_loop *c, const slot *s) {
    if (s->access == ACCESS_PER_ROW) {
        return c->is_spread;
    }
    return s->tile >= 0 || s->access == ACCESS_EACH || s->access == ACCESS_ROW;
}
