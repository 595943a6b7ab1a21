/* The gradient of a convolution by its kernel:
 *
 *     dk[tap, channel, filter] = sum over places of x[seen, channel] dy[place, filter]
 *
 * A tile is a few channels of one tap, or of several where they are few. The places are taken in
 * stretches: what the tile's rows see along one is gathered into the nearest cache, and goes under
 * all of dy there. Each number is summed stretch by stretch; where the kernel is so small that
 * threads would have too little to share, parts of the places are summed on their own and then
 * joined. All of that is cut by size alone. */
#include <string.h>

#include "../core/memory.h"
#include "../core/threads.h"
#include "conv.h"
#include "conv_depthwise.h"
#include "conv_pointwise.h"
#include "conv_scan.h"
#include "conv_tile.h"
#include "registers.h"

enum {
    STRETCH = 256,      /* places that are gathered at a time */
    ENOUGH_SLICES = 8,  /* for threads to share; each reads all of dy */
    NUMBER_BYTES = 8,   /* of the largest number */
    PANEL_NUMBERS = 32, /* of the widest panel */
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
    int64_t tap_count;
    int64_t places;
    int64_t stretches;
    int64_t tile_channels; /* of the tiles of a tap */
    int64_t tile_taps;     /* of a tile that holds all channels; else 1 */
    int64_t tiles;         /* of all groups */
    int64_t slices;        /* of the tiles */
    int64_t parts;         /* of the stretches */
} kernel_sum;

/* Which of the kernel's rows a tile holds: those of each tap side by side. */
typedef struct tile_rows {
    int64_t group;
    int64_t tap;
    int64_t taps;
    int64_t channel;
    int64_t channels;
} tile_rows;

static tile_rows tile_at(const kernel_sum *k, int64_t number) {
    int64_t across = threads_pieces(k->c->channels, k->tile_channels);
    int64_t down = threads_pieces(k->tap_count, k->tile_taps);
    tile_rows t = {
        .group = number / across / down,
        .tap = number / across % down * k->tile_taps,
        .channel = number % across * k->tile_channels,
    };
    t.taps = smaller(k->tile_taps, k->tap_count - t.tap);
    t.channels = smaller(k->tile_channels, k->c->channels - t.channel);
    return t;
}

/* ---- gathering ------------------------------------------------------------------------------ */

static ALWAYS_INLINE void copy_each(int64_t n, const char *from, int64_t from_step, char *to,
                                    int64_t to_step, size_t bytes) {
    for (int64_t i = 0; i < n; i++) {
        memcpy(to + i * to_step, from + i * from_step, bytes);
    }
}

/* Lengths that are known are copied without a call. */
static void copy_pixels(int64_t n, const char *from, int64_t from_step, char *to, int64_t to_step,
                        size_t bytes) {
    switch (bytes) {
    case 4:
        copy_each(n, from, from_step, to, to_step, 4);
        break;
    case 8:
        copy_each(n, from, from_step, to, to_step, 8);
        break;
    case 12:
        copy_each(n, from, from_step, to, to_step, 12);
        break;
    case 16:
        copy_each(n, from, from_step, to, to_step, 16);
        break;
    case 24:
        copy_each(n, from, from_step, to, to_step, 24);
        break;
    case 32:
        copy_each(n, from, from_step, to, to_step, 32);
        break;
    case 48:
        copy_each(n, from, from_step, to, to_step, 48);
        break;
    default:
        copy_each(n, from, from_step, to, to_step, bytes);
        break;
    }
}

static void clear_pixels(int64_t n, char *to, int64_t to_step, size_t bytes) {
    for (int64_t i = 0; i < n; i++) {
        memset(to + i * to_step, 0, bytes);
    }
}

/* The first of n places along an axis whose source, at + place * step, is `bound` or behind it. */
static int64_t first_from(int64_t bound, int64_t at, int64_t step, int64_t n) {
    int64_t missing = bound - at;
    return missing <= 0 ? 0 : smaller(n, (missing + step - 1) / step);
}

/* What n places in a row see through a tap; `to` has CONV_ROWS numbers for each of them. */
static void gather_tap(const kernel_sum *k, const tile_rows *t, const scan_spot *spot, int64_t n,
                       const scan_tap *tap, char *to) {
    const scan_axis *axis = &k->scan.axes[CONV_AXES - 1];
    int64_t at = spot->source[CONV_AXES - 1] + tap->shift[CONV_AXES - 1];
    int64_t first = first_from(0, at, axis->step, n);
    int64_t last = first_from(axis->sources, at, axis->step, n);
    for (int i = 0; i < CONV_AXES - 1; i++) {
        int64_t outer = spot->source[i] + tap->shift[i];
        last = outer < 0 || outer >= k->scan.axes[i].sources ? first : last;
    }
    int64_t pixel = k->c->groups * k->c->channels * k->size;
    int64_t seen = spot->source_offset + tap->offset + first * axis->step;
    int64_t own = (t->group * k->c->channels + t->channel) * k->size;
    size_t bytes = (size_t)(t->channels * k->size);
    int64_t to_step = CONV_ROWS * k->size;
    clear_pixels(first, to, to_step, bytes);
    copy_pixels(last - first, k->x + seen * pixel + own, axis->step * pixel, to + first * to_step,
                to_step, bytes);
    clear_pixels(n - last, to + last * to_step, to_step, bytes);
}

/* What `count` places from `first` on see through the tile's taps. */
static void gather(const kernel_sum *k, const tile_rows *t, int64_t first, int64_t count,
                   char *to) {
    int64_t row = k->scan.axes[CONV_AXES - 1].places;
    for (int64_t done = 0; done < count;) {
        scan_spot spot = scan_place(&k->scan, first + done);
        int64_t n = smaller(count - done, row - spot.at[CONV_AXES - 1]);
        for (int64_t i = 0; i < t->taps; i++) {
            char *place = to + (done * CONV_ROWS + i * t->channels) * k->size;
            gather_tap(k, t, &spot, n, &k->taps[t->tap + i], place);
        }
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
    _Alignas(64) char wide[STRETCH * PANEL_NUMBERS * 4];
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

static void run_tile(const kernel_sum *k, const tile_rows *t, const stretch *s, char *result) {
    _Alignas(64) char gathered[STRETCH * CONV_ROWS * NUMBER_BYTES];
    static const int64_t begin = 0;
    const void *a[1][CONV_ROWS] = {{gathered}};
    const conv *c = k->c;
    conv_tile tile = {
        .rows = (int)(t->taps * t->channels),
        .segments = 1,
        .depth = s->count,
        .a = a,
        .b_begins = &begin,
        .is_mingled = true,
        .adds = s->adds,
    };
    if (tile.rows < CONV_ROWS) {
        memset(gathered, 0, (size_t)(s->count * CONV_ROWS * k->size));
    }
    gather(k, t, s->first, s->count, gathered);
    for (int64_t column = 0; column < c->filters;) {
        for (int i = 0; i < tile.rows; i++) {
            int64_t row = (t->tap + i / t->channels) * c->channels + t->channel + i % t->channels;
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
                run_tile(k, &rows, &s, k->result + part * k->kernel_size * k->size);
            }
            s.adds = true;
        } while (++number < last);
    }
}

/* ---- cutting and joining -------------------------------------------------------------------- */

static void cut(kernel_sum *k) {
    const conv *c = k->c;
    bool are_few = c->channels * 2 <= CONV_ROWS;
    k->tile_channels = are_few ? c->channels : CONV_ROWS;
    k->tile_taps = are_few ? smaller(CONV_ROWS / c->channels, k->tap_count) : 1;
    k->tiles = threads_pieces(c->channels, k->tile_channels) *
               threads_pieces(k->tap_count, k->tile_taps) * c->groups;
    k->stretches = threads_pieces(k->places, STRETCH);
    k->slices = smaller(k->tiles, ENOUGH_SLICES);
    k->parts = larger(1, smaller(k->stretches, ENOUGH_SLICES / k->slices));
}

static void join_float32(const kernel_sum *k, float *y) {
    const float *parts = (const void *)k->result;
    for (int64_t part = 0; part < k->parts; part++) {
        for (int64_t i = 0; i < k->kernel_size; i++) {
            y[i] = part == 0 ? parts[i] : y[i] + parts[part * k->kernel_size + i];
        }
    }
}

static void join_float64(const kernel_sum *k, double *y) {
    const double *parts = (const void *)k->result;
    for (int64_t part = 0; part < k->parts; part++) {
        for (int64_t i = 0; i < k->kernel_size; i++) {
            y[i] = part == 0 ? parts[i] : y[i] + parts[part * k->kernel_size + i];
        }
    }
}

static void sum_parts(kernel_sum *k, void *dkernel) {
    int64_t work = k->places * k->tiles * k->c->filters / k->slices / k->parts;
    threads_run(k->slices * k->parts, threads_grain(work), run_slices, k);
    if (k->parts > 1 && k->c->dtype == LEGO_FLOAT32) {
        join_float32(k, dkernel);
    } else if (k->parts > 1) {
        join_float64(k, dkernel);
    }
}

/* Memory for the taps, and for the parts where there are several. */
static lego_status sum_with_memory(kernel_sum *k, void *dkernel) {
    int64_t taps;
    int64_t parts;
    int64_t part = k->parts > 1 ? k->kernel_size * k->size : 0;
    if (!size_multiply(k->tap_count, sizeof(scan_tap), &taps) ||
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
    kernel_sum k = {
        .c = c,
        .size = (int64_t)lego_dtype_size(c->dtype),
        .x = x,
        .dy = dy,
        .scan = scan_forwards(c),
    };
    k.tap_count = scan_tap_count(&k.scan);
    k.places = c->batch * scan_places(&k.scan);
    k.kernel_size = k.tap_count * c->channels * c->groups * c->filters;
    if (k.kernel_size == 0) {
        return LEGO_OK;
    }
    cut(&k);
    return sum_with_memory(&k, dkernel);
}
