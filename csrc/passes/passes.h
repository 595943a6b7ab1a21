/* The passes, each in a file of its own. */
#ifndef LEGO_PASSES_PASSES_H
#define LEGO_PASSES_PASSES_H

#include "../graph/program.h"

/* Drops instructions whose results are not read. */
lego_status pass_dead(lego_program *p);

/* Computes at once what depends on constants alone. */
lego_status pass_fold_constants(lego_program *p);

/* Computes once what would be computed twice. */
lego_status pass_common(lego_program *p);

/* Moves relu's mask in front of max pooling's gradient. */
lego_status pass_mask_before_pooling(lego_program *p);

/* Joins elementwise ops that walk the same elements into fused loops. */
lego_status pass_fuse(lego_program *p);

/* Makes the fused loop that follows a product its epilogue. */
lego_status pass_epilogue(lego_program *p);

#endif
