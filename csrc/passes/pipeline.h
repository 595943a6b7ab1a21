/* The passes in their order: each is optional, and changes no bit. */
#ifndef LEGO_PASSES_PIPELINE_H
#define LEGO_PASSES_PIPELINE_H

#include "../graph/program.h"

/* Runs those passes whose flag is set. */
lego_status run_passes(lego_program *p, unsigned flags);

#endif
