/* Code that is written once and compiled for float32 and for float64: a template.
 *
 *   #define TEMPLATE "gemm_block.h"
 *   #include "per_float.h"
 *
 * includes that file twice. In it, NUMBER is the type and NAME(sum) is sum_float32 or sum_float64.
 * A short template is the lower half of the file that includes it. Compiler errors and debuggers
 * show the lines of a template; a long macro would hide them. per_number.h does the same for all
 * dtypes but bool. Where more varies than the type (an expression, several types), a short macro
 * takes it: UNARY_LOOP and the others of elements.h. */
#define NUMBER     float
#define NAME(word) word##_float32
#include TEMPLATE
#undef NUMBER
#undef NAME

#define NUMBER     double
#define NAME(word) word##_float64
#include TEMPLATE
#undef NUMBER
#undef NAME

#undef TEMPLATE
