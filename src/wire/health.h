/* SPDX-License-Identifier: Apache-2.0
 *
 * What a device says of its parts and of itself as JSON, between a device worker and the daemon:
 * trays, alerts, and what it can do at all.
 */
#pragma once
#include "rules/device.h"
#include "wire/json.h"

/* Adds the members "trays", "alerts" and "media". */
void health_to_json(const struct device_status *status, json_t *object);
must_use bool health_from_json(const json_t *object, struct device_status *status, struct err *err);
