/* Where a convolution puts its result: into memory, or into blocks that are handed on. */
#ifndef LEGO_KERNELS_CONV_RESULT_H
#define LEGO_KERNELS_CONV_RESULT_H

#include <stdatomic.h>
#include <stdbool.h>

#include "../core/epilogue.h"
#include "../core/isa.h"
#include "../lego.h"

#define conv_block_open  FOR_ISA(conv_block_open)
#define conv_block_close FOR_ISA(conv_block_close)

enum { CONV_BLOCK_BYTES = 1 << 18 }; /* of a block that is handed on: the second-level cache's */

/* A row for each place; y may be NULL when there is an end that does without. */
typedef struct conv_result {
    char *y;
    int64_t row_bytes;
    int64_t channels;
    const epilogue *end; /* NULL: none */
    atomic_bool failed;  /* a block found no memory */
} conv_result;

/* Places first <= i < first + count: place i has its row at rows + (i - origin) * row_bytes. */
typedef struct conv_block {
    char *rows;
    int64_t origin;
    int64_t first;
    int64_t count;
} conv_block;

/* How many places a block of at most `most` has. */
static inline int64_t conv_block_places(const conv_result *r, int64_t most) {
    int64_t fit = r->end && r->row_bytes > 0 ? CONV_BLOCK_BYTES / r->row_bytes : most;
    return fit < 1 ? 1 : fit < most ? fit : most;
}

/* Lays the block, which may need memory of its own until it is closed; false when there is none. */
bool conv_block_open(conv_result *r, conv_block *b);

/* Hands the block on, if there is an end. */
void conv_block_close(const conv_result *r, const conv_block *b);

#endif
