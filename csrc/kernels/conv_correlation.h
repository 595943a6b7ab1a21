/* The sum that a convolution and its gradient by the input have in common, forwards and backwards:
 *
 *     result[place, column] = sum over taps and depth of source[seen, depth] b[tap, depth, column]
 *
 * A tile of places reads its pixels where they lie, or lines of them, under panels of the kernel.
 */
#ifndef LEGO_KERNELS_CONV_CORRELATION_H
#define LEGO_KERNELS_CONV_CORRELATION_H

#include "conv_lines.h"
#include "conv_pack.h"
#include "conv_result.h"
#include "conv_view.h"

#define correlate FOR_ISA(correlate)

typedef struct correlation {
    int64_t size; /* of a number, in bytes */
    int64_t batch;
    conv_result result;
    conv_panels panels; /* packed */
    conv_view view;
    conv_lines lines; /* that are read instead, where the channels are few, */
    bool reads_lines;
    int64_t run;   /* of so many taps at once */
    int64_t block; /* places of a task, */
    int64_t blocks;
    int64_t strips; /* and panels */
    int64_t sweeps; /* that it takes for all panels of a group */
} correlation;

/* Over all places of the scan; result.failed says whether there was no memory. From `block` on, the
 * numbers above are its own to set. */
void correlate(correlation *c, conv_scan scan);

#endif
