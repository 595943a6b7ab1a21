/* Running over batches: one run for each batch, whose rows are gathered in any order. */
#include <string.h>

#include "../core/error.h"
#include "../core/memory.h"
#include "../core/sizes.h"
#include "../core/threads.h"
#include "addresses.h"
#include "run.h"

/* All batches of one call. */
typedef struct batch_run {
    lego_program *p;
    lego_tensor *const *columns;
    const int64_t *order; /* of rows; NULL: one after another */
    int64_t order_count;
    int64_t first;
    int64_t batch;
    lego_tensor *const *outputs;
    bool is_stacked;
    char *gathered; /* the inputs of a batch, one after another */
} batch_run;

static int64_t row_bytes(const operand *o) {
    int64_t rows = o->array.shape[0];
    return rows > 0 ? operand_bytes(o) / rows : 0;
}

static int64_t gathered_bytes(const operand *o) {
    return (operand_bytes(o) + 63) / 64 * 64;
}

/* ---- checks --------------------------------------------------------------------------------- */

/* Whether x has the wanted shape but for the first axis, in row-major order. */
static bool has_rows_of(const lego_array *x, const lego_array *wanted) {
    size_t axes = sizeof(int64_t) * (size_t)(wanted->rank > 0 ? wanted->rank - 1 : 0);
    return x->rank == wanted->rank && wanted->rank > 0 && x->dtype == wanted->dtype &&
           memcmp(x->shape + 1, wanted->shape + 1, axes) == 0 && array_is_contiguous(x);
}

static lego_status check_column(const batch_run *w, int slot) {
    const lego_array *wanted = &w->p->inputs[slot].array;
    lego_status status = run_check_numbers(w->columns[slot], "input", slot);
    if (status == LEGO_OK && !has_rows_of(&w->columns[slot]->array, wanted)) {
        status = fail(LEGO_BAD_SHAPE, "input %d of the program gathers rows for %s, got shape %s",
                      slot, array_text(wanted), array_text(&w->columns[slot]->array));
    }
    if (status == LEGO_OK && !array_is_contiguous(wanted)) {
        status =
            fail(LEGO_BAD_SHAPE,
                 "input %d of the program is not in row-major order: it cannot be gathered", slot);
    }
    if (status == LEGO_OK && wanted->shape[0] != w->batch) {
        status = fail(LEGO_BAD_SHAPE, "the inputs of the program differ in their rows: %s and %s",
                      array_text(&w->p->inputs[0].array), array_text(wanted));
    }
    return status;
}

static lego_status check_output(const batch_run *w, int slot, int64_t steps) {
    const lego_array *wanted = &w->p->outputs[slot].array;
    lego_status status = run_check_numbers(w->outputs[slot], "output", slot);
    if (status) {
        return status;
    }
    const lego_array *given = &w->outputs[slot]->array;
    int64_t rows = 0;
    bool fits = w->is_stacked
                    ? has_rows_of(given, wanted) && size_multiply(wanted->shape[0], steps, &rows) &&
                          given->shape[0] == rows
                    : array_same_shape(given, wanted) && given->dtype == wanted->dtype &&
                          array_is_contiguous(given);
    return fits ? LEGO_OK
                : fail(LEGO_BAD_SHAPE, "output %d of the program has shape %s, got room for %s",
                       slot, array_text(wanted), array_text(given));
}

/* The rows of the shortest column. */
static int64_t rows_of(const batch_run *w) {
    int64_t rows = INT64_MAX;
    for (int i = 0; i < w->p->input_count; i++) {
        rows = smaller(rows, w->columns[i]->array.shape[0]);
    }
    return rows;
}

static lego_status check_order(const batch_run *w, int64_t steps) {
    int64_t count = 0;
    int64_t rows = rows_of(w);
    if (steps < 0 || w->first < 0 || !size_multiply(steps, w->batch, &count)) {
        return fail(LEGO_BAD_VALUE, "%lld batches from row %lld on are none", (long long)steps,
                    (long long)w->first);
    }
    if (!w->order) {
        return count <= rows && w->first <= rows - count
                   ? LEGO_OK
                   : fail(LEGO_BAD_INDEX, "rows %lld to %lld were asked for, but there are %lld",
                          (long long)w->first, (long long)(w->first + count), (long long)rows);
    }
    if (count > w->order_count) {
        return fail(LEGO_BAD_VALUE,
                    "%lld batches of %lld rows were asked for, but %lld are in order",
                    (long long)steps, (long long)w->batch, (long long)w->order_count);
    }
    for (int64_t i = 0; i < count; i++) {
        if (w->order[i] < 0 || w->order[i] >= rows) {
            return fail(LEGO_BAD_INDEX, "row %lld was asked for, but there are %lld",
                        (long long)w->order[i], (long long)rows);
        }
    }
    return LEGO_OK;
}

static lego_status check(const batch_run *w, int64_t steps) {
    lego_status status = LEGO_OK;
    if (w->p->input_count == 0 || w->p->inputs[0].array.rank == 0) {
        return fail(LEGO_BAD_SHAPE, "a program that has no rows to gather cannot run over rows");
    }
    for (int i = 0; i < w->p->input_count && status == LEGO_OK; i++) {
        status = check_column(w, i);
    }
    for (int i = 0; i < w->p->output_count && status == LEGO_OK; i++) {
        status = check_output(w, i, steps);
    }
    return status ? status : check_order(w, steps);
}

/* ---- one batch ------------------------------------------------------------------------------ */

typedef struct gather_job {
    const char *column;
    const int64_t *order;
    size_t bytes; /* of a row */
    char *y;
} gather_job;

static void gather_rows(void *work, int64_t begin, int64_t end) {
    const gather_job *g = work;
    for (int64_t i = begin; i < end; i++) {
        memcpy(g->y + (size_t)i * g->bytes, g->column + (size_t)g->order[i] * g->bytes, g->bytes);
    }
}

/* Input `slot` of the batch: gathered, or in the column itself where there is no order. */
static char *batch_of(const batch_run *w, int slot, int64_t step, char *gathered) {
    int64_t bytes = row_bytes(&w->p->inputs[slot]);
    char *column = w->columns[slot]->array.data;
    if (!w->order) {
        return column + (w->first + step * w->batch) * bytes;
    }
    gather_job g = {column, w->order + step * w->batch, (size_t)bytes, gathered};
    threads_run(w->batch, threads_grain(bytes / 4), gather_rows, &g);
    return gathered;
}

static lego_status run_batch(const batch_run *w, int64_t step) {
    char *gathered = w->gathered;
    for (int i = 0; i < w->p->input_count; i++) {
        bind_group(w->p, input_group(i), batch_of(w, i, step, gathered));
        gathered += gathered_bytes(&w->p->inputs[i]);
    }
    for (int i = 0; i < w->p->output_count && w->is_stacked; i++) {
        char *memory = w->outputs[i]->array.data;
        bind_group(w->p, output_group(w->p, i), memory + step * operand_bytes(&w->p->outputs[i]));
    }
    return run_once(w->p);
}

/* ---- all of them ---------------------------------------------------------------------------- */

static lego_status run_batches(const batch_run *w, int64_t steps, double seconds, int64_t *done) {
    lego_status status = LEGO_OK;
    double end = run_clock() + seconds;
    for (int i = 0; i < w->p->output_count; i++) {
        bind_group(w->p, output_group(w->p, i), w->outputs[i]->array.data);
    }
    while (*done < steps && status == LEGO_OK) {
        status = run_batch(w, *done);
        *done += status == LEGO_OK;
        if (run_clock() >= end) {
            break;
        }
    }
    return status;
}

lego_status lego_program_run_batches(lego_program *p, lego_tensor *const *columns, int count,
                                     const int64_t *order, int64_t order_count, int64_t first,
                                     int64_t steps, double seconds, lego_tensor *const *outputs,
                                     int output_count, bool is_stacked, int64_t *done) {
    batch_run w = {
        .p = p,
        .columns = columns,
        .order = order,
        .order_count = order_count,
        .first = first,
        .batch = p->input_count > 0 ? p->inputs[0].array.shape[0] : 0,
        .outputs = outputs,
        .is_stacked = is_stacked,
    };
    *done = 0;
    lego_status status = run_check(p, count, output_count);
    if (status == LEGO_OK) {
        status = check(&w, steps);
    }
    int64_t bytes = 0;
    for (int i = 0; i < count && status == LEGO_OK && order; i++) {
        bytes += gathered_bytes(&p->inputs[i]);
    }
    if (status || (status = run_enter(p, bytes, &w.gathered))) {
        return status;
    }
    status = run_batches(&w, steps, seconds, done);
    run_leave(p);
    return status;
}
