/* The passes, each in a file of its own. */
#ifndef LEGO_PASSES_PASSES_H
#define LEGO_PASSES_PASSES_H

#include "../graph/program.h"

/* Drops instructions whose results nobody reads. */
lego_status pass_dead(lego_program *p);

/* Computes at once what depends on constants alone. */
lego_status pass_fold_constants(lego_program *p);

/* Computes once what would be computed twice. */
lego_status pass_common(lego_program *p);

/* Masks what goes back through max pooling before it is spread. */
lego_status pass_mask_before_pooling(lego_program *p);

/* Puts elementwise bricks together that can walk the same elements. */
lego_status pass_fuse(lego_program *p);

/* Puts the fused loop behind a product at the product's epilogue. */
lego_status pass_epilogue(lego_program *p);

#endif
