/* Convolutions of 3 x 3 taps, and their gradients by the input, by Winograd's algorithm. */
#ifndef LEGO_KERNELS_CONV_WINOGRAD_H
#define LEGO_KERNELS_CONV_WINOGRAD_H

#include "conv_pack.h"
#include "conv_shape.h"

#define winograd_tile                FOR_ISA(winograd_tile)
#define winograd_run                 FOR_ISA(winograd_run)
#define winograd_input_gradient_run  FOR_ISA(winograd_input_gradient_run)
#define winograd_kernel_gradient_run FOR_ISA(winograd_kernel_gradient_run)

/* Outputs along a side of a tile; 0 where the setting says so, or where the sum as it is written is
 * faster. The batch has no say: an image's numbers do not depend on how many others there are. */
int winograd_tile(const conv *c);

/* The same as conv_run() and its two gradients, with tiles of that size; the first two take the
 * kernel's panels for either. */
lego_status winograd_run(const conv *c, int tile, const void *x, const conv_panels *kernel, void *y,
                         const epilogue *end);
lego_status winograd_input_gradient_run(const conv *c, int tile, const void *dy,
                                        const conv_panels *kernel, void *dx);
lego_status winograd_kernel_gradient_run(const conv *c, int tile, const void *x, const void *dy,
                                         void *dkernel);

#endif
