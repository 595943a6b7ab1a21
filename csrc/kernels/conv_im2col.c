/* Rows of the im2col matrix, which is never stored. */
#include "conv_im2col.h"

#include <string.h>

#include "../core/memory.h"
#include "../core/sizes.h"
#include "move.h"
#include "registers.h"

/* ---- pixels ---------------------------------------------------------------------------------- */

lego_status pixel_view_open(pixel_view *v, int64_t most_taps, int64_t zero_bytes) {
    int64_t tap_bytes;
    if (!size_multiply(most_taps, sizeof(conv_tap), &tap_bytes)) {
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

void pixel_view_close(pixel_view *v) {
    memory_give(v->memory, v->bytes);
}

void pixel_view_set(pixel_view *v, conv_geometry g) {
    v->geometry = g;
    v->tap_count = geometry_taps(&v->geometry, v->taps);
}

/* to[i] = first + i * step; a constant length makes it a few vectors. */
static inline void count_up(int64_t first, int64_t step, int64_t *to) {
    for (int i = 0; i < CONV_ROWS; i++) {
        to[i] = first;
        first += step;
    }
}

/* Outputs of one image row, from number i of the tile on. Those that are too many are overwritten
 * later. */
static void add_row(const pixel_view *v, const output_coordinate *coordinate, int i, row_tile *t) {
    const geometry_axis *last = &v->geometry.axes[CONV_AXES - 1];
    count_up(coordinate->source[0], 0, t->sources[0] + i);
    count_up(coordinate->source[1], 0, t->sources[1] + i);
    count_up(coordinate->source[2], last->step, t->sources[2] + i);
    count_up(coordinate->source_offset * v->pixel, last->step * v->pixel, t->begins + i);
    count_up(coordinate->result_offset, last->result_step, t->results + i);
}

static void fill_tile(row_tile *t) {
    for (int i = t->count; i < CONV_ROWS; i++) {
        for (int axis = 0; axis < CONV_AXES; axis++) {
            t->sources[axis][i] = t->sources[axis][0];
        }
        t->begins[i] = t->begins[0];
        t->results[i] = t->results[0];
    }
}

void pixel_view_next(const pixel_view *v, output_coordinate *coordinate, int64_t count,
                     row_tile *t) {
    t->count = (int)count;
    t->sees_all = true;
    for (int i = 0; i < t->count;) {
        int n = (int)smaller(coordinate_row_left(&v->geometry, coordinate), count - i);
        add_row(v, coordinate, i, t);
        t->sees_all = t->sees_all && coordinate_sees_all(&v->geometry, coordinate, n);
        coordinate_advance(&v->geometry, coordinate, n);
        i += n;
    }
    fill_tile(t);
}

/* begins[i] += shift, or `zeros` where the source is outside: along an axis, a source or its
 * distance to the last one is negative there. All are numbers, so that the loops become vectors. */
static void shift_inside(const pixel_view *v, const row_tile *t, const conv_tap *tap, int64_t shift,
                         int64_t zeros, int64_t *begins) {
    int64_t signs[CONV_ROWS] = {0};
    for (int axis = 0; axis < CONV_AXES; axis++) {
        int64_t last = v->geometry.axes[axis].sources - 1;
        _Pragma("omp simd") for (int i = 0; i < CONV_ROWS; i++) {
            int64_t source = t->sources[axis][i] + tap->shift[axis];
            signs[i] |= source | (last - source);
        }
    }
    _Pragma("omp simd") for (int i = 0; i < CONV_ROWS; i++) {
        int64_t outside = -(int64_t)(signs[i] < 0);
        begins[i] = (zeros & outside) | ((t->begins[i] + shift) & ~outside);
    }
}

void pixel_view_rows(const pixel_view *v, const row_tile *t, int64_t offset, int64_t first,
                     int64_t count, const void *(*a)[CONV_ROWS]) {
    const int64_t zeros = (const char *)v->zeros - v->source;
    for (int64_t s = 0; s < count; s++) {
        const conv_tap *tap = &v->taps[first + s];
        int64_t shift = tap->offset * v->pixel + offset;
        if (t->sees_all) {
            for (int i = 0; i < CONV_ROWS; i++) {
                a[s][i] = v->source + (t->begins[i] + shift);
            }
        } else {
            int64_t begins[CONV_ROWS];
            shift_inside(v, t, tap, shift, zeros, begins);
            for (int i = 0; i < CONV_ROWS; i++) {
                a[s][i] = v->source + begins[i];
            }
        }
    }
}

/* ---- runs of taps ---------------------------------------------------------------------------- */

im2col im2col_of(const conv *c, const void *x) {
    const conv_axis *last = &c->axes[CONV_AXES - 1];
    bool is_dense = c->groups == 1 && last->dilation == 1;
    im2col m = {
        .x = x,
        .size = (int64_t)lego_dtype_size(c->dtype),
        .geometry = geometry_forward(c),
        .groups = c->groups,
        .channels = c->channels,
        .run = is_dense ? last->taps : 1,
        .is_dense = is_dense,
        .line_step = is_dense ? last->stride * c->channels : c->channels,
        .row_outputs = last->output,
    };
    m.width = m.run * c->channels;
    m.runs = geometry_tap_count(&m.geometry) / m.run;
    return m;
}

/* A row of the image is a line of `length` numbers, counting the group's channels alone. The first
 * output sees `width` of them from number `at` on, the others each `step` further: some, or all,
 * may be outside. */
typedef struct line_view {
    const char *from; /* the first output's; `from_step` bytes to the next output's */
    int64_t from_step;
    int64_t at;
    int64_t step;
    int64_t length;
    int64_t width;
} line_view;

static line_view line_view_of(const im2col *m, const im2col_rows *r, int64_t first, int64_t width) {
    const geometry_axis *axis = &m->geometry.axes[CONV_AXES - 1];
    int64_t pixel = m->groups * m->channels * m->size;
    int64_t own = (r->group * m->channels + first) * m->size;
    int64_t column = r->coordinate->source[CONV_AXES - 1] + r->tap->shift[CONV_AXES - 1];
    line_view v = {
        .from = m->x + ((r->coordinate->source_offset + r->tap->offset) * pixel + own),
        .from_step = axis->step * pixel,
        .at = column * m->channels + first,
        .step = axis->step * m->channels,
        .length = axis->sources * m->channels,
        .width = width,
    };
    if (im2col_is_outside(m, r)) {
        v.length = INT64_MIN / 2;
    }
    return v;
}

/* to[i] = number at + i of a line, of which `from` is number `at`; 0 outside. */
static void copy_inside(const im2col *m, const char *from, int64_t at, int64_t length, int64_t n,
                        char *to) {
    int64_t first = smaller(n, at < 0 ? -at : 0);
    int64_t last = larger(first, smaller(n, length - at));
    memset(to, 0, (size_t)(first * m->size));
    if (first < last) {
        memcpy(to + first * m->size, from + first * m->size, (size_t)((last - first) * m->size));
    }
    memset(to + last * m->size, 0, (size_t)((n - last) * m->size));
}

static void copy_output(const im2col *m, const line_view *v, int64_t i, char *to) {
    copy_inside(m, v->from + i * v->from_step, v->at + i * v->step, v->length, v->width, to);
}

const char *im2col_line(const im2col *m, const im2col_rows *r, char *room) {
    line_view v = line_view_of(m, r, 0, m->width);
    int64_t length = im2col_line_length(m, r->n);
    if (!m->is_dense) {
        for (int64_t i = 0; i < r->n; i++) {
            copy_output(m, &v, i, room + i * m->width * m->size);
        }
        return room;
    }
    if (v.at >= 0 && v.at + length <= v.length) {
        return v.from;
    }
    copy_inside(m, v.from, v.at, v.length, length, room);
    return room;
}

/* ---- tiles of columns ------------------------------------------------------------------------ */

/* Where an output's numbers go: CONV_ROWS to each of `whole` tiles, `rest` bytes to the last. */
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
        const char *output = from + i * from_step;
        char *to = c->to + i * bytes;
        for (int64_t tile = 0; tile < c->whole; tile++) {
            memcpy(to + tile * c->tile_bytes, output + tile * bytes, row);
        }
        copy_short(to + c->whole * c->tile_bytes, output + c->whole * bytes, c->rest);
    }
}

/* n outputs, from number `first` on. A constant length is copied without a call. */
static void cut_outputs(const im2col *m, const tile_cut *c, int64_t first, int64_t n,
                        const char *from, int64_t from_step) {
    tile_cut own = *c;
    own.to += first * CONV_ROWS * m->size;
    if (m->size == sizeof(float)) {
        cut_each(&own, n, from, from_step, CONV_ROWS * sizeof(float));
    } else {
        cut_each(&own, n, from, from_step, CONV_ROWS * sizeof(double));
    }
}

enum { EDGE_NUMBERS = 2 * MOST_GATHERED_COLUMNS };

/* Outputs that see something outside, through a copy of their line. Of a line that is not dense
 * each sees a pixel alone, which is outside. */
static void cut_edge(const im2col *m, const tile_cut *c, const line_view *v, int64_t begin,
                     int64_t end) {
    char line[EDGE_NUMBERS * sizeof(double)];
    if (!m->is_dense && begin < end) {
        memset(line, 0, (size_t)(v->width * m->size));
        cut_outputs(m, c, begin, end - begin, line, 0);
        return;
    }
    int64_t most = (EDGE_NUMBERS - v->width) / v->step + 1;
    for (int64_t i = begin; i < end; i += most) {
        int64_t n = smaller(most, end - i);
        copy_inside(m, v->from + i * v->from_step, v->at + i * v->step, v->length,
                    (n - 1) * v->step + v->width, line);
        cut_outputs(m, c, i, n, line, v->step * m->size);
    }
}

/* The first of n outputs whose numbers begin at `bound` or behind it. */
static int64_t first_from(const line_view *v, int64_t bound, int64_t n) {
    int64_t missing = bound - v->at;
    return missing <= 0 ? 0 : smaller(n, (missing + v->step - 1) / v->step);
}

void im2col_tiles(const im2col *m, const im2col_rows *r, int64_t first, int64_t columns, char *to,
                  int64_t tile_bytes) {
    line_view v = line_view_of(m, r, first, columns);
    tile_cut c = {to, tile_bytes, columns / CONV_ROWS, (size_t)(columns % CONV_ROWS * m->size)};
    int64_t begin = first_from(&v, 0, r->n);
    int64_t end = larger(begin, first_from(&v, v.length - columns + 1, r->n));
    cut_edge(m, &c, &v, 0, begin);
    cut_outputs(m, &c, begin, end - begin, v.from + begin * v.from_step, v.from_step);
    cut_edge(m, &c, &v, end, r->n);
}

/* ---- lines of a block of outputs ------------------------------------------------------------- */

/* A block lies in at most one row more than the rows that it would fill. */
bool line_block_open(const im2col *m, int64_t most, line_block *b) {
    int64_t lines = m->runs * ((most + m->row_outputs - 2) / m->row_outputs + 1);
    int64_t longest = im2col_line_length(m, smaller(most, m->row_outputs)) * m->size;
    int64_t list_bytes = lines * (int64_t)sizeof *b->list;
    int64_t bytes;
    if (!size_multiply(lines, longest + (int64_t)sizeof *b->list, &bytes)) {
        return false;
    }
    char *memory = memory_take((size_t)bytes);
    *b = (line_block){
        .matrix = m,
        .list = (void *)memory,
        .line_bytes = longest,
        .room = memory + list_bytes,
        .memory = memory,
        .bytes = (size_t)bytes,
    };
    return memory != NULL;
}

void line_block_close(const line_block *b) {
    memory_give(b->memory, b->bytes);
}

void line_block_move(line_block *b, const conv_tap *taps, int64_t first, int64_t count) {
    const im2col *m = b->matrix;
    output_coordinate coordinate = coordinate_at(&m->geometry, first);
    int64_t line = 0;
    b->first = first;
    b->first_left = coordinate_row_left(&m->geometry, &coordinate);
    while (count > 0) {
        int64_t n = smaller(count, coordinate_row_left(&m->geometry, &coordinate));
        im2col_rows r = {.coordinate = &coordinate, .n = n};
        for (int64_t run = 0; run < m->runs; run++) {
            r.tap = &taps[run * m->run];
            b->list[line] = im2col_line(m, &r, b->room + line * b->line_bytes);
            line++;
        }
        count -= n;
        coordinate_advance(&m->geometry, &coordinate, n);
    }
}

void line_block_next(const line_block *b, int64_t first, int64_t count, row_tile *t) {
    t->count = (int)count;
    for (int i = 0; i < CONV_ROWS; i++) {
        t->results[i] = b->first + first + i;
    }
}

/* Outputs begin <= i < end of a tile see parts of these lines, the first of them from output number
 * `at` of the line on; `step` bytes from output to output. */
typedef struct line_part {
    const char **lines;
    int begin;
    int end;
    int64_t at;
    int64_t step;
} line_part;

static ALWAYS_INLINE void point_along(const line_part *p, int64_t count, const int begin,
                                      const int end, const void *(*a)[CONV_ROWS]) {
    for (int64_t s = 0; s < count; s++) {
        const char *at = p->lines[s] + p->at * p->step;
        for (int i = begin; i < end; i++) {
            a[s][i] = at + (i - begin) * p->step;
        }
    }
}

static void fill_rows(int outputs, int64_t count, const void *(*a)[CONV_ROWS]) {
    for (int64_t s = 0; s < count; s++) {
        for (int i = outputs; i < CONV_ROWS; i++) {
            a[s][i] = a[s][0];
        }
    }
}

void line_block_rows(const line_block *b, int64_t first, int outputs, int64_t first_run,
                     int64_t count, const void *(*a)[CONV_ROWS]) {
    const im2col *m = b->matrix;
    int64_t behind = first - b->first_left; /* outputs behind the first row's end */
    int64_t row = behind < 0 ? 0 : behind / m->row_outputs + 1;
    int64_t left = behind < 0 ? -behind : m->row_outputs - behind % m->row_outputs;
    line_part p = {
        .lines = b->list + row * m->runs + first_run,
        .at = behind < 0 ? first : behind % m->row_outputs,
        .step = m->line_step * m->size,
    };
    if (outputs == CONV_ROWS && left >= CONV_ROWS) {
        point_along(&p, count, 0, CONV_ROWS, a);
        return;
    }
    while (p.begin < outputs) {
        p.end = (int)smaller(outputs, p.begin + left);
        point_along(&p, count, p.begin, p.end, a);
        p.begin = p.end;
        p.lines += m->runs;
        p.at = 0;
        left = m->row_outputs;
    }
    fill_rows(outputs, count, a);
}
