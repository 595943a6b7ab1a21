/* Recording: what becomes of applications whose kernels are not to run yet.
 *
 * A thread that records hands each application to its recorder instead of the kernel. The tensors
 * that come out have a shape and a dtype, but no numbers: they are symbolic. Programs (in the room
 * above) are the recorders. */
#ifndef LEGO_TENSOR_RECORDER_H
#define LEGO_TENSOR_RECORDER_H

#include "brick.h"
#include "tensor.h"

typedef struct recorder recorder;

struct recorder {
    uint64_t number; /* of the recording, never 0: symbolic tensors carry it */

    /* A tensor of that layout whose numbers the recording is going to make. */
    lego_tensor *(*make_symbolic)(recorder *r, const lego_array *array);

    /* Takes the application y = brick(x); all tensors are borrowed. */
    lego_status (*note)(recorder *r, const lego_call *call, lego_tensor *const *x,
                        lego_tensor *const *y);
};

/* This thread's recorder; NULL while bricks run at once. */
recorder *recorder_now(void);

/* Sets it and returns the former one. */
recorder *recorder_set(recorder *r);

/* Where instructions come from: a label's number in the program, and whether it is the backward
 * pass through what had that label. */
typedef struct origin {
    int label;
    bool is_gradient;
} origin;

origin origin_now(void);
origin origin_set(origin now);

/* Refuses a tensor that was symbolic by another recording than r (NULL: none). */
lego_status recorder_check(const recorder *r, const lego_tensor *x, const char *who);

#endif
