/* How the body of a loop's gradient captures the values of a forward step. */
#ifndef LEGO_RUNTIME_SCAN_CAPTURE_H
#define LEGO_RUNTIME_SCAN_CAPTURE_H

#include "../graph/body.h"

/* What stands for x in the gradient's body: a new reference; NULL on failure. */
lego_tensor *scan_capture(recorder *r, lego_tensor *x);

/* A tensor for an operand of a body that is recorded. NULL: no memory. */
lego_tensor *scan_tensor_of(const lego_program *p, const operand *x);

#endif
