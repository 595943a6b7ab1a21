/* Products with one matrix, over and over, by the tiles and panels of gemm.c. */
#include "packed_matrix.h"

#include "../core/error.h"
#include "../core/memory.h"
#include "../core/sizes.h"
#include "gemm.h"

enum { WORTH_PACKING = 8 }; /* rows that pass through the matrix */

static gemm product_with(const plain_matrix *m, int64_t rows, number_rows a, void *y) {
    return (gemm){
        .dtype = m->dtype,
        .rows = rows,
        .columns = m->columns,
        .depth = m->depth,
        .a = {.data = a.data, .row_stride = a.stride, .column_stride = 1},
        .b = {.data = m->data, .row_stride = m->row_stride, .column_stride = m->column_stride},
        .y = y,
    };
}

static const number_rows no_rows;

int64_t packed_matrix_columns(const plain_matrix *plain) {
    gemm g = product_with(plain, 0, no_rows, NULL);
    return gemm_packed_columns(&g);
}

/* A single row goes through more columns at once where they lie. */
static bool is_worth_packing(const plain_matrix *m, int64_t rows, int64_t products) {
    return m->column_stride != 1 || (rows > 1 && products > WORTH_PACKING / rows);
}

lego_status packed_matrix_open(packed_matrix *m, const plain_matrix *plain, int64_t rows,
                               int64_t products) {
    *m = (packed_matrix){.plain = *plain};
    if (!is_worth_packing(plain, rows, products)) {
        return LEGO_OK;
    }
    int64_t numbers, bytes;
    if (!size_multiply(packed_matrix_columns(plain), plain->depth, &numbers) ||
        !size_multiply(numbers, (int64_t)lego_dtype_size(plain->dtype), &bytes)) {
        return fail(LEGO_NO_MEMORY, "a matrix of %lld x %lld is too large to be packed",
                    (long long)plain->depth, (long long)plain->columns);
    }
    m->bytes = (size_t)bytes;
    m->panels = memory_take(m->bytes);
    if (!m->panels) {
        return LEGO_NO_MEMORY;
    }
    gemm g = product_with(plain, 0, no_rows, NULL);
    gemm_pack(&g, m->panels);
    return LEGO_OK;
}

void packed_matrix_close(packed_matrix *m) {
    if (m->panels) {
        memory_give(m->panels, m->bytes);
    }
}

number_rows packed_product(const packed_matrix *m, int64_t rows, number_rows a, void *y) {
    gemm g = product_with(&m->plain, rows, a, y);
    if (!m->panels) {
        gemm_run(&g);
        return (number_rows){y, m->plain.columns};
    }
    g.panels = m->panels;
    return (number_rows){y, gemm_run_packed(&g)};
}
