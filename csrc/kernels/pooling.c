/* Pooling: one window after another, each for many channels at once, which lie next to each other
 * in memory. */
#include "pooling.h"

#include <string.h>

#include "../core/dtype.h"
#include "../core/memory.h"
#include "../core/sizes.h"
#include "../core/threads.h"
#include "elements.h"
#include "pooling_window.h"
#include "registers.h"

/* ---- one window ------------------------------------------------------------------------------ */

enum {
    BLOCK = 128,       /* channels whose running results lie on the stack */
    WINDOWS_AHEAD = 2, /* distance of prefetching, in windows */
    MOST_VECTORS = 4,  /* of channels, whose running results lie in registers */
    FEW_PLACES = 4,    /* of a window whose gradient is scattered place by place */
};

/* Works on n <= BLOCK channels of a window, or of w->beside windows. `x` (or an array of its shape,
 * such as dx) points to the first place of the window; `y` and `places` point to the window's own
 * element. */
typedef void pooling_loop(const pool_window *w, int64_t n, void *x, void *y, void *places);

/* PLACE_LOOPS(int32_t) makes the loops that store and load place numbers. They are computed in
 * integers as wide as x's numbers, so that loops vectorize, and stored in as few bytes as hold
 * them. */
#define PLACE_LOOPS(integer)                                                                       \
    static void store_##integer(const pool_window *w, int64_t n, const integer *found,             \
                                void *places) {                                                    \
        uint8_t *small = places;                                                                   \
        int32_t *wide = places;                                                                    \
        if (w->is_small) {                                                                         \
            EACH_ELEMENT {                                                                         \
                small[i] = (uint8_t)found[i];                                                      \
            }                                                                                      \
        } else {                                                                                   \
            EACH_ELEMENT {                                                                         \
                wide[i] = (int32_t)found[i];                                                       \
            }                                                                                      \
        }                                                                                          \
    }                                                                                              \
    static void load_##integer(const pool_window *w, int64_t n, const void *places,                \
                               integer *found) {                                                   \
        const uint8_t *small = places;                                                             \
        const int32_t *wide = places;                                                              \
        if (w->is_small) {                                                                         \
            EACH_ELEMENT {                                                                         \
                found[i] = small[i];                                                               \
            }                                                                                      \
        } else {                                                                                   \
            EACH_ELEMENT {                                                                         \
                found[i] = wide[i];                                                                \
            }                                                                                      \
        }                                                                                          \
    }

PLACE_LOOPS(int32_t)
PLACE_LOOPS(int64_t)

/* MAX_LOOP(max_int32, int32_t, int32_t, x > y) makes the loop for a dtype: x replaces y if the
 * condition holds. */
#define MAX_LOOP(name, type, integer, is_larger)                                                   \
    static void name(const pool_window *w, int64_t n, void *input, void *output, void *places) {   \
        const type *first = input;                                                                 \
        type *ys = output;                                                                         \
        integer found[BLOCK];                                                                      \
        EACH_ELEMENT {                                                                             \
            ys[i] = first[i];                                                                      \
            found[i] = 0;                                                                          \
        }                                                                                          \
        EACH_LATER_PLACE(w) {                                                                      \
            const type *xs = first + p.at;                                                         \
            const integer here = (integer)p.number;                                                \
            EACH_ELEMENT {                                                                         \
                const type x = xs[i];                                                              \
                const type y = ys[i];                                                              \
                const bool is_next = is_larger;                                                    \
                ys[i] = is_next ? x : y;                                                           \
                found[i] = is_next ? here : found[i];                                              \
            }                                                                                      \
        }                                                                                          \
        store_##integer(w, n, found, places);                                                      \
    }

MAX_LOOP(max_uint8, uint8_t, int32_t, x > y)
MAX_LOOP(max_int32, int32_t, int32_t, x > y)
MAX_LOOP(max_int64, int64_t, int64_t, x > y)

#define NUMBER     float
#define PLACE      int32_t
#define LANES      (VECTOR_BYTES / 4)
#define NAME(word) word##_float32
#include "pooling_block.h"

#define NUMBER     double
#define PLACE      int64_t
#define LANES      (VECTOR_BYTES / 8)
#define NAME(word) word##_float64
#include "pooling_block.h"

/* Where the channels do not fill such a vector. */
#define NUMBER     float
#define PLACE      int32_t
#define LANES      4
#define NAME(word) word##_float32_short
#include "pooling_block.h"

#define NUMBER     double
#define PLACE      int64_t
#define LANES      2
#define NAME(word) word##_float64_short
#include "pooling_block.h"

#define NUMBER     float
#define PLACE      int32_t
#define LANES      1
#define NAME(word) word##_float32_single
#include "pooling_block.h"

#define NUMBER     double
#define PLACE      int64_t
#define LANES      1
#define NAME(word) word##_float64_single
#include "pooling_block.h"

/* Place numbers for floats, in integers of the same width. */
typedef int32_t place_number_float32;
typedef int64_t place_number_float64;
#define load_float32 load_int32_t
#define load_float64 load_int64_t

#define TEMPLATE "pooling_places.h"
#include "per_float.h"

/* y = the mean of many places: in float the sum would lose digits. */
static void large_average_float32(const pool_window *w, int64_t n, void *input, void *output,
                                  void *none) {
    (void)none;
    const float *first = input;
    float *y = output;
    const double count = (double)place_count(w);
    double sums[BLOCK] = {0};
    EACH_PLACE(w) {
        const float *x = first + p.at;
        EACH_ELEMENT {
            sums[i] += (double)x[i];
        }
    }
    EACH_ELEMENT {
        y[i] = (float)(sums[i] / count);
    }
}

enum { SMALL = 64 }; /* so few places lose hardly a digit when they are summed in float */

/* ---- all windows ----------------------------------------------------------------------------- */

typedef struct pool_work {
    const pooling *p;
    pooling_loop *loop;
    pooling_loop *exact; /* for a window behind which there is no other; NULL: the same */
    void *x;             /* of x's shape; not const because some loops write it */
    void *y;             /* of y's shape */
    void *places;        /* of y's shape; NULL for means */
    int64_t bytes;       /* of a number */
    int64_t place_bytes; /* of a place */
    bool is_read_once;   /* windows do not overlap, so x is prefetched */
    bool scatters;       /* to places by their numbers */
    bool is_for_rows;    /* the loop takes windows side by side */
} pool_work;

static void *address(void *data, int64_t element, int64_t bytes) {
    return data ? (char *)data + element * bytes : NULL;
}

/* Prefetches the numbers of a window that is worked on soon. Its rows lie far apart in memory,
 * which hardware prefetchers do not follow. */
static void prefetch_window(const pool_work *work, const pool_window *w, int64_t x_place) {
    const int64_t bytes = work->p->channels * work->bytes;
    const char *first = (const char *)work->x + x_place * bytes;
    EACH_PLACE(w) {
        for (int64_t byte = 0; byte < bytes; byte += CACHE_LINE) {
            __builtin_prefetch(first + p.at * work->bytes + byte);
        }
    }
}

/* A loop whose vectors are longer than the channels sets numbers of the next window, which comes
 * after it: the last of some windows side by side is left to the exact loop. */
static pooling_loop *loop_for(const pool_work *work, pool_window *w) {
    if (work->exact && w->beside == 1) {
        return work->exact;
    }
    w->beside -= work->exact != NULL;
    return work->loop;
}

static void run_window(const pool_work *work, pool_window *w, int64_t x_place, int64_t y_place) {
    const int64_t channels = work->p->channels;
    pooling_loop *loop = loop_for(work, w);
    for (int64_t c = 0; c < channels; c += BLOCK) {
        const int64_t n = smaller(BLOCK, channels - c);
        const int64_t y = y_place * channels + c;
        loop(w, n, address(work->x, x_place * channels + c, work->bytes),
             address(work->y, y, work->bytes), address(work->places, y, work->place_bytes));
    }
}

/* Returns the first place of window o inside of x along an axis, and sets how many there are. */
static int64_t clip_axis(const pooling *p, int axis, int64_t o, pool_window *w) {
    const int64_t begin = o * p->strides[axis] - p->before[axis];
    const int64_t end = begin + p->size[axis];
    const int64_t first = larger(0, begin);
    w->lengths[axis] = smaller(end, p->in[axis]) - first;
    return first;
}

/* The axis along which windows lie side by side in memory. */
static int last_axis(const pooling *p) {
    return p->out[2] > 1 ? 2 : 1;
}

/* How many windows from number `first` on are whole along an axis, as the first is; 1 if it is not.
 */
static int64_t whole_windows(const pooling *p, int axis, int64_t first) {
    const int64_t begin = first * p->strides[axis] - p->before[axis];
    const int64_t left = p->in[axis] - p->size[axis] - begin;
    return begin < 0 || left < 0 ? 1 : smaller(left / p->strides[axis] + 1, p->out[axis] - first);
}

/* Works on the windows with index o along the first axis. They write to rows own_begin <= row <
 * own_end of x only. */
static void run_row(const pool_work *work, int64_t image, int64_t o, int64_t own_begin,
                    int64_t own_end) {
    const pooling *p = work->p;
    const int64_t row = p->in[1] * p->in[2] * p->channels;
    pool_window w = {
        .steps = {row, p->in[2] * p->channels, p->channels},
        .beside = 1,
        .channels = p->channels,
        .is_small = pooling_place_dtype(p) == LEGO_UINT8,
    };
    const int64_t a = clip_axis(p, 0, o, &w);
    w.own_begin = larger(0, own_begin - a);
    w.own_end = smaller(own_end - a, w.lengths[0]);
    int64_t y_place = (image * p->out[0] + o) * p->out[1] * p->out[2];
    const int last = last_axis(p);
    const int64_t apart = last == 2 ? p->strides[2] : p->strides[1] * p->in[2]; /* places */
    w.apart = apart * p->channels;
    for (int64_t j = 0; j < p->out[1]; j += last == 1 ? w.beside : 1) {
        const int64_t b = clip_axis(p, 1, j, &w);
        for (int64_t k = 0; k < p->out[2]; k += last == 2 ? w.beside : 1, y_place += w.beside) {
            const int64_t c = clip_axis(p, 2, k, &w);
            const int64_t x_row = (image * p->in[0] + a) * p->in[1] + b;
            const int64_t x_place = x_row * p->in[2] + c;
            if (work->is_read_once) {
                prefetch_window(work, &w, x_place + WINDOWS_AHEAD * apart);
            }
            if (work->is_for_rows && !work->is_read_once) {
                w.beside = whole_windows(p, last, last == 2 ? k : j);
            }
            if (work->scatters && w.is_small) {
                list_offsets(&w);
            }
            run_window(work, &w, x_place, y_place);
        }
    }
}

/* Works on rows of windows: row = image * out[0] + o. */
static void run_forward(void *context, int64_t begin, int64_t end) {
    const pool_work *work = context;
    const pooling *p = work->p;
    for (int64_t row = begin; row < end; row++) {
        run_row(work, row / p->out[0], row % p->out[0], 0, p->in[0]);
    }
}

/* Each row of x is written by one chunk of work, so that sums have one order. Row o of windows owns
 * the rows of x from its own beginning to that of row o + 1. The first and the last row of windows
 * own the rest. Returns the first row that o owns. */
static int64_t owned_from(const pooling *p, int64_t o) {
    const int64_t begin = o * p->strides[0] - p->before[0];
    if (o == p->out[0] || begin > p->in[0]) {
        return p->in[0];
    }
    return o == 0 || begin < 0 ? 0 : begin;
}

/* The first row of windows that reaches beyond that row of x. */
static int64_t first_window_over(const pooling *p, int64_t row) {
    const int64_t over = row + p->before[0] - p->size[0];
    return over < 0 ? 0 : over / p->strides[0] + 1;
}

/* Sets rows *cleared <= row < end of x to 0. */
static void clear_rows(const pool_work *work, int64_t image, int64_t *cleared, int64_t end) {
    const pooling *p = work->p;
    const int64_t row_bytes = p->in[1] * p->in[2] * p->channels * work->bytes;
    char *rows = (char *)work->x + (image * p->in[0] + *cleared) * row_bytes;
    if (*cleared < end) {
        memset(rows, 0, (size_t)((end - *cleared) * row_bytes));
        *cleared = end;
    }
}

/* Computes the rows of x that rows begin <= o < end of windows own, from all windows that reach
 * them. Rows are cleared right before the first window that reaches them: then they are still in
 * the cache. */
static void fill_owned(const pool_work *work, int64_t image, int64_t begin, int64_t end) {
    const pooling *p = work->p;
    const int64_t own_begin = owned_from(p, begin);
    const int64_t own_end = owned_from(p, end);
    int64_t cleared = own_begin;
    for (int64_t o = first_window_over(p, own_begin); o < end; o++) {
        const int64_t reached = o * p->strides[0] - p->before[0] + p->size[0];
        clear_rows(work, image, &cleared, smaller(reached, own_end));
        run_row(work, image, o, own_begin, own_end);
    }
    clear_rows(work, image, &cleared, own_end);
}

static void run_backward(void *context, int64_t begin, int64_t end) {
    const pool_work *work = context;
    const int64_t rows = work->p->out[0];
    while (begin < end) {
        const int64_t image = begin / rows;
        const int64_t next = smaller(end, (image + 1) * rows);
        fill_owned(work, image, begin - image * rows, next - image * rows);
        begin = next;
    }
}

static void run(const pooling *p, threads_task *task, pool_work *work) {
    const int64_t row = p->out[1] * p->out[2] * p->channels;
    int64_t operations = row; /* of a scatter: one for each number of dy */
    if (!work->scatters && !size_multiply(row, p->size[0] * p->size[1] * p->size[2], &operations)) {
        operations = INT64_MAX;
    }
    work->p = p;
    work->bytes = (int64_t)lego_dtype_size(p->dtype);
    work->place_bytes = (int64_t)lego_dtype_size(pooling_place_dtype(p));
    threads_run(p->images * p->out[0], threads_grain(operations), task, work);
}

/* ---- the five operations --------------------------------------------------------------------- */

static pooling_loop *const max_loops[LEGO_DTYPE_COUNT] = {
    [LEGO_BOOL] = max_uint8,
    [LEGO_UINT8] = max_uint8,
    [LEGO_INT32] = max_int32,
    [LEGO_INT64] = max_int64,
};

/* Loops over vectors of so many channels. */
typedef struct float_loops {
    int64_t lanes;
    pooling_loop *max;
    pooling_loop *average;
} float_loops;

static const float_loops float32_loops[] = {
    {VECTOR_BYTES / 4, max_float32, average_float32},
    {4, max_float32_short, average_float32_short},
    {1, max_float32_single, average_float32_single},
};
static const float_loops float64_loops[] = {
    {VECTOR_BYTES / 8, max_float64, average_float64},
    {2, max_float64_short, average_float64_short},
    {1, max_float64_single, average_float64_single},
};

/* The loops with the longest vectors that the channels fill. */
static const float_loops *float_loops_for(const pooling *p) {
    const float_loops *l = p->dtype == LEGO_FLOAT32 ? float32_loops : float64_loops;
    while (l->lanes > 1 && p->channels < l->lanes) {
        l++;
    }
    return l;
}

/* Two or three channels do not fill a vector of four, but it takes less time than one by one. */
static bool overhangs(const pooling *p) {
    return p->dtype == LEGO_FLOAT32 && (p->channels == 2 || p->channels == 3);
}

/* Whether means are summed in double. */
static bool is_large_float32(const pooling *p) {
    return p->dtype == LEGO_FLOAT32 && p->size[0] * p->size[1] * p->size[2] > SMALL;
}

/* The loop for the dtype: float32 or float64. */
static pooling_loop *loop_of(const pooling *p, pooling_loop *single, pooling_loop *twice_as_wide) {
    return p->dtype == LEGO_FLOAT32 ? single : twice_as_wide;
}

/* Whether windows do not overlap, so that no number of x is read twice, and their pixels are at
 * least a line of the cache: smaller ones the processor foresees. */
static bool is_read_once(const pooling *p) {
    bool is_apart = p->channels * (int64_t)lego_dtype_size(p->dtype) >= CACHE_LINE;
    for (int axis = 0; axis < POOL_AXES; axis++) {
        is_apart &= p->size[axis] <= p->strides[axis];
    }
    return is_apart;
}

void max_pool_run(const pooling *p, const void *x, void *y, void *places) {
    pooling_loop *loop = max_loops[p->dtype];
    pool_work work = {.loop = loop, .x = (void *)x, .y = y, .places = places};
    if (!loop) {
        work.exact = overhangs(p) ? float_loops_for(p)->max : NULL;
        work.loop = overhangs(p) ? float32_loops[1].max : float_loops_for(p)->max;
        work.is_for_rows = true;
    }
    work.is_read_once = is_read_once(p);
    run(p, run_forward, &work);
}

void max_pool_gather_run(const pooling *p, const void *places, const void *z, void *y) {
    pool_work work = {.x = (void *)z, .y = y, .places = (void *)places};
    work.loop = loop_of(p, gather_float32, gather_float64);
    run(p, run_forward, &work);
}

void average_pool_run(const pooling *p, const void *x, void *y) {
    pool_work work = {.loop = large_average_float32, .x = (void *)x, .y = y};
    if (!is_large_float32(p)) {
        work.exact = overhangs(p) ? float_loops_for(p)->average : NULL;
        work.loop = overhangs(p) ? float32_loops[1].average : float_loops_for(p)->average;
        work.is_for_rows = true;
    }
    run(p, run_forward, &work);
}

void max_pool_gradient_run(const pooling *p, const void *places, const void *dy, void *dx) {
    pool_work work = {.x = dx, .y = (void *)dy, .places = (void *)places, .scatters = true};
    work.is_for_rows = true;
    work.loop = loop_of(p, scatter_float32, scatter_float64);
    run(p, run_backward, &work);
}

void average_pool_gradient_run(const pooling *p, const void *dy, void *dx) {
    pool_work work = {.x = dx, .y = (void *)dy};
    work.is_for_rows = true;
    work.loop = loop_of(p, spread_float32, spread_float64);
    run(p, run_backward, &work);
}
