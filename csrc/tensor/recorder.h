/* Recording: applications are handed to a recorder, which runs their kernels later.
 *
 * A thread that records calls its recorder instead of the kernel. The tensors that come out are
 * symbolic: they have a shape and a dtype, but no numbers. The only recorder is the one of programs
 * (graph/record.c). It is reached through function pointers, so this room does not depend on it. */
#ifndef LEGO_TENSOR_RECORDER_H
#define LEGO_TENSOR_RECORDER_H

#include "brick.h"
#include "origin.h"
#include "tensor.h"

typedef struct recorder recorder;

struct recorder {
    uint64_t number;  /* of the recording, never 0: symbolic tensors carry it */
    recorder *around; /* what was recorded when this recording began inside of it; or NULL */
    bool notes_all;   /* also what could be computed now (apply.c: arithmetic of shapes) */

    /* The tensor that stands inside for x, which may come from around: a new reference, or NULL on
     * failure. NULL: all is used as it is, and nothing symbolic comes from around. */
    lego_tensor *(*capture)(recorder *r, lego_tensor *x);

    /* A symbolic tensor of that layout; the recording computes its numbers later. */
    lego_tensor *(*make_symbolic)(recorder *r, const lego_array *array);

    /* Notes the application y = brick(x); all tensors are borrowed. */
    lego_status (*note)(recorder *r, const lego_call *call, lego_tensor *const *x,
                        lego_tensor *const *y);
};

/* This thread's recorder; NULL while kernels run at once. */
recorder *recorder_now(void);

/* Sets it and returns the former one. */
recorder *recorder_set(recorder *r);

/* Refuses a symbolic tensor of another recording than r (NULL: none). */
lego_status recorder_check(const recorder *r, const lego_tensor *x, const char *who);

/* The tensor that r (NULL: none) uses for x: x itself or what stands for it, a new reference. NULL
 * for a symbolic tensor that makes no sense there. */
lego_tensor *recorder_take(recorder *r, lego_tensor *x, const char *who);

#endif
