/* The largest number and the mean of a window, for one dtype and one vector length. pooling.c
 * includes this file once for each, with NUMBER the type, PLACE the integer of the same width,
 * LANES the numbers of a vector and NAME(word) the word with both appended. Vectors run over the
 * channels; a tile of some vectors has its running results in registers. */

#define VECTOR         NAME(vector)
#define LOOSE_VECTOR   NAME(loose_vector)
#define INTEGERS       NAME(integers)
#define LOOSE_INTEGERS NAME(loose_integers)
#define LOOSE_BYTES    NAME(loose_bytes)

#if LANES == 1
typedef NUMBER VECTOR, LOOSE_VECTOR;
typedef PLACE INTEGERS;
typedef int32_t LOOSE_INTEGERS;
typedef uint8_t LOOSE_BYTES;
#define SELECT(type, mask, a, b) ((mask) ? (a) : (b))
#define CONVERTED(numbers, type) ((type)(numbers))
#else
typedef NUMBER VECTOR __attribute__((vector_size(LANES * sizeof(NUMBER))));
typedef NUMBER LOOSE_VECTOR
    __attribute__((vector_size(LANES * sizeof(NUMBER)), aligned(sizeof(NUMBER)), may_alias));
typedef PLACE INTEGERS __attribute__((vector_size(LANES * sizeof(NUMBER))));
typedef int32_t LOOSE_INTEGERS __attribute__((vector_size(LANES * 4), aligned(4), may_alias));
typedef uint8_t LOOSE_BYTES __attribute__((vector_size(LANES), aligned(1), may_alias));
#define SELECT(type, mask, a, b) ((type)(((INTEGERS)(a) & (mask)) | ((INTEGERS)(b) & ~(mask))))
#define CONVERTED(numbers, type) __builtin_convertvector(numbers, type)
#endif

/* y = the largest numbers of `vectors` vectors of channels from c on; their places are the first
 * where these lie. A NaN counts as larger than all numbers. */
static ALWAYS_INLINE void NAME(max_tile)(const pool_window *w, int64_t c, const NUMBER *input,
                                         NUMBER *output, void *places, const int vectors) {
    VECTOR best[MOST_VECTORS];
    const INTEGERS none = (INTEGERS){0};
    INTEGERS found[MOST_VECTORS] = {0};
    PLACE here = 0;
    const NUMBER *first = input + c;
    UNROLL
    for (int v = 0; v < vectors; v++) {
        best[v] = ((const LOOSE_VECTOR *)first)[v];
    }
    for (int64_t i = 0; i < w->lengths[0]; i++) {
        for (int64_t j = 0; j < w->lengths[1]; j++) {
            const NUMBER *x = first + i * w->steps[0] + j * w->steps[1];
            for (int64_t k = 0; k < w->lengths[2]; k++) {
                UNROLL
                for (int v = 0; v < vectors; v++) {
                    VECTOR next = ((const LOOSE_VECTOR *)x)[v];
                    INTEGERS is_number = best[v] == best[v];
                    INTEGERS is_next = SELECT(INTEGERS, next <= best[v], none, is_number);
                    best[v] = SELECT(VECTOR, is_next, next, best[v]);
                    found[v] = SELECT(INTEGERS, is_next, here - none, found[v]);
                }
                here++;
                x += w->steps[2];
            }
        }
    }
    UNROLL
    for (int v = 0; v < vectors; v++) {
        ((LOOSE_VECTOR *)(output + c))[v] = best[v];
        if (w->is_small) {
            ((LOOSE_BYTES *)((uint8_t *)places + c))[v] = CONVERTED(found[v], LOOSE_BYTES);
        } else {
            ((LOOSE_INTEGERS *)((int32_t *)places + c))[v] = CONVERTED(found[v], LOOSE_INTEGERS);
        }
    }
}

/* y = the means of `vectors` vectors of channels from c on. */
static ALWAYS_INLINE void NAME(average_tile)(const pool_window *w, int64_t c, const NUMBER *input,
                                             NUMBER *output, void *none, const int vectors) {
    (void)none;
    VECTOR sums[MOST_VECTORS];
    const NUMBER *first = input + c;
    const NUMBER count = (NUMBER)place_count(w);
    UNROLL
    for (int v = 0; v < vectors; v++) {
        sums[v] = -(VECTOR){0}; /* -0 + x = x, also for x = -0 */
    }
    for (int64_t i = 0; i < w->lengths[0]; i++) {
        for (int64_t j = 0; j < w->lengths[1]; j++) {
            const NUMBER *x = first + i * w->steps[0] + j * w->steps[1];
            for (int64_t k = 0; k < w->lengths[2]; k++) {
                UNROLL
                for (int v = 0; v < vectors; v++) {
                    sums[v] += ((const LOOSE_VECTOR *)x)[v];
                }
                x += w->steps[2];
            }
        }
    }
    UNROLL
    for (int v = 0; v < vectors; v++) {
        ((LOOSE_VECTOR *)(output + c))[v] = sums[v] / count;
    }
}

/* dx += dy at the places of a vector of channels, one of the window's `count` places after another.
 * A sum of such numbers is never -0, so that adding 0 to it changes nothing. */
static ALWAYS_INLINE void NAME(scatter_tile)(const pool_window *w, int64_t count, NUMBER *dx,
                                             const NUMBER *dy, const uint8_t *places) {
    const VECTOR numbers = *(const LOOSE_VECTOR *)dy;
    const INTEGERS none = (INTEGERS){0};
    const INTEGERS found = CONVERTED(*(const LOOSE_BYTES *)places, INTEGERS);
    for (int64_t number = 0; number < count; number++) {
        const INTEGERS is_here = found == (PLACE)number - none;
        if (w->offsets[number] >= 0) {
            *(LOOSE_VECTOR *)(dx + w->offsets[number]) += SELECT(VECTOR, is_here, numbers, none);
        }
    }
}

/* A block of n channels. Its last vector ends with them, and may do some once more: also of the
 * block before. If there are fewer than LANES in all, the vector goes on into the next window. */
#define POOL_CHANNELS(tile, x, y, places)                                                          \
    int64_t c = 0;                                                                                 \
    for (; c + MOST_VECTORS * LANES <= n; c += MOST_VECTORS * LANES) {                             \
        tile(w, c, x, y, places, MOST_VECTORS);                                                    \
    }                                                                                              \
    if (c + 2 * LANES <= n) {                                                                      \
        tile(w, c, x, y, places, 2);                                                               \
        c += 2 * LANES;                                                                            \
    }                                                                                              \
    for (; c < n; c += LANES) {                                                                    \
        tile(w, w->channels < LANES ? 0 : smaller(c, n - LANES), x, y, places, 1);                 \
    }

static void NAME(max)(const pool_window *w, int64_t n, void *input, void *output, void *places) {
    const NUMBER *x = input;
    NUMBER *y = output;
    char *found = places;
    for (int64_t window = 0; window < w->beside; window++) {
        POOL_CHANNELS(NAME(max_tile), x, y, found)
        x += w->apart;
        y += w->channels;
        found += w->channels * (w->is_small ? 1 : (int64_t)sizeof(int32_t));
    }
}

static void NAME(average)(const pool_window *w, int64_t n, void *input, void *output, void *none) {
    const NUMBER *x = input;
    NUMBER *y = output;
    for (int64_t window = 0; window < w->beside; window++) {
        POOL_CHANNELS(NAME(average_tile), x, y, none)
        x += w->apart;
        y += w->channels;
    }
}

#undef VECTOR
#undef LOOSE_VECTOR
#undef INTEGERS
#undef LOOSE_INTEGERS
#undef LOOSE_BYTES
#undef SELECT
#undef CONVERTED
#undef POOL_CHANNELS
#undef NUMBER
#undef PLACE
#undef LANES
#undef NAME
