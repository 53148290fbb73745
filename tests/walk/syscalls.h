/* SPDX-License-Identifier: Apache-2.0
 *
 * The system calls by which files change, counted and failed: this program's own write, fsync,
 * renameat and so on stand before those of the C library. Off until syscalls_count.
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>

struct syscalls_fault {
	int64_t nth; /* 1: the next; 0: none */
	bool for_ever;
	int error;
};

/* From now on calls are counted, from 0. `life` tells the processes apart that the test plays. */
void syscalls_count(const struct syscalls_fault *fault, int64_t (*life)(void));
void syscalls_off(void);
int64_t syscalls_counted(void);
int64_t syscalls_struck(void);
/* All is well again; counting goes on. */
void syscalls_mend(void);
/* After a failed fsync another was made in the same life. */
bool syscalls_sync_was_retried(void);
