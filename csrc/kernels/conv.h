/* Convolutions over up to three spatial axes, and their two gradients. */
#ifndef LEGO_KERNELS_CONV_H
#define LEGO_KERNELS_CONV_H

#include "../core/epilogue.h"
#include "../core/isa.h"
#include "../lego.h"

#define conv_run                 FOR_ISA(conv_run)
#define conv_input_gradient_run  FOR_ISA(conv_input_gradient_run)
#define conv_kernel_gradient_run FOR_ISA(conv_kernel_gradient_run)

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

/* y = the sum over taps and channels of x kernel. Its blocks are handed to the end, if there is
 * one: a row for each pixel; y may be NULL when that does without. */
lego_status conv_run(const conv *c, const void *x, const void *kernel, void *y,
                     const epilogue *end);

/* dx = the sum over all outputs that see it of dy kernel. */
lego_status conv_input_gradient_run(const conv *c, const void *dy, const void *kernel, void *dx);

/* dkernel = the sum over the batch and all outputs of x dy. */
lego_status conv_kernel_gradient_run(const conv *c, const void *x, const void *dy, void *dkernel);

#endif
