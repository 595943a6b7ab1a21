/* Moving elements between strided places.
 *
 * Elements travel by memcpy of a constant size, which compilers make one move, and which may carry
 * a float as well as an int. */
#include "move.h"

#include <string.h>

#include "../core/threads.h"
#include "convert.h"

/* ---- the plan ------------------------------------------------------------------------------ */

static void add_axis(move_plan *plan, int64_t length, int64_t x_step, int64_t y_step) {
    int last = plan->rank - 1;
    bool goes_on = last >= 0 && plan->x_steps[last] == x_step * length &&
                   plan->y_steps[last] == y_step * length;
    if (goes_on) {
        plan->shape[last] *= length;
    } else {
        last = plan->rank++;
        plan->shape[last] = length;
    }
    plan->x_steps[last] = x_step;
    plan->y_steps[last] = y_step;
}

void move_plan_set(move_plan *plan, size_t bytes, int rank, const int64_t *shape,
                   const int64_t *x_strides, const int64_t *y_strides) {
    int64_t unit = (int64_t)bytes;
    plan->bytes = bytes;
    plan->rank = 0;
    for (int axis = 0; axis < rank; axis++) {
        if (shape[axis] != 1) {
            add_axis(plan, shape[axis], x_strides[axis] * unit, y_strides[axis] * unit);
        }
    }
    if (plan->rank == 0) {
        add_axis(plan, 1, unit, unit);
    }
}

/* ---- row by row ---------------------------------------------------------------------------- */

/* y[i] = x[i] for n elements; inlined where `bytes` is a constant. */
static inline void step_through(int64_t n, const char *x, int64_t x_step, char *y, int64_t y_step,
                                size_t bytes) {
    for (int64_t i = 0; i < n; i++) {
        memcpy(y + i * y_step, x + i * x_step, bytes);
    }
}

/* The same with the two frequent cases taken apart: dense rows, and one element for all. */
static inline void move_row_of(int64_t n, const char *x, int64_t x_step, char *y, int64_t y_step,
                               size_t bytes) {
    int64_t dense = (int64_t)bytes;
    if (x_step == dense && y_step == dense) {
        memcpy(y, x, (size_t)n * bytes);
    } else if (x_step == 0 && y_step == dense) {
        char element[sizeof(int64_t)]; /* of our own: no write to y can change it */
        memcpy(element, x, bytes);
        step_through(n, element, 0, y, dense, bytes);
    } else {
        step_through(n, x, x_step, y, y_step, bytes);
    }
}

static void move_row(int64_t n, const char *x, int64_t x_step, char *y, int64_t y_step,
                     size_t bytes) {
    if (bytes == 1) {
        move_row_of(n, x, x_step, y, y_step, 1);
    } else if (bytes == 4) {
        move_row_of(n, x, x_step, y, y_step, 4);
    } else {
        move_row_of(n, x, x_step, y, y_step, 8);
    }
}

/* A place in the walk: coordinates, and where they lead in both memories. */
typedef struct move_position {
    int64_t coordinates[LEGO_MAX_RANK];
    int64_t x;
    int64_t y;
} move_position;

static move_position position_at(const move_plan *plan, int64_t index) {
    move_position at = {.x = 0, .y = 0};
    for (int axis = plan->rank - 1; axis >= 0; axis--) {
        int64_t coordinate = index % plan->shape[axis];
        index /= plan->shape[axis];
        at.coordinates[axis] = coordinate;
        at.x += coordinate * plan->x_steps[axis];
        at.y += coordinate * plan->y_steps[axis];
    }
    return at;
}

/* Goes n elements on in the row, at most to its end, and from there to the next row. */
static void go_on(const move_plan *plan, move_position *at, int64_t n) {
    int axis = plan->rank - 1;
    at->coordinates[axis] += n;
    at->x += n * plan->x_steps[axis];
    at->y += n * plan->y_steps[axis];
    for (; axis > 0 && at->coordinates[axis] == plan->shape[axis]; axis--) {
        at->coordinates[axis] = 0;
        at->coordinates[axis - 1]++;
        at->x += plan->x_steps[axis - 1] - plan->shape[axis] * plan->x_steps[axis];
        at->y += plan->y_steps[axis - 1] - plan->shape[axis] * plan->y_steps[axis];
    }
}

void move_planned(const move_plan *plan, const char *x, char *y, int64_t begin, int64_t end) {
    int last = plan->rank - 1;
    if (begin >= end) {
        return; /* there may be no element to have a position */
    }
    if (last == 0) {
        move_row(end - begin, x + begin * plan->x_steps[0], plan->x_steps[0],
                 y + begin * plan->y_steps[0], plan->y_steps[0], plan->bytes);
        return;
    }
    move_position at = position_at(plan, begin);
    while (begin < end) {
        int64_t left_in_row = plan->shape[last] - at.coordinates[last];
        int64_t n = end - begin < left_in_row ? end - begin : left_in_row;
        move_row(n, x + at.x, plan->x_steps[last], y + at.y, plan->y_steps[last], plan->bytes);
        begin += n;
        go_on(plan, &at, n);
    }
}

typedef struct move_work {
    move_plan plan;
    const char *x;
    char *y;
    int64_t tile_rows; /* tiles that lie below each other, and beside each other */
    int64_t tile_columns;
} move_work;

static void move_rows(void *context, int64_t begin, int64_t end) {
    const move_work *work = context;
    move_planned(&work->plan, work->x, work->y, begin, end);
}

/* ---- tile by tile -------------------------------------------------------------------------- */

/* Where y's rows are dense and x's neighbours lie along another axis (a transposed copy), rows
 * would fetch a cache line per element. Tiles use each line whole: the other axis becomes the last
 * but one, and TILE x TILE elements pass through a buffer that stays in the fastest cache. */
enum { TILE = 16, WORTH_TILING = 4 };

static inline void move_tile(const move_plan *plan, const char *x, char *y, int64_t rows,
                             int64_t columns, size_t bytes) {
    char buffer[TILE * TILE * sizeof(int64_t)];
    int64_t x_step = plan->x_steps[plan->rank - 1];
    int64_t y_step = plan->y_steps[plan->rank - 2];
    for (int64_t column = 0; column < columns; column++) {
        memcpy(buffer + (size_t)(column * TILE) * bytes, x + column * x_step, (size_t)rows * bytes);
    }
    for (int64_t row = 0; row < rows; row++) {
        step_through(columns, buffer + (size_t)row * bytes, TILE * (int64_t)bytes, y + row * y_step,
                     (int64_t)bytes, bytes);
    }
}

static int64_t at_most_a_tile(int64_t left) {
    return left < TILE ? left : TILE;
}

static void move_tiles(void *context, int64_t begin, int64_t end) {
    const move_work *work = context;
    const move_plan *plan = &work->plan;
    move_plan outer = *plan;
    outer.rank -= 2;
    for (int64_t tile = begin; tile < end; tile++) {
        int64_t column = tile % work->tile_columns * TILE;
        int64_t row = tile / work->tile_columns % work->tile_rows * TILE;
        move_position at = position_at(&outer, tile / work->tile_columns / work->tile_rows);
        const char *x = work->x + at.x + row * plan->x_steps[outer.rank] +
                        column * plan->x_steps[outer.rank + 1];
        char *y = work->y + at.y + row * plan->y_steps[outer.rank] +
                  column * plan->y_steps[outer.rank + 1];
        int64_t rows = at_most_a_tile(plan->shape[outer.rank] - row);
        int64_t columns = at_most_a_tile(plan->shape[outer.rank + 1] - column);
        if (plan->bytes == 1) {
            move_tile(plan, x, y, rows, columns, 1);
        } else if (plan->bytes == 4) {
            move_tile(plan, x, y, rows, columns, 4);
        } else {
            move_tile(plan, x, y, rows, columns, 8);
        }
    }
}

/* The axis along which x's elements are neighbours while those of y are not; -1 without one. */
static int axis_across(const move_plan *plan) {
    int last = plan->rank - 1;
    int64_t dense = (int64_t)plan->bytes;
    for (int axis = 0; axis < last && plan->y_steps[last] == dense; axis++) {
        if (plan->x_steps[axis] == dense && plan->shape[axis] >= WORTH_TILING) {
            return axis;
        }
    }
    return -1;
}

/* The order in which elements are moved is free: brings the axis to the last place but one. */
static void bring_beside_last(move_plan *plan, int axis) {
    move_plan former = *plan;
    for (int to = 0, from = 0; to < plan->rank; to++) {
        from += from == axis;
        int taken = to == plan->rank - 2 ? axis : from++;
        plan->shape[to] = former.shape[taken];
        plan->x_steps[to] = former.x_steps[taken];
        plan->y_steps[to] = former.y_steps[taken];
    }
}

void move_elements(const lego_array *x, const lego_array *y) {
    move_work work = {.x = x->data, .y = y->data};
    move_plan *plan = &work.plan;
    move_plan_set(plan, lego_dtype_size(x->dtype), x->rank, x->shape, x->strides, y->strides);
    int64_t size = array_size(x);
    int across = size > 0 ? axis_across(plan) : -1;
    if (across < 0) {
        threads_run(size, threads_grain(1), move_rows, &work);
        return;
    }
    bring_beside_last(plan, across);
    int64_t rows = plan->shape[plan->rank - 2];
    int64_t columns = plan->shape[plan->rank - 1];
    work.tile_rows = threads_chunks(rows, TILE);
    work.tile_columns = threads_chunks(columns, TILE);
    int64_t tiles = size / rows / columns * work.tile_rows * work.tile_columns;
    threads_run(tiles, threads_grain(TILE * TILE), move_tiles, &work);
}

void move_into(const lego_array *x, const lego_array *y, const int64_t *begin,
               const int64_t *step) {
    lego_array part = *x;
    char *data = y->data;
    if (array_size(x) == 0) {
        return; /* `begin` may point behind the end */
    }
    for (int axis = 0; axis < y->rank; axis++) {
        data += begin[axis] * y->strides[axis] * (int64_t)lego_dtype_size(y->dtype);
        part.strides[axis] = y->strides[axis] * step[axis];
    }
    part.data = data;
    move_elements(x, &part);
}

/* ---- one number ---------------------------------------------------------------------------- */

typedef struct fill_work {
    char element[sizeof(int64_t)];
    size_t bytes;
    char *y;
} fill_work;

static void fill_range(void *context, int64_t begin, int64_t end) {
    const fill_work *work = context;
    int64_t step = (int64_t)work->bytes;
    move_row(end - begin, work->element, 0, work->y + begin * step, step, work->bytes);
}

void fill_elements(const lego_array *y, double value) {
    fill_work work = {.bytes = lego_dtype_size(y->dtype), .y = y->data};
    const void *inputs[] = {&value};
    const int64_t steps[] = {0};
    convert_loop(LEGO_FLOAT64, y->dtype)(1, inputs, steps, work.element);
    threads_run(array_size(y), threads_grain(1), fill_range, &work);
}
