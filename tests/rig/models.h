/* SPDX-License-Identifier: Apache-2.0
 *
 * The models that are linked in.
 */
#pragma once
#include "tests/rig/model.h"

extern const struct rig_model rig_scale, rig_sink;

const struct rig_model *models_find(const char *name); /* NULL: none */
/* " scale sink", for a sentence. Returns `names`. */
const char *models_names(char *names, size_t size);
