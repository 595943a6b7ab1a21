/* Threads that run as long as the process. They are detached and block signals, and the size of
 * their stack does not depend on the system. */
#define _GNU_SOURCE /* sigset_t */
#include "spawn.h"

#include <pthread.h>
#include <signal.h>
#include <stddef.h>

/* A new thread inherits the signal mask of its parent. Signals such as Ctrl-C must reach the
 * threads of the user's program. Signals that a thread causes itself, such as SIGSEGV, stay open.
 */
static void block_signals(sigset_t *former) {
    sigset_t blocked;
    sigfillset(&blocked);
    sigdelset(&blocked, SIGSEGV);
    sigdelset(&blocked, SIGBUS);
    sigdelset(&blocked, SIGFPE);
    sigdelset(&blocked, SIGILL);
    pthread_sigmask(SIG_SETMASK, &blocked, former);
}

static bool start(void *(*run)(void *), const pthread_attr_t *attributes) {
    pthread_t thread;
    sigset_t former;
    block_signals(&former);
    bool has_started = pthread_create(&thread, attributes, run, NULL) == 0;
    pthread_sigmask(SIG_SETMASK, &former, NULL);
    return has_started;
}

bool spawn(void *(*run)(void *)) {
    const size_t stack_bytes = (size_t)2 << 20; /* musl gives 128 KB, macOS 512 KB */
    pthread_attr_t attributes;
    if (pthread_attr_init(&attributes)) {
        return false;
    }
    bool has_started = !pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED) &&
                       !pthread_attr_setstacksize(&attributes, stack_bytes) &&
                       start(run, &attributes);
    pthread_attr_destroy(&attributes);
    return has_started;
}
