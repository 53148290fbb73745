/* SPDX-License-Identifier: Apache-2.0
 *
 * A model is a row here.
 */
#include "tests/rig/models.h"
#include "tests/rig/class_printer.h"
#include "tests/rig/dnp.h"
#include "tests/rig/s2145.h"
#include <stdio.h>
#include <string.h>

static const struct rig_model *const models[] = {
	&rig_scale, &rig_sink, &class_printer, &rig_s2145, &rig_dnp};

const struct rig_model *models_find(const char *name)
{
	for (size_t i = 0; i < sizeof models / sizeof models[0]; i++) {
		if (strcmp(models[i]->name, name) == 0) {
			return models[i];
		}
	}
	return NULL;
}

const char *models_names(char *names, size_t size)
{
	size_t len = 0;
	names[0] = '\0';
	for (size_t i = 0; i < sizeof models / sizeof models[0] && len < size; i++) {
		len += (size_t)snprintf(names + len, size - len, " %s", models[i]->name);
	}
	return names;
}
