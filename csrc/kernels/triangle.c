/* Triangles: each row of a matrix is copied where it lies in the triangle, and cleared beside it.
 */
#include "triangle.h"

#include "../core/threads.h"
#include "move.h"

typedef struct triangle_work {
    triangle t;
    int64_t rows, columns; /* of a matrix */
    size_t bytes;          /* of an element */
    walk_axes starts;      /* of x's rows, whose elements are adjacent */
    const char *x;         /* NULL: y has the elements already */
    char *y;
} triangle_work;

/* Where the part of a row that is kept begins or ends: min <= cut <= max. */
static int64_t kept_cut(const triangle_work *w, int64_t row) {
    return larger(0, smaller(row + w->t.k + !w->t.is_upper, w->columns));
}

static void copy_triangle_rows(void *context, int64_t begin, int64_t end) {
    const triangle_work *w = context;
    const int64_t bytes = (int64_t)w->bytes;
    int64_t row = begin % w->rows; /* counted, as rows may be shorter than a division takes */
    for (int64_t i = begin; i < end; i++) {
        char *y = w->y + i * w->columns * bytes;
        int64_t cut = kept_cut(w, row);
        int64_t first = w->t.is_upper ? cut : 0;
        int64_t kept = w->t.is_upper ? w->columns - cut : cut;
        int64_t cleared = w->t.is_upper ? 0 : cut;
        memset(y + cleared * bytes, 0, (size_t)((w->columns - kept) * bytes));
        if (w->x) {
            const char *x = w->x + axes_offset(&w->starts, i) * bytes;
            copy_short(y + first * bytes, x + first * bytes, (size_t)(kept * bytes));
        }
        row = row + 1 < w->rows ? row + 1 : 0;
    }
}

void triangle_copy(const lego_array *x, triangle t, const lego_array *y) {
    int last = x->rank - 1;
    lego_array starts = *x;
    starts.rank = last;
    const lego_array *walked[] = {&starts};
    int64_t rows = array_size(&starts);
    triangle_work w = {
        .t = t,
        .rows = x->shape[last - 1],
        .columns = x->shape[last],
        .bytes = lego_dtype_size(x->dtype),
        .starts = axes_broadcast(&starts, walked, 1),
        .x = x->data,
        .y = y->data,
    };
    if (array_size(x) == 0) {
        return;
    }
    w.t.k = larger(-w.rows, smaller(t.k, w.columns)); /* beyond, nothing changes */
    if (x->strides[last] != 1) {
        move_elements(x, y);
        w.x = NULL;
    }
    threads_run(rows, threads_grain(w.columns), copy_triangle_rows, &w);
}
