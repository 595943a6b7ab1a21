/* The loops of grouped convolutions: vectors run over the columns of a group.
 *
 * A tile is some outputs times some slices, which are summed in registers tap by tap: a vector of
 * the kernel times one number of each output. Groups are narrow, so a tile of few outputs takes
 * several of them. For the gradient by the kernel a tile is some taps times some numbers of the
 * depth, summed over the window's outputs. */
#include "conv_grouped_loops.h"

#include "../core/sizes.h"
#include "registers.h"

enum {
    TILE_SUMS = 12,    /* vectors: with one of the kernel they leave AVX2 enough registers */
    LOW_ROWS = 4,      /* outputs of a lower tile */
    FEW_SLICES = 2,    /* side by side in it: several groups have at least so many */
    SINGLE_SLICES = 4, /* under one output, if there are so many */
    TAPS_AT_ONCE = 3,  /* of the gradient by the kernel, in a line, */
    DEPTH_AT_ONCE = 4, /* and numbers of each */
};

#define LANES      2
#define NAME(word) word##_2
#include "conv_grouped_block.h"

#define LANES      4
#define NAME(word) word##_4
#include "conv_grouped_block.h"

#if defined(__AVX2__)
#define LANES      8
#define NAME(word) word##_8
#include "conv_grouped_block.h"
#endif

#if defined(__AVX512F__)
#define LANES      16
#define NAME(word) word##_16
#include "conv_grouped_block.h"
#endif

static const grouped_loops loops[] = {
#if defined(__AVX512F__)
    {16, sum_16, multiply_16},
#endif
#if defined(__AVX2__)
    {8, sum_8, multiply_8},
#endif
    {4, sum_4, multiply_4},    {2, sum_2, multiply_2}, {0, NULL, NULL},
};

const grouped_loops *grouped_loops_for(int64_t columns) {
    const grouped_loops *l = loops;
    while (l->lanes > columns) {
        l++;
    }
    return l->lanes > 0 ? l : NULL;
}
