/* One window of a pooling: its places, in row-major order, and where they lie. Part of pooling.c.
 */
#ifndef LEGO_KERNELS_POOLING_WINDOW_H
#define LEGO_KERNELS_POOLING_WINDOW_H

#include <stdbool.h>
#include <stdint.h>

/* The part of a window that lies inside of x: a box of lengths[0] x lengths[1] x lengths[2] places.
 * A gradient is written only to places (a, b, c) with own_begin <= a < own_end: the other rows
 * belong to another chunk of work. */
typedef struct pool_window {
    int64_t lengths[POOL_AXES];
    int64_t steps[POOL_AXES]; /* distance of two places along an axis, in elements */
    int64_t own_begin;
    int64_t own_end;
    int64_t beside;                 /* windows side by side, which some loops take at once, */
    int64_t apart;                  /* how far their first places are apart, */
    int64_t channels;               /* and their own numbers, in elements */
    bool is_small;                  /* place numbers are stored as bytes */
    int64_t listed[2];              /* the last lengths for which `offsets` were listed */
    int64_t offsets[UINT8_MAX + 1]; /* of the places of a small window; -1: not its own */
} pool_window;

/* The place (a, b, c) of a window. `at` is its distance from the first place in elements, `number`
 * its row-major index among the places inside of x. */
typedef struct place {
    int64_t a, b, c;
    int64_t at;
    int64_t number;
} place;

static inline place first_place(const pool_window *w, int64_t a) {
    return (place){.a = a, .at = a * w->steps[0], .number = a * w->lengths[1] * w->lengths[2]};
}

static inline void next_place(const pool_window *w, place *p) {
    p->number++;
    p->at += w->steps[2];
    if (++p->c < w->lengths[2]) {
        return;
    }
    p->c = 0;
    if (++p->b == w->lengths[1]) {
        p->b = 0;
        p->a++;
    }
    p->at = p->a * w->steps[0] + p->b * w->steps[1];
}

static inline place second_place(const pool_window *w) {
    place p = first_place(w, 0);
    next_place(w, &p);
    return p;
}

/* Loops over the places p from `begin` on, in row-major order, while their row along the first axis
 * is below `end`. */
#define PLACES(w, begin, end) for (place p = (begin); p.a < (end); next_place(w, &p))
#define EACH_PLACE(w)         PLACES(w, first_place(w, 0), (w)->lengths[0])
#define EACH_LATER_PLACE(w)   PLACES(w, second_place(w), (w)->lengths[0])
#define EACH_OWN_PLACE(w)     PLACES(w, first_place(w, (w)->own_begin), (w)->own_end)

static inline int64_t place_count(const pool_window *w) {
    return w->lengths[0] * w->lengths[1] * w->lengths[2];
}

/* Where place number `number` lies, from the first place; -1 where it is not the window's own. */
static inline int64_t place_offset(const pool_window *w, int64_t number) {
    const int64_t row = number / w->lengths[2];
    const int64_t a = row / w->lengths[1];
    const int64_t b = row % w->lengths[1];
    const int64_t c = number % w->lengths[2];
    const bool is_own = a >= w->own_begin && a < w->own_end;
    return is_own ? a * w->steps[0] + b * w->steps[1] + c * w->steps[2] : -1;
}

/* Nearly all windows of a row have the same lengths. A number that is not a place in the window,
 * which only a caller's mistake can be, leads nowhere. */
static inline void list_offsets(pool_window *w) {
    if (w->listed[0] == w->lengths[1] && w->listed[1] == w->lengths[2]) {
        return;
    }
    const int64_t former = w->lengths[0] * w->listed[0] * w->listed[1];
    const int64_t listed = former ? former : UINT8_MAX + 1;
    w->listed[0] = w->lengths[1];
    w->listed[1] = w->lengths[2];
    for (int64_t number = 0; number < place_count(w); number++) {
        w->offsets[number] = place_offset(w, number);
    }
    for (int64_t number = place_count(w); number < listed; number++) {
        w->offsets[number] = -1;
    }
}

#endif
