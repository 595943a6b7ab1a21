/* Random numbers. Each number is a function of the key and of its index alone, so that any thread
 * may fill any chunk. */
#include "random.h"

#include <math.h>

#include "../core/dtype.h"
#include "../core/sizes.h"
#include "../core/threads.h"
#include "elements.h"
#include "error_function.h"
#include "logarithm.h"
#include "random_lanes.h"
#include "trigonometric.h"

enum { BLOCK_WORDS = 4, CHUNK_BLOCKS = 64, CHUNK_WORDS = BLOCK_WORDS * CHUNK_BLOCKS };

typedef struct draw draw;

/* Fills elements first <= i < first + n from their words. */
typedef void fill_loop(const draw *d, const uint32_t *words, int64_t first, int64_t n);

/* Makes `count` numbers of the words of a chunk. It may write up to a whole chunk of them. */
typedef void standard_loop(const uint32_t *words, bool is_wide, int64_t count, double *z);

struct draw {
    random_key key;
    const lego_array *y;
    fill_loop *fill;
    int words_per_element;

    standard_loop *standard; /* for floats: y = min(shift + scale z, most) */
    double shift;
    double scale;
    double most;

    int64_t low; /* for integers */
    uint64_t range;

    uint32_t threshold; /* for dropout: a word below it gives 0, any other gives `scale` */
};

/* ---- chunk by chunk ------------------------------------------------------------------------- */

/* As vectors of blocks: all rounds of one take place in registers. */
void random_words(random_key key, uint64_t first, int64_t n, uint32_t *words) {
#ifdef LANES_OF_BLOCKS
    const int64_t whole = n / LANES_OF_BLOCKS * LANES_OF_BLOCKS;
    for (int64_t i = 0; i < whole; i += LANES_OF_BLOCKS) {
        random_lanes(key, first + (uint64_t)i, words + BLOCK_WORDS * i);
    }
    if (whole < n) {
        uint32_t last[BLOCK_WORDS * LANES_OF_BLOCKS];
        random_lanes(key, first + (uint64_t)whole, last);
        memcpy(words + BLOCK_WORDS * whole, last, (size_t)(n - whole) * BLOCK_WORDS * sizeof *last);
    }
#else
    EACH_ELEMENT {
        random_block(key, first + (uint64_t)i, words + BLOCK_WORDS * i);
    }
#endif
}

static void run_chunks(void *work, int64_t begin, int64_t end) {
    const draw *d = work;
    int64_t size = array_size(d->y);
    int64_t elements = CHUNK_WORDS / d->words_per_element;
    for (int64_t chunk = begin; chunk < end; chunk++) {
        uint32_t words[CHUNK_WORDS];
        int64_t first = chunk * elements;
        int64_t n = smaller(elements, size - first);
        int64_t blocks = divide_up(n * d->words_per_element, BLOCK_WORDS);
        random_words(d->key, (uint64_t)(chunk * CHUNK_BLOCKS), blocks, words);
        d->fill(d, words, first, n);
    }
}

static void run_draw(draw *d) {
    const int64_t operations_per_word = 8;
    int64_t chunks = divide_up(array_size(d->y), CHUNK_WORDS / d->words_per_element);
    threads_run(chunks, threads_grain(operations_per_word * CHUNK_WORDS), run_chunks, d);
}

/* The 64-bit word of element i. */
static inline uint64_t wide_word(const uint32_t *words, int64_t i) {
    return (uint64_t)words[2 * i + 1] << 32 | words[2 * i];
}

/* ---- floats --------------------------------------------------------------------------------- */

/* A whole number of at most 53 bits as a double. There is no instruction for it before AVX-512: its
 * halves are written into the last bits of 2^84 and 2^52 instead. */
static inline double double_of(uint64_t x) {
    double high = of_bits(x >> 32 | 0x4530000000000000) - 0x1p84;
    double low = of_bits((x & 0xFFFFFFFF) | 0x4330000000000000) - 0x1p52;
    return high + low;
}

/* 0 <= z < 1, as fine as the dtype: 24 or 53 bits. */
static void standard_uniform(const uint32_t *words, bool is_wide, int64_t n, double *z) {
    if (is_wide) {
        EACH_ELEMENT {
            z[i] = double_of(wide_word(words, i) >> 11) * 0x1p-53;
        }
    } else {
        EACH_ELEMENT {
            z[i] = (double)(int32_t)(words[i] >> 8) * 0x1p-24;
        }
    }
}

/* The middles of one of 2^32 or 2^53 equal intervals between 0 and 1, so never 0: their logarithms
 * are finite. */
static void middles(const uint32_t *words, bool is_wide, int64_t n, double *z) {
    if (is_wide) {
        EACH_ELEMENT {
            z[i] = (double_of(wide_word(words, i) >> 11) + 0.5) * 0x1p-53;
        }
    } else {
        EACH_ELEMENT {
            z[i] = (double_of(words[i]) + 0.5) * 0x1p-32;
        }
    }
}

/* Box-Muller: sqrt(-2 ln u) cos(2 pi v) and sqrt(-2 ln u) sin(2 pi v) of two uniform numbers u and
 * v. */
static void standard_normal(const uint32_t *words, bool is_wide, int64_t count, double *z) {
    const double two_pi = 6.283185307179586;
    int64_t n = (count + 1) / 2;
    middles(words, is_wide, 2 * n, z);
    EACH_ELEMENT {
        double radius = sqrt(-2 * fast_log(z[2 * i]));
        angle turn = near_angle(two_pi * z[2 * i + 1]);
        z[2 * i] = radius * cos_of_angle(turn);
        z[2 * i + 1] = radius * sin_of_angle(turn);
    }
}

/* The inverse of erf, to 7 digits for |x| < 0.99 (Giles: "Approximating the erfinv function", GPU
 * Computing Gems, 2011). */
static inline double erfinv_approximation(double x) {
    double w = -fast_log((1 - x) * (1 + x)) - 2.5;
    double p = 2.81022636e-08;
    p = p * w + 3.43273939e-07;
    p = p * w - 3.5233877e-06;
    p = p * w - 4.39150654e-06;
    p = p * w + 0.00021858087;
    p = p * w - 0.00125372503;
    p = p * w - 0.00417768164;
    p = p * w + 0.246640727;
    p = p * w + 1.50140941;
    return p * x;
}

/* One step of Halley's method for erf(y) = x: 7 correct digits become all digits of a double. */
static inline double erfinv_refined(double y, double x) {
    const double two_over_root_pi = 1.1283791670955126;
    double error = fast_erf(y) - x;
    double slope = two_over_root_pi * fast_exp(-y * y);
    return y - error / (slope + y * error);
}

static inline double within_2(double x) {
    x = x < -2 ? -2 : x;
    return x > 2 ? 2 : x;
}

/* Inverse transform sampling: the inverse of the distribution function of a number that is uniform
 * between its values at -2 and 2. */
static void standard_truncated_normal(const uint32_t *words, bool is_wide, int64_t n, double *z) {
    const double root_2 = 1.4142135623730951;
    const double erf_root_2 = 0.9544997361036416;
    middles(words, is_wide, n, z);
    if (is_wide) {
        EACH_ELEMENT {
            double x = (2 * z[i] - 1) * erf_root_2;
            z[i] = within_2(root_2 * erfinv_refined(erfinv_approximation(x), x));
        }
    } else {
        EACH_ELEMENT {
            double x = (2 * z[i] - 1) * erf_root_2;
            z[i] = within_2(root_2 * erfinv_approximation(x));
        }
    }
}

static inline double limited_above(double x, double most) {
    return x > most ? most : x;
}

static void fill_floats(const draw *d, const uint32_t *words, int64_t first, int64_t n) {
    double z[CHUNK_WORDS];
    bool is_wide = d->words_per_element == 2;
    d->standard(words, is_wide, n, z);
    const double shift = d->shift, scale = d->scale, most = d->most;
    if (is_wide) {
        double *y = (double *)d->y->data + first;
        EACH_ELEMENT {
            y[i] = limited_above(shift + scale * z[i], most);
        }
    } else {
        float *y = (float *)d->y->data + first;
        EACH_ELEMENT {
            y[i] = (float)limited_above(shift + scale * z[i], most);
        }
    }
}

static draw floats_of(random_key key, standard_loop *standard, double shift, double scale,
                      double most, const lego_array *y) {
    return (draw){
        .key = key,
        .y = y,
        .fill = fill_floats,
        .words_per_element = y->dtype == LEGO_FLOAT64 ? 2 : 1,
        .standard = standard,
        .shift = shift,
        .scale = scale,
        .most = most,
    };
}

static void draw_floats(random_key key, standard_loop *standard, double shift, double scale,
                        double most, const lego_array *y) {
    draw d = floats_of(key, standard, shift, scale, most, y);
    run_draw(&d);
}

/* y < high must hold after rounding. Though z < 1, low + (high - low) z may round to `high`, so it
 * is limited to the next smaller number of the dtype. */
void fill_uniform(random_key key, double low, double high, const lego_array *y) {
    if (y->dtype == LEGO_FLOAT32) {
        low = (float)low;
        high = (float)high;
    }
    double most =
        y->dtype == LEGO_FLOAT32 ? nextafterf((float)high, (float)low) : nextafter(high, low);
    draw_floats(key, standard_uniform, low, high - low, most, y);
}

typedef struct row_work {
    const int64_t (*keys)[2];
    const lego_array *y;
} row_work;

static void draw_rows(void *context, int64_t begin, int64_t end) {
    const row_work *work = context;
    lego_array row;
    array_set(&row, work->y->dtype, 1, work->y->shape + 1);
    size_t row_bytes = (size_t)array_size(&row) * lego_dtype_size(row.dtype);
    for (int64_t i = begin; i < end; i++) {
        random_key key = {(uint64_t)work->keys[i][0], (uint64_t)work->keys[i][1]};
        row.data = (char *)work->y->data + (size_t)i * row_bytes;
        draw d = floats_of(key, standard_uniform, 0, 1, 1, &row);
        run_chunks(&d, 0, divide_up(array_size(&row), CHUNK_WORDS / d.words_per_element));
    }
}

void fill_uniform_rows(const int64_t (*keys)[2], const lego_array *y) {
    const int64_t operations_per_element = 32;
    row_work work = {keys, y};
    threads_run(y->shape[0], threads_grain(operations_per_element * y->shape[1]), draw_rows, &work);
}

void fill_normal(random_key key, double mean, double stddev, const lego_array *y) {
    draw_floats(key, standard_normal, mean, stddev, INFINITY, y);
}

void fill_truncated_normal(random_key key, double mean, double stddev, const lego_array *y) {
    draw_floats(key, standard_truncated_normal, mean, stddev, INFINITY, y);
}

/* ---- integers ------------------------------------------------------------------------------- */

/* The upper 64 bits of a b. For a random a that is a number below b, and no number is likelier than
 * another by more than b / 2^64 (Lemire: "Fast random integer generation in an interval", 2019). */
static inline uint64_t multiply_high(uint64_t a, uint64_t b) {
    const uint64_t lower_half = 0xFFFFFFFFu;
    uint64_t a_low = a & lower_half, a_high = a >> 32;
    uint64_t b_low = b & lower_half, b_high = b >> 32;
    uint64_t middle = a_high * b_low + (a_low * b_low >> 32);
    uint64_t other_middle = a_low * b_high + (middle & lower_half);
    return a_high * b_high + (middle >> 32) + (other_middle >> 32);
}

/* The same for b < 2^32 and a = high 2^32 + low: the other products are 0. */
static inline uint64_t multiply_high_by_word(uint32_t low, uint32_t high, uint32_t b) {
    return ((uint64_t)high * b + ((uint64_t)low * b >> 32)) >> 32;
}

#define STORE_INTEGERS(type)                                                                       \
    for (int64_t i = 0; i < n; i++) {                                                              \
        ((type *)d->y->data)[first + i] = (type)drawn[i];                                          \
    }

static void fill_integer_words(const draw *d, const uint32_t *words, int64_t first, int64_t n) {
    const uint64_t low = (uint64_t)d->low, range = d->range;
    int64_t drawn[CHUNK_WORDS / 2];
    if (range <= UINT32_MAX) {
        const uint32_t narrow = (uint32_t)range;
        EACH_ELEMENT {
            const uint64_t place = multiply_high_by_word(words[2 * i], words[2 * i + 1], narrow);
            drawn[i] = (int64_t)(low + place);
        }
    } else {
        EACH_ELEMENT {
            drawn[i] = (int64_t)(low + multiply_high(wide_word(words, i), range));
        }
    }
    if (d->y->dtype == LEGO_INT64) {
        STORE_INTEGERS(int64_t)
    } else if (d->y->dtype == LEGO_INT32) {
        STORE_INTEGERS(int32_t)
    } else {
        STORE_INTEGERS(uint8_t)
    }
}

void fill_integers(random_key key, int64_t low, uint64_t range, const lego_array *y) {
    draw d = {
        .key = key,
        .y = y,
        .fill = fill_integer_words,
        .words_per_element = 2,
        .low = low,
        .range = range,
    };
    run_draw(&d);
}

/* ---- dropout factors ------------------------------------------------------------------------ */

static void fill_factors(const draw *d, const uint32_t *words, int64_t first, int64_t n) {
    const uint32_t threshold = d->threshold;
    if (d->y->dtype == LEGO_FLOAT32) {
        const float kept = (float)d->scale;
        float *y = (float *)d->y->data + first;
        for (int64_t i = 0; i < n; i++) {
            y[i] = words[i] < threshold ? 0 : kept;
        }
    } else {
        const double kept = d->scale;
        double *y = (double *)d->y->data + first;
        for (int64_t i = 0; i < n; i++) {
            y[i] = words[i] < threshold ? 0 : kept;
        }
    }
}

void fill_keep_factors(random_key key, double rate, const lego_array *y) {
    draw d = {
        .key = key,
        .y = y,
        .fill = fill_factors,
        .words_per_element = 1,
        .scale = keep_factor(rate),
        .threshold = keep_threshold(rate),
    };
    run_draw(&d);
}
