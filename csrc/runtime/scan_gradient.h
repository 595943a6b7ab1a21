/* The body of a loop's gradient, recorded from the tape of the loop's body. */
#ifndef LEGO_RUNTIME_SCAN_GRADIENT_H
#define LEGO_RUNTIME_SCAN_GRADIENT_H

#include "scan_products.h"

/* The gradient's body while it is made. */
typedef struct scan_gradient {
    scan_body *forward; /* the loop's body: recorded, not finished */
    scan_body *body;    /* NULL: no gradient flows */
    list asked;         /* of lego_tensor *, borrowed: inputs and variables to differentiate by */
    list made;          /* of made_input: the inputs that are not captured come first */
    list results;       /* of lego_tensor *: the gradients at one step */
    list of;            /* of lego_tensor *, borrowed: what the first results are gradients of */
    list products;      /* of step_product: gradients that are not summed step by step */
} scan_gradient;

/* Records the gradient of results[count], of which the first are carries. A failure is noted in
 * forward->refusal, for whoever asks for the gradient; only without memory a status says so. */
lego_status scan_gradient_record(scan_gradient *g, scan_body *forward, lego_tensor *const *results,
                                 int count);

/* Once the forward body has taken its variables: finds where all inputs come from. What each step
 * must keep for the gradient is appended to `rows`, and what all steps have in common to `kept`,
 * lists of lego_tensor *. Finishes the body and sets forward->gradient. */
lego_status scan_gradient_finish(scan_gradient *g, list *rows, list *kept);

void scan_gradient_close(scan_gradient *g);

#endif
