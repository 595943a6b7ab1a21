/* The shape of a convolution, which all of its files share. */
#ifndef LEGO_KERNELS_CONV_SHAPE_H
#define LEGO_KERNELS_CONV_SHAPE_H

#include "../core/epilogue.h"
#include "../core/isa.h"
#include "../lego.h"

enum { CONV_AXES = 3 }; /* fewer spatial axes have axes of length 1 before them */

/* One spatial axis: output number o sees the inputs o * stride + tap * dilation - before, for all
 * taps of the kernel; where there is no such input it sees zeros. */
typedef struct conv_axis {
    int64_t input;
    int64_t output;
    int64_t taps;
    int64_t stride;
    int64_t dilation;
    int64_t before;
} conv_axis;

/* All arrays are dense: x (batch, inputs..., groups * channels), y (batch, outputs..., groups *
 * filters), kernel (taps..., channels, groups * filters). Group g's filters see group g's channels.
 */
typedef struct conv {
    lego_dtype dtype; /* float32 or float64 */
    int64_t batch;
    int64_t groups;
    int64_t channels; /* of a group */
    int64_t filters;  /* of a group */
    conv_axis axes[CONV_AXES];
} conv;

#endif
