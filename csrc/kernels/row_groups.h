/* Indices of rows, sorted and grouped by the row: in time by their number, not by that of the rows.
 */
#ifndef LEGO_KERNELS_ROW_GROUPS_H
#define LEGO_KERNELS_ROW_GROUPS_H

#include "../core/array.h"
#include "../core/isa.h"

#define row_groups_make FOR_ISA(row_groups_make)
#define row_groups_free FOR_ISA(row_groups_free)
#define row_groups_from FOR_ISA(row_groups_from)

typedef struct row_groups {
    int64_t count;   /* of rows that have an index */
    int64_t *rows;   /* those, ascending */
    int64_t *begins; /* of each row's indices in `order`; begins[count] is their number */
    int64_t *order;  /* places in the indices, by rows; ascending for each row */
    void *memory;
    size_t bytes;
} row_groups;

/* Groups contiguous indices into `rows` rows; negative ones count from the end. *fits tells whether
 * all of them fit. row_groups_free() in any case. */
lego_status row_groups_make(row_groups *g, const lego_array *indices, int64_t rows, bool *fits);

void row_groups_free(row_groups *g);

/* The first group whose row is `row` or a later one. */
int64_t row_groups_from(const row_groups *g, int64_t row);

#endif
