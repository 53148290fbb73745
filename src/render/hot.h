/* SPDX-License-Identifier: Apache-2.0
 *
 * Marks the few loops in which the time goes, to be compiled for wider vectors, too, where the
 * compiler and the system can choose at run time. They work in whole numbers: every version gives
 * the same bytes.
 */
#pragma once
#include "config.h"
#include <stddef.h>

#if defined(__x86_64__) && defined(__GLIBC__) && defined(__GNUC__) && !defined(__clang__) &&       \
	!defined(PLATEN_SANITIZED)
#define hot __attribute__((optimize("O3"), target_clones("avx2", "default")))
#else
#define hot
#endif
