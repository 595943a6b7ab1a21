/* The columns of a dense matrix, reduced some rows at a time. */
#include "reduce_columns.h"

#include "../core/dtype.h"

void running_columns_open(running_columns *c, reduce_operation operation, lego_dtype dtype,
                          int64_t columns, int64_t beside, void *totals) {
    c->reducer = reducer_for(operation, dtype);
    c->operation = operation;
    c->columns = columns;
    c->beside = beside;
    c->totals = totals;
    if (beside > 1) {
        c->reducer->start(beside * columns, c->groups);
    }
}

void running_columns_feed(running_columns *c, const void *x, int64_t rows, size_t bytes) {
    const int64_t n = c->beside * c->columns;
    const reduce_matrix wide = {x, rows / c->beside, n, n, 1};
    const reduce_matrix rest = {
        .x = (const char *)x + (size_t)(wide.rows * n) * bytes,
        .rows = rows % c->beside,
        .row_stride = c->columns,
        .columns = c->columns,
        .column_stride = 1,
    };
    void *totals = c->beside > 1 ? c->groups : c->totals;
    c->reducer->accumulate(&wide, totals);
    if (rest.rows > 0) {
        c->reducer->accumulate(&rest, totals);
    }
}

void running_columns_close(running_columns *c) {
    const lego_dtype total = c->reducer->total;
    const int64_t bytes = (int64_t)lego_dtype_size(total);
    if (c->beside == 1) {
        return;
    }
    for (int64_t n = c->beside * c->columns / 2; n >= c->columns; n /= 2) {
        reduce_join(c->operation, total, n, c->groups + n * bytes, c->groups);
    }
    reduce_join(c->operation, total, c->columns, c->groups, c->totals);
}
