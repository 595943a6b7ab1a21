/* Recording: applications become instructions. */
#ifndef LEGO_GRAPH_RECORD_H
#define LEGO_GRAPH_RECORD_H

#include "program.h"

/* Refuses outputs without numbers or of other programs, and a program that is closed. */
lego_status record_check_outputs(const lego_program *p, lego_tensor *const *outputs, int count);

/* Makes the program's outputs. What is not a whole buffer of the arena is copied to one first. */
lego_status record_outputs(lego_program *p, lego_tensor *const *outputs, int count);

/* What is read of a variable is from now on the program's next input, which a run binds. */
lego_status record_variable_as_input(lego_program *p, int buffer);

#endif
