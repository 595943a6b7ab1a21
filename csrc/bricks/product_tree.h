/* The gradient of a product of many numbers, without a division. */
#ifndef LEGO_BRICKS_PRODUCT_TREE_H
#define LEGO_BRICKS_PRODUCT_TREE_H

#include "../core/isa.h"
#include "../tensor/gradient_context.h"

#define product_tree_gradient FOR_ISA(product_tree_gradient)

/* dx_i = dy times the product of all x_j with j != i over the marked axes; dy has one number per
 * product. */
lego_tensor *product_tree_gradient(gradient_context *g, lego_tensor *x, const bool *is_reduced,
                                   lego_tensor *dy);

#endif
