/* SPDX-License-Identifier: Apache-2.0
 *
 * Texts that say a row of the Printer MIB as "KEY=value;KEY=value;" (PWG 5100.9, 5100.13):
 * supplies, trays, alerts. Printers write them by hand: a key may be missing, twice, or empty.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MIB_TEXT_MAX 257 /* longer ones are no row of the MIB */

/* The first value of KEY; false when it is not there or does not fit. */
bool mib_value(const char *text, const char *key, char *out, size_t size);
/* The same as a whole number; `otherwise` when it is none. */
int32_t mib_number(const char *text, const char *key, int32_t otherwise);
/* "wasteInk" as IPP's keywords write it: "waste-ink". ASCII only, cut to fit. */
void mib_keyword(const char *type, char *out, size_t size);
