/* Code that is written once and compiled for float32 and for float64: a template.
 *
 *   #define TEMPLATE "gemm_block.h"     the file that holds the code: a header of its own, or,
 * where #include "per_float.h"              the code is short, the very file that says this
 *
 * includes TEMPLATE twice. In it, NUMBER is the type and NAME(sum) is sum_float32 or sum_float64.
 * So errors and debuggers show lines of the template, which a macro of many lines would hide.
 * per_number.h does the same for all dtypes but bool. A loop that is one expression for each
 * element is written by the macros of elements.h instead: there the expression stands where it is
 * used. */
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
