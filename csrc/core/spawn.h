/* Threads that live as long as the process. */
#ifndef LEGO_CORE_SPAWN_H
#define LEGO_CORE_SPAWN_H

#include <stdbool.h>

/* Starts a thread that runs live(NULL), which never returns. Nobody joins it: the end of the
 * process ends it. False when the system refuses. */
bool spawn(void *(*live)(void *));

#endif
