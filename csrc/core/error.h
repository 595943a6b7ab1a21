/* Failures: a status, and one sentence per thread that says what does not fit. */
#ifndef LEGO_CORE_ERROR_H
#define LEGO_CORE_ERROR_H

#include "../lego.h"

/* Leaves the sentence for lego_last_error() and returns `status`: `return fail(...);`. */
lego_status fail(lego_status status, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Leaves what lego_refused_label() tells of a LEGO_BAD_LABEL. */
void note_refused_label(int64_t label, bool is_whole, int64_t classes);

#endif
