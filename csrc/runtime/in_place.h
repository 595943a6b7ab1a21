/* Results over the memory of inputs that are read for the last time. */
#ifndef LEGO_RUNTIME_IN_PLACE_H
#define LEGO_RUNTIME_IN_PLACE_H

#include "../graph/program.h"

/* Lets what a fused loop makes take over the memory of what it reads for the last time. Lifetimes
 * are known. */
void plan_in_place(lego_program *p);

#endif
