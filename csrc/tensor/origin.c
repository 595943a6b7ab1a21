/* Origins: the place in the user's code, such as a layer, that an op of a program belongs to. */
#include "origin.h"

static _Thread_local origin current;

origin origin_now(void) {
    return current;
}

origin origin_set(origin next) {
    origin former = current;
    current = next;
    return former;
}
