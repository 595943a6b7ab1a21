/* Interpolation kernels, and the weights that they give: y[i] = sum of w(|s - j|) x[j] / sum of
 * w. */
#include "resize_weights.h"

#include <math.h>

#include "../core/error.h"
#include "../core/memory.h"
#include "../core/sizes.h"

/* ---- interpolation kernels w(x) of the distance 0 <= x < radius ------------------------------ */

static double linear(double x) {
    return 1 - x;
}

/* Keys, IEEE Transactions on Acoustics, Speech and Signal Processing 29 (1981), with a = -1/2. */
static double cubic(double x) {
    return x < 1 ? (1.5 * x - 2.5) * x * x + 1 : ((-0.5 * x + 2.5) * x - 4) * x + 2;
}

/* sinc(x) sinc(x / radius), where sinc(x) = sin(pi x) / (pi x). */
static double lanczos(double x, double radius) {
    const double angle = x * 3.14159265358979323846;
    return x == 0 ? 1 : radius * sin(angle) * sin(angle / radius) / (angle * angle);
}

static double lanczos3(double x) {
    return lanczos(x, 3);
}

static double lanczos5(double x) {
    return lanczos(x, 5);
}

static const struct {
    double (*at)(double);
    int64_t radius; /* w(x) = 0 from here on */
} KERNELS[RESIZE_METHODS] = {
    [RESIZE_LINEAR] = {linear, 1},
    [RESIZE_CUBIC] = {cubic, 2},
    [RESIZE_LANCZOS3] = {lanczos3, 3},
    [RESIZE_LANCZOS5] = {lanczos5, 5},
};

/* ---- coordinates: integers in units of 1 / (2 out) of an element of x, so they are exact ----- */

/* The distance at which w is called with x = 1. */
static int64_t unit_of(const resize *r) {
    return 2 * (r->antialias ? larger(r->in, r->out) : r->out);
}

static int64_t reach_of(const resize *r) {
    return KERNELS[r->method].radius * unit_of(r);
}

static int64_t most_sources(const resize *r) {
    if (r->method == RESIZE_NEAREST) {
        return 1;
    }
    return smaller(divide_up(reach_of(r), r->out), r->in);
}

/* s + 1/2 for element i of y. */
static int64_t center_of(const resize *r, int64_t i) {
    return (2 * i + 1) * r->in;
}

/* Finds the elements j of x whose distance |center - (2 j + 1) out| is less than the reach. */
static void find_source(const resize *r, int64_t i, resize_source *source) {
    const int64_t cell = 2 * r->out;
    if (r->method == RESIZE_NEAREST) {
        source->from = center_of(r, i) / cell;
        source->count = 1;
        return;
    }
    const int64_t middle = center_of(r, i) - r->out;
    const int64_t before = middle - reach_of(r);
    const int64_t end = divide_up(middle + reach_of(r), cell);
    source->from = before < 0 ? 0 : before / cell + 1;
    source->count = smaller(end, r->in) - source->from;
}

/* Weights are divided by their sum, so that they sum to 1 at the ends of the axis too, where
 * elements are missing on one side. */
static void weigh(const resize *r, int64_t i, const resize_source *source, double *weights) {
    if (r->method == RESIZE_NEAREST) {
        weights[0] = 1;
        return;
    }
    double total = 0;
    for (int64_t k = 0; k < source->count; k++) {
        const int64_t coordinate = (2 * (source->from + k) + 1) * r->out;
        const double distance = fabs((double)(center_of(r, i) - coordinate));
        weights[k] = KERNELS[r->method].at(distance / (double)unit_of(r));
        total += weights[k];
    }
    for (int64_t k = 0; k < source->count; k++) {
        weights[k] /= total;
    }
}

/* ---- the table ------------------------------------------------------------------------------ */

static size_t source_bytes(const resize_table *t) {
    return sizeof(resize_source) * (size_t)t->out;
}

static size_t weight_bytes(const resize_table *t) {
    return sizeof(double) * (size_t)t->out * (size_t)t->most;
}

lego_status resize_table_make(const resize *r, resize_table *table) {
    *table = (resize_table){.out = r->out, .most = most_sources(r)};
    int64_t bytes;
    if (!size_multiply(r->out, table->most, &bytes) ||
        !size_multiply(bytes, sizeof(double), &bytes)) {
        return fail(LEGO_NO_MEMORY, "resize: the weights of %lld elements do not fit into memory",
                    (long long)r->out);
    }
    table->sources = memory_take(source_bytes(table));
    table->weights = memory_take(weight_bytes(table));
    if (!table->sources || !table->weights) {
        resize_table_free(table);
        return LEGO_NO_MEMORY;
    }
    for (int64_t i = 0; i < r->out; i++) {
        resize_source *source = &table->sources[i];
        double *weights = table->weights + i * table->most;
        find_source(r, i, source);
        weigh(r, i, source, weights);
        source->weights = weights;
    }
    return LEGO_OK;
}

void resize_table_free(resize_table *table) {
    if (table->sources) {
        memory_give(table->sources, source_bytes(table));
    }
    if (table->weights) {
        memory_give(table->weights, weight_bytes(table));
    }
}
