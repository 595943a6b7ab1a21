/* Groups of indices, by a radix sort: digit after digit of 8 bits, the lowest first, each in the
 * order that the one before has left (en.wikipedia.org/wiki/Radix_sort). */
#include "row_groups.h"

#include "../core/memory.h"
#include "../core/sizes.h"
#include "indices.h"

/* A row, and the place of its index. */
typedef struct row_place {
    int64_t row;
    int64_t place;
} row_place;

enum { DIGIT_BITS = 8, DIGITS = 1 << DIGIT_BITS };

static void sort_by_digit(int64_t n, int shift, const row_place *from, row_place *to) {
    int64_t begins[DIGITS] = {0};
    for (int64_t i = 0; i < n; i++) {
        begins[from[i].row >> shift & (DIGITS - 1)]++;
    }
    int64_t begin = 0;
    for (int digit = 0; digit < DIGITS; digit++) {
        int64_t count = begins[digit];
        begins[digit] = begin;
        begin += count;
    }
    for (int64_t i = 0; i < n; i++) {
        to[begins[from[i].row >> shift & (DIGITS - 1)]++] = from[i];
    }
}

/* Sorts n pairs, with as much memory beside them; returns where they lie then. */
static const row_place *sort_rows(int64_t n, int64_t rows, row_place *pairs, row_place *other) {
    for (int shift = 0; shift < 63 && (rows - 1) >> shift > 0; shift += DIGIT_BITS) {
        sort_by_digit(n, shift, pairs, other);
        row_place *sorted = other;
        other = pairs;
        pairs = sorted;
    }
    return pairs;
}

static bool read_rows(const lego_array *indices, int64_t rows, row_place *pairs) {
    int64_t count = array_size(indices);
    const int64_t *from = indices->data;
    int64_t read[MOST_INDICES];
    for (int64_t i = 0; i < count; i += MOST_INDICES) {
        int64_t n = smaller(MOST_INDICES, count - i);
        if (!indices_read(n, from + i, 1, rows, read)) {
            return false;
        }
        for (int64_t k = 0; k < n; k++) {
            pairs[i + k] = (row_place){read[k], i + k};
        }
    }
    return true;
}

static void find_groups(row_groups *g, int64_t n, const row_place *sorted) {
    for (int64_t i = 0; i < n; i++) {
        if (i == 0 || sorted[i].row != sorted[i - 1].row) {
            g->rows[g->count] = sorted[i].row;
            g->begins[g->count++] = i;
        }
        g->order[i] = sorted[i].place;
    }
    g->begins[g->count] = n;
}

lego_status row_groups_make(row_groups *g, const lego_array *indices, int64_t rows, bool *fits) {
    size_t n = (size_t)array_size(indices);
    *g = (row_groups){.bytes = 2 * n * sizeof(row_place) + (3 * n + 1) * sizeof(int64_t)};
    g->memory = memory_take(g->bytes);
    if (!g->memory) {
        return LEGO_NO_MEMORY;
    }
    row_place *pairs = g->memory;
    g->order = (int64_t *)(pairs + 2 * n);
    g->rows = g->order + n;
    g->begins = g->rows + n;
    *fits = read_rows(indices, rows, pairs);
    if (*fits) {
        find_groups(g, (int64_t)n, sort_rows((int64_t)n, rows, pairs, pairs + n));
    }
    return LEGO_OK;
}

void row_groups_free(row_groups *g) {
    memory_give(g->memory, g->bytes);
}

int64_t row_groups_from(const row_groups *g, int64_t row) {
    int64_t low = 0, high = g->count;
    while (low < high) {
        int64_t middle = low + (high - low) / 2;
        if (g->rows[middle] < row) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}
