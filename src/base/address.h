/* SPDX-License-Identifier: Apache-2.0
 *
 * Numeric network addresses, as people write them.
 */
#pragma once
#include <stdbool.h>

/* IPv4 as 192.0.2.1 or IPv6 as 2001:db8::1, without brackets, zone or port. */
bool address_is_numeric(const char *text);
/* Only this machine can reach it: 127.0.0.0/8, ::1. */
bool address_is_loopback(const char *text);
