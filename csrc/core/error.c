/* Failures: a status, and one sentence per thread that says what does not fit. */
#include "error.h"

#include <stdarg.h>
#include <stdio.h>

static _Thread_local char sentence[1024];
static _Thread_local lego_status last = LEGO_OK;

lego_status fail(lego_status status, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(sentence, sizeof sentence, format, arguments);
    va_end(arguments);
    last = status;
    return status;
}

const char *lego_last_error(void) {
    return sentence;
}

lego_status lego_last_status(void) {
    return last;
}

/* ---- labels --------------------------------------------------------------------------------- */

static _Thread_local struct {
    int64_t label;
    int64_t classes;
    bool is_whole;
} refused;

void note_refused_label(int64_t label, bool is_whole, int64_t classes) {
    refused.label = label;
    refused.classes = classes;
    refused.is_whole = is_whole;
}

bool lego_refused_label(int64_t *label, int64_t *classes) {
    *classes = refused.classes;
    if (refused.is_whole) {
        *label = refused.label;
    }
    return refused.is_whole;
}
