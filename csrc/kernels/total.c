/* The total of a long dense run of numbers, fed piece by piece. */
#include "total.h"

#include "convert.h"

void total_finish(reduce_operation operation, lego_dtype dtype, void *totals, int64_t chunks,
                  int64_t n, const lego_array *y) {
    lego_dtype kind = reducer_for(operation, dtype)->total;
    const reducer *joins = reducer_for(operation, kind);
    for (int64_t chunk = 1; chunk < chunks; chunk++) {
        reduce_matrix next = {
            .x = (const char *)totals + chunk * LANE_BYTES,
            .rows = 1,
            .columns = 1,
            .column_stride = 1,
        };
        joins->fold(&next, totals);
    }
    if (operation == REDUCE_MEAN) {
        *(double *)totals /= (double)n;
    }
    const void *x = totals;
    int64_t step = 1;
    convert_loop(kind, y->dtype)(1, &x, &step, y->data);
}
