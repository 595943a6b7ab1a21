/* States of the rows of a block: a template (per_float.h explains). */

static inline void NAME(copy)(int64_t n, const NUMBER *x, NUMBER *y) {
    memcpy(y, x, (size_t)n * sizeof(NUMBER));
}

static inline void NAME(clear)(int64_t n, NUMBER *y) {
    memset(y, 0, (size_t)n * sizeof(NUMBER));
}

/* The rows' part of a state (batch, units), and back. */
static inline void NAME(load)(const recurrent_rows *b, const NUMBER *from, NUMBER *state) {
    NAME(copy)(b->count * b->r->units, from + b->first * b->r->units, state);
}

static inline void NAME(store)(const recurrent_rows *b, const NUMBER *state, NUMBER *to) {
    NAME(copy)(b->count * b->r->units, state, to + b->first * b->r->units);
}
