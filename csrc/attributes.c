/* Attributes: Python's arguments by name become the slots that the engine reads. */
#include "attributes.h"

#include <string.h>

/* ---- bricks and their names ----------------------------------------------------------------- */

void named_brick_free(named_brick *b) {
    for (int i = 0; i < b->count; i++) {
        Py_XDECREF(b->names[i]);
    }
    PyMem_Free(b);
}

named_brick *named_brick_new(const lego_brick *brick) {
    named_brick *b = PyMem_Malloc(sizeof *b);
    if (!b) {
        PyErr_NoMemory();
        return NULL;
    }
    *b = (named_brick){.brick = brick, .count = lego_brick_attribute_count(brick)};
    for (int i = 0; i < b->count; i++) {
        b->kinds[i] = lego_brick_attribute_kind(brick, i);
        b->names[i] = PyUnicode_InternFromString(lego_brick_attribute_name(brick, i));
        if (!b->names[i]) {
            named_brick_free(b);
            return NULL;
        }
    }
    return b;
}

/* ---- one number ----------------------------------------------------------------------------- */

/* Where a number stands, for sentences about it. */
typedef struct named_attribute {
    const char *brick;
    PyObject *name;
} named_attribute;

/* Says more than the failed conversion did; but what is not about the value, such as Ctrl-C, stays.
 */
static bool refuse_kind(const named_attribute *a, const char *wanted, PyObject *value) {
    bool is_of_value = PyErr_ExceptionMatches(PyExc_TypeError) ||
                       PyErr_ExceptionMatches(PyExc_ValueError) ||
                       PyErr_ExceptionMatches(PyExc_OverflowError);
    if (is_of_value) {
        PyErr_Format(PyExc_TypeError, "%s: %U must be a %s. Received: %U=%R", a->brick, a->name,
                     wanted, a->name, value);
    }
    return false;
}

static bool read_float(const named_attribute *a, PyObject *value, int64_t *slot) {
    PyObject *converted = PyFloat_Check(value) ? NULL : PyNumber_Float(value);
    if (!converted && !PyFloat_Check(value)) {
        return refuse_kind(a, "number", value);
    }
    double number = PyFloat_AsDouble(converted ? converted : value);
    Py_XDECREF(converted);
    memcpy(slot, &number, sizeof number);
    return true;
}

/* NumPy's booleans are whole numbers here, although they have no __index__. */
static PyObject *whole_number(PyObject *value) {
    PyObject *number = PyNumber_Index(value);
    if (number || !PyErr_ExceptionMatches(PyExc_TypeError)) {
        return number;
    }
    PyObject *kind, *error, *traceback;
    PyErr_Fetch(&kind, &error, &traceback);
    PyObject *item =
        PyObject_HasAttrString(value, "dtype") ? PyObject_CallMethod(value, "item", NULL) : NULL;
    number = item && PyBool_Check(item) ? PyNumber_Index(item) : NULL;
    Py_XDECREF(item);
    if (number) {
        Py_XDECREF(kind);
        Py_XDECREF(error);
        Py_XDECREF(traceback);
    } else {
        PyErr_Restore(kind, error, traceback);
    }
    return number;
}

static bool read_integer(const named_attribute *a, PyObject *value, int64_t *slot) {
    PyObject *number = PyLong_CheckExact(value) ? Py_NewRef(value) : whole_number(value);
    if (!number) {
        return refuse_kind(a, "whole number", value);
    }
    int overflow = 0;
    *slot = PyLong_AsLongLongAndOverflow(number, &overflow);
    if (overflow) {
        PyErr_Format(PyExc_ValueError, "%s: %U does not fit into 64 bits: %R", a->brick, a->name,
                     number);
    }
    Py_DECREF(number);
    return !overflow;
}

/* ---- lists ---------------------------------------------------------------------------------- */

bool is_shape(PyObject *object) {
    bool is_plain = PyTuple_Check(object);
    Py_ssize_t count = is_plain ? PyTuple_Size(object) : 0;
    for (Py_ssize_t i = 0; i < count && is_plain; i++) {
        is_plain = PyLong_CheckExact(PyTuple_GetItem(object, i));
    }
    return is_plain;
}

static bool read_tuple(const named_attribute *a, PyObject *tuple, int64_t *slots) {
    Py_ssize_t count = PyTuple_Size(tuple);
    if (count > LEGO_MAX_RANK) {
        PyErr_Format(PyExc_ValueError,
                     "%s: a tensor has at most %d axes, but %U has %zd numbers: %R", a->brick,
                     LEGO_MAX_RANK, a->name, count, tuple);
        return false;
    }
    *slots++ = count;
    memset(slots, 0, sizeof *slots * LEGO_MAX_RANK);
    for (Py_ssize_t i = 0; i < count; i++) {
        if (!read_integer(a, PyTuple_GetItem(tuple, i), &slots[i])) {
            return false;
        }
    }
    return true;
}

static bool read_integers(const named_attribute *a, PyObject *values, int64_t *slots) {
    PyObject *tuple = PySequence_Tuple(values); /* mostly it is one */
    bool is_read = tuple && read_tuple(a, tuple, slots);
    Py_XDECREF(tuple);
    return is_read;
}

/* ---- all of them ---------------------------------------------------------------------------- */

static PyObject *joined(PyObject *comma, PyObject *names) {
    return comma && names ? PyUnicode_Join(comma, names) : NULL;
}

static bool refuse_names(const named_brick *b, PyObject *names) {
    PyObject *wanted = PyTuple_New(b->count);
    for (int i = 0; wanted && i < b->count; i++) {
        Py_INCREF(b->names[i]);
        PyTuple_SetItem(wanted, i, b->names[i]);
    }
    PyObject *given = names ? (Py_INCREF(names), names) : PyTuple_New(0);
    PyObject *comma = PyUnicode_FromString(", ");
    PyObject *wanted_text = joined(comma, wanted);
    PyObject *given_text = joined(comma, given);
    if (wanted_text && given_text) {
        PyErr_Format(PyExc_TypeError, "%s has the attributes %U; got %U", lego_brick_name(b->brick),
                     wanted_text, given_text);
    }
    Py_XDECREF(wanted);
    Py_XDECREF(given);
    Py_XDECREF(comma);
    Py_XDECREF(wanted_text);
    Py_XDECREF(given_text);
    return false;
}

static bool read_one(const named_attribute *a, lego_attribute_kind kind, PyObject *value,
                     int64_t *slots) {
    switch (kind) {
    case LEGO_INTS:
        return read_integers(a, value, slots);
    case LEGO_FLOAT:
        return read_float(a, value, slots);
    default:
        return read_integer(a, value, slots);
    }
}

/* Where the name stands among the names given, the `place`-th of them in most calls; -1: nowhere.
 * Names in Python's code are interned, as ours are; others are compared letter by letter. */
static Py_ssize_t place_of(PyObject *name, PyObject *names, Py_ssize_t place) {
    if (PyTuple_GetItem(names, place) == name) {
        return place;
    }
    return PySequence_Index(names, name);
}

bool attributes_read(const named_brick *b, PyObject *names, PyObject *const *values,
                     int64_t slots[MOST_SLOTS]) {
    if ((names ? PyTuple_Size(names) : 0) != b->count) {
        return refuse_names(b, names);
    }
    for (int i = 0; i < b->count; i++) {
        Py_ssize_t place = place_of(b->names[i], names, i);
        if (place < 0) {
            PyErr_Clear();
            return refuse_names(b, names);
        }
        named_attribute a = {lego_brick_name(b->brick), b->names[i]};
        if (!read_one(&a, b->kinds[i], values[place], slots)) {
            return false;
        }
        slots += b->kinds[i] == LEGO_INTS ? 1 + LEGO_MAX_RANK : 1;
    }
    return true;
}
