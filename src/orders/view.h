/* SPDX-License-Identifier: Apache-2.0
 *
 * What the admin side shows.
 */
#pragma once
#include "orders/job.h"

/* Of that row; NULL when there is none. */
json_t *job_to_json(struct service *service, int64_t row);
