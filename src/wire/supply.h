/* SPDX-License-Identifier: Apache-2.0
 *
 * Supplies as JSON, between a device worker and the daemon.
 */
#pragma once
#include "rules/device.h"
#include "wire/json.h"

json_t *supplies_to_json(const struct device_status *status);
/* The member "supplies" of a status. */
must_use bool supplies_from_json(const json_t *json, struct device_status *status, struct err *err);
