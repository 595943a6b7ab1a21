/* The functions of register steps, a table for each brick. */
#ifndef LEGO_KERNELS_REGISTER_STEPS_H
#define LEGO_KERNELS_REGISTER_STEPS_H

#include "../core/isa.h"
#include "../core/register_steps.h"

#define add_in_registers        FOR_ISA(add_in_registers)
#define subtract_in_registers   FOR_ISA(subtract_in_registers)
#define multiply_in_registers   FOR_ISA(multiply_in_registers)
#define divide_in_registers     FOR_ISA(divide_in_registers)
#define maximum_in_registers    FOR_ISA(maximum_in_registers)
#define minimum_in_registers    FOR_ISA(minimum_in_registers)
#define negative_in_registers   FOR_ISA(negative_in_registers)
#define absolute_in_registers   FOR_ISA(absolute_in_registers)
#define square_in_registers     FOR_ISA(square_in_registers)
#define sqrt_in_registers       FOR_ISA(sqrt_in_registers)
#define rsqrt_in_registers      FOR_ISA(rsqrt_in_registers)
#define reciprocal_in_registers FOR_ISA(reciprocal_in_registers)
#define relu_in_registers       FOR_ISA(relu_in_registers)

extern const register_ops add_in_registers[REGISTER_DTYPES];
extern const register_ops subtract_in_registers[REGISTER_DTYPES];
extern const register_ops multiply_in_registers[REGISTER_DTYPES];
extern const register_ops divide_in_registers[REGISTER_DTYPES];
extern const register_ops maximum_in_registers[REGISTER_DTYPES];
extern const register_ops minimum_in_registers[REGISTER_DTYPES];
extern const register_ops negative_in_registers[REGISTER_DTYPES];
extern const register_ops absolute_in_registers[REGISTER_DTYPES];
extern const register_ops square_in_registers[REGISTER_DTYPES];
extern const register_ops sqrt_in_registers[REGISTER_DTYPES];
extern const register_ops rsqrt_in_registers[REGISTER_DTYPES];
extern const register_ops reciprocal_in_registers[REGISTER_DTYPES];
extern const register_ops relu_in_registers[REGISTER_DTYPES];

#endif
