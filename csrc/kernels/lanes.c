/* Lanes: how a narrow matrix is joined row by row as if it were wide. */
#include "lanes.h"

void lanes_open(lanes *l, reduce_operation operation, lego_dtype dtype, int64_t rows,
                int64_t columns) {
    l->numbers = reducer_for(operation, dtype);
    l->totals = reducer_for(operation, l->numbers->total);
    l->number_bytes = (int64_t)lego_dtype_size(dtype);
    l->columns = columns;
    l->row_tile = 1;
    while (2 * l->row_tile * columns <= MOST_LANES && 8 * l->row_tile <= rows) {
        l->row_tile *= 2;
    }
    if (l->row_tile * columns <= MOST_LANES) {
        l->numbers->start(l->row_tile * columns, l->groups);
    }
}

void lanes_fold(lanes *l, const void *x, int64_t rows) {
    reduce_matrix wide = {
        .x = x,
        .rows = rows / l->row_tile,
        .row_stride = l->columns * l->row_tile,
        .columns = l->columns * l->row_tile,
        .column_stride = 1,
    };
    l->numbers->fold(&wide, l->groups);
    reduce_matrix rest = {
        .x = (const char *)x + wide.rows * wide.columns * l->number_bytes,
        .rows = rows % l->row_tile,
        .row_stride = l->columns,
        .columns = l->columns,
        .column_stride = 1,
    };
    l->numbers->fold(&rest, l->groups);
}

/* totals[n] join others[n]: a matrix of one row. */
static void join(const lanes *l, int64_t n, const void *others, void *totals) {
    reduce_matrix m = {.x = others, .rows = 1, .columns = n, .column_stride = 1};
    l->totals->fold(&m, totals);
}

void lanes_close(lanes *l, void *totals) {
    int64_t group = l->columns * (int64_t)lego_dtype_size(l->numbers->total);
    for (int64_t half = l->row_tile / 2; half > 0; half /= 2) {
        join(l, half * l->columns, l->groups + half * group, l->groups);
    }
    join(l, l->columns, l->groups, totals);
}
