/* The passes: one list of them, from which flags, prototypes and the pipeline's table are made.
 *
 * A pass is a function pass_<name>() in a file of its own. It is optional and changes no bit: it
 * asks values who makes and who reads them, and changes ops with the functions of graph/values.h.
 */
#ifndef LEGO_PASSES_PASSES_H
#define LEGO_PASSES_PASSES_H

#include "../graph/program.h"

/* PASS(name, needs) in the order in which they run. `needs` are the flags of passes without which
 * it has nothing to do: then it does not run.
 *
 * `dead` runs twice. The first time it drops what was recorded and is not needed, so that no pass
 * folds or compares it. The second time it drops the masks that mask_before_pooling has replaced:
 * they have no readers any more, but a fused loop would still compute and store them. */
#define EACH_PASS(PASS, AGAIN)                                                                     \
    PASS(dead, 0)                /* drops instructions whose results are not read */               \
    PASS(fold_constants, 0)      /* computes at once what depends on constants alone */            \
    PASS(common, 0)              /* computes once what would be computed twice */                  \
    PASS(mask_before_pooling, 0) /* moves relu's mask in front of max pooling's gradient */        \
    AGAIN(dead, PASS_FLAG(mask_before_pooling))                                                    \
    PASS(pad_in_windows, 0)         /* lets convolutions and max pooling pad images themselves */  \
    PASS(crop_products, 0)          /* computes only those columns of a product that are read */   \
    PASS(update_rows, 0)            /* updates only those rows of a table that were read */        \
    PASS(fuse, 0)                   /* joins elementwise ops into fused loops */                   \
    PASS(epilogue, PASS_FLAG(fuse)) /* makes the fused loop after a product its epilogue */        \
    PASS(side_by_side, 0)           /* runs two recurrences at the same time */                    \
    PASS(reuse, 0)                  /* lets buffers share memory, in turns */

#define PASS_NUMBER(name, needs) PASS_##name,
#define PASS_NOT_AGAIN(name, needs)
enum { EACH_PASS(PASS_NUMBER, PASS_NOT_AGAIN) PASS_COUNT };

#define PASS_FLAG(name) (1u << PASS_##name)

#define PASS_PROTOTYPE(name, needs) lego_status pass_##name(lego_program *p);
EACH_PASS(PASS_PROTOTYPE, PASS_NOT_AGAIN)

/* Whether the op is a product that a fused loop can be the epilogue of. */
bool takes_epilogue(const program_op *op);

#endif
