/* Join: tensors one after another along an axis.
 *
 * Where all of them are dense, a row of y is a row of each x, and y is written from its first
 * element to its last:
 *
 *     x[0] row 0, x[1] row 0, ..., x[0] row 1, x[1] row 1, ...
 *
 * Others, tiny rows (which loops of one step copy faster) and single rows (which threads share) are
 * copied one tensor after another. */
#include "join.h"

#include "../core/threads.h"
#include "move.h"

enum { MOST_JOINED = 8 };

typedef struct joined_rows {
    int count;
    const char *x[MOST_JOINED];
    size_t bytes[MOST_JOINED]; /* of a row */
    size_t row_bytes;          /* of y */
    char *y;
} joined_rows;

static void join_rows(void *context, int64_t begin, int64_t end) {
    const joined_rows *j = context;
    char *y = j->y + (size_t)begin * j->row_bytes;
    for (int64_t row = begin; row < end; row++) {
        for (int i = 0; i < j->count; i++) {
            copy_short(y, j->x[i] + (size_t)row * j->bytes[i], j->bytes[i]);
            y += j->bytes[i];
        }
    }
}

/* Fills *j for so many rows; false where they are better copied one tensor after another. */
static bool find_rows(const lego_array *const *x, int count, int64_t rows, const lego_array *y,
                      joined_rows *j) {
    enum { WORTH_BYTES = 16 };
    const size_t bytes = lego_dtype_size(y->dtype);
    bool are_worth = count <= MOST_JOINED && rows > 1;
    j->count = count;
    j->y = y->data;
    for (int i = 0; i < count && are_worth; i++) {
        j->x[i] = x[i]->data;
        j->bytes[i] = (size_t)(array_size(x[i]) / rows) * bytes;
        j->row_bytes += j->bytes[i];
        are_worth = j->bytes[i] >= WORTH_BYTES && array_is_contiguous(x[i]);
    }
    return are_worth;
}

static void join(const lego_array *const *x, int count, int axis, bool is_new,
                 const lego_array *y) {
    const int64_t ones[LEGO_MAX_RANK] = {1, 1, 1, 1, 1, 1, 1, 1};
    int64_t begin[LEGO_MAX_RANK] = {0};
    joined_rows j = {.row_bytes = 0};
    int64_t rows = 1;
    for (int i = 0; i < axis; i++) {
        rows *= y->shape[i];
    }
    if (find_rows(x, count, rows, y, &j)) {
        threads_run(rows, threads_grain((int64_t)(j.row_bytes / lego_dtype_size(y->dtype))),
                    join_rows, &j);
        return;
    }
    for (int i = 0; i < count; i++) {
        lego_array part = is_new ? with_axis(x[i], axis, 1) : *x[i];
        move_into(&part, y, begin, ones);
        begin[axis] += part.shape[axis];
    }
}

void join_elements(const lego_array *const *x, int count, int axis, const lego_array *y) {
    join(x, count, axis, false, y);
}

void stack_elements(const lego_array *const *x, int count, int axis, const lego_array *y) {
    join(x, count, axis, true, y);
}
