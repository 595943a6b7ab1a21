/* Threads that live as long as the process: detached, deaf to signals, with a stack of a size that
 * does not depend on the system. */
#define _GNU_SOURCE /* sigset_t */
#include "spawn.h"

#include <pthread.h>
#include <signal.h>
#include <stddef.h>

/* A thread is born with the mask of its parent. Signals such as Ctrl-C are for the threads that
 * the program knows; those that a thread earns by its own fault stay open. */
static void block_signals(sigset_t *former) {
    sigset_t blocked;
    sigfillset(&blocked);
    sigdelset(&blocked, SIGSEGV);
    sigdelset(&blocked, SIGBUS);
    sigdelset(&blocked, SIGFPE);
    sigdelset(&blocked, SIGILL);
    pthread_sigmask(SIG_SETMASK, &blocked, former);
}

static bool start(void *(*live)(void *), const pthread_attr_t *attributes) {
    pthread_t thread;
    sigset_t former;
    block_signals(&former);
    bool has_started = pthread_create(&thread, attributes, live, NULL) == 0;
    pthread_sigmask(SIG_SETMASK, &former, NULL);
    return has_started;
}

bool spawn(void *(*live)(void *)) {
    const size_t stack_bytes = (size_t)2 << 20; /* musl gives 128 KB, macOS 512 KB */
    pthread_attr_t attributes;
    if (pthread_attr_init(&attributes)) {
        return false;
    }
    bool has_started = !pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED) &&
                       !pthread_attr_setstacksize(&attributes, stack_bytes) &&
                       start(live, &attributes);
    pthread_attr_destroy(&attributes);
    return has_started;
}
