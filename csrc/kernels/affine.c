/* Images sampled at the coordinates that a matrix gives, and the adjoint of this map. The end of
 * this file is a template for one type of number (per_float.h). */
#ifndef NUMBER
#include "affine.h"

#include <string.h>

#include "../core/dtype.h"
#include "../core/sizes.h"
#include "../core/threads.h"

enum { TILE = 64, CORNERS = 4, OUTSIDE = -1 };

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

static inline void set_source(const affine *a, int64_t row, int64_t column, pixel_tile *t,
                              int64_t i) {
    if (a->mode == FILL_CUT && !(is_within(row, a->height) && is_within(column, a->width))) {
        t->corners[i][0] = OUTSIDE;
        t->down[i] = t->right[i] = 0;
    } else if (a->is_bilinear) {
        set_corners(a, row, column, t, i);
    } else {
        set_nearest(a, row, column, t, i);
    }
}

/* Computes the sources of the tile that begins at (row, column). Sums wrap around: coordinates that
 * overflow 64 bits are too far away to mean anything. */
static void find_sources(const affine *a, int64_t image, int64_t row, int64_t column,
                         pixel_tile *t) {
    uint64_t m[6];
    memcpy(m, a->matrices + 6 * image, sizeof m);
    uint64_t y = m[0] * (uint64_t)row + m[1] * (uint64_t)column + m[2];
    uint64_t x = m[3] * (uint64_t)row + m[4] * (uint64_t)column + m[5];
    t->count = smaller(TILE, a->columns - column);
    for (int64_t i = 0; i < t->count; i++) {
        set_source(a, (int64_t)y, (int64_t)x, t, i);
        y += m[1];
        x += m[4];
    }
}

/* ---- pixels --------------------------------------------------------------------------------- */

#define TEMPLATE "affine.c"
#include "per_float.h"

/* Inlined with the usual numbers of channels as constants, so that their loops are unrolled. */
static void sample_tile(const affine *a, const pixel_tile *t, const void *x, void *y) {
    if (a->dtype == LEGO_FLOAT64) {
        sample_float64(t, a->channels, a->fill, x, y);
    } else if (a->channels == 3) {
        sample_float32(t, 3, (float)a->fill, x, y);
    } else if (a->channels == 1) {
        sample_float32(t, 1, (float)a->fill, x, y);
    } else {
        sample_float32(t, a->channels, (float)a->fill, x, y);
    }
}

/* ---- images --------------------------------------------------------------------------------- */

typedef struct affine_work {
    const affine *a;
    size_t pixel; /* bytes */
    const char *x;
    char *y;
} affine_work;

/* Row = image * rows of an image + row in the image. */
static void sample_rows(void *context, int64_t begin, int64_t end) {
    const affine_work *work = context;
    const affine *a = work->a;
    size_t image_bytes = (size_t)(a->height * a->width) * work->pixel;
    pixel_tile t;
    for (int64_t i = begin; i < end; i++) {
        int64_t image = i / a->rows;
        const char *x = work->x + (size_t)image * image_bytes;
        for (int64_t column = 0; column < a->columns; column += TILE) {
            find_sources(a, image, i % a->rows, column, &t);
            sample_tile(a, &t, x, work->y + (size_t)(i * a->columns + column) * work->pixel);
        }
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
            find_sources(a, i / a->rows, i % a->rows, column, &t);
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

static inline NUMBER NAME(pixel)(const NUMBER *x, int64_t corner, NUMBER fill, int64_t channel) {
    return corner < 0 ? fill : x[corner + channel];
}

static inline void NAME(shares)(const pixel_tile *t, int64_t i, NUMBER shares[CORNERS]) {
    NUMBER down = (NUMBER)t->down[i] * (NUMBER)0x1p-32;
    NUMBER right = (NUMBER)t->right[i] * (NUMBER)0x1p-32;
    shares[0] = (1 - down) * (1 - right);
    shares[1] = (1 - down) * right;
    shares[2] = down * (1 - right);
    shares[3] = down * right;
}

/* y = the sum of the four pixels times their shares; at whole coordinates it is one pixel,
 * exactly. */
static inline void NAME(sample)(const pixel_tile *t, int64_t channels, NUMBER fill, const NUMBER *x,
                                NUMBER *y) {
    for (int64_t i = 0; i < t->count; i++, y += channels) {
        const int64_t *c = t->corners[i];
        NUMBER s[CORNERS];
        NAME(shares)(t, i, s);
        if (!(t->down[i] | t->right[i])) {
            for (int64_t k = 0; k < channels; k++) {
                y[k] = NAME(pixel)(x, c[0], fill, k);
            }
        } else if ((c[0] | c[1] | c[2] | c[3]) >= 0) {
            for (int64_t k = 0; k < channels; k++) {
                y[k] = s[0] * x[c[0] + k] + s[1] * x[c[1] + k] + s[2] * x[c[2] + k] +
                       s[3] * x[c[3] + k];
            }
        } else {
            for (int64_t k = 0; k < channels; k++) {
                y[k] = s[0] * NAME(pixel)(x, c[0], fill, k) + s[1] * NAME(pixel)(x, c[1], fill, k) +
                       s[2] * NAME(pixel)(x, c[2], fill, k) + s[3] * NAME(pixel)(x, c[3], fill, k);
            }
        }
    }
}

/* The adjoint of sample(): adds dy times the shares to the four pixels of dx. */
static void NAME(spread)(const pixel_tile *t, int64_t channels, const NUMBER *dy, NUMBER *dx) {
    for (int64_t i = 0; i < t->count; i++, dy += channels) {
        NUMBER s[CORNERS];
        NAME(shares)(t, i, s);
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
