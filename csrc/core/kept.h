/* What a kernel makes of an input that stays the same from call to call, and keeps for the next
 * one: the packed kernel of a convolution that predicts.
 *
 * It is kept when a second call finds the same numbers. After a first call training may change
 * them at once, and what was made would only have cost memory. A change of the numbers is noticed
 * by the version of their storage. */
#ifndef LEGO_CORE_KEPT_H
#define LEGO_CORE_KEPT_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { KEPT_SIZES = 5 };

/* What is made: by whom (an address of its own), of which numbers, and what its shape depends on.
 */
typedef struct kept_layout {
    const void *maker;
    const void *input;
    int64_t sizes[KEPT_SIZES];
} kept_layout;

/* What is kept for an input. One call at a time has it. */
typedef struct kept {
    const atomic_uint *version; /* of the input's numbers */
    atomic_bool is_taken;
    unsigned seen;      /* the version that the last call found, */
    kept_layout layout; /* and what that call made of it; zeros: there was none */
    void *memory;
    size_t bytes;
} kept;

/* Nothing yet, for an input with that version; NULL when there is no memory. */
kept *kept_new(const atomic_uint *version);
void kept_free(kept *k);

/* What a call works with. */
typedef struct kept_use {
    kept *kept;   /* NULL: memory is the call's own, or NULL */
    void *memory; /* of as many bytes as it asked for */
    bool is_made; /* what was asked for is there; else it is to be made, and this to be set */
} kept_use;

/* Begins to use what is kept. Where nothing is to be kept (k may be NULL), memory is NULL. */
kept_use kept_open(kept *k, const kept_layout *layout, size_t bytes);

/* The same, but with memory of the call's own then. It is NULL only when there is none. */
kept_use kept_open_or_take(kept *k, const kept_layout *layout, size_t bytes);

/* Ends that: what was made stays, and memory of the call's own is given back. */
void kept_close(const kept_use *use, size_t bytes);

#endif
