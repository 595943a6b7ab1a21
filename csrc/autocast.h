/* Autocast: while a layer computes in another dtype than that of its weights, bricks read variables
 * in the dtype of the computation.
 *
 * Who applies bricks to a variable sees a tensor of that dtype, and gradients reach the variable
 * through the cast. Only floats are cast, and only where the variable allows it: moving averages,
 * which are assigned to, stay as they are. */
#ifndef LEGO_AUTOCAST_H
#define LEGO_AUTOCAST_H

#include "handles.h"

/* Whether this thread reads variables like x in another dtype now. */
bool autocast_changes(const lego_tensor *x);

/* Whether this object is read in another dtype now than that of its tensor, x. Most are not, and
 * are asked often. */
static inline bool is_autocast(PyObject *object, const lego_tensor *x) {
    return Py_TYPE(object) != handle_type && ((holder *)object)->is_autocast && autocast_changes(x);
}

/* The dtype in which bricks read the object whose tensor is x. */
lego_dtype dtype_as_input(PyObject *object, const lego_tensor *x);

/* x in that dtype, a new reference; NULL, without an exception, on failure. */
lego_tensor *autocast_tensor(lego_tensor *x);

/* set_autocast(dtype's number, or -1) -> what it was, for this thread. */
PyObject *set_autocast(PyObject *module, PyObject *number);

#endif
