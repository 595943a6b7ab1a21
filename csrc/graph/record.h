/* Recording: applications become instructions. */
#ifndef LEGO_GRAPH_RECORD_H
#define LEGO_GRAPH_RECORD_H

#include "program.h"

/* Refuses outputs that are none, and a program that is closed. */
lego_status record_check_outputs(const lego_program *p, lego_tensor *const *outputs, int count);

/* Settles what a run gives. What is not an arena's whole buffer is copied to one first. */
lego_status record_outputs(lego_program *p, lego_tensor *const *outputs, int count);

#endif
