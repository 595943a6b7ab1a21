/* What a block of places sees, as lines. */
#include "conv_lines.h"

#include "../core/memory.h"
#include "registers.h"

static int64_t smaller(int64_t a, int64_t b) {
    return a < b ? a : b;
}

conv_lines conv_lines_of(const conv *c, const void *x) {
    conv_gather gather = gather_open(c, x);
    return (conv_lines){
        .gather = gather,
        .runs = scan_tap_count(&gather.scan) / gather.run,
        .row = gather.scan.axes[CONV_AXES - 1].places,
    };
}

/* A block has at most one piece more than the rows it would fill. */
bool conv_lines_open(const conv_lines *l, int64_t most, conv_lines_block *b) {
    int64_t lines = l->runs * ((most + l->row - 2) / l->row + 1);
    int64_t longest = gather_line_length(&l->gather, smaller(most, l->row)) * l->gather.size;
    int64_t list_bytes = lines * (int64_t)sizeof *b->list;
    int64_t bytes;
    if (!size_multiply(lines, longest + (int64_t)sizeof *b->list, &bytes)) {
        return false;
    }
    char *memory = memory_take((size_t)bytes);
    *b = (conv_lines_block){
        .lines = l,
        .most = most,
        .list = (void *)memory,
        .line_bytes = longest,
        .room = memory + list_bytes,
        .memory = memory,
        .bytes = (size_t)bytes,
    };
    return memory != NULL;
}

void conv_lines_close(const conv_lines_block *b) {
    memory_give(b->memory, b->bytes);
}

void conv_lines_move(conv_lines_block *b, const scan_tap *taps, int64_t first, int64_t count) {
    const conv_gather *g = &b->lines->gather;
    output_coordinate coordinate = scan_place(&g->scan, first);
    int64_t line = 0;
    b->first = first;
    b->first_length = scan_row_left(&g->scan, &coordinate);
    while (count > 0) {
        gather_view v = {.coordinate = &coordinate,
                         .n = smaller(count, scan_row_left(&g->scan, &coordinate))};
        for (int64_t run = 0; run < b->lines->runs; run++) {
            v.tap = &taps[run * g->run];
            b->list[line] = gather_line(g, &v, b->room + line * b->line_bytes);
            line++;
        }
        count -= v.n;
        scan_advance(&g->scan, &coordinate, v.n);
    }
}

void conv_lines_next(const conv_lines_block *b, int64_t first, int64_t count, conv_places *p) {
    p->count = (int)count;
    for (int i = 0; i < CONV_ROWS; i++) {
        p->results[i] = b->first + first + i;
    }
}

/* Places begin <= i < end of a tile lie in the piece of these lines, the first of them at `at`. */
typedef struct tile_part {
    const char **lines;
    int begin;
    int end;
    int64_t at;
    int64_t step; /* bytes from place to place */
} tile_part;

static ALWAYS_INLINE void look_along(const tile_part *p, int64_t count, const int begin,
                                     const int end, const void *(*a)[CONV_ROWS]) {
    for (int64_t s = 0; s < count; s++) {
        const char *at = p->lines[s] + p->at * p->step;
        for (int i = begin; i < end; i++) {
            a[s][i] = at + (i - begin) * p->step;
        }
    }
}

/* Rows that nobody reads look where the tile's first one does. */
static void fill_up(int places, int64_t count, const void *(*a)[CONV_ROWS]) {
    for (int64_t s = 0; s < count; s++) {
        for (int i = places; i < CONV_ROWS; i++) {
            a[s][i] = a[s][0];
        }
    }
}

void conv_lines_look(const conv_lines_block *b, int64_t first, int places, int64_t first_run,
                     int64_t count, const void *(*a)[CONV_ROWS]) {
    const conv_lines *l = b->lines;
    int64_t behind = first - b->first_length;
    int64_t piece = behind < 0 ? 0 : behind / l->row + 1;
    int64_t left = behind < 0 ? -behind : l->row - behind % l->row;
    tile_part p = {
        .lines = b->list + piece * l->runs + first_run,
        .at = behind < 0 ? first : behind % l->row,
        .step = l->gather.line_step * l->gather.size,
    };
    if (places == CONV_ROWS && left >= CONV_ROWS) {
        look_along(&p, count, 0, CONV_ROWS, a);
        return;
    }
    while (p.begin < places) {
        p.end = (int)smaller(places, p.begin + left);
        look_along(&p, count, p.begin, p.end, a);
        p.begin = p.end;
        p.lines += l->runs;
        p.at = 0;
        left = l->row;
    }
    fill_up(places, count, a);
}
