/* Running: what single runs and runs over many batches share. */
#ifndef LEGO_RUNTIME_RUN_H
#define LEGO_RUNTIME_RUN_H

#include "../graph/program.h"

/* Refuses a program that is not finished, and wrong numbers of inputs and outputs. */
lego_status run_check(const lego_program *p, int input_count, int output_count);

/* Refuses a symbolic tensor. */
lego_status run_check_numbers(const lego_tensor *x, const char *what, int slot);

/* Takes the arena, and that many bytes more at *extra. Other runs wait until run_leave(). */
lego_status run_enter(lego_program *p, int64_t extra_bytes, char **extra);

/* All instructions once; inputs and outputs are bound. */
lego_status run_once(lego_program *p);

void run_leave(lego_program *p);

/* Seconds of a clock that only goes forward. */
double run_clock(void);

#endif
