/* SPDX-License-Identifier: Apache-2.0
 *
 * What a printer was like when it was seen last, as text for the store.
 */
#pragma once
#include "rules/face.h"
#include "wire/json.h"

json_t *face_to_json(const struct face *face);
/* Untouched when it fails: the printer is then met anew, and nothing is told of it. */
must_use bool face_from_json(const json_t *json, struct face *face, struct err *err);
