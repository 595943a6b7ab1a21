/* Running: what single runs and runs over many batches share. */
#ifndef LEGO_RUNTIME_RUN_H
#define LEGO_RUNTIME_RUN_H

#include "../graph/program.h"

/* Refuses a program that is not finished, and other numbers of tensors than it has. */
lego_status run_check(const lego_program *p, int input_count, int output_count);

/* Refuses a tensor that was only symbolic. */
lego_status run_check_numbers(const lego_tensor *x, const char *what, int slot);

/* Takes the arena, and that many bytes more at *extra; what follows is alone in it. */
lego_status run_enter(lego_program *p, int64_t extra_bytes, char **extra);

/* All instructions once; inputs and outputs are bound. */
lego_status run_once(lego_program *p);

void run_leave(lego_program *p);

/* Seconds of a clock that only goes forward. */
double run_clock(void);

#endif
