/* SPDX-License-Identifier: Apache-2.0
 *
 * The link of the audit trail's chain.
 */
#include "wire/audit.h"
#include <string.h>

void audit_link(const char *before, const char *text, char hash[HASH_HEX_MAX])
{
	struct hash *sum = hash_create();
	hash_add(sum, before, strlen(before));
	hash_add(sum, "|", 1);
	hash_add(sum, text, strlen(text));
	hash_take_hex(sum, hash);
	hash_destroy(sum);
}
