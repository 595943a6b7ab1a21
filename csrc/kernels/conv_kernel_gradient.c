/* The gradient of a convolution by its kernel:
 *
 *     dk[tap, channel, filter] = sum over places of x[seen, channel] dy[place, filter]
 *
 * A tile is a few of the kernel's rows, which lie side by side in x as well: channels of one tap,
 * or of several along the last axis. The places are taken in stretches: what the tile's rows see
 * along one is gathered into the nearest cache, and goes under all of dy there. Each number is
 * summed stretch by stretch; where the kernel is so small that threads would have too little to
 * share, parts of the places are summed on their own and then joined. All of that is cut by size
 * alone. */
#include <string.h>

#include "../core/memory.h"
#include "../core/threads.h"
#include "conv.h"
#include "conv_depthwise.h"
#include "conv_parts.h"
#include "conv_pointwise.h"
#include "conv_scan.h"
#include "conv_tile.h"
#include "conv_winograd.h"
#include "registers.h"

enum {
    STRETCH = 256,         /* places that are gathered at a time */
    ENOUGH_TASKS = 8,      /* for threads to share */
    PARTS_BYTES = 1 << 21, /* of all parts' sums */
    NUMBER_BYTES = 8,      /* of the largest number */
    PANEL_BYTES = 128,     /* of a row of the widest panel */
};

static int64_t smaller(int64_t a, int64_t b) {
    return a < b ? a : b;
}

static int64_t larger(int64_t a, int64_t b) {
    return a > b ? a : b;
}

typedef struct kernel_sum {
    const conv *c;
    int64_t size; /* of a number, in bytes */
    const char *x;
    const char *dy;
    char *result; /* one kernel for each part */
    int64_t kernel_size;
    conv_scan scan;
    scan_tap *taps;
    int64_t run;   /* taps along the last axis whose rows lie side by side in x as in the kernel */
    int64_t width; /* rows of a run */
    int64_t runs;
    int64_t places;
    int64_t stretches;
    int64_t tile_width; /* of a tile within a run; or all of it, */
    int64_t tile_runs;  /* in a tile that holds several; else 1 */
    int64_t tiles;      /* of all groups */
    int64_t slices;     /* of the tiles */
    int64_t parts;      /* of the stretches */
} kernel_sum;

/* Which of the kernel's rows a tile holds: those of each run side by side. */
typedef struct tile_rows {
    int64_t group;
    int64_t run;
    int64_t runs;
    int64_t first; /* row of a run */
    int64_t width;
} tile_rows;

static tile_rows tile_at(const kernel_sum *k, int64_t number) {
    int64_t across = threads_pieces(k->width, k->tile_width);
    int64_t down = threads_pieces(k->runs, k->tile_runs);
    tile_rows t = {
        .group = number / across / down,
        .run = number / across % down * k->tile_runs,
        .first = number % across * k->tile_width,
    };
    t.runs = smaller(k->tile_runs, k->runs - t.run);
    t.width = smaller(k->tile_width, k->width - t.first);
    return t;
}

/* ---- gathering ------------------------------------------------------------------------------ */

static ALWAYS_INLINE void copy_each(int64_t n, const char *from, int64_t from_step, char *to,
                                    int64_t to_step, size_t bytes) {
    for (int64_t i = 0; i < n; i++) {
        memcpy(to + i * to_step, from + i * from_step, bytes);
    }
}

/* Lengths that are known are copied without a call: whole tiles, runs of three taps, and pixels of
 * one and three channels. */
static void copy_rows(int64_t n, const char *from, int64_t from_step, char *to, int64_t to_step,
                      size_t bytes) {
    if (bytes == CONV_ROWS * sizeof(float)) {
        copy_each(n, from, from_step, to, to_step, CONV_ROWS * sizeof(float));
    } else if (bytes == 3 * sizeof(float)) {
        copy_each(n, from, from_step, to, to_step, 3 * sizeof(float));
    } else if (bytes == sizeof(float)) {
        copy_each(n, from, from_step, to, to_step, sizeof(float));
    } else {
        copy_each(n, from, from_step, to, to_step, bytes);
    }
}

/* The first of n places whose rows, at + place * step, begin at `bound` or behind it. */
static int64_t first_from(int64_t bound, int64_t at, int64_t step, int64_t n) {
    int64_t missing = bound - at;
    return missing <= 0 ? 0 : smaller(n, (missing + step - 1) / step);
}

/* What places in a row see through a run of taps. Along the last axis the image is `all` numbers of
 * the group's channels, and the tile's rows are as many from `at` on, `step` further with each
 * place: some, or all of them, may be outside. */
typedef struct row_view {
    const char *from; /* of the first place */
    int64_t from_step;
    char *to;
    int64_t to_step;
    int64_t at;
    int64_t step;
    int64_t all;
} row_view;

/* Places begin <= i < end, number by number: those outside are 0. */
static void copy_parts(const kernel_sum *k, const tile_rows *t, const row_view *v, int64_t begin,
                       int64_t end) {
    for (int64_t i = begin; i < end; i++) {
        int64_t at = v->at + i * v->step;
        int64_t first = at < 0 ? -at : 0;
        int64_t last = smaller(t->width, v->all - at);
        char *to = v->to + i * v->to_step;
        memset(to, 0, (size_t)(t->width * k->size));
        if (first < last) {
            const char *from = v->from + (i * v->from_step + first * k->size);
            memcpy(to + first * k->size, from, (size_t)((last - first) * k->size));
        }
    }
}

static row_view view_of(const kernel_sum *k, const tile_rows *t, const scan_spot *spot,
                        const scan_tap *tap, char *to) {
    const scan_axis *axis = &k->scan.axes[CONV_AXES - 1];
    int64_t channels = k->c->channels;
    int64_t pixel = k->c->groups * channels * k->size;
    int64_t own = (t->group * channels + t->first) * k->size;
    int64_t column = spot->source[CONV_AXES - 1] + tap->shift[CONV_AXES - 1];
    row_view v = {
        .from = k->x + ((spot->source_offset + tap->offset) * pixel + own),
        .from_step = axis->step * pixel,
        .to = to,
        .to_step = CONV_ROWS * k->size,
        .at = column * channels + t->first,
        .step = axis->step * channels,
        .all = axis->sources * channels,
    };
    for (int i = 0; i < CONV_AXES - 1; i++) {
        int64_t outer = spot->source[i] + tap->shift[i];
        v.all = outer < 0 || outer >= k->scan.axes[i].sources ? INT64_MIN / 2 : v.all;
    }
    return v;
}

/* n places in a row; `to` has CONV_ROWS numbers for each of them. */
static void gather_run(const kernel_sum *k, const tile_rows *t, const scan_spot *spot, int64_t n,
                       const scan_tap *tap, char *to) {
    row_view v = view_of(k, t, spot, tap, to);
    int64_t first = first_from(0, v.at, v.step, n);
    int64_t last = larger(first, first_from(v.all - t->width + 1, v.at, v.step, n));
    copy_parts(k, t, &v, 0, first);
    copy_rows(last - first, v.from + first * v.from_step, v.from_step, to + first * v.to_step,
              v.to_step, (size_t)(t->width * k->size));
    copy_parts(k, t, &v, last, n);
}

/* What `count` places from `first` on see through the tile's runs. */
static void gather(const kernel_sum *k, const tile_rows *t, int64_t first, int64_t count,
                   char *to) {
    scan_spot spot = scan_place(&k->scan, first);
    for (int64_t done = 0; done < count;) {
        int64_t n = smaller(count - done, scan_row_left(&k->scan, &spot));
        for (int64_t i = 0; i < t->runs; i++) {
            char *place = to + (done * CONV_ROWS + i * t->width) * k->size;
            gather_run(k, t, &spot, n, &k->taps[(t->run + i) * k->run], place);
        }
        scan_advance(&k->scan, &spot, n);
        done += n;
    }
}

/* ---- summing -------------------------------------------------------------------------------- */

/* A stretch of places, and the last panel of dy there where it is not as wide as panels are. */
typedef struct stretch {
    int64_t first;
    int64_t count;
    bool adds;
} stretch;

static void widen(const char *from, int64_t from_step, int64_t count, size_t bytes, char *to,
                  size_t to_bytes) {
    for (int64_t i = 0; i < count; i++) {
        memcpy(to, from + i * from_step, bytes);
        memset(to + bytes, 0, to_bytes - bytes);
        to += to_bytes;
    }
}

/* One panel of dy under the tile. */
static void run_panel(const kernel_sum *k, const tile_rows *t, const stretch *s, conv_tile *tile,
                      int64_t column) {
    _Alignas(64) char wide[STRETCH * PANEL_BYTES];
    const conv *c = k->c;
    int64_t width = conv_tile_columns(c->dtype, c->filters - column);
    int64_t all_filters = c->groups * c->filters;
    int64_t own = t->group * c->filters + column;
    tile->columns = (int)smaller(width, c->filters - column);
    tile->b = k->dy + (s->first * all_filters + own) * k->size;
    tile->b_step = all_filters;
    if (tile->columns < width) {
        widen(tile->b, all_filters * k->size, s->count, (size_t)(tile->columns * k->size), wide,
              (size_t)(width * k->size));
        tile->b = wide;
        tile->b_step = width;
    }
    conv_tile_run(c->dtype, tile);
}

static void run_tile(const kernel_sum *k, const tile_rows *t, const stretch *s, char *gathered,
                     char *result) {
    static const int64_t begin = 0;
    const void *a[1][CONV_ROWS] = {{gathered}};
    const conv *c = k->c;
    conv_tile tile = {
        .rows = (int)(t->runs * t->width),
        .segments = 1,
        .depth = s->count,
        .a = a,
        .b_begins = &begin,
        .is_mingled = true,
        .adds = s->adds,
    };
    gather(k, t, s->first, s->count, gathered);
    for (int64_t column = 0; column < c->filters;) {
        for (int i = 0; i < tile.rows; i++) {
            int64_t row = (t->run + i / t->width) * k->width + t->first + i % t->width;
            int64_t at = (row * c->groups + t->group) * c->filters + column;
            tile.y[i] = result + at * k->size;
        }
        run_panel(k, t, s, &tile, column);
        column += tile.columns;
    }
}

/* A slice of the tiles, over a part of the stretches; even where there are none, it is set. */
static void run_slices(void *work, int64_t begin, int64_t end) {
    const kernel_sum *k = work;
    _Alignas(64) char gathered[STRETCH * CONV_ROWS * NUMBER_BYTES] = {0};
    for (int64_t i = begin; i < end; i++) {
        int64_t part = i / k->slices;
        int64_t first = part * k->stretches / k->parts;
        int64_t last = (part + 1) * k->stretches / k->parts;
        int64_t tile = i % k->slices * k->tiles / k->slices;
        int64_t last_tile = (i % k->slices + 1) * k->tiles / k->slices;
        stretch s = {.adds = false};
        int64_t number = first;
        do {
            s.first = number * STRETCH;
            s.count = smaller(STRETCH, k->places - s.first);
            for (int64_t t = tile; t < last_tile; t++) {
                tile_rows rows = tile_at(k, t);
                run_tile(k, &rows, &s, gathered, k->result + part * k->kernel_size * k->size);
            }
            s.adds = true;
        } while (++number < last);
    }
}

/* ---- cutting and joining -------------------------------------------------------------------- */

static void cut(kernel_sum *k) {
    const conv *c = k->c;
    const conv_axis *last = &c->axes[CONV_AXES - 1];
    k->run = c->groups == 1 && last->dilation == 1 ? last->taps : 1;
    k->width = k->run * c->channels;
    k->runs = scan_tap_count(&k->scan) / k->run;
    bool are_short = k->width * 2 <= CONV_ROWS;
    k->tile_width = are_short ? k->width : CONV_ROWS;
    k->tile_runs = are_short ? smaller(CONV_ROWS / k->width, k->runs) : 1;
    k->tiles =
        threads_pieces(k->width, k->tile_width) * threads_pieces(k->runs, k->tile_runs) * c->groups;
    k->stretches = threads_pieces(k->places, STRETCH);
    k->parts = smaller(ENOUGH_TASKS, PARTS_BYTES / (k->kernel_size * k->size));
    k->parts = larger(1, smaller(k->parts, k->stretches));
    k->slices = smaller(k->tiles, threads_pieces(ENOUGH_TASKS, k->parts));
}

static void sum_parts(kernel_sum *k, void *dkernel) {
    int64_t work = k->places * k->tiles * k->c->filters / k->slices / k->parts;
    threads_run(k->slices * k->parts, threads_grain(work), run_slices, k);
    if (k->parts > 1) {
        conv_parts_join(k->c->dtype, k->kernel_size, k->parts, k->result, dkernel);
    }
}

/* Memory for the taps, and for the parts where there are several. */
static lego_status sum_with_memory(kernel_sum *k, void *dkernel) {
    int64_t taps;
    int64_t parts;
    int64_t part = k->parts > 1 ? k->kernel_size * k->size : 0;
    if (!size_multiply(k->runs * k->run, sizeof(scan_tap), &taps) ||
        !size_multiply(k->parts, part, &parts)) {
        return LEGO_NO_MEMORY;
    }
    size_t bytes = (size_t)(taps + parts);
    char *memory = memory_take(bytes);
    if (!memory) {
        return LEGO_NO_MEMORY;
    }
    k->taps = (void *)memory;
    scan_taps(&k->scan, k->taps);
    k->result = k->parts > 1 ? memory + taps : dkernel;
    sum_parts(k, dkernel);
    memory_give(memory, bytes);
    return LEGO_OK;
}

lego_status conv_kernel_gradient_run(const conv *c, const void *x, const void *dy, void *dkernel) {
    if (conv_is_pointwise(c)) {
        return pointwise_kernel_gradient_run(c, x, dy, dkernel);
    }
    if (conv_is_depthwise(c)) {
        return depthwise_kernel_gradient_run(c, x, dy, dkernel);
    }
    int tile = winograd_tile(c);
    if (tile) {
        return winograd_kernel_gradient_run(c, tile, x, dy, dkernel);
    }
    kernel_sum k = {
        .c = c,
        .size = (int64_t)lego_dtype_size(c->dtype),
        .x = x,
        .dy = dy,
        .scan = scan_forwards(c),
    };
    k.places = c->batch * scan_places(&k.scan);
    k.kernel_size = scan_tap_count(&k.scan) * c->channels * c->groups * c->filters;
    if (k.kernel_size == 0) {
        return LEGO_OK;
    }
    cut(&k);
    return sum_with_memory(&k, dkernel);
}
