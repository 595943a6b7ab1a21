/* The brick `scan`: a loop that runs a body once per step. */
#ifndef LEGO_RUNTIME_SCAN_H
#define LEGO_RUNTIME_SCAN_H

#include "scan_body.h"

typedef struct scan_attributes {
    int64_t outputs;
    int64_t length; /* how many steps */
    int64_t is_reversed;
} scan_attributes;

/* The brick that runs the body. It is not in the registry: nobody can apply it without a body. */
const lego_brick *scan_brick_for(const scan_body *b);

#endif
