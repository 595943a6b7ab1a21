/* The team: the workers of the thread pool, which live as long as the process. */
#ifndef LEGO_CORE_TEAM_H
#define LEGO_CORE_TEAM_H

/* What a worker does: it never returns. */
typedef void *team_work(void *nothing);

/* Starts up to `workers` more workers, fewer when the system or OpenMP gives fewer. Returns at
 * once: they begin when they begin. In a child of fork() the team has no workers, and may be opened
 * anew.
 */
void team_open(int workers, team_work *work);

/* The cores that this process may use, where only OpenMP knows; otherwise 0. */
int team_cores(void);

#endif
