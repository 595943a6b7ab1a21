/* The row tile that convolutions are summed in, and the panels of the kernel that it reads. */
#include "conv_tile.h"

#include <string.h>

#include "../core/sizes.h"
#include "../core/threads.h"
#include "registers.h"

#include "gemm_transpose.h"

/* ---- the tile -------------------------------------------------------------------------------- */

enum {
    TILE_VECTORS = 2,
    PANEL_AHEAD = 8 << 10, /* bytes: as many as memory hands over until a line of it is there */
};

#define TEMPLATE "conv_tile_block.h"
#include "per_float.h"

/* ---- few columns ----------------------------------------------------------------------------- */

enum {
    MOST_DOTS = 4,  /* columns */
    SUM_BYTES = 64, /* lanes of a sum, with every instruction set, so that the bits are the same */
    PARTS = SUM_BYTES / VECTOR_BYTES,
};

typedef uint32_t bits_float32;
typedef uint64_t bits_float64;

#define TEMPLATE "conv_tile_dots.h"
#include "per_float.h"

bool conv_tile_dots(lego_dtype dtype, int64_t depth, int64_t columns) {
    int64_t bytes = depth * (int64_t)lego_dtype_size(dtype);
    return columns > 0 && columns <= MOST_DOTS && bytes >= SUM_BYTES;
}

static void run_dots(lego_dtype dtype, const conv_tile *t) {
    if (dtype == LEGO_FLOAT32) {
        run_dots_float32(t);
    } else {
        run_dots_float64(t);
    }
}

/* ---- both ------------------------------------------------------------------------------------ */

int conv_tile_columns(lego_dtype dtype, int64_t columns) {
    int lanes = VECTOR_BYTES / (int)lego_dtype_size(dtype);
    return columns <= lanes ? lanes : TILE_VECTORS * lanes;
}

void conv_tile_run(lego_dtype dtype, const conv_tile *t) {
    if (t->layout == LAYOUT_DOTS) {
        run_dots(dtype, t);
    } else if (dtype == LEGO_FLOAT32) {
        run_tile_float32(t);
    } else {
        run_tile_float64(t);
    }
}

/* ---- panels ---------------------------------------------------------------------------------- */

conv_panels conv_panels_of(const conv *c, const void *kernel, bool is_transposed) {
    int64_t filters = c->groups * c->filters;
    int64_t taps = c->axes[0].taps * c->axes[1].taps * c->axes[2].taps;
    conv_panels p = {
        .dtype = c->dtype,
        .groups = c->groups,
        .taps = taps,
        .rows = is_transposed ? c->filters : c->channels,
        .columns = is_transposed ? c->channels : c->filters,
        .kernel = kernel,
        .kernel_size = taps * c->channels * filters,
        .group_stride = c->filters,
        .tap_stride = c->channels * filters,
        .row_stride = is_transposed ? 1 : filters,
        .column_stride = is_transposed ? filters : 1,
    };
    p.is_dotted = conv_tile_dots(p.dtype, p.rows, p.columns);
    p.width = p.is_dotted ? p.columns : conv_tile_columns(c->dtype, INT64_MAX);
    p.count = divide_up(p.columns, p.width);
    p.last_width =
        p.is_dotted ? p.width : conv_tile_columns(p.dtype, p.columns - (p.count - 1) * p.width);
    int64_t all_columns = p.count > 0 ? (p.count - 1) * p.width + p.last_width : 0;
    p.group_size = p.taps * p.rows * all_columns;
    return p;
}

/* One tap of one panel. */
typedef struct panel_tap {
    const char *from;
    const char *end; /* of the kernel's memory */
    char *to;
    int64_t columns;
    int64_t width;
} panel_tap;

/* Whole rows, whose length is a constant wherever this is inlined: vectors, not calls. */
static ALWAYS_INLINE void pack_whole_rows(const conv_panels *p, const panel_tap *t, size_t own,
                                          int64_t step) {
    for (int64_t row = 0; row < p->rows; row++) {
        memcpy(t->to + row * (int64_t)own, t->from + row * step, own);
    }
}

static void pack_rows(const conv_panels *p, const panel_tap *t, size_t size) {
    size_t own = (size_t)t->columns * size;
    size_t padding = (size_t)(t->width - t->columns) * size;
    int64_t step = p->row_stride * (int64_t)size;
    if (own == TILE_VECTORS * VECTOR_BYTES) {
        pack_whole_rows(p, t, TILE_VECTORS * VECTOR_BYTES, step);
        return;
    }
    for (int64_t row = 0; row < p->rows; row++) {
        char *to = t->to + row * t->width * (int64_t)size;
        memcpy(to, t->from + row * step, own);
        memset(to + own, 0, padding);
    }
}

/* Rows that lie as columns in memory, of four bytes a number. */
static void pack_transposed_words(const conv_panels *p, const panel_tap *t) {
    for (int64_t j = 0; j < t->width; j += WORDS) {
        transpose_words((const uint32_t *)t->from + j * p->column_stride, p->column_stride,
                        (const void *)t->end, (int)smaller(t->columns - j, WORDS), p->rows,
                        (uint32_t *)t->to + j, t->width);
    }
}

/* The same for eight bytes. */
static void pack_transposed_doubles(const conv_panels *p, const panel_tap *t) {
    const double *from = (const void *)t->from;
    double *to = (void *)t->to;
    for (int64_t row = 0; row < p->rows; row++) {
        for (int64_t j = 0; j < t->width; j++) {
            bool is_own = j < t->columns;
            *to++ = is_own ? from[row * p->row_stride + j * p->column_stride] : 0;
        }
    }
}

/* Rows become columns, and columns rows. */
static void pack_dots(const conv_panels *p, const panel_tap *t, int64_t size) {
    char *to = t->to;
    for (int64_t j = 0; j < t->columns; j++) {
        const char *from = t->from + j * p->column_stride * size;
        for (int64_t row = 0; row < p->rows; row++) {
            memcpy(to, from + row * p->row_stride * size, (size_t)size);
            to += size;
        }
    }
}

static void pack_tap(const conv_panels *p, int64_t group, int64_t panel, int64_t tap) {
    int64_t size = (int64_t)lego_dtype_size(p->dtype);
    int64_t width = conv_panel_width(p, panel);
    int64_t first = panel * p->width;
    int64_t from = group * p->group_stride + tap * p->tap_stride + first * p->column_stride;
    int64_t to = conv_panel_begin(p, group, panel) + tap * p->rows * width;
    panel_tap t = {
        .from = (const char *)p->kernel + from * size,
        .end = (const char *)p->kernel + p->kernel_size * size,
        .to = (char *)p->packed + to * size,
        .columns = smaller(p->columns - first, width),
        .width = width,
    };
    if (p->is_dotted) {
        pack_dots(p, &t, size);
    } else if (p->column_stride == 1) {
        pack_rows(p, &t, (size_t)size);
    } else if (size == 4) {
        pack_transposed_words(p, &t);
    } else {
        pack_transposed_doubles(p, &t);
    }
}

static void pack_taps(void *work, int64_t begin, int64_t end) {
    const conv_panels *p = work;
    for (int64_t i = begin; i < end; i++) {
        pack_tap(p, i / p->taps / p->count, i / p->taps % p->count, i % p->taps);
    }
}

void conv_panels_pack(const conv_panels *p) {
    conv_panels own = *p;
    threads_run(p->groups * p->count * p->taps, threads_grain(p->rows * p->width / 8), pack_taps,
                &own);
}

kept_layout conv_panels_layout(const conv_panels *p, const void *maker) {
    return (kept_layout){maker, p->kernel, {p->groups, p->taps, p->rows, p->columns, p->dtype}};
}
