/* SPDX-License-Identifier: Apache-2.0
 *
 * What the signature of a lease covers (docs/order-api.md, section 7): all that decides what is
 * printed and for whom, and nothing that changes from grant to grant.
 */
#pragma once
#include "base/buf.h"
#include <jansson.h>

/* Appends the canonical text of the lease's signed members; REJECT when it has none. */
must_use bool lease_signed_form(const json_t *lease, struct buf *out, struct err *err);
