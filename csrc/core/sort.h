/* Sorting the numbers of a line: which of them come first, in order. */
#ifndef LEGO_CORE_SORT_H
#define LEGO_CORE_SORT_H

#include "../lego.h"

/* A number of a line, as an integer of the same order, and its place in the line. */
typedef struct sort_item {
    uint64_t key;
    int32_t place;
} sort_item;

/* How many items sort_line() works on for the first `count` of n numbers. */
int64_t sort_items(int64_t n, int64_t count);

/* Returns `count` items with the places of the smallest numbers of a line, or of the largest, in
 * order; equal numbers stay in the order of their places. NaN is larger than any number, and -0
 * equals 0. They lie in `items`, which has room for sort_items(n, count).
 *
 * The numbers x[i * stride], 0 <= i < n, have that dtype; 0 < count <= n <= INT32_MAX. */
const sort_item *sort_line(lego_dtype dtype, const void *x, int64_t stride, int64_t n,
                           bool descending, int64_t count, sort_item *items);

#endif
