/* The families of bricks. */
#ifndef LEGO_BRICKS_FAMILIES_H
#define LEGO_BRICKS_FAMILIES_H

#include "../core/isa.h"
#include "../tensor/brick.h"

#define creation_bricks            FOR_ISA(creation_bricks)
#define arithmetic_bricks          FOR_ISA(arithmetic_bricks)
#define elementwise_bricks         FOR_ISA(elementwise_bricks)
#define gate_bricks                FOR_ISA(gate_bricks)
#define logic_bricks               FOR_ISA(logic_bricks)
#define reductions_bricks          FOR_ISA(reductions_bricks)
#define argmax_bricks              FOR_ISA(argmax_bricks)
#define scan_bricks                FOR_ISA(scan_bricks)
#define linear_bricks              FOR_ISA(linear_bricks)
#define layout_bricks              FOR_ISA(layout_bricks)
#define assembly_bricks            FOR_ISA(assembly_bricks)
#define indexing_bricks            FOR_ISA(indexing_bricks)
#define softmax_bricks             FOR_ISA(softmax_bricks)
#define crossentropy_bricks        FOR_ISA(crossentropy_bricks)
#define binary_crossentropy_bricks FOR_ISA(binary_crossentropy_bricks)
#define random_bricks              FOR_ISA(random_bricks)
#define convolution_bricks         FOR_ISA(convolution_bricks)
#define affine_bricks              FOR_ISA(affine_bricks)
#define pooling_bricks             FOR_ISA(pooling_bricks)
#define resizing_bricks            FOR_ISA(resizing_bricks)
#define normalization_bricks       FOR_ISA(normalization_bricks)
#define families                   FOR_ISA(families)

/* Each family's table, at the end of its file; it ends with a brick that has no name. */
extern const lego_brick creation_bricks[];
extern const lego_brick arithmetic_bricks[];
extern const lego_brick elementwise_bricks[];
extern const lego_brick gate_bricks[];
extern const lego_brick logic_bricks[];
extern const lego_brick reductions_bricks[];
extern const lego_brick argmax_bricks[];
extern const lego_brick scan_bricks[];
extern const lego_brick linear_bricks[];
extern const lego_brick layout_bricks[];
extern const lego_brick assembly_bricks[];
extern const lego_brick indexing_bricks[];
extern const lego_brick softmax_bricks[];
extern const lego_brick crossentropy_bricks[];
extern const lego_brick binary_crossentropy_bricks[];
extern const lego_brick random_bricks[];
extern const lego_brick convolution_bricks[];
extern const lego_brick affine_bricks[];
extern const lego_brick pooling_bricks[];
extern const lego_brick resizing_bricks[];
extern const lego_brick normalization_bricks[];

/* All families of this set of machine code, which is what the registry takes from it; NULL ends
 * them. */
extern const lego_brick *const families[];

#endif
