/* SPDX-License-Identifier: Apache-2.0
 *
 * What an S2145's numbers mean: what it is doing, what is the matter with it, and why it refuses a
 * command. Pure.
 */
#pragma once
#include "drivers/s2145_frame.h"
#include "rules/device.h"

struct s2145_doing {
	uint8_t code;
	enum device_state state;
	const char *keyword; /* printer-state-reasons; NULL: none */
	const char *says;    /* for people */
};

struct s2145_fault {
	uint8_t major, minor; /* minor 0: any other of that major */
	const char *keyword;
	const char *says; /* what, and what to do */
};

struct s2145_refusal {
	uint8_t error;
	enum remedy remedy;
	const char *code;
	const char *says; /* ends the sentence "printer X: it refuses to Y: " */
};

#define S2145_ERROR_PRINTER 0x11
#define S2145_ERROR_FULL    0x21

/* Never NULL: an unknown number has words, too. */
const struct s2145_doing *s2145_doing_of(uint8_t code);
const struct s2145_fault *s2145_fault_of(uint8_t major, uint8_t minor);
const struct s2145_refusal *s2145_refusal_of(uint8_t error);
/* Something is the matter with the machine itself. */
bool s2145_is_broken(const struct s2145_head *head);
