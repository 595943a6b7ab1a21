/* What a block of places sees, as lines: where channels are few, a tap alone is too little to sum
 * at a time, but taps along the last axis see neighbours.
 *
 * The places of the block that are in one row of the image, a piece, share a line for each run of
 * such taps; where some of it is outside, the line is a copy with zeros there. */
#ifndef LEGO_KERNELS_CONV_LINES_H
#define LEGO_KERNELS_CONV_LINES_H

#include "conv_gather.h"
#include "conv_view.h"

#define conv_lines_of    FOR_ISA(conv_lines_of)
#define conv_lines_open  FOR_ISA(conv_lines_open)
#define conv_lines_close FOR_ISA(conv_lines_close)
#define conv_lines_move  FOR_ISA(conv_lines_move)
#define conv_lines_next  FOR_ISA(conv_lines_next)
#define conv_lines_look  FOR_ISA(conv_lines_look)

typedef struct conv_lines {
    conv_gather gather;
    int64_t runs;
    int64_t row; /* places, of the image */
} conv_lines;

/* The lines of one block after the other. */
typedef struct conv_lines_block {
    const conv_lines *lines;
    int64_t most;       /* places of a block */
    const char **list;  /* its lines: of each piece `runs` */
    int64_t line_bytes; /* of a copy; those are in `room` */
    char *room;
    int64_t first;        /* place of the block, in the batch */
    int64_t first_length; /* of the first piece, the rest of a row */
    char *memory;
    size_t bytes;
} conv_lines_block;

conv_lines conv_lines_of(const conv *c, const void *x);

/* Memory for blocks of at most `most` places; false when there is none. */
bool conv_lines_open(const conv_lines *l, int64_t most, conv_lines_block *b);
void conv_lines_close(const conv_lines_block *b);

/* To the block of `count` places, from number `first` of the batch on. */
void conv_lines_move(conv_lines_block *b, const scan_tap *taps, int64_t first, int64_t count);

/* The tile of `count` places from number `first` of the block on: what it has of results. */
void conv_lines_next(const conv_lines_block *b, int64_t first, int64_t count, conv_places *p);

/* a[s][i] = what place number first + i of the block sees through run first_run + s, for s < count
 * and i < places; behind that, something that can be read. */
void conv_lines_look(const conv_lines_block *b, int64_t first, int places, int64_t first_run,
                     int64_t count, const void *(*a)[CONV_ROWS]);

#endif
