/* Elementwise work: the walk over broadcast arrays. */
#include "elements.h"

#include "../core/dtype.h"
#include "../core/threads.h"

/* Arrays broadcast to one shape, axes that lie on in memory for all of them merged into one. */
typedef struct element_work {
    element_loop *loop;
    int count;
    int rank; /* at least 1; the last axis is a row, for one call of the loop */
    int64_t shape[LEGO_MAX_RANK];
    int64_t strides[LEGO_MAX_RANK][MOST_ELEMENT_INPUTS]; /* in elements */
    int64_t x_bytes[MOST_ELEMENT_INPUTS];                /* of one element */
    int64_t y_bytes;
    const char *x[MOST_ELEMENT_INPUTS];
    char *y;
} element_work;

/* ---- merging axes ---------------------------------------------------------------------------- */

/* x's stride along y's axis: 0 where x is broadcast. */
static int64_t broadcast_stride(const lego_array *x, const lego_array *y, int axis) {
    int own_axis = axis - (y->rank - x->rank);
    return own_axis < 0 || x->shape[own_axis] == 1 ? 0 : x->strides[own_axis];
}

/* Whether y's axis simply goes on where the work's last axis ends, in every input. */
static bool continues(const element_work *work, const lego_array *const *x, const lego_array *y,
                      int axis) {
    if (work->rank == 0) {
        return false;
    }
    for (int i = 0; i < work->count; i++) {
        int64_t stride = broadcast_stride(x[i], y, axis);
        if (work->strides[work->rank - 1][i] != stride * y->shape[axis]) {
            return false;
        }
    }
    return true;
}

static void add_axis(element_work *work, const lego_array *const *x, const lego_array *y,
                     int axis) {
    if (y->shape[axis] == 1) {
        return;
    }
    bool merges = continues(work, x, y, axis);
    int last = merges ? work->rank - 1 : work->rank++;
    work->shape[last] = merges ? work->shape[last] * y->shape[axis] : y->shape[axis];
    for (int i = 0; i < work->count; i++) {
        work->strides[last][i] = broadcast_stride(x[i], y, axis);
    }
}

static void add_axes(element_work *work, const lego_array *const *x, const lego_array *y) {
    for (int axis = 0; axis < y->rank; axis++) {
        add_axis(work, x, y, axis);
    }
    if (work->rank == 0) {
        work->rank = 1;
        work->shape[0] = 1;
    }
}

/* ---- walking --------------------------------------------------------------------------------- */

/* Where the walk is: y's coordinates, and the inputs' elements there. */
typedef struct element_position {
    int64_t coordinates[LEGO_MAX_RANK];
    const void *x[MOST_ELEMENT_INPUTS];
} element_position;

static void move(const element_work *work, element_position *at, int axis, int64_t by) {
    at->coordinates[axis] += by;
    for (int i = 0; i < work->count; i++) {
        at->x[i] = (const char *)at->x[i] + by * work->strides[axis][i] * work->x_bytes[i];
    }
}

/* Where element `index` of y lies, counted in row-major order. */
static element_position find_position(const element_work *work, int64_t index) {
    element_position at = {.coordinates = {0}};
    for (int i = 0; i < work->count; i++) {
        at.x[i] = work->x[i];
    }
    for (int axis = work->rank - 1; axis >= 0; axis--) {
        move(work, &at, axis, index % work->shape[axis]);
        index /= work->shape[axis];
    }
    return at;
}

/* To the start of the row that follows: axes that are at their end start again. No division: rows
 * may be short and many, as where a bias is added. */
static void next_row(const element_work *work, element_position *at) {
    int axis = work->rank - 1;
    move(work, at, axis, -at->coordinates[axis]);
    while (--axis >= 0) {
        move(work, at, axis, 1);
        if (at->coordinates[axis] < work->shape[axis]) {
            return;
        }
        move(work, at, axis, -at->coordinates[axis]);
    }
}

static void run_elements(void *context, int64_t begin, int64_t end) {
    const element_work *work = context;
    int last = work->rank - 1;
    element_position at = find_position(work, begin);
    while (begin < end) {
        int64_t left_in_row = work->shape[last] - at.coordinates[last];
        int64_t n = end - begin < left_in_row ? end - begin : left_in_row;
        work->loop(n, at.x, work->strides[last], work->y + begin * work->y_bytes);
        begin += n;
        next_row(work, &at);
    }
}

void map_elements(element_loop *loop, const lego_array *const *x, int count, const lego_array *y) {
    element_work work = {.loop = loop, .count = count, .y = y->data};
    work.y_bytes = (int64_t)lego_dtype_size(y->dtype);
    for (int i = 0; i < count; i++) {
        work.x[i] = x[i]->data;
        work.x_bytes[i] = (int64_t)lego_dtype_size(x[i]->dtype);
    }
    add_axes(&work, x, y);
    threads_run(array_size(y), threads_grain(1), run_elements, &work);
}
