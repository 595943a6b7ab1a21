/* Threads that run as long as the process. */
#ifndef LEGO_CORE_SPAWN_H
#define LEGO_CORE_SPAWN_H

#include <stdbool.h>

/* Starts a thread that calls run(NULL), which never returns. The thread is not joined: it ends with
 * the process. False when the system refuses. */
bool spawn(void *(*run)(void *));

#endif
