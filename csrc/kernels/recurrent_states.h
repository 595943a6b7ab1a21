/* States of the rows of a block: a template (per_float.h explains). */

static inline void NAME(copy)(int64_t n, const NUMBER *x, NUMBER *y) {
    memcpy(y, x, (size_t)n * sizeof(NUMBER));
}

static inline void NAME(clear)(int64_t n, NUMBER *y) {
    memset(y, 0, (size_t)n * sizeof(NUMBER));
}

/* A state (batch, units) to rows of whole vectors, and back. */
static inline void NAME(load)(const recurrent_rows *b, const NUMBER *from, NUMBER *state) {
    int64_t units = b->r->units;
    for (int64_t row = 0; row < b->count; row++) {
        NAME(copy)(units, from + (b->first + row) * units, state + row * b->stride);
    }
}

static inline void NAME(store)(const recurrent_rows *b, const NUMBER *state, NUMBER *to) {
    int64_t units = b->r->units;
    for (int64_t row = 0; row < b->count; row++) {
        NAME(copy)(units, state + row * b->stride, to + (b->first + row) * units);
    }
}
