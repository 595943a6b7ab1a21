/* Carries of a loop that are another carry once more. */
#ifndef LEGO_RUNTIME_SCAN_DOUBLES_H
#define LEGO_RUNTIME_SCAN_DOUBLES_H

#include "../graph/body.h"

/* Drops them from the body of a loop that has steps, which is recorded but not finished, and from
 * its results, a list of lego_tensor * of which the first are the next carries. places[i] is where
 * result i was, and is now. */
void scan_doubles_drop(lego_program *body, list *results, int *places);

#endif
