/* What the places of a scan see, as pointers. */
#include "conv_view.h"

#include <string.h>

#include "../core/memory.h"

lego_status conv_view_open(conv_view *v, int64_t most_taps, int64_t zero_bytes) {
    int64_t tap_bytes;
    if (!size_multiply(most_taps, sizeof(scan_tap), &tap_bytes)) {
        return LEGO_NO_MEMORY;
    }
    v->bytes = (size_t)(tap_bytes + zero_bytes);
    v->memory = memory_take(v->bytes);
    if (!v->memory) {
        return LEGO_NO_MEMORY;
    }
    v->taps = (void *)v->memory;
    v->zeros = v->memory + tap_bytes;
    memset(v->memory + tap_bytes, 0, (size_t)zero_bytes);
    return LEGO_OK;
}

void conv_view_close(conv_view *v) {
    memory_give(v->memory, v->bytes);
}

void conv_view_scan(conv_view *v, conv_scan s) {
    v->scan = s;
    v->tap_count = scan_taps(&v->scan, v->taps);
}

/* to[i] = first + i * step; a length that is known makes it a few vectors. */
static inline void count_up(int64_t first, int64_t step, int64_t *to) {
    for (int i = 0; i < CONV_ROWS; i++) {
        to[i] = first;
        first += step;
    }
}

/* The places of a row, from number i of the tile on; those that are too many are written over. */
static void add_row(const conv_view *v, const output_coordinate *coordinate, int i,
                    conv_places *p) {
    const scan_axis *last = &v->scan.axes[CONV_AXES - 1];
    count_up(coordinate->source[0], 0, p->sources[0] + i);
    count_up(coordinate->source[1], 0, p->sources[1] + i);
    count_up(coordinate->source[2], last->step, p->sources[2] + i);
    count_up(coordinate->source_offset * v->pixel, last->step * v->pixel, p->begins + i);
    count_up(coordinate->result_offset, last->result_step, p->results + i);
}

static void fill_up(int count, conv_places *p) {
    for (int i = count; i < CONV_ROWS; i++) {
        for (int axis = 0; axis < CONV_AXES; axis++) {
            p->sources[axis][i] = p->sources[axis][0];
        }
        p->begins[i] = p->begins[0];
        p->results[i] = p->results[0];
    }
}

void conv_view_next(const conv_view *v, output_coordinate *coordinate, int64_t count,
                    conv_places *p) {
    p->count = (int)count;
    p->see_all = true;
    for (int i = 0; i < count;) {
        int64_t left = scan_row_left(&v->scan, coordinate);
        int n = (int)(left < count - i ? left : count - i);
        add_row(v, coordinate, i, p);
        p->see_all = p->see_all && scan_sees_all(&v->scan, coordinate, n);
        scan_advance(&v->scan, coordinate, n);
        i += n;
    }
    fill_up((int)count, p);
}

/* Which places of the tile see something through the tap. */
static void find_seen(const conv_view *v, const conv_places *p, const scan_tap *tap, bool *seen) {
    for (int i = 0; i < CONV_ROWS; i++) {
        seen[i] = true;
    }
    for (int axis = 0; axis < CONV_AXES; axis++) {
        uint64_t sources = (uint64_t)v->scan.axes[axis].sources;
        for (int i = 0; i < CONV_ROWS; i++) {
            seen[i] &= (uint64_t)(p->sources[axis][i] + tap->shift[axis]) < sources;
        }
    }
}

void conv_view_look(const conv_view *v, const conv_places *p, int64_t offset, int64_t first,
                    int64_t count, const void *(*a)[CONV_ROWS]) {
    for (int64_t s = 0; s < count; s++) {
        const scan_tap *tap = &v->taps[first + s];
        int64_t shift = tap->offset * v->pixel + offset;
        for (int i = 0; i < CONV_ROWS; i++) {
            a[s][i] = v->source + (p->begins[i] + shift);
        }
        if (!p->see_all) {
            bool seen[CONV_ROWS];
            find_seen(v, p, tap, seen);
            for (int i = 0; i < CONV_ROWS; i++) {
                a[s][i] = seen[i] ? a[s][i] : v->zeros;
            }
        }
    }
}
