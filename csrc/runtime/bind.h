/* Binding: from buffers to addresses. */
#ifndef LEGO_RUNTIME_BIND_H
#define LEGO_RUNTIME_BIND_H

#include "../graph/program.h"

/* Makes the calls and fused loops of a run. Constants and variables do not move. All other
 * addresses form groups that are set before a run: the arena, each input, each output. */
lego_status bind_program(lego_program *p);

#endif
