/* The gradient by the kernel, a block of its rows over a stretch of places at a time. */
#include "conv_kernel_block.h"

#include <string.h>

#include "../core/memory.h"
#include "../core/threads.h"
#include "conv_tile.h"

enum {
    PANEL_BYTES = 128, /* of a row of the widest panel */
    CACHE_LINE = 64,
};

static int64_t smaller(int64_t a, int64_t b) {
    return a < b ? a : b;
}

/* ---- gathering ------------------------------------------------------------------------------ */

bool kernel_block_open(const kernel_sum *k, kernel_workspace *w) {
    int64_t lines = k->reads_lines ? k->runs * k->pieces : 0;
    int64_t tiles = k->reads_lines ? 0 : threads_chunks(k->block_rows, CONV_ROWS);
    int64_t list = lines * (int64_t)sizeof *w->lines;
    int64_t gathered = lines * k->line_bytes + tiles * k->tile_bytes;
    w->bytes = (size_t)(list + gathered);
    w->memory = memory_take(w->bytes);
    if (!w->memory) {
        return false;
    }
    w->lines = (void *)w->memory;
    w->gathered = w->memory + list;
    memset(w->gathered, 0, (size_t)gathered);
    return true;
}

void kernel_block_close(const kernel_workspace *w) {
    memory_give(w->memory, w->bytes);
}

static void gather_piece_lines(const kernel_sum *k, gather_view v, int64_t piece,
                               const kernel_workspace *w) {
    for (int64_t run = 0; run < k->runs; run++) {
        int64_t line = run * k->pieces + piece;
        v.tap = &k->taps[run * k->gather.run];
        w->lines[line] = gather_line(&k->gather, &v, w->gathered + line * k->line_bytes);
    }
}

static void gather_piece_tiles(const kernel_sum *k, gather_view v, const kernel_rows *rows,
                               int64_t piece, const kernel_workspace *w) {
    char *to = w->gathered + piece * v.n * CONV_ROWS * k->size;
    v.tap = &k->taps[rows->first / k->gather.width * k->gather.run];
    gather_tiles(&k->gather, &v, rows->first % k->gather.width, rows->rows, to, k->tile_bytes);
}

static void gather(const kernel_sum *k, const kernel_rows *rows, const k_block *s,
                   const kernel_workspace *w) {
    for (int64_t piece = 0; piece < s->pieces; piece++) {
        output_coordinate coordinate = scan_place(&k->gather.scan, s->first + piece * s->length);
        gather_view v = {.coordinate = &coordinate, .n = s->length, .group = rows->group};
        if (k->reads_lines) {
            gather_piece_lines(k, v, piece, w);
        } else {
            gather_piece_tiles(k, v, rows, piece, w);
        }
    }
}

/* ---- summing -------------------------------------------------------------------------------- */

/* A panel of dy, and all that tiles have in common under it. */
typedef struct panel_sum {
    const kernel_sum *k;
    const kernel_rows *rows;
    const kernel_workspace *w;
    kernel_ahead *ahead;
    char *result;                /* the panel's first column */
    conv_tile tile;              /* but for its rows */
    int64_t begins[MOST_PIECES]; /* of the panel's rows */
} panel_sum;

/* Where row first + i of the block has its numbers, along each piece. */
static void look_along_lines(const panel_sum *p, int64_t first, int64_t pieces,
                             const void *(*a)[CONV_ROWS]) {
    const kernel_sum *k = p->k;
    for (int i = 0; i < CONV_ROWS; i++) {
        int64_t row = p->rows->first + smaller(first + i, p->rows->rows - 1);
        const char **lines = p->w->lines + row / k->gather.width * k->pieces;
        int64_t offset = row % k->gather.width * k->size;
        for (int64_t piece = 0; piece < pieces; piece++) {
            a[piece][i] = lines[piece] + offset;
        }
    }
}

static void fetch(const char **at, int64_t bytes) {
    for (int64_t i = 0; i < bytes; i += CACHE_LINE) {
        __builtin_prefetch(*at + i, 0, 2);
    }
    *at += bytes;
}

/* The tile of rows from `first` of the block on. */
static void run_tile(const panel_sum *p, int64_t first) {
    const void *a[MOST_PIECES][CONV_ROWS];
    const kernel_sum *k = p->k;
    int64_t groups = k->c->groups;
    int64_t row_bytes = groups * k->c->filters * k->size;
    conv_tile t = p->tile;
    t.rows = (int)smaller(CONV_ROWS, p->rows->rows - first);
    t.a = a;
    if (k->reads_lines) {
        look_along_lines(p, first, t.segments, a);
    } else {
        a[0][0] = p->w->gathered + first / CONV_ROWS * k->tile_bytes;
    }
    for (int i = 0; i < t.rows; i++) {
        t.y[i] = p->result + (p->rows->first + first + i) * row_bytes;
    }
    fetch(&p->ahead->x, p->ahead->x_bytes);
    fetch(&p->ahead->dy, p->ahead->dy_bytes);
    conv_tile_run(k->c->dtype, &t);
}

/* `count` rows of a panel that is not as wide as panels are. */
static void widen(const kernel_sum *k, conv_tile *t, int64_t count, int64_t width, char *to) {
    const char *from = t->b;
    size_t own = (size_t)(t->columns * k->size);
    size_t rest = (size_t)((width - t->columns) * k->size);
    t->b = to;
    for (int64_t i = 0; i < count; i++) {
        memcpy(to, from + i * t->b_step * k->size, own);
        memset(to + own, 0, rest);
        to += own + rest;
    }
    t->b_step = width;
}

/* The panel of dy from filter `column` of the group on, under all tiles. */
static void run_panel(panel_sum *p, const k_block *s, int64_t column) {
    _Alignas(CACHE_LINE) char wide[K_BLOCK * PANEL_BYTES];
    const kernel_sum *k = p->k;
    const conv *c = k->c;
    int64_t width = conv_tile_columns(c->dtype, c->filters - column);
    int64_t own = p->rows->group * c->filters + column;
    conv_tile *t = &p->tile;
    t->columns = (int)smaller(width, c->filters - column);
    t->b_step = c->groups * c->filters;
    t->b = k->dy + (s->first * t->b_step + own) * k->size;
    if (t->columns < width) {
        widen(k, t, s->pieces * s->length, width, wide);
    }
    for (int64_t i = 0; i < t->segments; i++) {
        p->begins[i] = i * t->depth;
    }
    for (int64_t first = 0; first < p->rows->rows; first += CONV_ROWS) {
        run_tile(p, first);
    }
}

void kernel_block_run(const kernel_sum *k, const kernel_rows *rows, const k_block *s,
                      const kernel_workspace *w, kernel_ahead *ahead, char *result) {
    panel_sum p = {.k = k, .rows = rows, .w = w, .ahead = ahead};
    p.tile = (conv_tile){
        .kind = k->reads_lines ? CONV_LINES : CONV_MINGLED,
        .segments = k->reads_lines ? s->pieces : 1,
        .depth = k->reads_lines ? s->length : s->pieces * s->length,
        .a_step = k->gather.line_step,
        .adds = s->adds,
    };
    p.tile.b_begins = p.begins;
    gather(k, rows, s, w);
    for (int64_t column = 0; column < k->c->filters; column += p.tile.columns) {
        p.result = result + (rows->group * k->c->filters + column) * k->size;
        run_panel(&p, s, column);
    }
}
