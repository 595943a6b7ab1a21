/* Code that is written once and compiled for every dtype but bool; per_float.h explains it. A bool
 * is stored as a byte of 0 or 1, so the code for uint8 mostly works for it too. */
#include "per_integer.h"

/* Last, for it forgets TEMPLATE. */
#include "per_float.h"
