/* A kernel in panels. */
#include "conv_pack.h"

#include <string.h>

#include "../core/threads.h"
#include "conv_tile.h"
#include "registers.h"

#include "gemm_transpose.h"

void conv_panels_of(conv_panels *p) {
    p->width = conv_tile_columns(p->dtype, INT64_MAX);
    p->count = threads_chunks(p->columns, p->width);
    p->last_width = conv_tile_columns(p->dtype, p->columns - (p->count - 1) * p->width);
    int64_t all_columns = p->count > 0 ? (p->count - 1) * p->width + p->last_width : 0;
    p->group_size = p->taps * p->rows * all_columns;
}

/* One tap of one panel. */
typedef struct strip {
    const char *from;
    const char *end; /* of the kernel's memory */
    char *to;
    int64_t columns;
    int64_t width;
} strip;

static void pack_rows(const conv_panels *p, const strip *s, size_t size) {
    size_t own = (size_t)s->columns * size;
    size_t padding = (size_t)(s->width - s->columns) * size;
    for (int64_t row = 0; row < p->rows; row++) {
        char *to = s->to + row * s->width * (int64_t)size;
        memcpy(to, s->from + row * p->row_stride * (int64_t)size, own);
        memset(to + own, 0, padding);
    }
}

/* Columns whose numbers lie side by side, four bytes each. */
static void pack_turned(const conv_panels *p, const strip *s) {
    for (int64_t j = 0; j < s->width; j += WORDS) {
        transpose_words((const uint32_t *)s->from + j * p->column_stride, p->column_stride,
                        (const void *)s->end,
                        (int)(s->columns - j < WORDS ? s->columns - j : WORDS), p->rows,
                        (uint32_t *)s->to + j, s->width);
    }
}

/* The same for eight bytes. */
static void pack_turned_doubles(const conv_panels *p, const strip *s) {
    const double *from = (const void *)s->from;
    double *to = (void *)s->to;
    for (int64_t row = 0; row < p->rows; row++) {
        for (int64_t j = 0; j < s->width; j++) {
            bool is_own = j < s->columns;
            *to++ = is_own ? from[row * p->row_stride + j * p->column_stride] : 0;
        }
    }
}

static void pack_strip(const conv_panels *p, int64_t group, int64_t panel, int64_t tap) {
    int64_t size = (int64_t)lego_dtype_size(p->dtype);
    int64_t width = conv_panel_width(p, panel);
    int64_t first = panel * p->width;
    int64_t from = group * p->group_stride + tap * p->tap_stride + first * p->column_stride;
    int64_t to = conv_panel_begin(p, group, panel) + tap * p->rows * width;
    int64_t left = p->columns - first;
    strip s = {
        .from = (const char *)p->kernel + from * size,
        .end = (const char *)p->kernel + p->kernel_size * size,
        .to = (char *)p->packed + to * size,
        .columns = left < width ? left : width,
        .width = width,
    };
    if (p->column_stride == 1) {
        pack_rows(p, &s, (size_t)size);
    } else if (size == 4) {
        pack_turned(p, &s);
    } else {
        pack_turned_doubles(p, &s);
    }
}

static void pack_strips(void *work, int64_t begin, int64_t end) {
    const conv_panels *p = work;
    for (int64_t i = begin; i < end; i++) {
        pack_strip(p, i / p->taps / p->count, i / p->taps % p->count, i % p->taps);
    }
}

void conv_pack(const conv_panels *p) {
    conv_panels own = *p;
    threads_run(p->groups * p->count * p->taps, threads_grain(p->rows * p->width / 8), pack_strips,
                &own);
}
