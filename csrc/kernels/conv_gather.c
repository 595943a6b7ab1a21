/* What places of one row see through a run of taps, gathered for the gradient by the kernel. */
#include "conv_gather.h"

#include <string.h>

#include "conv_tile.h"
#include "registers.h"

static int64_t smaller(int64_t a, int64_t b) {
    return a < b ? a : b;
}

static int64_t larger(int64_t a, int64_t b) {
    return a > b ? a : b;
}

conv_gather gather_open(const conv *c, const void *x) {
    const conv_axis *last = &c->axes[CONV_AXES - 1];
    bool is_dense = c->groups == 1 && last->dilation == 1;
    int64_t run = is_dense ? last->taps : 1;
    return (conv_gather){
        .x = x,
        .size = (int64_t)lego_dtype_size(c->dtype),
        .scan = scan_forwards(c),
        .groups = c->groups,
        .channels = c->channels,
        .run = run,
        .width = run * c->channels,
        .is_dense = is_dense,
        .line_step = is_dense ? last->stride * c->channels : c->channels,
    };
}

/* Along the last axis the image is `all` numbers of the group's channels, and `width` rows of the
 * run are as many from `at` on, `step` further with each place: some, or all, may be outside. */
typedef struct row_view {
    const char *from; /* of the first place */
    int64_t from_step;
    int64_t at;
    int64_t step;
    int64_t all;
    int64_t width;
} row_view;

static row_view view_of(const conv_gather *g, const gather_view *v, int64_t first, int64_t width) {
    const scan_axis *axis = &g->scan.axes[CONV_AXES - 1];
    int64_t pixel = g->groups * g->channels * g->size;
    int64_t own = (v->group * g->channels + first) * g->size;
    int64_t column = v->coordinate->source[CONV_AXES - 1] + v->tap->shift[CONV_AXES - 1];
    row_view r = {
        .from = g->x + ((v->coordinate->source_offset + v->tap->offset) * pixel + own),
        .from_step = axis->step * pixel,
        .at = column * g->channels + first,
        .step = axis->step * g->channels,
        .all = axis->sources * g->channels,
        .width = width,
    };
    for (int i = 0; i < CONV_AXES - 1; i++) {
        int64_t outer = v->coordinate->source[i] + v->tap->shift[i];
        r.all = outer < 0 || outer >= g->scan.axes[i].sources ? INT64_MIN / 2 : r.all;
    }
    return r;
}

/* to[i] = number at + i of the image's line, of which `from` is number `at`. */
static void copy_inside(const conv_gather *g, const char *from, int64_t at, int64_t all, int64_t n,
                        char *to) {
    int64_t first = smaller(n, at < 0 ? -at : 0);
    int64_t last = larger(first, smaller(n, all - at));
    memset(to, 0, (size_t)(first * g->size));
    if (first < last) {
        memcpy(to + first * g->size, from + first * g->size, (size_t)((last - first) * g->size));
    }
    memset(to + last * g->size, 0, (size_t)((n - last) * g->size));
}

static void copy_place(const conv_gather *g, const row_view *r, int64_t i, char *to) {
    copy_inside(g, r->from + i * r->from_step, r->at + i * r->step, r->all, r->width, to);
}

/* ---- lines ---------------------------------------------------------------------------------- */

const char *gather_line(const conv_gather *g, const gather_view *v, char *room) {
    row_view r = view_of(g, v, 0, g->width);
    int64_t length = gather_line_length(g, v->n);
    if (!g->is_dense) {
        for (int64_t i = 0; i < v->n; i++) {
            copy_place(g, &r, i, room + i * g->width * g->size);
        }
        return room;
    }
    if (r.at >= 0 && r.at + length <= r.all) {
        return r.from;
    }
    copy_inside(g, r.from, r.at, r.all, length, room);
    return room;
}

/* ---- tiles ---------------------------------------------------------------------------------- */

/* Where n places' numbers go: `row` bytes of each to every tile but the last, which gets `rest`. */
typedef struct tile_cut {
    char *to;
    int64_t tile_bytes;
    int64_t whole;
    size_t rest;
} tile_cut;

static ALWAYS_INLINE void cut_each(const tile_cut *c, int64_t n, const char *from,
                                   int64_t from_step, size_t row) {
    int64_t bytes = (int64_t)row;
    for (int64_t i = 0; i < n; i++) {
        const char *place = from + i * from_step;
        char *to = c->to + i * bytes;
        for (int64_t tile = 0; tile < c->whole; tile++) {
            memcpy(to + tile * c->tile_bytes, place + tile * bytes, row);
        }
        memcpy(to + c->whole * c->tile_bytes, place + c->whole * bytes, c->rest);
    }
}

/* Lengths that are known are copied without a call. */
static void cut_places(const conv_gather *g, const tile_cut *c, int64_t first, int64_t n,
                       const char *from, int64_t from_step) {
    tile_cut own = *c;
    own.to += first * CONV_ROWS * g->size;
    if (g->size == sizeof(float)) {
        cut_each(&own, n, from, from_step, CONV_ROWS * sizeof(float));
    } else {
        cut_each(&own, n, from, from_step, CONV_ROWS * sizeof(double));
    }
}

/* Places of which something is outside, one by one. */
static void cut_parts(const conv_gather *g, const tile_cut *c, const row_view *r, int64_t begin,
                      int64_t end) {
    char place[GATHER_ROWS * sizeof(double)];
    for (int64_t i = begin; i < end; i++) {
        copy_place(g, r, i, place);
        cut_places(g, c, i, 1, place, 0);
    }
}

/* The first of n places whose rows, at + place * step, begin at `bound` or behind it. */
static int64_t first_from(int64_t bound, int64_t at, int64_t step, int64_t n) {
    int64_t missing = bound - at;
    return missing <= 0 ? 0 : smaller(n, (missing + step - 1) / step);
}

void gather_tiles(const conv_gather *g, const gather_view *v, int64_t first, int64_t rows, char *to,
                  int64_t tile_bytes) {
    row_view r = view_of(g, v, first, rows);
    tile_cut c = {to, tile_bytes, rows / CONV_ROWS, (size_t)(rows % CONV_ROWS * g->size)};
    int64_t begin = first_from(0, r.at, r.step, v->n);
    int64_t end = larger(begin, first_from(r.all - rows + 1, r.at, r.step, v->n));
    cut_parts(g, &c, &r, 0, begin);
    cut_places(g, &c, begin, end - begin, r.from + begin * r.from_step, r.from_step);
    cut_parts(g, &c, &r, end, v->n);
}
