/* Elementwise work: the walk of a loop over broadcast arrays, in the order of y's memory.
 *
 *     flat   all inputs lie as y does, or are one number: one row, without a plan of the walk
 *     rows   the loop takes whole rows, where they lie: they are long, and dense in every input
 *     tiles  inputs with short or strided rows are laid out in a buffer first (element_tiles.h) */
#include "map_elements.h"

#include "../core/dtype.h"
#include "../core/memory.h"
#include "../core/threads.h"
#include "element_tiles.h"
#include "move.h"

/* ---- flat ------------------------------------------------------------------------------------ */

typedef struct flat_work {
    element_loop *loop;
    int count;
    const char *x[MOST_WALKED];
    int64_t steps[MOST_WALKED];
    int64_t x_bytes[MOST_WALKED]; /* from one element to the next */
    char *y;
    int64_t y_bytes;
} flat_work;

static bool lies_like(const lego_array *x, const lego_array *y) {
    bool is_like = x->rank == y->rank;
    for (int axis = 0; axis < y->rank && is_like; axis++) {
        is_like = x->shape[axis] == y->shape[axis] && x->strides[axis] == y->strides[axis];
    }
    return is_like;
}

/* Whether the walk is flat, as y is dense. */
static bool flatten(flat_work *work, const lego_array *const *x, const lego_array *y) {
    for (int i = 0; i < work->count; i++) {
        work->steps[i] = lies_like(x[i], y);
        if (!work->steps[i] && array_size(x[i]) != 1) {
            return false;
        }
        work->x[i] = x[i]->data;
        work->x_bytes[i] = work->steps[i] * (int64_t)lego_dtype_size(x[i]->dtype);
    }
    return true;
}

static void run_flat(void *context, int64_t begin, int64_t end) {
    const flat_work *work = context;
    const void *x[MOST_WALKED];
    for (int i = 0; i < work->count; i++) {
        x[i] = work->x[i] + begin * work->x_bytes[i];
    }
    work->loop(end - begin, x, work->steps, work->y + begin * work->y_bytes);
}

/* ---- rows ------------------------------------------------------------------------------------ */

/* Elements of rows that are worth a call each, and so few rows that tiles gain nothing. */
enum { LONG_ROW = 256, FEW_ROWS = 4 };

static bool is_walked_in_rows(const walk_axes *a) {
    int last = a->rank - 1;
    for (int i = 0; i < a->arrays; i++) {
        if (!is_loop_step(a->strides[last][i])) {
            return false;
        }
    }
    return a->shape[last] >= LONG_ROW || axes_size(a) <= FEW_ROWS * a->shape[last];
}

static void run_rows(void *context, int64_t begin, int64_t end) {
    const element_work *work = context;
    const walk_axes *a = &work->axes;
    walk_position at = axes_at(a, begin);
    while (begin < end) {
        const void *x[MOST_WALKED];
        elements_at(work, &at, x);
        int64_t n = axes_in_row(a, &at, end - begin);
        work->loop(n, x, a->strides[a->rank - 1], work->y + begin * work->y_bytes);
        begin += n;
        axes_next_row(a, &at);
    }
}

/* ---- transposed inputs beside others --------------------------------------------------------- */

/* Inputs that lie across are copied as a whole, because a transposed copy has a walk of its own. */
typedef struct dense_copies {
    void *memory[MOST_WALKED]; /* NULL: the input is read where it lies */
    size_t bytes[MOST_WALKED];
} dense_copies;

/* Whether input i is denser along another axis than along the last one. */
static bool lies_across(const walk_axes *a, int i) {
    int64_t last = a->strides[a->rank - 1][i];
    for (int axis = 0; axis < a->rank - 1; axis++) {
        if (a->strides[axis][i] == 1 && !is_loop_step(last)) {
            return true;
        }
    }
    return false;
}

/* Input i as an array: of length 1 along axes where it is broadcast. */
static lego_array input_array(const element_work *work, lego_dtype dtype, int i) {
    lego_array x = {.dtype = dtype, .rank = work->axes.rank, .data = (void *)(uintptr_t)work->x[i]};
    for (int axis = 0; axis < x.rank; axis++) {
        x.strides[axis] = work->axes.strides[axis][i];
        x.shape[axis] = x.strides[axis] ? work->axes.shape[axis] : 1;
    }
    return x;
}

static lego_status copy_input(element_work *work, lego_dtype dtype, int i, dense_copies *copies) {
    lego_array x = input_array(work, dtype, i);
    lego_array copy;
    array_set(&copy, dtype, x.rank, x.shape);
    copies->bytes[i] = (size_t)(array_size(&x) * work->x_bytes[i]);
    copies->memory[i] = copy.data = memory_take(copies->bytes[i]);
    if (!copy.data) {
        return LEGO_NO_MEMORY;
    }
    move_elements(&x, &copy);
    work->x[i] = copy.data;
    for (int axis = 0; axis < x.rank; axis++) {
        work->axes.strides[axis][i] = x.strides[axis] ? copy.strides[axis] : 0;
    }
    return LEGO_OK;
}

/* More axes can be merged when inputs have become dense. */
static void merge_axes(walk_axes *a) {
    walk_axes merged = {.arrays = a->arrays};
    for (int axis = 0; axis < a->rank; axis++) {
        axes_add(&merged, a->shape[axis], a->strides[axis]);
    }
    axes_add_row(&merged);
    *a = merged;
}

static lego_status copy_inputs_across(element_work *work, const lego_array *const *x,
                                      dense_copies *copies) {
    for (int i = 0; i < work->axes.arrays; i++) {
        if (lies_across(&work->axes, i) && copy_input(work, x[i]->dtype, i, copies)) {
            return LEGO_NO_MEMORY;
        }
    }
    merge_axes(&work->axes);
    return LEGO_OK;
}

static void give_copies(const dense_copies *copies) {
    for (int i = 0; i < MOST_WALKED; i++) {
        memory_give(copies->memory[i], copies->bytes[i]);
    }
}

/* ---- the choice ------------------------------------------------------------------------------ */

static lego_status walk_strided(element_work *work, const lego_array *const *x) {
    dense_copies copies = {.bytes = {0}};
    lego_status status = copy_inputs_across(work, x, &copies);
    if (status != LEGO_OK) {
        give_copies(&copies);
        return status;
    }
    if (is_walked_in_rows(&work->axes)) {
        threads_run_evenly(axes_size(&work->axes), run_rows, work);
    } else {
        elements_in_tiles(work);
    }
    give_copies(&copies);
    return LEGO_OK;
}

static lego_status walk(element_loop *loop, const lego_array *const *x, int count,
                        const lego_array *y) {
    element_work work = {
        .loop = loop,
        .axes = axes_broadcast_in_memory(y, x, count),
        .y = y->data,
        .y_bytes = (int64_t)lego_dtype_size(y->dtype),
    };
    for (int i = 0; i < count; i++) {
        work.x[i] = x[i]->data;
        work.x_bytes[i] = (int64_t)lego_dtype_size(x[i]->dtype);
    }
    if (is_walked_in_rows(&work.axes)) {
        threads_run_evenly(axes_size(&work.axes), run_rows, &work);
    } else if (axes_size(&work.axes) > 0) {
        return walk_strided(&work, x);
    }
    return LEGO_OK;
}

lego_status map_elements(element_loop *loop, const lego_array *const *x, int count,
                         const lego_array *y) {
    flat_work flat;
    flat.loop = loop;
    flat.count = count;
    flat.y = y->data;
    flat.y_bytes = (int64_t)lego_dtype_size(y->dtype);
    if (!flatten(&flat, x, y)) {
        return walk(loop, x, count, y);
    }
    threads_run_evenly(array_size(y), run_flat, &flat);
    return LEGO_OK;
}
