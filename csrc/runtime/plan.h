/* The memory plan: the offset of each buffer in the arena. */
#ifndef LEGO_RUNTIME_PLAN_H
#define LEGO_RUNTIME_PLAN_H

#include "../graph/program.h"

/* Finds each buffer's first and last instruction, and its offset in the arena. */
lego_status plan_arena(lego_program *p);

#endif
