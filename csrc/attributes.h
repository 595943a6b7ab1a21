/* Attributes: Python's arguments by name become the slots that the engine reads. */
#ifndef LEGO_ATTRIBUTES_H
#define LEGO_ATTRIBUTES_H

#define Py_LIMITED_API 0x030A0000 /* Python 3.10 */
#include <Python.h>

#include "lego.h"

enum { MOST_ATTRIBUTES = 8, MOST_SLOTS = MOST_ATTRIBUTES * (1 + LEGO_MAX_RANK) };

/* A brick, and the names of its attributes as Python has them. */
typedef struct named_brick {
    const lego_brick *brick;
    int count;
    lego_attribute_kind kinds[MOST_ATTRIBUTES];
    PyObject *names[MOST_ATTRIBUTES];
} named_brick;

/* Gives new memory; NULL with an exception. */
named_brick *named_brick_new(const lego_brick *brick);
void named_brick_free(named_brick *b);

/* Fills the slots by values of these names (a tuple; NULL: none are given); false with an exception
 * that names the brick and the attribute. */
bool attributes_read(const named_brick *b, PyObject *names, PyObject *const *values,
                     int64_t slots[MOST_SLOTS]);

/* Whether it is a tuple of plain integers, as most shapes and axes are. */
bool is_shape(PyObject *object);

#endif
