/* Images sampled at the coordinates that a matrix gives, and the adjoint of this map. The end of
 * this file is a template for one type of number (per_float.h). */
#ifndef NUMBER
#include "affine.h"

#include <string.h>

#include "../core/dtype.h"
#include "../core/sizes.h"
#include "../core/threads.h"
#include "elements.h"
#include "unroll.h"

enum { TILE = 64, CORNERS = 4, OUTSIDE = -1 };
#define ONE_PIXEL ((int64_t)1 << 32)
#define MOST_STEP ((int64_t)1 << 62) /* along a row of the output, in 2^-32 pixels */

/* The sources of a tile: of pixels next to each other in one row of the output. */
typedef struct pixel_tile {
    int64_t count;
    int64_t corners[TILE][CORNERS]; /* offsets of the four pixels in the image, or OUTSIDE */
    uint32_t down[TILE];            /* distance from the upper corners, in 2^-32 pixels */
    uint32_t right[TILE];           /* distance from the left corners */
} pixel_tile;

/* ---- coordinates ---------------------------------------------------------------------------- */

static int64_t modulo(int64_t i, int64_t n) {
    int64_t rest = i % n;
    return rest < 0 ? rest + n : rest;
}

/* The index from which the fill mode takes index i, which is outside of 0 <= i < n. */
static int64_t beyond_edge(int64_t i, int64_t n, fill_mode mode) {
    if (n == 0 || mode == FILL_CONSTANT || mode == FILL_CUT) {
        return OUTSIDE;
    }
    if (mode == FILL_NEAREST) {
        return i < 0 ? 0 : n - 1;
    }
    if (mode == FILL_WRAP) {
        return modulo(i, n);
    }
    int64_t last = mode == FILL_REFLECT ? 2 * n - 1 : n > 1 ? 2 * n - 2 : 1;
    int64_t period = mode == FILL_REFLECT ? 2 * n : last;
    i = modulo(i, period);
    return i < n ? i : last - i;
}

static inline int64_t along_axis(int64_t i, int64_t n, fill_mode mode) {
    return (uint64_t)i < (uint64_t)n ? i : beyond_edge(i, n, mode);
}

static inline int64_t first_element(const affine *a, int64_t row, int64_t column) {
    return row < 0 || column < 0 ? OUTSIDE : (row * a->width + column) * a->channels;
}

/* Halves are rounded away from zero. */
static inline int64_t nearest_pixel(int64_t coordinate) {
    const int64_t half = (int64_t)1 << 31;
    return coordinate < 0 ? -((half - coordinate) >> 32) : (coordinate + half) >> 32;
}

static inline void set_nearest(const affine *a, int64_t row, int64_t column, pixel_tile *t,
                               int64_t i) {
    row = along_axis(nearest_pixel(row), a->height, a->mode);
    column = along_axis(nearest_pixel(column), a->width, a->mode);
    t->corners[i][0] = first_element(a, row, column);
    t->down[i] = t->right[i] = 0;
}

/* Four pixels of which some may lie beyond the edges. If a coordinate is a whole number, both
 * corners are the same pixel. */
static void set_edge_corners(const affine *a, int64_t row, int64_t column, pixel_tile *t,
                             int64_t i) {
    int64_t top = along_axis(row >> 32, a->height, a->mode);
    int64_t bottom = along_axis((row >> 32) + (t->down[i] != 0), a->height, a->mode);
    int64_t left = along_axis(column >> 32, a->width, a->mode);
    int64_t right = along_axis((column >> 32) + (t->right[i] != 0), a->width, a->mode);
    t->corners[i][0] = first_element(a, top, left);
    t->corners[i][1] = first_element(a, top, right);
    t->corners[i][2] = first_element(a, bottom, left);
    t->corners[i][3] = first_element(a, bottom, right);
}

static inline void set_corners(const affine *a, int64_t row, int64_t column, pixel_tile *t,
                               int64_t i) {
    t->down[i] = (uint32_t)row;
    t->right[i] = (uint32_t)column;
    bool is_inside =
        row >= 0 && (row >> 32) + 1 < a->height && column >= 0 && (column >> 32) + 1 < a->width;
    if (!is_inside) {
        set_edge_corners(a, row, column, t, i);
        return;
    }
    int64_t first = ((row >> 32) * a->width + (column >> 32)) * a->channels;
    t->corners[i][0] = first;
    t->corners[i][1] = first + a->channels;
    t->corners[i][2] = first + a->width * a->channels;
    t->corners[i][3] = first + (a->width + 1) * a->channels;
}

/* Whether a coordinate lies on a pixel or between two pixels of the image. */
static inline bool is_within(int64_t coordinate, int64_t n) {
    return coordinate >= 0 && (coordinate >> 32) + ((uint32_t)coordinate != 0) < n;
}

/* Whether no pixel of the image has a share in what is sampled there. */
static inline bool is_beyond(int64_t coordinate, int64_t n) {
    return coordinate <= -ONE_PIXEL || coordinate >= n * ONE_PIXEL;
}

/* Whether nothing but the fill value is seen. */
static inline bool is_filled(const affine *a, int64_t row, int64_t column) {
    if (a->mode == FILL_CUT) {
        return !(is_within(row, a->height) && is_within(column, a->width));
    }
    return a->mode == FILL_CONSTANT && (is_beyond(row, a->height) || is_beyond(column, a->width));
}

static inline void set_source(const affine *a, int64_t row, int64_t column, pixel_tile *t,
                              int64_t i) {
    if (is_filled(a, row, column)) {
        t->corners[i][0] = OUTSIDE;
        t->down[i] = t->right[i] = 0;
    } else if (a->is_bilinear) {
        set_corners(a, row, column, t, i);
    } else {
        set_nearest(a, row, column, t, i);
    }
}

/* Where the outputs of a row are sampled: output i at (row + i down, column + i right). Sums wrap
 * around: coordinates that overflow 64 bits are too far away to mean anything. */
typedef struct sample_line {
    uint64_t row, column;
    uint64_t down, right;
} sample_line;

/* From output `first` of a row of the output on. */
static sample_line line_from(const affine *a, int64_t image, int64_t row, int64_t first) {
    uint64_t m[6];
    memcpy(m, a->matrices + 6 * image, sizeof m);
    return (sample_line){
        .row = m[0] * (uint64_t)row + m[1] * (uint64_t)first + m[2],
        .column = m[3] * (uint64_t)row + m[4] * (uint64_t)first + m[5],
        .down = m[1],
        .right = m[4],
    };
}

static void find_sources(const affine *a, sample_line line, int64_t count, pixel_tile *t) {
    t->count = count;
    for (int64_t i = 0; i < count; i++) {
        set_source(a, (int64_t)line.row, (int64_t)line.column, t, i);
        line.row += line.down;
        line.column += line.right;
    }
}

/* The sources of as many pixels, all of whose corners are inside. */
typedef struct inner_tile {
    int64_t count;
    int32_t first[TILE]; /* the upper left one of the four, in pixels */
    uint32_t down[TILE]; /* as in pixel_tile */
    uint32_t right[TILE];
} inner_tile;

static void find_first(const affine *a, sample_line line, inner_tile *t) {
    const uint32_t width = (uint32_t)a->width;
    for (int64_t i = 0; i < t->count; i++) {
        const uint32_t row = (uint32_t)(line.row >> 32), column = (uint32_t)(line.column >> 32);
        t->first[i] = (int32_t)(row * width + column);
        t->down[i] = (uint32_t)line.row;
        t->right[i] = (uint32_t)line.column;
        line.row += line.down;
        line.column += line.right;
    }
}

/* Whether all four pixels around a point are in the image. */
static inline bool is_inside(const affine *a, uint64_t row, uint64_t column) {
    return (row >> 32) + 1 < (uint64_t)a->height && (column >> 32) + 1 < (uint64_t)a->width;
}

/* Outputs begin <= i < end of the row: those inside of the image. They lie side by side, as the
 * line is straight; none are counted where it might wrap around on its way. */
typedef struct inner_outputs {
    int64_t begin, end;
} inner_outputs;

static bool is_short(int64_t step, int64_t count) {
    return step < MOST_STEP / count && step > -(MOST_STEP / count);
}

static inner_outputs find_inner(const affine *a, sample_line line) {
    inner_outputs inner = {0, a->columns};
    if (!a->is_bilinear || a->height * a->width > INT32_MAX ||
        !is_short((int64_t)line.down, a->columns) || !is_short((int64_t)line.right, a->columns)) {
        return (inner_outputs){0, 0};
    }
    sample_line at = line;
    while (inner.begin < inner.end && !is_inside(a, at.row, at.column)) {
        at.row += at.down;
        at.column += at.right;
        inner.begin++;
    }
    at.row = line.row + line.down * (uint64_t)(inner.end - 1);
    at.column = line.column + line.right * (uint64_t)(inner.end - 1);
    while (inner.begin < inner.end && !is_inside(a, at.row, at.column)) {
        at.row -= at.down;
        at.column -= at.right;
        inner.end--;
    }
    return inner;
}

/* ---- pixels --------------------------------------------------------------------------------- */

#define TEMPLATE "affine.c"
#include "per_float.h"

static void sample_tile(const affine *a, const pixel_tile *t, const void *x, void *y) {
    if (a->dtype == LEGO_FLOAT64) {
        sample_float64(t, a->channels, a->fill, x, y);
    } else {
        sample_float32(t, a->channels, (float)a->fill, x, y);
    }
}

/* The shares of all pixels of a tile. */
typedef struct tile_shares {
    float of[CORNERS][TILE];
} tile_shares;

static void find_shares(const inner_tile *t, tile_shares *shares) {
    _Pragma("omp simd") for (int i = 0; i < TILE; i++) {
        shares_float32(t->down[i], t->right[i], TILE, &shares->of[0][i]);
    }
}

/* Pixels of one number. */
static void sample_gray(const inner_tile *t, int64_t width, const float *x, float *restrict y) {
    tile_shares s;
    find_shares(t, &s);
    for (int64_t i = 0; i < t->count; i++) {
        const float *above = x + t->first[i], *below = above + width;
        const float mix = s.of[0][i] * above[0] + s.of[1][i] * above[1] + s.of[2][i] * below[0] +
                          s.of[3][i] * below[1];
        y[i] = t->down[i] | t->right[i] ? mix : above[0];
    }
}

/* Pixels of three numbers, as vectors of four: the last lane is the next pixel's. Of the lower
 * right corner, which may be the image's last pixel, the number before it is loaded instead. */
typedef float four_numbers __attribute__((vector_size(16)));

static inline four_numbers load_four(const float *x) {
    four_numbers y;
    memcpy(&y, x, sizeof y);
    return y;
}

static void sample_colors(const inner_tile *t, int64_t width, const float *x, float *y) {
    tile_shares s;
    find_shares(t, &s);
    for (int64_t i = 0; i < t->count; i++) {
        const float *above = x + 3 * (int64_t)t->first[i], *below = above + 3 * width;
        four_numbers mix = load_four(above);
        if (t->down[i] | t->right[i]) {
            const four_numbers last = load_four(below + 2);
            const four_numbers opposite = {last[1], last[2], last[3], 0};
            mix = s.of[0][i] * mix + s.of[1][i] * load_four(above + 3) +
                  s.of[2][i] * load_four(below) + s.of[3][i] * opposite;
        }
        memcpy(y + 3 * i, &mix, i < t->count - 1 ? sizeof mix : 3 * sizeof(float));
    }
}

static void sample_inner(const affine *a, const inner_tile *t, const void *x, void *y) {
    if (a->dtype == LEGO_FLOAT64) {
        sample_inner_float64(t, a->width, a->channels, x, y);
    } else if (a->channels == 3) {
        sample_colors(t, a->width, x, y);
    } else if (a->channels == 1) {
        sample_gray(t, a->width, x, y);
    } else {
        sample_inner_float32(t, a->width, a->channels, x, y);
    }
}

/* ---- images --------------------------------------------------------------------------------- */

typedef struct affine_work {
    const affine *a;
    size_t pixel; /* bytes */
    const char *x;
    char *y;
} affine_work;

/* Outputs begin <= i < end of row number `row`, counted over all images. */
static void sample_any(const affine_work *work, int64_t row, int64_t begin, int64_t end) {
    const affine *a = work->a;
    const int64_t image = row / a->rows;
    const char *x = work->x + (size_t)(image * a->height * a->width) * work->pixel;
    char *y = work->y + (size_t)(row * a->columns) * work->pixel;
    pixel_tile t;
    for (int64_t i = begin; i < end; i += TILE) {
        find_sources(a, line_from(a, image, row % a->rows, i), smaller(TILE, end - i), &t);
        sample_tile(a, &t, x, y + (size_t)i * work->pixel);
    }
}

/* The same for outputs inside. */
static void sample_inside(const affine_work *work, int64_t row, inner_outputs inner) {
    const affine *a = work->a;
    const int64_t image = row / a->rows;
    const char *x = work->x + (size_t)(image * a->height * a->width) * work->pixel;
    char *y = work->y + (size_t)(row * a->columns) * work->pixel;
    inner_tile t = {0};
    for (int64_t i = inner.begin; i < inner.end; i += TILE) {
        t.count = smaller(TILE, inner.end - i);
        find_first(a, line_from(a, image, row % a->rows, i), &t);
        sample_inner(a, &t, x, y + (size_t)i * work->pixel);
    }
}

static void sample_rows(void *context, int64_t begin, int64_t end) {
    const affine_work *work = context;
    const affine *a = work->a;
    for (int64_t row = begin; row < end; row++) {
        inner_outputs inner = find_inner(a, line_from(a, row / a->rows, row % a->rows, 0));
        sample_any(work, row, 0, inner.begin);
        sample_inside(work, row, inner);
        sample_any(work, row, inner.end, a->columns);
    }
}

void affine_sample(const affine *a, const void *x, void *y) {
    size_t pixel = (size_t)a->channels * lego_dtype_size(a->dtype);
    affine_work work = {.a = a, .pixel = pixel, .x = x, .y = y};
    const int64_t operations_per_element = 8;
    int64_t row_size = a->columns * a->channels;
    if (row_size > 0) {
        threads_run(a->images * a->rows, threads_grain(operations_per_element * row_size),
                    sample_rows, &work);
    }
}

/* Each image of dx is written by one thread, so that its sums have one order. */
static void spread_images(void *context, int64_t begin, int64_t end) {
    const affine_work *work = context;
    const affine *a = work->a;
    size_t image_bytes = (size_t)(a->height * a->width) * work->pixel;
    size_t row_bytes = (size_t)a->columns * work->pixel;
    pixel_tile t;
    memset(work->y + (size_t)begin * image_bytes, 0, (size_t)(end - begin) * image_bytes);
    for (int64_t i = begin * a->rows; i < end * a->rows; i++) {
        char *dx = work->y + (size_t)(i / a->rows) * image_bytes;
        for (int64_t column = 0; column < a->columns; column += TILE) {
            sample_line line = line_from(a, i / a->rows, i % a->rows, column);
            find_sources(a, line, smaller(TILE, a->columns - column), &t);
            const char *dy = work->x + (size_t)i * row_bytes + (size_t)column * work->pixel;
            if (a->dtype == LEGO_FLOAT64) {
                spread_float64(&t, a->channels, (const double *)dy, (double *)dx);
            } else {
                spread_float32(&t, a->channels, (const float *)dy, (float *)dx);
            }
        }
    }
}

void affine_spread(const affine *a, const void *dy, void *dx) {
    size_t pixel = (size_t)a->channels * lego_dtype_size(a->dtype);
    affine_work work = {.a = a, .pixel = pixel, .x = dy, .y = dx};
    if (pixel > 0 && a->height * a->width > 0) {
        threads_run(a->images, 1, spread_images, &work);
    }
}

#else /* the template, for one type of number */

/* Of the four corners, in shares[0], shares[step], ... */
static ALWAYS_INLINE void NAME(shares)(uint32_t below, uint32_t beside, const int step,
                                       NUMBER *shares) {
    NUMBER down = (NUMBER)below * (NUMBER)0x1p-32;
    NUMBER right = (NUMBER)beside * (NUMBER)0x1p-32;
    shares[0] = (1 - down) * (1 - right);
    shares[step] = (1 - down) * right;
    shares[2 * step] = down * (1 - right);
    shares[3 * step] = down * right;
}

/* y[n] = the sum of the four pixels times their shares. */
static NEVER_INLINE void NAME(mix)(int64_t n, const NUMBER *s, const NUMBER *const *corners,
                                   NUMBER *restrict y) {
    const NUMBER *a = corners[0], *b = corners[1], *c = corners[2], *d = corners[3];
    EACH_ELEMENT {
        y[i] = s[0] * a[i] + s[1] * b[i] + s[2] * c[i] + s[3] * d[i];
    }
}

/* One pixel, exactly: the only one at whole coordinates. */
static ALWAYS_INLINE void NAME(copy)(int64_t n, const NUMBER *x, NUMBER *y) {
    if (n == 1) {
        *y = *x;
    } else if (n == 3) {
        memcpy(y, x, 3 * sizeof *y);
    } else {
        memcpy(y, x, (size_t)n * sizeof *y);
    }
}

/* Four pixels, of which some may lie outside: `outside` has n <= TILE numbers for these. */
static NEVER_INLINE void NAME(mix_edge)(const pixel_tile *t, int64_t i, int64_t n,
                                        const NUMBER *outside, const NUMBER *x, NUMBER *y) {
    const NUMBER *corners[CORNERS];
    NUMBER s[CORNERS];
    for (int j = 0; j < CORNERS; j++) {
        corners[j] = t->corners[i][j] < 0 ? outside : x + t->corners[i][j];
    }
    NAME(shares)(t->down[i], t->right[i], 1, s);
    NAME(mix)(n, s, corners, y);
}

static void NAME(sample)(const pixel_tile *t, int64_t channels, NUMBER fill, const NUMBER *x,
                         NUMBER *y) {
    NUMBER outside[TILE];
    for (int64_t k = 0; k < TILE; k++) {
        outside[k] = fill;
    }
    for (int64_t k = 0; k < channels; k += TILE) {
        const int64_t n = smaller(TILE, channels - k);
        for (int64_t i = 0; i < t->count; i++) {
            NUMBER *to = y + i * channels + k;
            const int64_t first = t->corners[i][0];
            if (t->down[i] | t->right[i]) {
                NAME(mix_edge)(t, i, n, outside, x + k, to);
            } else {
                NAME(copy)(n, first < 0 ? outside : x + first + k, to);
            }
        }
    }
}

/* All four pixels are inside. */
static void NAME(sample_inner)(const inner_tile *t, int64_t width, int64_t channels,
                               const NUMBER *x, NUMBER *y) {
    for (int64_t i = 0; i < t->count; i++, y += channels) {
        const NUMBER *above = x + t->first[i] * channels, *below = above + width * channels;
        const NUMBER *corners[CORNERS] = {above, above + channels, below, below + channels};
        NUMBER s[CORNERS];
        NAME(shares)(t->down[i], t->right[i], 1, s);
        if (t->down[i] | t->right[i]) {
            NAME(mix)(channels, s, corners, y);
        } else {
            NAME(copy)(channels, above, y);
        }
    }
}

/* The adjoint of sample(): adds dy times the shares to the four pixels of dx. */
static void NAME(spread)(const pixel_tile *t, int64_t channels, const NUMBER *dy, NUMBER *dx) {
    for (int64_t i = 0; i < t->count; i++, dy += channels) {
        NUMBER s[CORNERS];
        NAME(shares)(t->down[i], t->right[i], 1, s);
        int corners = t->down[i] | t->right[i] ? CORNERS : 1;
        for (int j = 0; j < corners; j++) {
            int64_t corner = t->corners[i][j];
            for (int64_t k = 0; k < channels && corner >= 0; k++) {
                dx[corner + k] += s[j] * dy[k];
            }
        }
    }
}

#endif
