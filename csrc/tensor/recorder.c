/* Recording: what becomes of applications whose kernels are not to run yet. */
#include "recorder.h"

#include "../core/error.h"

static _Thread_local recorder *now;
static _Thread_local origin from;

recorder *recorder_now(void) {
    return now;
}

recorder *recorder_set(recorder *r) {
    recorder *former = now;
    now = r;
    return former;
}

origin origin_now(void) {
    return from;
}

origin origin_set(origin next) {
    origin former = from;
    from = next;
    return former;
}

lego_status recorder_check(const recorder *r, const lego_tensor *x, const char *who) {
    uint64_t symbolic_in = x->storage->symbolic_in;
    if (!symbolic_in || (r && r->number == symbolic_in)) {
        return LEGO_OK;
    }
    return fail(LEGO_BAD_VALUE,
                "%s: a tensor of shape %s has no numbers: it was promised by a recording, and "
                "makes sense only inside of it",
                who, array_text(&x->array));
}
