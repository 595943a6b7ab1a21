/* Recording: applications are handed to a recorder, which runs their kernels later. */
#include "recorder.h"

#include "../core/error.h"

static _Thread_local recorder *current;

recorder *recorder_now(void) {
    return current;
}

recorder *recorder_set(recorder *r) {
    recorder *former = current;
    current = r;
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

lego_tensor *recorder_take(recorder *r, lego_tensor *x, const char *who) {
    if (r && r->capture) {
        return r->capture(r, x);
    }
    return recorder_check(r, x, who) ? NULL : lego_tensor_retain(x);
}
