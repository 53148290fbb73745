/* SPDX-License-Identifier: Apache-2.0
 *
 * Products and pages as the admin side gives them, and making a job of them.
 */
#pragma once
#include "orders/job.h"

struct job_ask {
	char sku[NAME_MAX_LEN];
	int64_t copies;
	json_t *product; /* the whole product object, borrowed */
	json_t *pages;   /* borrowed */
	char label[65], parent[TEXT_ID_MAX];
	int32_t priority;
	int64_t due_in_s;
	bool has_due;
};

must_use bool product_is_fine(json_t *product, struct job_ask *ask, struct err *err);
must_use bool pages_are_fine(json_t *pages, struct err *err);
/* Writes pages; false after a refusal (an unknown asset). */
bool pages_store(struct call *call, int64_t job_row, json_t *pages);
/* A new waiting job of the order; its id goes to `id`. */
bool job_add(struct call *call, int64_t order_row, const char *only_floor,
	const struct job_ask *ask, char id[TEXT_ID_MAX]);
