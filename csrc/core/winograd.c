/* Which of Winograd's algorithms convolutions may use. */
#include "winograd.h"

#include <stdatomic.h>

#include "error.h"

/* The default is 2: results of tiles of 2 x 2 are as exact as the direct sum, those of 4 x 4 are
 * not (kernels/winograd_transform.h). */
static atomic_int setting = 2;

int winograd_setting(void) {
    return atomic_load_explicit(&setting, memory_order_relaxed);
}

int lego_winograd(void) {
    return winograd_setting();
}

lego_status lego_set_winograd(int tile) {
    if (tile != 0 && tile != 2 && tile != 4) {
        return fail(LEGO_BAD_VALUE,
                    "Winograd's tiles have 2 or 4 outputs a side, or 0 for none of them, got %d",
                    tile);
    }
    atomic_store(&setting, tile);
    return LEGO_OK;
}
