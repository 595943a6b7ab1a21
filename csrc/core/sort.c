/* A number becomes an unsigned integer of the same order, so that one loop sorts all dtypes.
 *
 * Where few of many numbers are wanted they are kept in order while the others pass by, as a loop
 * over vectors: it looks for the next number that may be one of the few. All of a short line find
 * their places by comparing each with each. Else the keys, as distances from the least one, are
 * sorted by one byte after another, from the least significant one on (radix sort): each pass
 * counts how often a byte has each value, and so knows where its items go. Numbers that are near
 * each other differ in few bytes. */
#include "sort.h"

#include <string.h>

#include "dtype.h"

enum {
    FEW = 64,    /* wanted numbers that are kept in order; numbers of a short line */
    BESIDE = 16, /* numbers that pass by at once */
    VALUES = 256
};

/* The bits of a float in the order of floats: negative ones count backwards from the sign bit. */
static uint64_t float_key(uint64_t bits, uint64_t sign, uint64_t infinity) {
    uint64_t magnitude = bits & (sign - 1);
    if (magnitude > infinity) {
        return sign | (sign - 1); /* NaN, of either sign */
    }
    return bits & sign ? sign - magnitude : sign + magnitude;
}

static uint64_t number_key(lego_dtype dtype, const void *x) {
    const size_t size = dtype_rows[dtype].size;
    uint32_t half = 0;
    uint64_t bits = 0;
    if (size == 1) {
        return *(const uint8_t *)x;
    }
    memcpy(size == 4 ? (void *)&half : (void *)&bits, x, size);
    bits = size == 4 ? half : bits;
    uint64_t sign = (uint64_t)1 << (8 * size - 1);
    if (!dtype_is_float(dtype)) {
        return bits ^ sign;
    }
    return float_key(bits, sign, size == 4 ? 0x7f800000 : 0x7ff0000000000000);
}

int64_t sort_items(int64_t n, int64_t count) {
    return count <= FEW && count < n ? count : 2 * n;
}

/* Items that are kept in order: a new one moves those behind it. */
static int64_t keep_in_order(sort_item *items, int64_t kept, int64_t count, sort_item item) {
    if (kept == count) {
        if (item.key >= items[kept - 1].key) {
            return kept;
        }
        kept--;
    }
    int64_t i = kept;
    for (; i > 0 && items[i - 1].key > item.key; i--) {
        items[i] = items[i - 1];
    }
    items[i] = item;
    return kept + 1;
}

/* Sorts n items by the byte at `shift` of how far their keys are from the least one; false, with
 * nothing moved, if all have one value there. */
static bool sort_by_byte(const sort_item *from, int64_t n, uint64_t least, int shift,
                         sort_item *to) {
    int64_t ends[VALUES] = {0}; /* first how often, then where the next one goes */
    for (int64_t i = 0; i < n; i++) {
        ends[(from[i].key - least) >> shift & (VALUES - 1)]++;
    }
    if (ends[(from[0].key - least) >> shift & (VALUES - 1)] == n) {
        return false;
    }
    int64_t before = 0;
    for (int value = 0; value < VALUES; value++) {
        int64_t many = ends[value];
        ends[value] = before;
        before += many;
    }
    for (int64_t i = 0; i < n; i++) {
        to[ends[(from[i].key - least) >> shift & (VALUES - 1)]++] = from[i];
    }
    return true;
}

/* Sorts n items, whose keys are from `least` to `most`, with room for n more behind them. */
static const sort_item *sort_by_bytes(sort_item *from, int64_t n, uint64_t least, uint64_t most) {
    sort_item *to = from + n;
    for (int shift = 0; shift < 64 && (most - least) >> shift; shift += 8) {
        if (sort_by_byte(from, n, least, shift, to)) {
            sort_item *swapped = from;
            from = to;
            to = swapped;
        }
    }
    return from;
}

/* The first i, from <= i < n, for which x[i] may come before x[last], in ascending order or in
 * descending; n if none does. Zero is like any number that is flushed to it, but keys are not: all
 * may come before it. */
typedef int64_t passing_loop(const void *x, int64_t from, int64_t n, int64_t last, bool descending);

#define PASSING(name, type)                                                                        \
    static inline bool name##_after(type x, type last, const bool descending) {                    \
        return descending ? x <= last : x >= last;                                                 \
    }                                                                                              \
    static inline int64_t name##_in(const type *xs, int64_t i, int64_t n, const type last,         \
                                    const bool descending) {                                       \
        for (int all = 1; i + BESIDE <= n; i += BESIDE) {                                          \
            _Pragma("omp simd reduction(& : all)") for (int k = 0; k < BESIDE; k++) {              \
                all &= name##_after(xs[i + k], last, descending);                                  \
            }                                                                                      \
            if (!all) {                                                                            \
                break;                                                                             \
            }                                                                                      \
        }                                                                                          \
        for (; i < n && name##_after(xs[i], last, descending); i++) {                              \
        }                                                                                          \
        return i;                                                                                  \
    }                                                                                              \
    static int64_t name(const void *x, int64_t from, int64_t n, int64_t at, bool descending) {     \
        const type *xs = x, last = xs[at];                                                         \
        if (last == 0) {                                                                           \
            return from;                                                                           \
        }                                                                                          \
        return descending ? name##_in(xs, from, n, last, true)                                     \
                          : name##_in(xs, from, n, last, false);                                   \
    }

PASSING(passing_uint8, uint8_t)
PASSING(passing_int32, int32_t)
PASSING(passing_int64, int64_t)
PASSING(passing_float32, float)
PASSING(passing_float64, double)

/* In the order of lego_dtype; a bool is a byte of 0 or 1. */
static passing_loop *const passing[LEGO_DTYPE_COUNT] = {
    passing_uint8, passing_uint8, passing_int32, passing_int64, passing_float32, passing_float64,
};

static sort_item item_of(const char *numbers, lego_dtype dtype, int64_t stride, int64_t i,
                         bool descending) {
    const char *number = numbers + i * stride * (int64_t)dtype_rows[dtype].size;
    return (sort_item){number_key(dtype, number) ^ (descending ? UINT64_MAX : 0), (int32_t)i};
}

static const sort_item *find_few(lego_dtype dtype, const void *x, int64_t stride, int64_t n,
                                 bool descending, int64_t count, sort_item *items) {
    int64_t kept = 0;
    for (int64_t i = 0; i < n; i++) {
        if (kept == count && stride == 1) {
            i = passing[dtype](x, i, n, items[kept - 1].place, descending);
        }
        if (i < n) {
            kept = keep_in_order(items, kept, count, item_of(x, dtype, stride, i, descending));
        }
    }
    return items;
}

/* Sorts n <= FEW items, with room for as many behind them, by counting how many come before each.
 * No answer of a comparison is waited for, as none could be foreseen. */
static const sort_item *sort_by_ranks(sort_item *from, int64_t n) {
    sort_item *to = from + n;
    int64_t ranks[FEW];
    uint64_t keys[FEW];
    for (int64_t i = 0; i < n; i++) {
        const uint64_t key = from[i].key;
        int64_t behind = 0;
        for (int64_t j = 0; j < i; j++) {
            const bool is_before = key < keys[j];
            ranks[j] += is_before;
            behind += is_before;
        }
        keys[i] = key;
        ranks[i] = i - behind;
    }
    for (int64_t i = 0; i < n; i++) {
        to[ranks[i]] = from[i];
    }
    return to;
}

const sort_item *sort_line(lego_dtype dtype, const void *x, int64_t stride, int64_t n,
                           bool descending, int64_t count, sort_item *items) {
    if (count <= FEW && count < n) {
        return find_few(dtype, x, stride, n, descending, count, items);
    }
    uint64_t least = UINT64_MAX, most = 0;
    for (int64_t i = 0; i < n; i++) {
        items[i] = item_of(x, dtype, stride, i, descending);
        least = items[i].key < least ? items[i].key : least;
        most = items[i].key > most ? items[i].key : most;
    }
    if (n <= FEW) {
        return sort_by_ranks(items, n);
    }
    return sort_by_bytes(items, n, least, most);
}
