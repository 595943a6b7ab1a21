/* Code that is written once and compiled for elements of 1, 2, 4 and 8 bytes, whatever their dtype:
 * a template, as per_float.h explains. ELEMENT is the type, which may lie over any other;
 * NAME(copy) is copy_1, copy_2, copy_4 or copy_8. OF_SIZE(copy, bytes) is the one for elements of
 * so many bytes. */
#ifndef LEGO_KERNELS_PER_SIZE_H
#define LEGO_KERNELS_PER_SIZE_H

#include <stdint.h>

typedef uint8_t __attribute__((may_alias)) element_1;
typedef uint16_t __attribute__((may_alias)) element_2;
typedef uint32_t __attribute__((may_alias)) element_4;
typedef uint64_t __attribute__((may_alias)) element_8;

#define OF_SIZE(name, bytes)                                                                       \
    ((bytes) == 1 ? name##_1 : (bytes) == 2 ? name##_2 : (bytes) == 4 ? name##_4 : name##_8)

#endif

#define BYTES      1
#define ELEMENT    element_1
#define NAME(word) word##_1
#include TEMPLATE
#undef BYTES
#undef ELEMENT
#undef NAME

#define BYTES      2
#define ELEMENT    element_2
#define NAME(word) word##_2
#include TEMPLATE
#undef BYTES
#undef ELEMENT
#undef NAME

#define BYTES      4
#define ELEMENT    element_4
#define NAME(word) word##_4
#include TEMPLATE
#undef BYTES
#undef ELEMENT
#undef NAME

#define BYTES      8
#define ELEMENT    element_8
#define NAME(word) word##_8
#include TEMPLATE
#undef BYTES
#undef ELEMENT
#undef NAME

#undef TEMPLATE
