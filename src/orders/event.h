/* SPDX-License-Identifier: Apache-2.0
 *
 * One CloudEvent as a floor sent it, read and checked.
 */
#pragma once
#include "orders/service.h"

struct incoming {
	const json_t *json; /* whole, of the call's body */
	const json_t *data; /* an object, or NULL */
	char id[TEXT_ID_MAX], type[65], subject[80], store_id[TEXT_ID_MAX];
	int64_t sequence, epoch;
};

/* All events of the body, the caller's to free; NULL when the batch was refused. */
struct incoming *events_read(struct call *call, size_t *n);
