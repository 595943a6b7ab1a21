/* Chains: how operands lie below the elements that are walked. */
#include "chain.h"

/* The axes of y that are longer than 1, and x's strides along them: 0 where x is broadcast. */
typedef struct axes {
    int count;
    int64_t lengths[LEGO_MAX_RANK];
    int64_t strides[LEGO_MAX_RANK];
} axes;

static axes axes_below(const lego_array *x, const lego_array *y) {
    axes a = {.count = 0};
    for (int axis = 0; axis < y->rank; axis++) {
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

/* Axes without a stride at the front leave rows, those at the end columns. */
operand_form form_below(const lego_array *x, const lego_array *y, int64_t *columns) {
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
        return FORM_NUMBER;
    }
    if (!is_dense(&a, front, back) || (front > 0 && back < a.count)) {
        return FORM_NONE;
    }
    if (front == 0 && back == a.count) {
        return FORM_WHOLE;
    }
    *columns = product(&a, front > 0 ? front : back);
    return front > 0 ? FORM_ROW : FORM_COLUMN;
}

bool space_join(const space *a, const space *b, space *both) {
    *both = (space){a->size, a->columns ? a->columns : b->columns};
    return a->size == b->size && (!a->columns || !b->columns || a->columns == b->columns);
}

bool chain_takes(const part *piece, space *s) {
    enum { MOST_INPUTS = 4 };
    int inputs = piece->x_count - part_first_input(piece);
    if (inputs > MOST_INPUTS || !part_loop(piece) || !array_is_contiguous(&piece->y[0].array)) {
        return false;
    }
    *s = (space){array_size(&piece->y[0].array), 0};
    for (int i = part_first_input(piece); i < piece->x_count; i++) {
        space asked = {s->size, 0};
        operand_form form = form_below(&piece->x[i].array, &piece->y[0].array, &asked.columns);
        if (form == FORM_NONE || !space_join(s, &asked, s)) {
            return false;
        }
    }
    return s->size > 0;
}

bool chain_totals(const part *piece, space *s) {
    if (!piece->brick->total || piece->x_count != 1 || array_size(&piece->y[0].array) != 1) {
        return false;
    }
    const operand *x = &piece->x[0];
    *s = (space){array_size(&x->array), 0};
    return s->size > 1 && x->offset == 0 && array_is_contiguous(&x->array);
}
