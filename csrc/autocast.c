/* The dtype in which this thread's bricks read variables. */
#include "autocast.h"

enum { NONE = -1 };
static _Thread_local int autocast_dtype = NONE;

bool autocast_changes(const lego_tensor *x) {
    if (autocast_dtype == NONE) {
        return false;
    }
    lego_dtype dtype = lego_tensor_dtype(x);
    return (int)dtype != autocast_dtype && lego_dtype_kind_of(dtype) == LEGO_KIND_FLOAT;
}

lego_dtype dtype_as_input(PyObject *object, const lego_tensor *x) {
    return is_autocast(object, x) ? (lego_dtype)autocast_dtype : lego_tensor_dtype(x);
}

lego_tensor *autocast_tensor(lego_tensor *x) {
    const int64_t attributes[] = {autocast_dtype};
    lego_tensor *y = NULL;
    int made = 0;
    lego_apply(lego_brick_find("cast"), &x, 1, attributes, &y, 1, &made);
    return y;
}

PyObject *set_autocast(PyObject *module, PyObject *number) {
    (void)module;
    const int former = autocast_dtype;
    long wanted = PyLong_AsLong(number);
    if (wanted == -1 && PyErr_Occurred()) {
        return NULL;
    }
    if (wanted < NONE || wanted >= LEGO_DTYPE_COUNT) {
        return PyErr_Format(PyExc_ValueError, "%ld is not a dtype", wanted);
    }
    autocast_dtype = (int)wanted;
    return PyLong_FromLong(former);
}
