/* Results over the memory of inputs that are read for the last time. */
#ifndef LEGO_RUNTIME_IN_PLACE_H
#define LEGO_RUNTIME_IN_PLACE_H

#include "../graph/program.h"

/* Lets results of fused loops take over the memory of inputs that are read for the last time. The
 * lifetimes must be known. */
void plan_in_place(lego_program *p);

#endif
