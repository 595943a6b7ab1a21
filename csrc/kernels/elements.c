/* Elementwise work: runs the loop of a brick over broadcast arrays, row by row. */
#include "elements.h"

#include "../core/dtype.h"
#include "../core/threads.h"
#include "axes.h"

typedef struct element_work {
    element_loop *loop;
    walk_axes axes; /* of the inputs, broadcast to y; y itself is dense */
    const char *x[MOST_WALKED];
    int64_t x_bytes[MOST_WALKED]; /* of one element */
    char *y;
    int64_t y_bytes;
} element_work;

static void run_elements(void *context, int64_t begin, int64_t end) {
    const element_work *work = context;
    const walk_axes *a = &work->axes;
    const int64_t *steps = a->strides[a->rank - 1];
    walk_position at = axes_at(a, begin);
    while (begin < end) {
        const void *x[MOST_WALKED];
        for (int i = 0; i < a->arrays; i++) {
            x[i] = work->x[i] + at.offsets[i] * work->x_bytes[i];
        }
        int64_t n = axes_in_row(a, &at, end - begin);
        work->loop(n, x, steps, work->y + begin * work->y_bytes);
        begin += n;
        axes_next_row(a, &at);
    }
}

void map_elements(element_loop *loop, const lego_array *const *x, int count, const lego_array *y) {
    element_work work = {
        .loop = loop,
        .axes = axes_broadcast(y, x, count),
        .y = y->data,
        .y_bytes = (int64_t)lego_dtype_size(y->dtype),
    };
    for (int i = 0; i < count; i++) {
        work.x[i] = x[i]->data;
        work.x_bytes[i] = (int64_t)lego_dtype_size(x[i]->dtype);
    }
    threads_run(array_size(y), threads_grain(1), run_elements, &work);
}
