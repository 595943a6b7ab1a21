/* The gradients of weights that a loop multiplies by, or adds: one product over all steps, or one
 * sum. */
#ifndef LEGO_RUNTIME_SCAN_PRODUCTS_H
#define LEGO_RUNTIME_SCAN_PRODUCTS_H

#include "scan_residuals.h"

/* A product that the gradient's body would add to a sum at each step. */
typedef struct step_product {
    const lego_tensor *of; /* the weight, borrowed */
    program_op *op;        /* dw = a^T dy, or db = the sum of dy over its rows */
    program_op *joined;    /* of the forward body: it makes a by joining columns; or NULL */
} step_product;

/* The op that makes the gradient, where that is a product or a sum over rows, which over all steps
 * is one over the rows of all steps; else NULL. */
program_op *scan_product_op(const lego_program *body, const lego_tensor *gradient);

/* The products leave the gradient's body, of which results are all results so far. An input that
 * none but them reads leaves it, too, where its parts are found without it. */
lego_status scan_products_take_out(list *products, lego_program *body, const list *results,
                                   const residuals *r);

/* Once it is known where the inputs of the gradient's body come from: the same of all factors.
 * Those that the body makes are appended to its results, of which the first `carries` are carries.
 * Sets forward->products. */
lego_status scan_products_find(const list *products, const lego_program *body, list *results,
                               int carries, residuals *r);

#endif
