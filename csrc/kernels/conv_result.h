/* Where a convolution puts its result: into memory, into blocks that an epilogue takes, or into
 * partial sums that are joined. */
#ifndef LEGO_KERNELS_CONV_RESULT_H
#define LEGO_KERNELS_CONV_RESULT_H

#include <stdatomic.h>
#include <stdbool.h>

#include "../core/epilogue.h"
#include "../core/isa.h"
#include "../lego.h"

#define conv_block_open  FOR_ISA(conv_block_open)
#define conv_block_close FOR_ISA(conv_block_close)
#define conv_sums_join   FOR_ISA(conv_sums_join)

enum { CONV_BLOCK_BYTES = 1 << 18 }; /* a block that an epilogue takes stays in the L2 cache */

/* A row of `channels` numbers for each output. */
typedef struct conv_result {
    char *y; /* may be NULL when the epilogue does not store it */
    int64_t row_bytes;
    int64_t channels;
    const epilogue *epilogue; /* NULL: none */
    atomic_bool failed;       /* a task found no memory */
} conv_result;

static inline lego_status conv_result_status(conv_result *r) {
    return atomic_load(&r->failed) ? LEGO_NO_MEMORY : LEGO_OK;
}

/* Outputs first <= i < first + count, and of their rows the channels from `channel` on. Number
 * `channel` of output i lies at rows + (i - origin) * row_bytes. */
typedef struct conv_block {
    int64_t first;
    int64_t count;
    int64_t channel;
    int64_t channels;
    char *rows;
    int64_t row_bytes;
    int64_t origin;
} conv_block;

/* How many outputs a block of at most `most` has, with so many bytes of each of them. */
static inline int64_t conv_block_outputs(const conv_result *r, int64_t bytes, int64_t most) {
    int64_t fit = r->epilogue && bytes > 0 ? CONV_BLOCK_BYTES / bytes : most;
    return fit < 1 ? 1 : fit < most ? fit : most;
}

/* Sets where the block's rows lie: in y, or in memory of its own until it is closed. False when
 * there is none. */
bool conv_block_open(conv_result *r, conv_block *b);

/* Calls the epilogue, if there is one. */
void conv_block_close(const conv_result *r, const conv_block *b);

/* y[n] = sums[0][n] + sums[1][n] + ..., in that order. y and sums do not overlap. */
void conv_sums_join(lego_dtype dtype, int64_t n, int64_t count, const void *sums, void *y);

#endif
