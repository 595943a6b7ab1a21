/* The families of bricks. */
#ifndef LEGO_BRICKS_REGISTRY_H
#define LEGO_BRICKS_REGISTRY_H

#include "../tensor/brick.h"

/* Each family's table, at the end of its file; it ends with a brick that has no name. */
extern const lego_brick making_bricks[];
extern const lego_brick arithmetic_bricks[];
extern const lego_brick elementary_bricks[];
extern const lego_brick logic_bricks[];
extern const lego_brick reduction_bricks[];
extern const lego_brick argmax_bricks[];
extern const lego_brick scan_bricks[];
extern const lego_brick product_bricks[];
extern const lego_brick layout_bricks[];
extern const lego_brick assembly_bricks[];
extern const lego_brick selection_bricks[];
extern const lego_brick softmax_bricks[];
extern const lego_brick crossentropy_bricks[];
extern const lego_brick binary_crossentropy_bricks[];
extern const lego_brick chance_bricks[];

#endif
