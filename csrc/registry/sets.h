/* The instruction sets in this library (core/isa.h), and the one in use. */
#ifndef LEGO_REGISTRY_SETS_H
#define LEGO_REGISTRY_SETS_H

#include "../tensor/brick.h"

enum { MOST_SETS = 3 };

/* Sets that this machine can run are numbered as lego_isa_at() does. */
int set_in_use(void);

/* The set's families of bricks; NULL ends them. */
const lego_brick *const *set_families(int set);

/* The set's brick of that name; NULL: none. */
const lego_brick *set_brick(int set, const char *name);

/* The set's loops for the pattern of that name; NULL: none. */
const pattern_kernel *set_pattern_kernel(int set, const char *name);

#endif
