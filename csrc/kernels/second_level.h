/* For files of many short loops, included before all else: GCC's third level of optimization makes
 * them a fifth longer and no faster. Where all is compiled for size, it stays so. */
#ifndef LEGO_KERNELS_SECOND_LEVEL_H
#define LEGO_KERNELS_SECOND_LEVEL_H

#if defined(__OPTIMIZE__) && !defined(__OPTIMIZE_SIZE__) && !defined(__clang__)
#pragma GCC optimize("O2")
#endif

#endif
