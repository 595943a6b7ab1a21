/* Rows of the transposed im2col matrix, gathered. What lies outside of the image as a whole is
 * marked, so that no tile reads it. */
#include "conv_kernel_rows.h"

#include <string.h>

#include "../core/memory.h"
#include "../core/sizes.h"
#include "registers.h"

bool gathered_rows_open(const row_gathering *g, int64_t wide_bytes, gathered_rows *w) {
    int64_t lines = g->reads_lines ? g->matrix.runs * g->segments : 0;
    int64_t tiles = g->reads_lines ? 0 : divide_up(g->block_rows, CONV_ROWS);
    int64_t list = lines * (int64_t)sizeof *w->lines;
    int64_t flags = round_up(larger(lines, g->segments), CACHE_LINE);
    int64_t copied = lines * g->line_bytes + tiles * g->tile_bytes;
    w->bytes = (size_t)(wide_bytes + flags + list + copied);
    w->memory = memory_take(w->bytes);
    if (!w->memory) {
        return false;
    }
    w->wide = w->memory;
    w->widened = NULL;
    w->is_outside = (void *)(w->wide + wide_bytes);
    w->lines = (void *)((char *)w->is_outside + flags);
    w->tiles = (char *)w->lines + list;
    memset(w->tiles, 0, (size_t)copied);
    return true;
}

void gathered_rows_close(const gathered_rows *w) {
    memory_give(w->memory, w->bytes);
}

static void gather_lines(const row_gathering *g, im2col_rows r, int64_t segment,
                         const gathered_rows *w) {
    for (int64_t run = 0; run < g->matrix.runs; run++) {
        int64_t line = run * g->segments + segment;
        r.tap = &g->taps[run * g->matrix.run];
        w->is_outside[line] = im2col_is_outside(&g->matrix, &r);
        w->lines[line] = im2col_line(&g->matrix, &r, w->tiles + line * g->line_bytes);
    }
}

/* A block's rows are of one run: what is outside for one of them is so for all, and left out. */
static void gather_tiles(const row_gathering *g, im2col_rows r, const kernel_rows *rows,
                         int64_t segment, const gathered_rows *w) {
    char *to = w->tiles + segment * r.n * CONV_ROWS * g->matrix.size;
    r.tap = &g->taps[rows->first / g->matrix.width * g->matrix.run];
    w->is_outside[segment] = im2col_is_outside(&g->matrix, &r);
    if (!w->is_outside[segment]) {
        im2col_tiles(&g->matrix, &r, rows->first % g->matrix.width, rows->rows, to, g->tile_bytes);
    }
}

void gathered_rows_add(const row_gathering *g, const im2col_rows *r, const kernel_rows *rows,
                       int64_t segment, gathered_rows *w) {
    w->column = r->coordinate->source[CONV_AXES - 1];
    if (g->reads_lines) {
        gather_lines(g, *r, segment, w);
    } else {
        gather_tiles(g, *r, rows, segment, w);
    }
}
