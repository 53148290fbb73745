/* SPDX-License-Identifier: Apache-2.0
 *
 * What a driver concludes about an attempt.
 */
#pragma once
#include "rules/device.h"

/* Verdict, evidence and how many copies came out, with the reason for people; what was read after
 * the attempt stays as it is. */
void receipt_conclude(struct receipt *receipt, enum verdict verdict, enum evidence evidence,
	int64_t completed, const char *format, ...) formats(5, 6);
